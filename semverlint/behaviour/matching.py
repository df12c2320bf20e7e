"""Two runs side by side: the samples of each task that were asked alike, and why others cannot be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from semverlint.behaviour.columns import BLOCK, paired, repeated, taken, whole_of
from semverlint.behaviour.reading import Run
from semverlint.behaviour.samples import Floats, Ints, Samples, Unit
from semverlint.text import clean, plural

MUST_AGREE = ("task version", "few-shot", "generation", "epochs")
"""Settings under which answers to the same question are answers to another one."""
_DECIDES_PROMPTS = "chat template"


@dataclass(frozen=True)
class Refused:
    """A unit that cannot be compared, with why.

    Attributes:
        unit: Task and metric.
        reason: Why.
        only: The one run that has it; `neither` where both have.
    """

    unit: Unit
    reason: str
    only: Literal["old", "new", "neither"] = "neither"


@dataclass
class Paired:
    """The samples of one unit that both runs answered, row by row.

    Attributes:
        unit: Task and metric.
        rows: Rows of the old and of the new samples that belong together; None where they agree as they stand.
        old: Everything of the old run.
        new: Everything of the new run.
        only_old: Samples that only the old run has.
        only_new: Samples that only the new run has.
        asked_otherwise: Samples left out since their prompt or their reference differs.
        unanswered: Samples left out since the old run has no answer, so that nobody knows whether it broke.
        remarks: What a reader should know of how they were compared.
    """

    unit: Unit
    old: Samples
    new: Samples
    rows: tuple[Ints, Ints] | None
    only_old: int = 0
    only_new: int = 0
    asked_otherwise: int = 0
    unanswered: int = 0
    remarks: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.old) if self.rows is None else len(self.rows[0])

    @property
    def coverage(self) -> float:
        """Share of all samples of both runs that could be compared."""
        whole = len(self) + self.only_old + self.only_new + self.asked_otherwise + self.unanswered
        return len(self) / whole if whole else 0.0

    @property
    def binary(self) -> bool:
        """Whether every sample is right or wrong in both runs."""
        return self.old.binary and self.new.binary

    def column(self, name: str) -> tuple[Any, Any] | None:
        """A column of numbers of both sides, row by row; None where a side lacks it."""
        old, new = getattr(self.old, name), getattr(self.new, name)
        if old is None or new is None:
            return None
        return (old, new) if self.rows is None else (taken(old, self.rows[0]), taken(new, self.rows[1]))

    def blocks(self, name: str) -> Iterator[tuple[Ints, Ints]]:
        """The digests of a column of both sides, some rows at a time; none where a side lacks it."""
        old, new = getattr(self.old, name), getattr(self.new, name)
        for start in range(0, len(self) if old is not None and new is not None else 0, BLOCK):
            span = slice(start, start + BLOCK)
            sides = (span, span) if self.rows is None else (self.rows[0][span], self.rows[1][span])
            yield whole_of(old, sides[0]), whole_of(new, sides[1])

    def differs(self, name: str) -> Any:  # noqa: ANN401 - an array of booleans, or None
        """Where a column of both sides differs; None where a side lacks it."""
        found = [old != new for old, new in self.blocks(name)]
        return np.concatenate(found) if found else None

    @property
    def scores(self) -> tuple[Floats, Floats]:
        """Scores of both sides, large ones good."""
        old, new = self.column("scores") or (self.old.scores, self.new.scores)
        return (-old, -new) if self.old.lower_is_better else (old, new)

    def place(self, at: int) -> tuple[int, int]:
        """The rows of the old and of the new samples behind a row of the pair."""
        return (at, at) if self.rows is None else (int(self.rows[0][at]), int(self.rows[1][at]))


def match(old: Run, new: Run) -> tuple[list[Paired], list[Refused]]:
    """What of two runs can be compared, and what cannot."""
    pairs: list[Paired] = []
    refused = [Refused(unit, "only the old run has it", "old") for unit in old.units if unit not in new.units]
    refused += [Refused(unit, "only the new run has it", "new") for unit in new.units if unit not in old.units]
    for unit in sorted(old.units.keys() & new.units.keys(), key=str):
        before, after = old.units[unit], new.units[unit]
        if reason := _apart(before.settings, after.settings):
            refused.append(Refused(unit, reason))
            continue
        pair = _paired(unit, before, after)
        if len(pair):
            pairs.append(pair)
        else:
            refused.append(Refused(unit, _nothing(pair)))
    return pairs, refused


def _apart(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The settings that differ and must not."""
    differ = [name for name in MUST_AGREE if name in old and name in new and old[name] != new[name]]
    return "; ".join(f"another {name}: {clean(old[name], 60)} and {clean(new[name], 60)}" for name in differ)


