"""Where evaluations of both revisions are, and what they show."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from semverlint.behaviour.budget import settings_of
from semverlint.changes.base import Change, Undecided
from semverlint.changes.behaviour import EvaluationNotComparable, EvaluationsUnused, FlipsBounded, FlipsMeasured
from semverlint.compare.pair import Pair
from semverlint.errors import UsageError
from semverlint.files import File
from semverlint.roles import role
from semverlint.run import Run
from semverlint.snapshot import Snapshot
from semverlint.sources.address import is_path
from semverlint.terms import Bump
from semverlint.text import plural, size

if TYPE_CHECKING:
    from semverlint.behaviour.comparison import Comparison, TaskComparison

_LOGS = frozenset({".jsonl", ".json", ".csv", ".tsv", ".parquet", ".eval"})
_ROLES = frozenset({"data", "document", "training", "other"})
_NO_ANSWERS = frozenset({*_ROLES, "card", "licence", "evals", "repository"})
"""Roles of files that no answer depends on."""
_PLACES = re.compile(
    r"(.*/)?(evals?|evaluations?|logs?|results|details|predictions|runs|benchmark_output)/.*"
    r"|(.*/)?(samples|details|predictions)[_.-][^/]*",
    re.IGNORECASE,
)
"""Where evaluators leave logs. A table elsewhere may be what the model was made from; `[behaviour] logs` names it."""

_NEEDS: Mapping[Bump, Literal["patch", "minor", "major"]] = {
    Bump.PATCH: "patch",
    Bump.MINOR: "minor",
    Bump.MAJOR: "major",
}


def gathered(pair: Pair, run: Run) -> Iterator[Change]:
    """What evaluations of the two revisions show: those named on the command line, else those found in both.

    What could not be decided is added to `pair.undecided`.

    Raises:
        UsageError: If `--evals` names nothing that can be read.
    """
    if run.evals:
        with pair.attempt(str(run.evals[1])):
            yield from _changes(_compared(run.evals, run), pair, str(run.evals[1]), run, trusted=True)
        return
    logs = [_logs(side, other, pair, settings_of(run.config.behaviour).logs) for side, other in _sides(pair)]
    if not all(logs):
        yield from _unused(pair, settings_of(run.config.behaviour).logs)
        return
    import tempfile  # noqa: PLC0415 - few models have logs

    place = settings_of(run.config.behaviour).logs or str(PurePosixPath(logs[1][0].path).parent)
    with pair.attempt(place), tempfile.TemporaryDirectory() as folder:
        places = []
        for name, files in zip(("old", "new"), logs, strict=True):
            if files and not _affordable(files, pair, place):
                return
            places.append(_written(files, Path(folder, name)))
        try:
            comparison = _compared((places[0], places[1]), run)
        except UsageError:  # tables and settings, but no logs
            if settings_of(run.config.behaviour).logs:
                pair.doubt(place, "holds no evaluation log in both revisions", "name the logs in [behaviour] logs")
            return
        own = is_path(pair.new.address)
        yield from _changes(comparison, pair, place, run, trusted=own)


def _unused(pair: Pair, place: str | None) -> Iterator[EvaluationsUnused]:
    """That the logs which the configuration names say nothing, where what answers has changed."""
    if place is None or not any(role(path) not in _NO_ANSWERS for path in pair.touched):
        return
    held = [any(_is_log(file, place) for file in side.files.values()) for side in (pair.old, pair.new)]
    if all(held):
        reason = "logs of one revision stand in the other too, unchanged, so that nobody knows which they measured"
    else:
        side = "neither revision has" if not any(held) else f"only the {'old' if held[0] else 'new'} revision has"
        reason = f"{side} logs there"
    yield EvaluationsUnused(path=place, reason=reason)


def _sides(pair: Pair) -> tuple[tuple[Snapshot, Snapshot], tuple[Snapshot, Snapshot]]:
    return (pair.old, pair.new), (pair.new, pair.old)


def _logs(side: Snapshot, other: Snapshot, pair: Pair, place: str | None) -> list[File]:
    """Files of a revision that may be logs of its evaluation; what both have alike measured only one of them."""
    found = []
    for path, file in side.files.items():
        if path in other.files and path not in pair.changed:
            continue
        if _is_log(file, place):
            found.append(file)
    return found


def _is_log(file: File, place: str | None) -> bool:
    """Whether a file may be a log: by its place and its ending. What it holds is seen when it is read."""
    path = PurePosixPath(file.path)
    somewhere = role(file.path) in _ROLES and bool(_PLACES.fullmatch(file.path))
    return path.suffix.lower() in _LOGS and (path.is_relative_to(place) if place else somewhere)


def _affordable(files: Sequence[File], pair: Pair, place: str) -> bool:
    """Whether logs may be downloaded; if not, that is left undecided."""
    cost = sum(file.size for file in files if file.remote)
    if cost <= pair.options.max_download:
        return True
    limit = size(pair.options.max_download)
    pair.doubt(place, f"the evaluations take {size(cost)} to download, more than {limit}", "allow more: --max-download")
    return False


def _written(files: Iterable[File], folder: Path) -> Path:
    """The files below a folder of this disk: by link where they lie on it already."""
    for file in files:
        place = folder / PurePosixPath(file.path)
        if not place.resolve().is_relative_to(folder.resolve()):
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.local is not None:
            place.symlink_to(file.local.resolve())
        else:
            with place.open("wb") as stream:
                stream.writelines(file.blocks())
    return folder


def _compared(places: tuple[Path, Path], run: Run) -> "Comparison":
    from semverlint.behaviour.comparison import compare_runs  # noqa: PLC0415 - numpy, for those who have logs
    from semverlint.behaviour.reading import read_runs  # noqa: PLC0415 - likewise

    settings = settings_of(run.config.behaviour)
    noise = settings.seed_baseline or ()
    old, new, *seeds = read_runs(*((str(place), [place]) for place in (*places, *noise)))
    return compare_runs(old, new, settings, (seeds[0], seeds[1]) if seeds else None)


def _changes(comparison: "Comparison", pair: Pair, place: str, run: Run, *, trusted: bool) -> Iterator[Change]:
    for task in comparison.tasks:
        if task.decision is not None and task.negative is not None and task.positive is not None:
            yield _measured(task, place, trusted=trusted)
            _doubt(task, pair, place)
    for bound in comparison.bounds:
        budget = settings_of(run.config.behaviour).budget_of(bound.unit.task)
        yield FlipsBounded(
            path=place,
            task=bound.unit.task,
            metric=bound.unit.metric,
            before=bound.old,
            after=bound.new,
            at_least=bound.low,
            at_most=bound.high,
            over="minor" if bound.low > budget.minor else "patch" if bound.low > budget.patch else "none",
        )
    for one in comparison.refused:
        yield EvaluationNotComparable(
            path=place, task=one.unit.task, metric=one.unit.metric, reason=one.reason, only=one.only
        )


def _measured(task: "TaskComparison", place: str, *, trusted: bool) -> FlipsMeasured:
    decision = task.decision
    if decision is None or task.negative is None or task.positive is None:
        raise ValueError(task)  # seen to by the caller
    return FlipsMeasured(
        path=place,
        task=task.unit.task,
        metric=task.unit.metric,
        samples=task.n,
        broke=task.negative,
        mended=task.positive,
        rate=decision.rate,
        low=decision.low,
        high=decision.high,
        budget_patch=task.budget.patch,
        budget_minor=task.budget.minor,
        needs=_NEEDS[decision.at_least],
        equivalent=task.equivalent,
        trusted=trusted,
    )


def _doubt(task: "TaskComparison", pair: Pair, place: str) -> None:
    """Too few samples to tell: how many would."""
    decision = task.decision
    if decision is None or decision.decided:
        return
    more = f"about {decision.samples_needed:,} samples" if decision.samples_needed else "another budget"
    reason = (
        f"{task.unit}: {plural(task.n, 'sample')} cannot tell whether {decision.at_least} or {decision.at_most} is "
        f"needed ({decision.rate:.2%} broke, 95% sure {max(decision.low, 0):.2%} to {decision.high:.2%})"
    )
    why_not = "" if decision.samples_needed else ": the rate is too close to it"
    pair.undecided.append(
        Undecided(path=place, reason=reason, would_settle=f"{more} of this task{why_not}", at_most=decision.at_most)
    )
