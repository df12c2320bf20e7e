"""The whole of a comparison: what of two runs can be compared, every measure, what flipped, and what it calls for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semverlint.behaviour.aggregates import Bound, bounds
from semverlint.behaviour.budget import ALPHA, BehaviourSettings, Budget, Counted, Decision, decide
from semverlint.behaviour.columns import taken
from semverlint.behaviour.intervals import lower_bound
from semverlint.behaviour.matching import Paired, Refused, match
from semverlint.behaviour.measures import Evidence, Value, measured
from semverlint.behaviour.reading import Run, read_runs, texts
from semverlint.behaviour.samples import Unit
from semverlint.behaviour.significance import benjamini_hochberg, equivalence, holm, mcnemar
from semverlint.text import plural

_EXAMPLES = 10
_SLICES = 20
_SMALLEST_SLICE = 20
"""Samples below which a part of a task says nothing about itself."""
ENOUGH = 0.95
"""Share of the samples that must be compared before equivalence is claimed for all of them."""


@dataclass(frozen=True)
class Slice:
    """One part of a task: a subject, a language, a length.

    Attributes:
        name: What it is told apart by.
        value: Which it is.
        n: Samples.
        negative: Negative flips among them.
        low: Lower bound of their rate at 95 %, corrected for the number of parts (Bonferroni).
    """

    name: str
    value: str
    n: int
    negative: int
    low: float

    @property
    def rate(self) -> float:
        """Negative flip rate."""
        return self.negative / self.n


@dataclass(frozen=True)
class Example:
    """A sample that flipped from right to wrong; texts as the logs have them, None where they have none."""

    id: object
    question: object
    reference: object
    old: object
    new: object


@dataclass(frozen=True)
class Churn:
    """How often two runs of one model differ: what of the flips is sampling noise.

    Attributes:
        n: Samples.
        negative: Flips from right to wrong, the first run taken as old.
        positive: Flips the other way.
    """

    n: int
    negative: int
    positive: int

    @property
    def rate(self) -> float:
        """Flips in one direction by chance alone."""
        return (self.negative + self.positive) / (2 * self.n)


@dataclass(frozen=True)
class TaskComparison:
    """One task of two runs.

    Attributes:
        unit: Task and metric.
        n: Samples compared.
        coverage: Share of all samples that could be compared.
        left_out: What was left out, in words.
        remarks: What a reader should know of how the runs differ.
        binary: Whether samples are right or wrong.
        margin: By how much a score must fall to be a flip.
        negative: Negative flips; None where flips cannot be counted.
        positive: Positive flips.
        measures: Every measure, by name.
        p_value: McNemar's; None where flips cannot be counted.
        p_holm: The same, corrected over all tasks (Holm).
        p_fdr: The same, corrected by Benjamini and Hochberg.
        budget: What the task may break.
        decision: What the flips call for; None where they cannot be counted.
        p_equivalence: Of two one-sided tests within the patch budget.
        could_break: Whether surely (95 %) more samples were good enough to break than a minor release may break: else
            that few of them broke shows nothing.
        baseline: Churn between two runs of one model, where given.
        slices: The worst parts.
        examples: Some samples that broke.
    """

    unit: Unit
    n: int
    coverage: float
    left_out: tuple[str, ...]
    remarks: tuple[str, ...]
    binary: bool
    margin: float
    negative: int | None
    positive: int | None
    measures: Mapping[str, Value]
    p_value: float | None
    p_holm: float | None
    p_fdr: float | None
    budget: Budget
    decision: Decision | None
    p_equivalence: float | None
    could_break: bool
    baseline: Churn | None
    slices: tuple[Slice, ...]
    examples: tuple[Example, ...]

    @property
    def equivalent(self) -> bool:
        """Whether it is shown that the answers are as good as before: flips and accuracy within the patch budget."""
        shown = self.decision is not None and self.decision.high <= self.budget.patch
        return shown and (self.p_equivalence or 0.0) <= ALPHA and self.coverage >= ENOUGH and self.could_break


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    Attributes:
        old: What the old run is called.
        new: What the new run is called.
        tasks: What could be compared, by name.
        refused: What could not.
        bounds: What aggregate scores say of flips where no samples are there.
        files: How many logs were read of each run.
        passed_over: Files that no reader knows.
    """

    old: str
    new: str
    tasks: tuple[TaskComparison, ...]
    refused: tuple[Refused, ...]
    bounds: tuple[Bound, ...]
    files: tuple[int, int]
    passed_over: tuple[str, ...]


def compare_logs(old: Path, new: Path, settings: BehaviourSettings) -> Comparison:
    """The logs, or folders of logs, of two runs; chance is taken out where the settings name a seed baseline.

    Args:
        old: Of the run before.
        new: Of the run after.
        settings: Budgets, margins, and the seed baseline.

    Raises:
        UsageError: If a place does not exist, or nothing there is a log that a reader knows.
        FileError: If a log is damaged, or says two things of one sample.
    """
    wanted = [(str(place), [place]) for place in (old, new, *(settings.seed_baseline or ()))]
    before, after, *noise = read_runs(*wanted)
    return compare_runs(before, after, settings, (noise[0], noise[1]) if noise else None)


