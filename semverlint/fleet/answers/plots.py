"""Plots as markup: bars with their intervals, stacked bars, grids shaded by their shares, lines over time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from semverlint.fleet.answers.cells import SHARES, Grid, crosswise, heads, is_number, measure, shown
from semverlint.fleet.questions import Answer
from semverlint.text import clean

_WIDE, _HIGH = 208, 96
"""A panel's drawing area, in its own units."""
_MOST = 5
"""Colours of stacked bars."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
"""Where an axis of shares may end."""


@dataclass(frozen=True)
class Plot:
    """A plot in the rows of a table.

    Attributes:
        axis: What its column's head says.
        rows: What is drawn in each row.
        keys: The sign of its colour for a column's head, by the column's place.
    """

    axis: str
    rows: Sequence[str]
    keys: Mapping[int, str] = field(default_factory=dict)


def bars(answer: Answer) -> Plot | None:
    """A bar a row for its share, with its interval where it has one; for its first number, where it has no share."""
    at = measure(answer)
    if at is None:
        return None
    name = answer.columns[at]
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    most = max(float(row.get("high") or row[name] or 0) for row in rows)
    end = _end(most) if name in SHARES else most
    return Plot(_axis(end, share=name in SHARES), [_bar(row, name, end or 1) for row in rows])


def _bar(row: Mapping[str, Any], name: str, end: float) -> str:
    value, low, high = (float(row.get(key) or 0) for key in (name, "low", "high"))
    whisker = ""
    if "low" in row:
        left, right = _per(low, end), _per(high, end)
        whisker = f'<path class="edge" d="M{left} 8H{right}M{left} 4V12M{right} 4V12"/>'
    return _svg(f'<rect class="bar" width="{_per(value, end)}" height="16"/>{whisker}')


def stacks(answer: Answer) -> Plot | None:
    """A bar a row for its first number, made of the numbers behind it."""
    numbers = [at for at in range(len(answer.columns)) if is_number(answer, at)]
    if not numbers:
        return None
    total, parts = numbers[0], numbers[1 : _MOST + 1]
    end = max(float(row[total]) for row in answer.rows)
    return Plot(
        _axis(end, share=False),
        [_svg("".join(_stacked([row[at] for at in parts], end))) for row in answer.rows],
        {at: f'<i class="key s{number}"></i>' for number, at in enumerate(parts)},
    )


def _stacked(values: Sequence[float], end: float) -> Iterator[str]:
    left = 0.0
    for number, value in enumerate(values):
        yield f'<rect class="s{number}" x="{_per(left, end)}" width="{_per(value, end)}" height="16"/>'
        left += value


def _svg(drawn: str) -> str:
    return f'<svg viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'


def _per(value: float, end: float) -> str:
    return f"{1000 * value / end:.1f}".removesuffix(".0")


def _axis(end: float, *, share: bool) -> str:
    return f'<span class="axis"><span>0</span><span>{f"{100 * end:.0f} %" if share else f"{end:,.0f}"}</span></span>'


def _end(most: float) -> float:
    """Where an axis of shares ends that holds `most`."""
    return next((step for step in _STEPS if step >= most), 1.0)


def grid(answer: Answer) -> Iterator[str]:
    """Labels down and across, each cell shaded by its share: of its row where the answer counts, else as it says."""
    counts = is_number(answer, 1)
    found = _counted(answer) if counts else crosswise(answer)
    most = max((found.share(*place) for place in found.cells), default=0) or 1
    across = "".join(f'<th class="up" scope="col"><span>{escape(clean(one, 60))}</span>' for one in found.across)
    yield '<div class="wide" tabindex="0"><table class="grid">'
    yield f'<caption class="soft">{"Pairs, the darker the larger their share" if counts else "Per cent"} of a row.'
    yield "</caption><thead>"
    yield f'<tr><th class="soft">{escape(found.corner[0])} ↓ {escape(found.corner[1])} →{across}</tr></thead><tbody>'
    for down in found.down:
        cells = "".join(_cell(found, down, across, most) for across in found.across)
        yield f'<tr><th scope="row">{escape(clean(down, 60))}{cells}</tr>'
    yield "</tbody></table></div>"


def _cell(found: Grid, down: str, across: str, most: float) -> str:
    row = found.cells.get((down, across))
    if row is None:
        return '<td class="cell" style="--heat:0">'
    share = found.share(down, across)
    same = " same" if down == across else ""
    told = ", ".join(f"{name.replace('_', ' ')} {shown(value, name)}" for name, value in row.items() if name != "shown")
    text = row.get("shown") or f"{100 * share:.0f}"
    return f'<td class="cell{same}" style="--heat:{share / most:.2f}" title="{escape(told)}">{escape(str(text))}'


def _counted(answer: Answer) -> Grid:
    """An answer of counts by two things, the second in its columns (`needs_major`), as shares of its rows."""
    names = heads(answer)
    what = names[1].partition(" ")[0]
    across = [name.removeprefix(f"{what} ") for name in names[1:]]
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in answer.rows:
        total = sum(row[1:]) or 1
        for name, count in zip(across, row[1:], strict=True):
            cells[str(row[0]), name] = {"pairs": count, "share": count / total, "shown": f"{count:,}"}
    return Grid((names[0], what), [str(row[0]) for row in answer.rows], across, cells)


def panels(answer: Answer) -> Iterator[str]:
    """A small plot a label, all on one scale: its share over time, with the interval as a band."""
    found = crosswise(answer, turned=True)
    times = sorted(found.across)
    most = max((float(row.get("high") or found.share(*place)) for place, row in found.cells.items()), default=1)
    end = _end(most)
    yield '<div class="panels">'
    for label in sorted(found.down, key=lambda one: -sum(found.share(one, time) for time in times)):
        yield f"<figure><h3>{escape(clean(label, 60))}</h3>"
        yield f'<svg role="img" viewBox="0 0 {_WIDE + 40} {_HIGH + 26}">'
        yield from _panel(found, label, times, end)
        yield "</svg></figure>"
    yield "</div>"


def _panel(found: Grid, label: str, times: Sequence[str], end: float) -> Iterator[str]:
    def up(share: float) -> float:
        return round(_HIGH * (1 - share / end) + 6, 1)

    step = _WIDE / max(len(times) - 1, 1)
    points = [(round(34 + at * step, 1), found.share(label, time), time) for at, time in enumerate(times)]
    told = "; ".join(f"{time}: {100 * share:.1f} %" for _, share, time in points)
    yield f"<title>{escape(clean(label, 60))}: {escape(told)}</title>"
    yield f'<line class="base" x1="34" x2="{34 + _WIDE}" y1="{up(0)}" y2="{up(0)}"/>'
    yield f'<text x="28" y="{up(end) + 8}" text-anchor="end">{100 * end:.0f} %</text>'
    yield f'<text x="28" y="{up(0)}" text-anchor="end">0</text>'
    intervals = [(x, found.cells.get((label, time), {})) for x, _, time in points]
    upper = [f"{x},{up(float(cell.get('high') or 0))}" for x, cell in intervals]
    lower = [f"{x},{up(float(cell.get('low') or 0))}" for x, cell in reversed(intervals)]
    yield f'<polygon class="band" points="{" ".join([*upper, *lower])}"/>'
    yield f'<polyline class="line" points="{" ".join(f"{x},{up(share)}" for x, share, _ in points)}"/>'
    for x, share, _ in points:
        yield f'<circle class="dot" cx="{x}" cy="{up(share)}" r="2.5"/>'
    yield f'<text x="34" y="{_HIGH + 20}">{escape(clean(times[0], 12))}</text>'
    if len(times) > 1:
        yield f'<text x="{34 + _WIDE}" y="{_HIGH + 20}" text-anchor="end">{escape(clean(times[-1], 12))}</text>'
