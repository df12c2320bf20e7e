"""JSON for programs: versioned, with a schema; every measure as a fraction, with its interval."""

import json
import math

from typing_extensions import TypedDict  # the one of typing gives no schema before Python 3.12

from semverlint.behaviour.aggregates import Bound
from semverlint.behaviour.budget import Decision
from semverlint.behaviour.comparison import Churn, Comparison, Example, Slice, TaskComparison
from semverlint.behaviour.measures import Value
from semverlint.flip_reports import Look, flip_reporter
from semverlint.text import clean

SCHEMA = "semverlint/flips/1"
"""The version of this format: a field is renamed or removed only with the next number."""

_LONGEST = 2_000


class MeasureDocument(TypedDict):
    """A measure: a fraction, or in the metric's own unit; null where its formula divides by nothing."""

    value: float | None
    low: float | None
    high: float | None
    interval: str | None
    samples: int


class SignificanceDocument(TypedDict):
    """Whether as many were mended as broke; null where flips cannot be counted."""

    test: str
    p_value: float | None
    p_holm: float | None
    p_benjamini_hochberg: float | None


class BudgetDocument(TypedDict):
    """The share of all samples that a release may break."""

    patch: float
    minor: float


class DecisionDocument(TypedDict):
    """What the flips call for; the bounds are one-sided, each at 95 %."""

    at_least: str
    at_most: str
    decided: bool
    judged_rate: float
    low: float
    high: float
    samples_needed: int | None


class EquivalenceDocument(TypedDict):
    """Whether the answers are shown to be as good as before: flips and accuracy within the margin."""

    shown: bool
    p_value: float | None
    margin: float


class BaselineDocument(TypedDict):
    """Two runs of one model."""

    samples: int
    negative_flips: int
    positive_flips: int
    flip_rate_by_chance: float


class SliceDocument(TypedDict):
    """A part of a task: a subject, a language, a length."""

    by: str
    value: str
    samples: int
    negative_flips: int
    negative_flip_rate: float
    low: float


class ExampleDocument(TypedDict):
    """A sample that was right and is wrong now; null what the logs do not say."""

    id: str | None
    question: str | None
    reference: str | None
    old: str | None
    new: str | None


class TaskDocument(TypedDict):
    """One task of both runs, scored by one metric."""

    task: str
    metric: str
    samples: int
    coverage: float
    left_out: list[str]
    remarks: list[str]
    right_or_wrong: bool
    margin: float
    negative_flips: int | None
    positive_flips: int | None
    measures: dict[str, MeasureDocument]
    significance: SignificanceDocument
    budget: BudgetDocument
    decision: DecisionDocument | None
    equivalence: EquivalenceDocument
    seed_baseline: BaselineDocument | None
    worst_slices: list[SliceDocument]
    examples: list[ExampleDocument]


class RefusedDocument(TypedDict):
    """A task that could not be compared."""

    task: str
    metric: str
    reason: str


class BoundDocument(TypedDict):
    """What two aggregate scores leave possible."""

    task: str
    metric: str
    accuracy_old: float
    accuracy_new: float
    negative_flip_rate_at_least: float
    negative_flip_rate_at_most: float


class FilesDocument(TypedDict):
    """How many logs were read of each run, and what was no log."""

    old: int
    new: int
    passed_over: list[str]


class FlipsDocument(TypedDict):
    """The comparison of two runs."""

    schema: str
    old: str
    new: str
    tasks: list[TaskDocument]
    not_compared: list[RefusedDocument]
    bounds: list[BoundDocument]
    files: FilesDocument


@flip_reporter
def report_json(comparison: Comparison, look: Look) -> str:
    """One object."""
    del look
    return json.dumps(document(comparison), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def document(comparison: Comparison) -> FlipsDocument:
    """The comparison as it is published."""
    old, new = comparison.files
    return {
        "schema": SCHEMA,
        "old": comparison.old,
        "new": comparison.new,
        "tasks": [task_document(task) for task in comparison.tasks],
        "not_compared": [
            {"task": one.unit.task, "metric": one.unit.metric, "reason": one.reason} for one in comparison.refused
        ],
        "bounds": [_bound(bound) for bound in comparison.bounds],
        "files": {"old": old, "new": new, "passed_over": list(comparison.passed_over)},
    }


def task_document(task: TaskComparison) -> TaskDocument:
    """One task."""
    return {
        "task": task.unit.task,
        "metric": task.unit.metric,
        "samples": task.n,
        "coverage": task.coverage,
        "left_out": list(task.left_out),
        "remarks": list(task.remarks),
        "right_or_wrong": task.binary,
        "margin": task.margin,
        "negative_flips": task.negative,
        "positive_flips": task.positive,
        "measures": {name: _value(value) for name, value in task.measures.items()},
        "significance": {
            "test": "mcnemar exact",
            "p_value": task.p_value,
            "p_holm": task.p_holm,
            "p_benjamini_hochberg": task.p_fdr,
        },
        "budget": {"patch": task.budget.patch, "minor": task.budget.minor},
        "decision": _decision(task.decision) if task.decision else None,
        "equivalence": {"shown": task.equivalent, "p_value": task.p_equivalence, "margin": task.budget.patch},
        "seed_baseline": _baseline(task.baseline) if task.baseline else None,
        "worst_slices": [_slice(part) for part in task.slices],
        "examples": [_example(example) for example in task.examples],
    }


def _decision(decision: Decision) -> DecisionDocument:
    return {
        "at_least": str(decision.at_least),
        "at_most": str(decision.at_most),
        "decided": decision.decided,
        "judged_rate": decision.rate,
        "low": decision.low,
        "high": decision.high,
        "samples_needed": decision.samples_needed,
    }


def _baseline(churn: Churn) -> BaselineDocument:
    return {
        "samples": churn.n,
        "negative_flips": churn.negative,
        "positive_flips": churn.positive,
        "flip_rate_by_chance": churn.rate,
    }


def _slice(part: Slice) -> SliceDocument:
    return {
        "by": part.name,
        "value": part.value,
        "samples": part.n,
        "negative_flips": part.negative,
        "negative_flip_rate": part.rate,
        "low": part.low,
    }


def _bound(bound: Bound) -> BoundDocument:
    return {
        "task": bound.unit.task,
        "metric": bound.unit.metric,
        "accuracy_old": bound.old,
        "accuracy_new": bound.new,
        "negative_flip_rate_at_least": bound.low,
        "negative_flip_rate_at_most": bound.high,
    }


def _value(value: Value) -> MeasureDocument:
    return {
        "value": _finite(value.value),
        "low": _finite(value.low),
        "high": _finite(value.high),
        "interval": value.method or None,
        "samples": value.n,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _example(example: Example) -> ExampleDocument:
    return {
        "id": _said(example.id),
        "question": _said(example.question),
        "reference": _said(example.reference),
        "old": _said(example.old),
        "new": _said(example.new),
    }


def _said(value: object) -> str | None:
    return None if value is None else clean(value, _LONGEST)
