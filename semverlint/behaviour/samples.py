"""Answers as they are read, and as they are kept: raw rows of one piece of a log, and columns of a whole task.

Rows hold texts and live only while a piece is read. What is kept of a sample is a few bytes (a hash of its id, of the
answer, of the reference, whether it is right), so that ten million samples fit where people work; the texts of the few
that a report shows are read again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semverlint.behaviour.columns import MOST_VALUES, Coded, both, coded, few, grown

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Unit:
    """What is compared by itself: one task, answered through one filter, scored by one metric."""

    task: str
    metric: str

    def __str__(self) -> str:
        return f"{self.task} ({self.metric})"


@dataclass(frozen=True)
class Piece:
    """A part of a log that can be read by itself.

    Attributes:
        reader: The name of the reader that made it.
        path: The file.
        shown: The file's name for people.
        start: Where it begins, in whatever the reader counts: bytes, rows, members.
        stop: Where it ends.
        extra: What the reader wants to know again.
    """

    reader: str
    path: Path
    shown: str
    start: int = 0
    stop: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Rows:
    """The samples of one unit in one piece, as lists of equal length.

    Attributes:
        unit: Task and metric.
        ids: What a sample is known by in both runs.
        scores: The metric's value; NaN where there is none. Empty: right where the answer is the reference.
        answers: What the model said; None where it is not known.
        references: What is right.
        questions: What a report shows of a sample beside its id; empty where the id says it all.
        prompts: What the model was asked, or a digest of it; empty where the log has none.
        likelihoods: The probability given to the right answer; empty where none is known.
        confidences: The probability given to the answer chosen; empty likewise.
        slices: Subject, language, length and the like, by name.
        content_ids: Whether an id is a digest of the question, so that equal ids are the same question asked twice.
        numbers: Which rows of the piece they are; empty: all of them.
        settings: How it was measured: `task version`, `few-shot`, `seed`, …
        lower_is_better: Whether a small value of the metric is a good one.
    """

    unit: Unit
    ids: Sequence[object]
    scores: Sequence[float] = ()
    answers: Sequence[object] = ()
    references: Sequence[object] = ()
    questions: Sequence[object] = ()
    prompts: Sequence[object] = ()
    likelihoods: Sequence[float] = ()
    confidences: Sequence[float] = ()
    slices: Mapping[str, Sequence[object]] = field(default_factory=dict)
    content_ids: bool = False
    numbers: Sequence[int] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    lower_is_better: bool = False


class _Digests(dict[Any, int]):
    """Value → 64-bit digest of its text, remembered: classes and choices come again and again."""

    def __missing__(self, value: object) -> int:
        if value != value:  # noqa: PLR0124 - NaN, as tables write what is missing
            return 0
        found = int.from_bytes(blake2b(text(value).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        if len(self) < MOST_VALUES:
            self[value] = found
        return found


def text(value: object) -> str:
    """A value as text, the same whichever of JSON, CSV and Parquet it came through: `1`, `1.0` and `"1"` are equal."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict):
        import json  # noqa: PLC0415 - few answers are lists

        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)


def digests(values: Sequence[object]) -> Ints:
    """A digest of 64 bits for each value; 0 stands for none. Made for values that come again and again."""
    known = _Digests({None: 0})
    try:
        return np.fromiter(map(known.__getitem__, values), np.uint64, len(values))
    except TypeError:  # a list or an object among texts
        return np.fromiter((known[text(value)] for value in values), np.uint64, len(values))


def _keys(values: Sequence[object]) -> Ints:
    """A digest of 64 bits for each id, no two of which are equal."""
    texts = (value.strip() if type(value) is str else text(value) for value in values)
    joined = b"".join([blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest() for value in texts])
    return np.frombuffer(joined, np.uint64)


