"""The answers as one page with plots, without scripts or anything from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from semverlint.fleet.answers.cells import heads, is_number, shown
from semverlint.fleet.answers.plots import Plot, bars, grid, panels, stacks
from semverlint.fleet.questions import Answer


def answers_html(answers: Sequence[Answer]) -> str:
    """One page: its size depends on the questions, not on how many rows were audited."""
    return "\n".join(_page(answers)) + "\n"


def _page(answers: Sequence[Answer]) -> Iterator[str]:
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Audit of model releases</title><style>\n{style}</style></head><body><main>"
    yield "<h1>Audit of model releases</h1>"
    for answer in answers:
        yield f'<section id="{escape(answer.question.name)}"><h2>{escape(answer.question.title)}</h2>'
        if answer.question.note:
            yield f'<p class="soft">{escape(answer.question.note)}</p>'
        yield from _drawn(answer)
        yield "</section>"
    yield "</main></body></html>"


def _drawn(answer: Answer) -> Iterator[str]:
    """The answer's plot with its figures: beside it, or folded away below it."""
    draw = answer.question.draw
    if not answer.rows:
        yield '<p class="soft">Nothing.</p>'
    elif draw in {"matrix", "lines"}:
        yield from grid(answer) if draw == "matrix" else panels(answer)
        yield "<details><summary>All figures</summary>"
        yield from _table(answer, None)
        yield "</details>"
    else:
        yield from _table(answer, {"bars": bars, "stacks": stacks}[draw](answer) if draw else None)


def _table(answer: Answer, plot: Plot | None) -> Iterator[str]:
    """A table; a plot stands behind its first column, and may name its colours in the heads of others."""
    kinds = [' class="number"' if is_number(answer, at) else ' class="label"' for at in range(len(answer.columns))]
    keys = plot.keys if plot else {}
    names = [
        f"<th{kind}>{keys.get(at, '')}{escape(name)}"
        for at, (name, kind) in enumerate(zip(heads(answer), kinds, strict=True))
    ]
    if plot:
        names.insert(1, f'<th class="plot">{plot.axis}')
    yield f'<div class="wide" tabindex="0"><table><thead><tr>{"".join(names)}</tr></thead><tbody>'
    for number, row in enumerate(answer.rows):
        cells = [
            f"<td{kind}>{escape(shown(value, name))}"
            for name, value, kind in zip(answer.columns, row, kinds, strict=True)
        ]
        if plot:
            cells.insert(1, f'<td class="plot">{plot.rows[number]}')
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"
