"""The report for people: how many answers broke, whether that is more than chance or more than allowed, and which."""

from collections.abc import Iterator

from semverlint.behaviour.aggregates import Bound
from semverlint.behaviour.comparison import Comparison, TaskComparison
from semverlint.behaviour.measures import Value
from semverlint.flip_reports import Look, flip_reporter
from semverlint.text import clean, plural, some, wrapped

_SHOWN = 3
_PLAIN = str.maketrans({"→": "->", "·": "-", "…": "...", "≥": ">=", "≤": "<="})
_RATES = {
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
    "negative_flip_rate_mc": "wrong now, other answer",
    "inconsistent_wrong_answers": "of wrong in both, differ",
    "relative_negative_flip_rate": "relative flip rate",
    "backward_trust_compatibility": "kept of right answers",
    "backward_error_compatibility": "old among new mistakes",
    "kappa_correctness": "agreement (kappa)",
    "calibration_shift": "calibration error moved",
}
_ALWAYS = tuple(_RATES)[:10]
_PLAIN_NUMBERS = ("kappa", "relative", "magnitude", "smooth_change")


@flip_reporter
def report_text(comparison: Comparison, look: Look) -> str:
    """One block a task, worst first, then what could not be compared."""
    lines = list(_lines(comparison, look))
    text = "\n".join(lines) + "\n"
    return text if look.unicode else text.translate(_PLAIN)


def _lines(comparison: Comparison, look: Look) -> Iterator[str]:
    yield from _wrap(headline(comparison), look)
    for task in sorted(comparison.tasks, key=_worst):
        yield ""
        yield from _task(task, look)
    if comparison.bounds:
        yield ""
        yield from _wrap("only aggregate scores (they bound the flips and cannot count them)", look)
        for bound in comparison.bounds:
            yield from _wrap(_bound(bound), look, 2)
    if comparison.refused:
        yield ""
        yield from _wrap(f"not compared · {plural(len(comparison.refused), 'task')}", look)
        for one in comparison.refused:
            yield from _wrap(f"{clean(one.unit, 60)}: {one.reason}", look, 2)
    if comparison.passed_over and look.verbose:
        yield ""
        yield from _wrap(f"no logs, passed over: {some(comparison.passed_over)}", look)


def headline(comparison: Comparison) -> str:
    """Both runs, how much was compared, and what it calls for; one sentence."""
    way = f"{_ending(comparison.old)} → {_ending(comparison.new)}"
    samples = sum(task.n for task in comparison.tasks)
    compared = f"{plural(samples, 'sample')} of {plural(len(comparison.tasks), 'task')} compared"
    judged = [task.decision for task in comparison.tasks if task.decision]
    if not comparison.tasks:
        return f"{way}: no samples to compare"
    if not judged:
        return f"{way}: {compared}; no score is right or wrong, and no margin is set"
    least = max(decision.at_least for decision in judged)
    most = max(decision.at_most for decision in judged)
    if least != most:
        return f"{way}: {compared}; undecided, at least {least}, at most {most}"
    return f"{way}: {compared}; within a {least} release" if least < 3 else f"{way}: {compared}; needs a major release"  # noqa: PLR2004 - major


def _ending(name: str, longest: int = 30) -> str:
    """The end of a long path: that is where two differ."""
    return clean(name if len(name) <= longest else f"…{name[-longest:]}", longest + 1)


def _worst(task: TaskComparison) -> tuple[float, str]:
    return (-(task.decision.low if task.decision else -1.0), str(task.unit))


def _task(task: TaskComparison, look: Look) -> Iterator[str]:
    part = "" if task.coverage == 1 else f", {task.coverage:.1%} of all"
    yield from _wrap(f"{clean(task.unit, 60)} · {plural(task.n, 'sample')}{part}", look)
    for name, value in task.measures.items():
        if name in _ALWAYS or (look.verbose and value.value is not None):
            yield _measure(name, value)
    if task.decision:
        yield from _wrap(_verdict(task), look, 2)
        yield from _wrap(_significance(task), look, 2)
    if task.baseline:
        yield from _wrap(
            f"two runs of one model flip {task.baseline.rate:.2%} either way by chance "
            f"({plural(task.baseline.n, 'sample')})",
            look,
            2,
        )
    for remark in (*task.left_out, *task.remarks):
        yield from _wrap(f"note: {remark}", look, 2)
    shown = len(task.slices) if look.verbose else _SHOWN
    if task.slices:
        yield "  most broken among"
        for one in task.slices[:shown]:
            said = f"{clean(one.name, 20)} {clean(one.value, 40)}: {one.negative:,} of {one.n:,} ({one.rate:.2%})"
            yield from _wrap(f"· {said}", look, 4)
    shown = len(task.examples) if look.verbose else _SHOWN
    if task.examples:
        yield "  for example"
        for example in task.examples[:shown]:
            answers = "" if example.new is None else f": {_short(example.old)} → {_short(example.new)}"
            right = "" if example.reference is None else f" (right: {_short(example.reference)})"
            name = clean(example.id, 24) if example.question is None else _short(example.question)
            yield from _wrap(f"· {name}{answers}{right}", look, 4)


def _short(value: object) -> str:
    return clean(value, 60)


def _measure(name: str, value: Value) -> str:
    label = _RATES.get(name, name.replace("_", " "))
    if value.value is None:
        return f"  {label:<25} not defined"
    plain = any(word in name for word in _PLAIN_NUMBERS)
    figures = [
        f"{number:.4g}" if plain else f"{number:.2%}"
        for number in (value.value, value.low, value.high)
        if number is not None
    ]
    between = f"  ({figures[1]} to {figures[2]})" if len(figures) > 1 else ""
    return f"  {label:<25} {figures[0]:>8}{between}"


def _verdict(task: TaskComparison) -> str:
    decision, budget = task.decision, task.budget
    if decision is None:
        return ""
    above = "above chance " if task.baseline else ""
    rate = f"{decision.rate:.2%} broke {above}(95 % sure: {max(decision.low, 0):.2%} to {decision.high:.2%})"
    allowed = f"a patch may break {budget.patch:.2%}, a minor release {budget.minor:.2%}"
    if decision.decided:
        needs = "as good as before" if task.equivalent else f"needs a {decision.at_least} release"
        return f"{needs}: {rate}; {allowed}"
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
    if task.p_holm > 0.05:  # noqa: PLR2004 - the usual level
        return f"better or worse on the whole? not shown (McNemar, p = {task.p_holm:.2g} over all tasks)"
    how = "worse" if task.negative > task.positive else "better"
    return f"{how} on the whole, more than chance (McNemar, p = {task.p_holm:.2g} over all tasks)"


def _bound(bound: Bound) -> str:
    return (
        f"{clean(bound.unit, 60)}: {bound.old:.2%} → {bound.new:.2%}; between {bound.low:.2%} and "
        f"{bound.high:.2%} of all answers broke"
    )


def _wrap(text: str, look: Look, indent: int = 0) -> list[str]:
    return wrapped(text, look.width, indent)
