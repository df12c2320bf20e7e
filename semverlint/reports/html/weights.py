"""What happened to the weights: each checkpoint as a whole, a map of its layers, its largest movers, its tensors."""

import math
from collections.abc import Sequence

from semverlint.changes.base import Change
from semverlint.changes.weights import SPREAD_STEPS, TensorUpdated, WeightsChanged, WeightsMap
from semverlint.reports.html.charts import bars
from semverlint.reports.html.heatmap import STEPS, heat_maps, level
from semverlint.reports.html.markup import Markup, code, join, row, table, tag
from semverlint.text import plural
from semverlint.verdict import Report

MOST_TENSORS = 1_000
"""Tensors listed of all checkpoints together, as many as in the JSON report."""
_MOST_FIELDS = 20_000
"""Fields of all heat maps together."""
_MOST_CHECKPOINTS = 8
"""Checkpoints drawn: those with the most parameters."""


def weights(report: Report) -> Markup:
    """A part a checkpoint; nothing where no weights changed."""
    whole = [change for change in report.changes if isinstance(change, WeightsChanged)]
    if not whole:
        return Markup()
    largest = sorted(whole, key=lambda one: (-one.parameters, one.path))[:_MOST_CHECKPOINTS]
    drawn = []
    for one in largest:
        inside = [change for change in report.changes if change.path == one.path]
        heading = tag("h3", code(one.path), " ", tag("span", one.what, class_="flag"))
        detail = one.detail.lstrip(" :;,")
        told = tag("p", detail, class_="note") if detail else None
        drawing = [heat_maps(inside, _MOST_FIELDS // len(largest)), _distribution(inside), _movers(inside)]
        drawn.append(tag("section", heading, told, *drawing, class_="checkpoint"))
    return join([_overview(whole), *drawn, _tensors(report)])


def _overview(whole: Sequence[WeightsChanged]) -> Markup:
    heads = ["checkpoint", "kind", "#parameters", "#tensors", "#moved", "#relative change", "#cosine"]
    rows = [
        row(
            code(one.path),
            one.what,
            f"{one.parameters:,}",
            f"{one.tensors:,}",
            f"{one.moved:,}",
            _figure(one.relative_change),
            _figure(one.cosine),
            numbers=range(2, 7),
        )
        for one in whole
    ]
    return table(heads, rows, "Checkpoints that changed")


def _distribution(changes: Sequence[Change]) -> Markup:
    """How many tensors moved how far."""
    moved = [change.relative_change for change in changes if isinstance(change, TensorUpdated)]
    kept = sum(len(change.kept) for change in changes if isinstance(change, WeightsMap))
    if not moved:
        return Markup()
    counts = [0] * (len(STEPS) + 2)
    counts[0] = kept
    for change in moved:
        counts[level(change)] += 1
    said = f"{plural(len(moved), 'tensor')} by relative change: from none to 1 and beyond, as in the colours above"
    return tag(
        "figure",
        bars(counts, said, coloured=True),
        tag("figcaption", said, _ends(["none", "1 and more"])),
        class_="wide",
    )


def _movers(changes: Sequence[Change]) -> Markup:
    """The largest movers: how far their single values moved."""
    known = {change.name: change for change in changes if isinstance(change, TensorUpdated)}
    spreads = [item for change in changes if isinstance(change, WeightsMap) for item in change.spread.items()]
    drawn = []
    for name, counts in spreads:
        figure = f"relative change {_figure(known[name].relative_change)}" if name in known else ""
        said = f"Values of {name} by how far they moved"
        drawn.append(
            tag(
                "figure",
                tag("p", code(name)),
                bars(counts, said),
                tag("figcaption", figure, _ends(["none", f"{SPREAD_STEPS[-1]:g} ×"])),  # noqa: RUF001 - times
                class_="found",
            )
        )
    if not drawn:
        return Markup()
    told = "How far the single values of the largest movers moved, in root mean squares of the old tensor."
    return tag("div", tag("h4", "Largest movers"), tag("p", told, class_="note"), tag("div", *drawn, class_="movers"))


def _ends(names: Sequence[str]) -> Markup:
    return tag("span", *(tag("span", name) for name in names), class_="ends", aria_hidden="true")


def _tensors(report: Report) -> Markup:
    """The tensors that moved furthest, with their figures."""
    moved = [change for change in report.changes if isinstance(change, TensorUpdated)]
    if not moved:
        return Markup()
    moved.sort(key=lambda one: (-one.relative_change, one.path, one.name))
    shown = moved[:MOST_TENSORS]
    heads = ["tensor", "type", "shape", "#relative change", "#cosine", "#largest", "#values moved"]
    rows = [
        row(
            code(one.name),
            one.dtype,
            one.shape,
            _figure(one.relative_change),
            _figure(one.cosine),
            _figure(one.largest),
            f"{one.changed_share:.1%}",
            numbers=range(3, 7),
        )
        for one in shown
    ]
    caption = f"{plural(len(moved), 'tensor')} moved"
    first = f"{caption}; the {MOST_TENSORS:,} that moved furthest" if len(moved) > len(shown) else caption
    return tag("details", tag("summary", first), table(heads, rows, caption))


def _figure(value: float | None) -> str:
    """Three digits; nothing where nothing was measured."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash
    return "∞" if math.isinf(value) else f"{value:.3g}"
