"""What a comparison of two runs says in words, the same in every report for people."""

from collections.abc import Iterator

from semverlint.behaviour.aggregates import Bound
from semverlint.behaviour.budget import Decision
from semverlint.behaviour.comparison import Comparison, Example, Slice, TaskComparison
from semverlint.behaviour.measures import Value
from semverlint.terms import Bump
from semverlint.text import clean, plural

LABELS = {
    "accuracy_old": "accuracy before",
    "accuracy_new": "accuracy after",
    "accuracy_change": "change of accuracy",
    "negative_flip_rate": "right before, wrong now",
    "positive_flip_rate": "wrong before, right now",
    "smooth_negative_flip_rate": "score fell",
    "smooth_positive_flip_rate": "score rose",
    "smooth_regression_magnitude": "mean fall of those",
    "smooth_gain_magnitude": "mean rise of those",
    "smooth_change": "mean change of score",
    "unobserved_inconsistency": "same score, other answer",
    "negative_flip_rate_mc": "wrong now, other answer",
    "inconsistent_wrong_answers": "of wrong in both, differ",
    "backward_trust_compatibility": "of right before, kept",
    "backward_error_compatibility": "of mistakes now, old",
    "negative_flip_impact": "of mistakes now, new",
    "relative_negative_flip_rate": "relative flip rate",
    "agreement": "same answer",
    "kappa_answers": "same answer (kappa)",
    "kappa_correctness": "right alike (kappa)",
    "likelihood_negative_flip_rate": "right answer less likely",
    "likelihood_positive_flip_rate": "right answer more likely",
    "likelihood_regression_magnitude": "mean fall of likelihood",
    "likelihood_gain_magnitude": "mean rise of likelihood",
    "likelihood_change": "mean change of it",
    "calibration_error_old": "calibration error before",
    "calibration_error_new": "calibration error after",
    "calibration_shift": "calibration error moved",
}
"""Every measure in words of at most 25 characters, in the order in which they are shown."""
SHORT = tuple(LABELS)[:10]
"""What is shown without being asked for everything."""
_NO_SHARES = ("kappa", "relative", "magnitude", "smooth_change", "likelihood_change", "calibration")


def headline(comparison: Comparison) -> str:
    """Both runs, how much was compared, and what it calls for; one sentence."""
    return f"{way(comparison)}: {outcome(comparison)}"


def way(comparison: Comparison) -> str:
    """Both runs."""
    return f"{_ending(comparison.old)} → {_ending(comparison.new)}"


def outcome(comparison: Comparison) -> str:
    """How much was compared, and what it calls for."""
    samples = sum(task.n for task in comparison.tasks)
    compared = f"{plural(samples, 'sample')} of {plural(len(comparison.tasks), 'task')} compared"
    judged = [task.decision for task in comparison.tasks if task.decision]
    if not comparison.tasks:
        return "no samples, only aggregate scores to compare" if comparison.bounds else "no samples to compare"
    if not judged:
        return f"{compared}; no score is right or wrong, and no margin is set"
    least = max(decision.at_least for decision in judged)
    most = max(decision.at_most for decision in judged)
    return f"{compared}; " + (_needs(least) if least == most else f"undecided, at least {least}, at most {most}")


def _needs(bump: Bump) -> str:
    return "few enough broke for a patch" if bump <= Bump.PATCH else f"needs a {bump} release"


def _ending(name: str, longest: int = 30) -> str:
    """The end of a long path: that is where two differ."""
    return clean(name if len(name) <= longest else f"…{name[-longest:]}", longest + 1)


def ranked(comparison: Comparison) -> list[TaskComparison]:
    """The tasks, those of which most surely broke first."""
    return sorted(comparison.tasks, key=lambda task: (-(task.decision.low if task.decision else -1.0), str(task.unit)))


def size(task: TaskComparison) -> str:
    """How many samples of a task were compared."""
    return plural(task.n, "sample") + ("" if task.coverage == 1 else f", {task.coverage:.1%} of all")


def figures(task: TaskComparison, *, everything: bool) -> Iterator[tuple[str, str, str]]:
    """Measures in words: label, value, interval."""
    for name, label in LABELS.items():
        value = task.measures.get(name)
        if value is not None and (name in SHORT or (everything and value.value is not None)):
            yield label, *_figure(name, value)


