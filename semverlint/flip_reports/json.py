"""JSON for programs: every measure as a fraction, with its interval."""

import json
import math
from typing import Any

from semverlint.behaviour.comparison import Comparison, Example, TaskComparison
from semverlint.behaviour.measures import Value
from semverlint.flip_reports import Look, flip_reporter
from semverlint.text import clean

SCHEMA = "semverlint/flips/1"
"""The version of this format: a field is renamed or removed only with the next number."""

_LONGEST = 2_000


@flip_reporter
def report_json(comparison: Comparison, look: Look) -> str:
    """One object."""
    del look
    return json.dumps(document(comparison), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as it is published."""
    return {
        "schema": SCHEMA,
        "old": comparison.old,
        "new": comparison.new,
        "tasks": [task_document(task) for task in comparison.tasks],
        "not_compared": [
            {"task": one.unit.task, "metric": one.unit.metric, "reason": one.reason} for one in comparison.refused
        ],
        "bounds": [
            {
                "task": bound.unit.task,
                "metric": bound.unit.metric,
                "accuracy_old": bound.old,
                "accuracy_new": bound.new,
                "negative_flip_rate_at_least": bound.low,
                "negative_flip_rate_at_most": bound.high,
            }
            for bound in comparison.bounds
        ],
        "files": {"old": comparison.files[0], "new": comparison.files[1], "passed_over": list(comparison.passed_over)},
    }


def task_document(task: TaskComparison) -> dict[str, Any]:
    """One task."""
    decision, churn = task.decision, task.baseline
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
        "decision": decision
        and {
            "at_least": str(decision.at_least),
            "at_most": str(decision.at_most),
            "decided": decision.decided,
            "judged_rate": decision.rate,
            "low": decision.low,
            "high": decision.high,
            "samples_needed": decision.samples_needed,
        },
        "equivalence": {"shown": task.equivalent, "p_value": task.p_equivalence, "margin": task.budget.patch},
        "seed_baseline": churn
        and {
            "samples": churn.n,
            "negative_flips": churn.negative,
            "positive_flips": churn.positive,
            "flip_rate_by_chance": churn.rate,
        },
        "worst_slices": [
            {
                "by": part.name,
                "value": part.value,
                "samples": part.n,
                "negative_flips": part.negative,
                "negative_flip_rate": part.rate,
                "low": part.low,
            }
            for part in task.slices
        ],
        "examples": [_example(example) for example in task.examples],
    }


def _value(value: Value) -> dict[str, Any]:
    return {
        "value": _finite(value.value),
        "low": _finite(value.low),
        "high": _finite(value.high),
        "interval": value.method or None,
        "samples": value.n,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _example(example: Example) -> dict[str, Any]:
    said = {
        "id": example.id,
        "question": example.question,
        "reference": example.reference,
        "old": example.old,
        "new": example.new,
    }
    return {name: None if value is None else clean(value, _LONGEST) for name, value in said.items()}
