"""The answers shown: as text, Markdown, JSON, or one page with plots."""

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from semverlint.fleet.questions import Answer
from semverlint.text import clean

SCHEMA = "semverlint/audit-report/1"
_COLUMNS = 80
_WIDEST = 60
"""Characters of a cell; the table itself has the whole."""
_NARROWEST = 8
_SHARES = frozenset({"share", "low", "high", "probability"})
_STYLE = """
:root{color-scheme:light dark;--ink:#1c1f23;--soft:#5b636d;--line:#d8dce1;--paper:#fff;--bar:#2f6db5}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a5adb8;--line:#3a4048;--paper:#16191d;--bar:#7fb2ee}}
body{margin:0 auto;max-width:64rem;padding:2rem 1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}
.soft{color:var(--soft)}table{border-collapse:collapse;font-size:.92rem}div.wide{overflow-x:auto}
th,td{padding:.25rem .9rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}td{overflow-wrap:anywhere}
svg rect{fill:var(--bar)}svg{vertical-align:middle}
"""


def answers_text(answers: Sequence[Answer]) -> str:
    """One table below the other."""
    return "\n".join("\n".join(_text(answer)) + "\n" for answer in answers)


def _text(answer: Answer) -> Iterator[str]:
    yield answer.question.title
    cells = [[_shown(value, name) for name, value in zip(answer.columns, row, strict=True)] for row in answer.rows]
    numeric = [_is_number(answer, at) for at in range(len(answer.columns))]
    names = [name.replace("_", " ") for name in answer.columns]
    widths = _narrowed([max(map(len, column)) for column in zip(names, *cells, strict=True)], numeric)
    for row in [names, *cells]:
        padded = (
            cell.rjust(width) if number else clean(cell, width).ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        )
        yield f"  {'  '.join(padded).rstrip()}"
    if not cells:
        yield "  (nothing)"
    if answer.question.note:
        yield from textwrap.wrap(answer.question.note, _COLUMNS, initial_indent="  ", subsequent_indent="  ")


def _narrowed(widths: list[int], numeric: Sequence[bool]) -> list[int]:
    """Widths that fit a terminal: the widest columns of text give, those of numbers never do."""
    texts = [at for at in range(len(widths)) if not numeric[at]]
    while texts and sum(widths) + 2 * len(widths) > _COLUMNS:
        widest = max(texts, key=lambda at: widths[at])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def answers_markdown(answers: Sequence[Answer]) -> str:
    """One table a question, with what strangers wrote as text."""
    parts: list[str] = []
    for answer in answers:
        bars = ["---:" if _is_number(answer, at) else "---" for at in range(len(answer.columns))]
        rows = [
            [_literal(_shown(value, name)) for name, value in zip(answer.columns, row, strict=True)]
            for row in answer.rows
        ]
        names = [name.replace("_", " ") for name in answer.columns]
        table = "\n".join(f"| {' | '.join(row)} |" for row in [names, bars, *rows])
        note = f"\n\n{answer.question.note}" if answer.question.note else ""
        parts.append(f"## {answer.question.title}\n\n{table}{note}\n")
    return "\n".join(parts)


def answers_json(answers: Sequence[Answer]) -> str:
    """Every answer with its columns and rows."""
    found = {
        answer.question.name: {
            "title": answer.question.title,
            "note": answer.question.note,
            "rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.rows],
        }
        for answer in answers
    }
    return json.dumps({"schema": SCHEMA, "answers": found}, indent=2, default=str) + "\n"


def answers_html(answers: Sequence[Answer]) -> str:
    """One page: its size depends on the questions, not on how many rows were audited."""
    return "\n".join(_page(answers)) + "\n"


def _page(answers: Sequence[Answer]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Audit of model releases</title><style>{_STYLE}</style></head><body><main>"
    yield "<h1>Audit of model releases</h1>"
    for answer in answers:
        yield f"<section><h2>{escape(answer.question.title)}</h2>"
        if answer.question.note:
            yield f'<p class="soft">{escape(answer.question.note)}</p>'
        yield from _table(answer)
        yield "</section>"
    yield "</main></body></html>"


def _table(answer: Answer) -> Iterator[str]:
    """A table; where it is to be drawn, with a bar in each row for its first number."""
    drawn = answer.question.draw == "bars"
    measure = next((at for at in range(len(answer.columns)) if _is_number(answer, at)), None)
    most = max((float(row[measure] or 0) for row in answer.rows), default=0) if measure is not None else 0
    kinds = [' class="number"' if _is_number(answer, at) else "" for at in range(len(answer.columns))]
    heads = (f"<th{kind}>{escape(name.replace('_', ' '))}" for name, kind in zip(answer.columns, kinds, strict=True))
    yield f'<div class="wide"><table><thead><tr>{"".join(heads)}{"<th>" if drawn else ""}</tr></thead><tbody>'
    for row in answer.rows:
        cells = (
            f"<td{kind}>{escape(_shown(value, name))}"
            for name, value, kind in zip(answer.columns, row, kinds, strict=True)
        )
        bar = ""
        if drawn and measure is not None and most:
            width = round(200 * float(row[measure] or 0) / most)
            bar = f'<td><svg width="200" height="12" aria-hidden="true"><rect width="{width}" height="12"/></svg>'
        yield f"<tr>{''.join(cells)}{bar}</tr>"
    yield "</tbody></table></div>"


def _is_number(answer: Answer, at: int) -> bool:
    return any(isinstance(row[at], int | float) for row in answer.rows)


def _shown(value: object, name: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{100 * value:.2f} %" if name in _SHARES else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return clean(value, _WIDEST)


def _literal(text: str) -> str:
    """A cell of Markdown that shows what it holds: in code, with the table's own sign replaced."""
    return (
        f"`{text.replace('`', chr(0x2CB)).replace('|', chr(0x2502))}`" if any(c in text for c in "`|<>*_[]&#") else text
    )


FORMATS: dict[str, Callable[[Sequence[Any]], str]] = {
    "text": answers_text,
    "markdown": answers_markdown,
    "json": answers_json,
    "html": answers_html,
}