def _figure(name: str, value: Value) -> tuple[str, str]:
    if value.value is None:
        return "none", ""
    plain = any(word in name for word in _NO_SHARES)
    shown = [
        f"{number:.4g}" if plain else f"{number:.2%}"
        for number in (value.value, value.low, value.high)
        if number is not None
    ]
    return shown[0], f"({shown[1]} to {shown[2]})" if len(shown) > 1 else ""


def conclusions(task: TaskComparison) -> Iterator[str]:
    """What a task calls for, and whether that is more than chance; a sentence each."""
    if task.decision is None:
        yield "no flips counted: the score is more than right or wrong, and no margin (--margin) says what matters"
    else:
        yield _verdict(task, task.decision)
        yield _significance(task)
    if task.baseline:
        yield (
            f"two runs of one model flip {task.baseline.rate:.2%} either way by chance "
            f"({plural(task.baseline.n, 'sample')})"
        )


def notes(task: TaskComparison) -> list[str]:
    """What a reader should know of how the runs differ; words of the logs among them."""
    told = [*task.left_out, *task.remarks]
    accuracies = [task.measures.get(f"accuracy_{side}") for side in ("old", "new")]
    if any(accuracy is not None and accuracy.value == 0 for accuracy in accuracies):
        told.append("not one answer is right: are answers and references written alike?")
    elif task.decision and not task.could_break:
        told.append("too few answers were good before: that few of them broke says little")
    return [f"note: {remark}" for remark in told]


def _verdict(task: TaskComparison, decision: Decision) -> str:
    budget = task.budget
    above = "above chance " if task.baseline else ""
    ends = f"{max(decision.low, 0):.2%} to {max(decision.high, 0):.2%}, each end 95% sure"
    rate = f"{decision.rate:.2%} broke {above}({ends})"
    allowed = f"a patch may break {budget.patch:.2%}, a minor release {budget.minor:.2%}"
    if decision.decided:
        return f"{'as good as before' if task.equivalent else _needs(decision.at_least)}: {rate}; {allowed}"
    more = (
        f"about {decision.samples_needed:,} samples would decide"
        if decision.samples_needed
        else "no number of samples would decide, the rate is too close to the budget"
    )
    return f"undecided between {decision.at_least} and {decision.at_most}: {rate}; {allowed}; {more}"


def _significance(task: TaskComparison) -> str:
    if not task.negative and not task.positive:
        return "nothing flipped either way"
    if task.p_holm is None or task.negative is None or task.positive is None:
        return ""
    test = f"McNemar, p = {task.p_holm:.2g}" + ("" if task.p_holm == task.p_value else " over all tasks")
    if task.p_holm > 0.05:  # noqa: PLR2004 - the usual level
        return f"better or worse on the whole? not shown ({test})"
    return f"{'worse' if task.negative > task.positive else 'better'} on the whole, more than chance ({test})"


def worst(task: TaskComparison) -> list[Slice]:
    """The parts of a task that broke more than the whole of it."""
    return [part for part in task.slices if part.n * (task.negative or 0) < part.negative * task.n]


def part_of(part: Slice) -> str:
    """One of them."""
    return f"{clean(part.name, 20)} {clean(part.value, 40)}: {part.negative:,} of {part.n:,} ({part.rate:.2%})"


def example_of(example: Example) -> str:
    """A sample that broke: what was asked, both answers, and the right one."""
    answers = "" if example.new is None else f": {_short(example.old)} → {_short(example.new)}"
    right = "" if example.reference is None else f" (right: {_short(example.reference)})"
    name = clean(example.id, 24) if example.question is None else _short(example.question)
    return f"{name}{answers}{right}"


def _short(value: object) -> str:
    return clean(value, 60)


def bound_of(bound: Bound) -> str:
    """What two aggregate scores leave possible."""
    return (
        f"{clean(bound.unit, 60)}: {bound.old:.2%} → {bound.new:.2%}; between {bound.low:.2%} and "
        f"{bound.high:.2%} of all answers broke"
    )
