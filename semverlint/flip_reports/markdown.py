"""Markdown for job summaries and comments on pull requests: a table of the tasks, with the details folded away.

Whatever a log says stands in code spans, where GitHub neither renders nor links it, nor calls the people it names.
"""

from collections.abc import Iterator
from html import escape

from semverlint import flip_wording as words
from semverlint.behaviour.comparison import Comparison, TaskComparison
from semverlint.flip_reports import Look, flip_reporter
from semverlint.markdown import as_code, as_text
from semverlint.text import clean, plural

LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment."""


@flip_reporter
def report_markdown(comparison: Comparison, look: Look) -> str:
    """The headline and a table, then a part for each task, worst first, as many as fit."""
    text = f"### {as_code(words.way(comparison))}: {words.outcome(comparison)}\n"
    blocks = list(_blocks(comparison, look))
    for at, block in enumerate(blocks):
        if len(text) + len(block) > LONGEST:
            left = plural(len(blocks) - at, "more part")
            return f"{text}\n*{left} left out: the whole is longer than a comment may be.*\n"
        text += f"\n{block}"
    return text


def _blocks(comparison: Comparison, look: Look) -> Iterator[str]:
    tasks = words.ranked(comparison)
    if tasks:
        head = "| task | samples | before | now | broke | mended | calls for |\n|---|--:|--:|--:|--:|--:|---|\n"
        yield head + "".join(map(_row, tasks))
    if comparison.bounds:
        lines = [f"- {as_text(words.bound_of(bound))}\n" for bound in comparison.bounds]
        yield _folded("only aggregate scores (they bound the flips and cannot count them)", lines)
    if comparison.refused:
        lines = [f"- {as_code(str(one.unit))}: {as_text(one.reason)}\n" for one in comparison.refused]
        yield _folded(f"not compared · {plural(len(comparison.refused), 'task')}", lines)
    for task in tasks:
        yield _folded(f"<code>{escape(clean(task.unit, 100))}</code> · {words.size(task)}", list(_details(task, look)))


def _row(task: TaskComparison) -> str:
    accuracies = [task.measures.get(f"accuracy_{side}") for side in ("old", "new")]
    shares = ["" if share is None else f"{share.value:.2%}" for share in accuracies]
    counts = ["" if count is None else f"{count:,}" for count in (task.negative, task.positive)]
    decision = task.decision
    needs = "" if decision is None else str(decision.at_least)
    if decision and not decision.decided:
        needs = f"undecided: {decision.at_least} to {decision.at_most}"
    name = as_code(clean(task.unit, 100)).replace("|", "¦")  # which would end the cell
    return f"| {' | '.join([name, f'{task.n:,}', *shares, *counts, needs])} |\n"


def _details(task: TaskComparison, look: Look) -> Iterator[str]:
    yield from (f"- {sentence}\n" for sentence in words.conclusions(task))
    yield from (f"- {as_text(note)}\n" for note in words.notes(task))
    yield from (
        f"- {label}: {value} {between}\n" for label, value, between in words.figures(task, everything=look.verbose)
    )
    yield from (f"- broke more than the whole: {as_code(words.part_of(part))}\n" for part in words.worst(task))
    yield from (f"- for example {as_code(words.example_of(example))}\n" for example in task.examples)


def _folded(title: str, lines: list[str]) -> str:
    """A part that opens on a click; Markdown inside HTML begins after an empty line."""
    return f"<details><summary>{title}</summary>\n\n{''.join(lines)}\n</details>\n"