def compare_runs(
    old: Run, new: Run, settings: BehaviourSettings, baseline: tuple[Run, Run] | None = None
) -> Comparison:
    """Every task of two runs.

    Args:
        old: The run before.
        new: The run after.
        settings: Budgets and margins.
        baseline: Two runs of one and the same model, so that sampling noise is not called a regression.
    """
    pairs, refused = match(old, new)
    evidence = [Evidence(pair, settings.margin_of(pair.unit.task)) for pair in pairs]
    noise = _churn(baseline, settings)
    judged = [one for one in evidence if one.counts_flips]
    counted = [(_counted(one, noise.get(one.pair.unit)), settings.budget_of(one.pair.unit.task)) for one in judged]
    decisions = {one.pair.unit: decision for one, decision in zip(judged, decide(counted), strict=True)}
    p_values = [mcnemar(*one.flips) for one in judged]
    significance = {
        one.pair.unit: values
        for one, values in zip(
            judged, zip(p_values, holm(p_values), benjamini_hochberg(p_values), strict=True), strict=True
        )
    }
    tasks = tuple(
        _task(one, settings, decisions.get(one.pair.unit), significance.get(one.pair.unit), noise.get(one.pair.unit))
        for one in evidence
    )
    return Comparison(
        old.name,
        new.name,
        tasks,
        tuple(refused),
        bounds(old.scores, new.scores, {task.unit.task for task in tasks}),
        (len(old.files), len(new.files)),
        (*old.passed_over, *new.passed_over),
    )


def _churn(baseline: tuple[Run, Run] | None, settings: BehaviourSettings) -> dict[Unit, Churn]:
    found: dict[Unit, Churn] = {}
    for pair in match(*baseline)[0] if baseline else ():
        evidence = Evidence(pair, settings.margin_of(pair.unit.task))
        if evidence.counts_flips:
            found[pair.unit] = Churn(evidence.n, *evidence.flips)
    return found


def _counted(evidence: Evidence, churn: Churn | None) -> Counted:
    if churn is None:
        return Counted(evidence.flips[0], evidence.n)
    return Counted(evidence.flips[0], evidence.n, (churn.negative + churn.positive) / 2, churn.n)


def _task(
    evidence: Evidence,
    settings: BehaviourSettings,
    decision: Decision | None,
    significance: tuple[float, float, float] | None,
    churn: Churn | None,
) -> TaskComparison:
    pair, counts = evidence.pair, evidence.counts_flips
    budget = settings.budget_of(pair.unit.task)
    negative, positive = evidence.flips if counts else (None, None)
    p_value, p_holm, p_fdr = significance or (None, None, None)
    tested = None
    if negative is not None and positive is not None:
        tested = equivalence(negative, positive, evidence.n, budget.patch)
    return TaskComparison(
        unit=pair.unit,
        n=evidence.n,
        coverage=pair.coverage,
        left_out=_left_out(pair),
        remarks=tuple(pair.remarks),
        binary=pair.binary,
        margin=evidence.margin,
        negative=negative,
        positive=positive,
        measures=measured(evidence),
        p_value=p_value,
        p_holm=p_holm,
        p_fdr=p_fdr,
        budget=budget,
        decision=decision,
        p_equivalence=tested,
        could_break=lower_bound(_able_to_break(evidence), evidence.n, ALPHA) > budget.minor,
        baseline=churn,
        slices=_slices(evidence) if counts else (),
        examples=_examples(evidence) if counts else (),
    )


def _able_to_break(evidence: Evidence) -> int:
    """Samples that were right, or whose score stood further than the margin above the lowest that was seen."""
    if evidence.pair.binary:
        return int(evidence.cells[:2].sum())
    old, new = evidence.pair.scores
    return int(np.count_nonzero(old > min(old.min(), new.min()) + evidence.margin))


def _left_out(pair: Paired) -> tuple[str, ...]:
    told = (
        (pair.only_old, "only in the old run"),
        (pair.only_new, "only in the new run"),
        (pair.asked_otherwise, "asked otherwise (another prompt or reference)"),
        (pair.unanswered, "without an answer in the old run: nobody knows whether they broke"),
    )
    return tuple(f"{plural(count, 'sample')} {why}" for count, why in told if count)


def _slices(evidence: Evidence) -> tuple[Slice, ...]:
    """The worst parts, those first whose rate is surely high."""
    found: list[Slice] = []
    for name, column in evidence.pair.old.slices.items():
        values = column.values
        mine = column.codes if evidence.pair.rows is None else taken(column.codes, evidence.pair.rows[0])
        totals = np.bincount(mine, minlength=len(values))
        broken = np.bincount(mine[evidence.broken], minlength=len(values))
        if np.count_nonzero(totals) < 2:  # noqa: PLR2004 - one part is the whole
            continue
        alpha = ALPHA / np.count_nonzero(totals)
        for value, n, negative in zip(values, totals.tolist(), broken.tolist(), strict=True):
            if n >= _SMALLEST_SLICE and negative:
                found.append(Slice(name, value, n, negative, lower_bound(negative, n, alpha)))
    return tuple(sorted(found, key=lambda part: (-part.low, -part.rate, part.name, part.value))[:_SLICES])


def _examples(evidence: Evidence) -> tuple[Example, ...]:
    """Samples that broke, those first whose right answer lost the most."""
    pair = evidence.pair
    broken = np.flatnonzero(evidence.broken)
    drops = pair.column("likelihoods") or (None if pair.binary else pair.scores)
    if drops is not None and len(broken):
        fall = np.nan_to_num(drops[1][broken].astype(np.float64) - drops[0][broken])
        broken = broken[np.argsort(fall, kind="stable")]
    places: Sequence[tuple[int, int]] = [pair.place(int(at)) for at in broken[:_EXAMPLES]]
    before = texts(pair.old, [old for old, _ in places])
    after = texts(pair.new, [new for _, new in places])
    return tuple(
        Example(
            id=before[old]["id"],
            question=before[old]["question"],
            reference=before[old]["reference"],
            old=before[old]["answer"],
            new=after[new]["answer"],
        )
        for old, new in places
    )
