"""The report for people: how many answers broke, whether that is more than chance or more than allowed, and which."""

from collections.abc import Iterator

from semverlint import flip_wording as words
from semverlint.behaviour.comparison import Comparison, TaskComparison
from semverlint.flip_reports import Look, flip_reporter
from semverlint.text import clean, plural, some, wrapped

_SHOWN = 3
_PLAIN = str.maketrans({"→": "->", "·": "-", "…": "...", "≥": ">=", "≤": "<="})


@flip_reporter
def report_text(comparison: Comparison, look: Look) -> str:
    """One block a task, worst first, then what could not be compared."""
    lines = list(_lines(comparison, look))
    text = "\n".join(lines) + "\n"
    return text if look.unicode else text.translate(_PLAIN)


def _lines(comparison: Comparison, look: Look) -> Iterator[str]:
    yield from _wrap(words.headline(comparison), look)
    for task in words.ranked(comparison):
        yield ""
        yield from _task(task, look)
    if comparison.bounds:
        yield ""
        yield from _wrap("only aggregate scores (they bound the flips and cannot count them)", look)
        for bound in comparison.bounds:
            yield from _wrap(words.bound_of(bound), look, 2)
    if comparison.refused:
        yield ""
        yield from _wrap(f"not compared · {plural(len(comparison.refused), 'task')}", look)
        for one in comparison.refused:
            yield from _wrap(f"{clean(one.unit, 60)}: {one.reason}", look, 2)
    if comparison.passed_over and look.verbose:
        yield ""
        yield from _wrap(f"no logs, passed over: {some(comparison.passed_over)}", look)


def _task(task: TaskComparison, look: Look) -> Iterator[str]:
    yield from _wrap(f"{clean(task.unit, 60)} · {words.size(task)}", look)
    for label, value, between in words.figures(task, everything=look.verbose):
        yield f"  {label:<25} {value:>8}  {between}".rstrip()
    for sentence in (*words.conclusions(task), *words.notes(task)):
        yield from _wrap(sentence, look, 2)
    shown = None if look.verbose else _SHOWN
    if parts := words.worst(task):
        yield "  most broken among"
        for part in parts[:shown]:
            yield from _wrap(f"· {words.part_of(part)}", look, 4)
    if task.examples:
        yield "  for example"
        for example in task.examples[:shown]:
            yield from _wrap(f"· {words.example_of(example)}", look, 4)


def _wrap(text: str, look: Look, indent: int = 0) -> list[str]:
    return wrapped(text, look.width, indent)