def _nothing(pair: Paired) -> str:
    if pair.asked_otherwise:
        return f"all {plural(pair.asked_otherwise, 'sample')} were asked otherwise: prompts or references differ"
    if pair.old.content_ids != pair.new.content_ids:
        return "one run knows its samples by digests of the questions, the other by numbers"
    return "the old run has no answers" if pair.unanswered else "no sample has the same id in both runs"


def _paired(unit: Unit, old: Samples, new: Samples) -> Paired:
    pair = Paired(unit, old, new, None)
    if not (len(old) == len(new) and np.array_equal(old.keys, new.keys)):
        pair.rows = paired(old.keys, new.keys)
        pair.only_old, pair.only_new = len(old) - len(pair), len(new) - len(pair)
    pair.asked_otherwise = _keep(pair, _asked_alike(pair))
    if len(old.unanswered):
        answered = np.ones(len(old), bool)
        answered[old.unanswered] = False
        pair.unanswered = _keep(pair, answered if pair.rows is None else taken(answered, pair.rows[0]))
    pair.remarks += _remarks(pair)
    return pair


def _keep(pair: Paired, wanted: Any) -> int:  # noqa: ANN401 - an array of booleans
    """Leave the other rows out, and say how many they are."""
    if wanted.all():
        return 0
    kept = np.flatnonzero(wanted).astype(np.uint32)
    left = len(pair) - len(kept)
    pair.rows = (kept, kept) if pair.rows is None else (taken(pair.rows[0], kept), taken(pair.rows[1], kept))
    return left


def _asked_alike(pair: Paired) -> Any:  # noqa: ANN401 - an array of booleans
    """Which samples have the same reference, and the same prompt unless the release brings another chat template."""
    templates = [samples.settings.get(_DECIDES_PROMPTS) for samples in (pair.old, pair.new)]
    same = np.ones(len(pair), bool)
    for name in ("references", "prompts") if templates[0] == templates[1] else ("references",):
        otherwise = pair.differs(name)
        if otherwise is not None:
            same &= ~otherwise
    return same


def _remarks(pair: Paired) -> list[str]:
    old, new = pair.old.settings, pair.new.settings
    told = [
        f"{name}: {clean(old.get(name, 'not told'), 40)} and {clean(new.get(name, 'not told'), 40)}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name) and name not in MUST_AGREE and name != _DECIDES_PROMPTS
    ]
    if old.get(_DECIDES_PROMPTS) != new.get(_DECIDES_PROMPTS):
        told.append("the chat template is another one, so prompts may differ")
    again = len(repeated(pair.old.keys)) if pair.old.content_ids else 0
    if again:
        told.append(f"{plural(again, 'question')} asked more than once, compared in their order")
    if blank := len(pair.new.unanswered):
        told.append(
            f"{plural(blank, 'sample')} of the new run {'have' if blank > 1 else 'has'} no answer: counted as wrong"
        )
    if pair.old.content_ids is False and (pair.old.references is None or pair.new.references is None):
        told.append("the logs hold no references, so that equal ids are taken for equal questions")
    return told