@dataclass
class Samples:
    """The samples of one unit in one run, as columns of equal length; a column nobody filled is None.

    Attributes:
        unit: Task and metric.
        keys: Digests of the ids.
        scores: `int8` where every score is 0 or 1 (then it says right or wrong), else `float32`.
        answers: Digests of the answers.
        references: Digests of the references.
        prompts: Digests of the prompts.
        likelihoods: Probability of the right answer.
        confidences: Probability of the answer chosen.
        slices: Subject, language, length and the like, by name.
        content_ids: Whether keys are digests of the question itself.
        settings: How it was measured.
        lower_is_better: Whether a small value is a good one.
        unanswered: Rows without an answer, where answers alone say what is right.
        sources: The pieces it came from, with the number of rows of each, in the order of the rows.
    """

    unit: Unit
    keys: Ints
    scores: Any
    answers: Coded | Ints | None
    references: Coded | Ints | None
    prompts: Coded | Ints | None
    likelihoods: Floats | None
    confidences: Floats | None
    slices: dict[str, Coded]
    content_ids: bool
    settings: dict[str, str]
    lower_is_better: bool
    unanswered: Ints
    sources: list[tuple[Piece, int]]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def binary(self) -> bool:
        """Whether every sample is right or wrong."""
        return bool(self.scores.dtype == np.int8)

    def place(self, row: int) -> tuple[Piece, int]:
        """The piece that holds a row, and the row's number in it."""
        for piece, count in self.sources:
            if row < count:
                return piece, row
            row -= count
        raise IndexError(row)

    def append(self, other: "Samples") -> None:
        """Put another part of the unit behind this one; a column that either lacks is dropped."""
        self.unanswered = grown(self.unanswered, other.unanswered + np.uint32(len(self)))
        self.keys = grown(self.keys, other.keys)
        self.scores = grown(self.scores, other.scores)
        for name in COLUMNS:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, None if mine is None or theirs is None else both(mine, theirs))
        for name in list(self.slices):
            if name in other.slices:
                self.slices[name].append(other.slices[name])
            if name not in other.slices or len(self.slices[name].values) > MOST_VALUES:
                del self.slices[name]
        self.content_ids &= other.content_ids
        self.settings |= other.settings
        self.sources += other.sources


COLUMNS = ("answers", "references", "prompts", "likelihoods", "confidences")
"""What a sample may have beside its id and its score."""


def condense(rows: Rows, piece: Piece) -> Samples:
    """What is kept of rows."""
    answers, references = _column(rows.answers, digests), _column(rows.references, digests)
    scored = bool(len(rows.scores))
    column = np.asarray(rows.scores, np.float64) if scored else answers == references
    binary = bool(np.all((column == 0) | (column == 1)))
    slices = {name: coded([text(value) for value in values]) for name, values in rows.slices.items() if len(values)}
    return Samples(
        unit=rows.unit,
        keys=_keys(rows.ids),
        scores=column.astype(np.int8 if binary else np.float32),
        answers=_short(answers),
        references=_short(references),
        prompts=_short(_column(rows.prompts, digests)),
        likelihoods=_column(rows.likelihoods, _floats),
        confidences=_column(rows.confidences, _floats),
        slices={name: found for name, found in slices.items() if len(found.values) <= MOST_VALUES},
        content_ids=rows.content_ids,
        settings=dict(rows.settings),
        lower_is_better=rows.lower_is_better,
        unanswered=np.empty(0, np.uint32) if scored else _unanswered(answers, column),
        sources=[(piece, len(rows.ids))],
    )


_BLANK = digests([""])[0]
"""Of an answer that is empty. It may be right: some questions have no answer."""


def _unanswered(answers: Ints, right: Any) -> Ints:  # noqa: ANN401 - an array of booleans
    return np.flatnonzero((right == 0) & ((answers == 0) | (answers == _BLANK))).astype(np.uint32)


def _short(found: Ints | None) -> Coded | Ints | None:
    """32 bits of each digest: enough where only one pair is held against each other."""
    return None if found is None else few(found.astype(np.uint32))


def _floats(values: Sequence[float]) -> Floats:
    return np.asarray(values, np.float32)


def _column(values: Sequence[Any], make: Callable[[Sequence[Any]], Any]) -> Any:  # noqa: ANN401 - an array or None
    return make(values) if len(values) else None
