"""From files and folders to the samples of each task: who reads what, and what belongs together."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from semverlint.behaviour.columns import repeated
from semverlint.behaviour.pool import read_all
from semverlint.behaviour.readers import Head, all_readers, as_written, head_of, recognised, unrecognised
from semverlint.behaviour.samples import Piece, Rows, Samples, Unit
from semverlint.errors import FileError, UsageError
from semverlint.text import clean, plural, size, some

_MOST_FILES = 10_000
_IGNORED = frozenset({".git", ".cache", "__pycache__", ".venv", "node_modules"})


@dataclass
class Run:
    """What one run of evaluations says.

    Attributes:
        name: What it is called in a report.
        units: The samples of each unit.
        scores: Aggregate scores, where a card or a results file publishes them.
        files: The files read, as they are shown.
        passed_over: Files that no reader knows.
    """

    name: str
    units: dict[Unit, Samples] = field(default_factory=dict)
    scores: dict[Unit, float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def read_runs(*wanted: tuple[str, Sequence[Path]]) -> list[Run]:
    """Every sample in the files and folders of several runs.

    Args:
        wanted: What each run is called in a report, with its files, or folders with everything below them.

    Raises:
        UsageError: If a place does not exist, or nothing there is a log that a reader knows.
        FileError: If a log is damaged, or says two things of one sample.
    """
    runs, pieces, total = [], [], 0
    for name, places in wanted:
        run, heads = _recognised(name, places)
        runs.append(run)
        for reader, head in heads:
            with as_written(head.shown, reader):
                pieces += [(run, piece) for piece in all_readers()[reader].pieces(head)]
        total += sum(head.path.stat().st_size for _, head in heads)
    for (run, _), found in zip(pieces, read_all([piece for _, piece in pieces], total), strict=True):
        for samples in found:
            if samples.unit in run.units:
                run.units[samples.unit].append(samples)
            else:
                run.units[samples.unit] = samples
    for run in runs:
        for unit in sorted(run.units, key=str):
            _refuse_twice(run.units[unit])
    return runs


def _recognised(name: str, places: Iterable[Path]) -> tuple[Run, list[tuple[str, Head]]]:
    """A run that is not read yet, and which reader knows which of its files."""
    run = Run(name)
    heads: list[tuple[str, Head]] = []
    why = ""
    for path, shown in _files(places):
        head = head_of(path, shown)
        reader = recognised(head)
        if reader is None and head.is_one_line:
            raise FileError(
                shown, f"begins with a line of more than {size(len(head.start))}", "write one sample a line"
            )
        if reader is None:
            run.passed_over.append(shown)
            why = why or (f"{clean(shown)} {found}" if (found := unrecognised(head)) else "")
        else:
            heads.append((reader, head))
            with as_written(shown, reader):
                run.scores.update(all_readers()[reader].scores(head))
            run.files.append(shown)
    if not heads:
        if why:
            raise UsageError(f"{clean(name)}: no evaluation log: {why}", "see docs/behaviour.md for what is read")
        seen = f" ({some(run.passed_over)} read)" if run.passed_over else ""
        known = ", ".join(sorted(all_readers()))
        raise UsageError(f"{clean(name)}: no evaluation log{seen}", f"readers: {known}")
    return run, heads


def _files(places: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    count = 0
    for place in places:
        if not os.path.exists(place):  # noqa: PTH110 - unlike Path.exists, it bears names that are too long
            raise UsageError(f"{clean(place)}: there is no such file or folder", "check the path")
        if place.is_file():
            yield place, place.name
            continue
        for path in sorted(place.rglob("*")):
            inside = path.relative_to(place)
            if path.is_file() and not _IGNORED & set(inside.parts):
                count += 1
                if count > _MOST_FILES:
                    raise UsageError(f"{clean(place)}: more than {_MOST_FILES:,} files", "name the folder of one run")
                yield path, inside.as_posix()


def _refuse_twice(samples: Samples) -> None:
    """Refuse an id that names two samples.

    Where ids are digests of the question, the same question asked twice is no contradiction: the harness' benchmarks
    hold repeated questions. The same task from two files is.
    """
    twice = repeated(samples.keys)
    if not len(twice):
        return
    first, second = np.flatnonzero(samples.keys == twice[0])[:2]
    (one, row), (other, later) = samples.place(int(first)), samples.place(int(second))
    if one.path != other.path:
        raise FileError(
            other.shown,
            f"holds samples of {samples.unit} that {clean(one.shown)} has too",
            "name the files of one run, not the folder",
        )
    if not samples.content_ids:
        shown = " and ".join(_line(piece, at) for piece, at in ((one, row), (other, later)))
        raise FileError(
            one.shown,
            f"{plural(len(twice), 'sample')} of {samples.unit} with the id of another; the first stand at {shown}",
            "give every sample an id of its own",
        )


def _line(piece: Piece, row: int) -> str:
    return clean(all_readers()[piece.reader].where(piece, row))


def texts(samples: Samples, rows: Sequence[int]) -> dict[int, dict[str, object]]:
    """What rows say, read again from their files: `id`, `question`, `answer`, `reference`; None where there is none."""
    places = {row: samples.place(row) for row in rows}
    said: dict[int, dict[str, object]] = {}
    for piece in {id(piece): piece for piece, _ in places.values()}.values():  # one at a time: each takes memory
        found = next(one for one in all_readers()[piece.reader].read(piece) if one.unit == samples.unit)
        said |= {row: _said(found, at) for row, (where, at) in places.items() if where is piece}
    return said


def _said(rows: Rows, at: int) -> dict[str, object]:
    columns = {"id": rows.ids, "question": rows.questions, "answer": rows.answers, "reference": rows.references}
    return {name: column[at] if column else None for name, column in columns.items()}
