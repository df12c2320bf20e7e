"""The answers for a terminal: one table below the other, 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from semverlint.fleet.answers.cells import crosswise, heads, is_number, shortened, shown
from semverlint.fleet.questions import Answer

_COLUMNS = 80
_NARROWEST = 8
_FOLLOWING = 3
"""What is told of a row of many pairs: the most frequent ones; --format json has all."""


def answers_text(answers: Sequence[Answer]) -> str:
    """One table below the other."""
    return "\n".join("\n".join(_text(answer)) + "\n" for answer in answers)


def _text(answer: Answer) -> Iterator[str]:
    yield answer.question.title
    if not answer.rows:
        yield "  (nothing)"
    elif answer.question.draw == "matrix" and not is_number(answer, 1):
        yield from _followers(answer)
    elif answer.question.draw == "lines":
        yield from _over_time(answer)
    else:
        cells = [[shown(value, name) for name, value in zip(answer.columns, row, strict=True)] for row in answer.rows]
        yield from _table(heads(answer), cells, [is_number(answer, at) for at in range(len(answer.columns))])
    if answer.question.note:
        yield from textwrap.wrap(answer.question.note, _COLUMNS, initial_indent="  ", subsequent_indent="  ")


def _table(names: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> Iterator[str]:
    widths = _narrowed([max(map(len, column)) for column in zip(names, *cells, strict=True)], numeric)
    if len(cells) == 1 and sum(widths) + 2 * len(widths) > _COLUMNS:
        yield from _upright(names, cells[0])
        return
    for row in [names, *cells]:
        padded = (
            cell.rjust(width) if number else shortened(cell, width).ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        )
        yield f"  {'  '.join(padded).rstrip()}"


def _upright(names: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    """The one row of a table that is too wide, a line a column."""
    name, cell = (max(map(len, words)) for words in (names, cells))
    yield from (f"  {one:<{name}}  {value:>{cell}}" for one, value in zip(names, cells, strict=True))


def _narrowed(widths: list[int], numeric: Sequence[bool]) -> list[int]:
    """Widths that fit a terminal: the widest columns of text give, those of numbers never do."""
    texts = [at for at in range(len(widths)) if not numeric[at]]
    while texts and sum(widths) + 2 * len(widths) > _COLUMNS:
        widest = max(texts, key=lambda at: widths[at])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _followers(answer: Answer) -> Iterator[str]:
    """A line a label, with what stands beside it most often."""
    grid = crosswise(answer)
    widest = max(map(len, grid.down))
    for label in grid.down:
        seen = [other for other in grid.across if (label, other) in grid.cells]
        told = sorted(seen, key=lambda other: -grid.share(label, other))[:_FOLLOWING]
        parts = ", ".join(f"{other} {100 * grid.share(label, other):.0f}\N{NO-BREAK SPACE}%" for other in told)
        lines = textwrap.wrap(
            parts, _COLUMNS, initial_indent=f"  {label:<{widest}}  ", subsequent_indent=" " * (widest + 4)
        )
        yield from (line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)


def _over_time(answer: Answer) -> Iterator[str]:
    """A line a label, with its share at each time; the latest times, where all have no room."""
    grid = crosswise(answer, turned=True)
    room = (_COLUMNS - 2 - max(map(len, grid.down))) // 8
    times = grid.across[-room:]
    down = sorted(grid.down, key=lambda label: -sum(grid.share(label, time) for time in times))
    cells = [[label, *(f"{100 * grid.share(label, time):.1f} %" for time in times)] for label in down]
    yield from _table([grid.corner[0], *times], cells, [False, *(True for _ in times)])
