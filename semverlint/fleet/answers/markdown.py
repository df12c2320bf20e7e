"""The answers as Markdown: one table a question, with what strangers wrote as text."""

from collections.abc import Sequence

from semverlint.fleet.answers.cells import Grid, crosswise, heads, is_number, shown
from semverlint.fleet.questions import Answer


def answers_markdown(answers: Sequence[Answer]) -> str:
    """One table below the other."""
    return "\n".join(_section(answer) for answer in answers)


def _section(answer: Answer) -> str:
    note = f"\n\n{answer.question.note}" if answer.question.note else ""
    return f"## {answer.question.title}\n\n{_table(answer)}{note}\n"


def _table(answer: Answer) -> str:
    if answer.rows and answer.question.draw in {"matrix", "lines"} and not is_number(answer, 1):
        return _lines(*_crosswise(crosswise(answer, turned=answer.question.draw == "lines")))
    rows = [[shown(value, name) for name, value in zip(answer.columns, row, strict=True)] for row in answer.rows]
    return _lines(heads(answer), [is_number(answer, at) for at in range(len(answer.columns))], rows)


def _crosswise(grid: Grid) -> tuple[list[str], list[bool], list[list[str]]]:
    names = [f"{grid.corner[0]} / {grid.corner[1]}", *grid.across]
    rows = [[label, *(f"{100 * grid.share(label, other):.1f} %" for other in grid.across)] for label in grid.down]
    return names, [False, *(True for _ in grid.across)], rows


def _lines(names: Sequence[str], numeric: Sequence[bool], rows: Sequence[Sequence[str]]) -> str:
    bars = ["---:" if number else "---" for number in numeric]
    return "\n".join(f"| {' | '.join(row)} |" for row in [names, bars, *([*map(_literal, row)] for row in rows)])


def _literal(text: str) -> str:
    """A cell that shows what it holds: in code, with the table's own sign replaced."""
    return (
        f"`{text.replace('`', chr(0x2CB)).replace('|', chr(0x2502))}`" if any(c in text for c in "`|<>*_[]&#") else text
    )
