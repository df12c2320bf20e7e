"""Small drawings in SVG, coloured by the style sheet alone; each says in words what it shows."""

import math
from collections.abc import Sequence

from semverlint.reports.html.markup import Markup, tag
from semverlint.terms import Bump

_BAR = 16
_HEIGHT = 64
_LEVEL = 26
"""Units of height between two bumps."""
_STEP = 34
"""Least units of width between two releases."""
_WIDTH = 900
"""Units of width that few releases share."""


def bars(counts: Sequence[int], label: str, *, coloured: bool = False) -> Markup:
    """A histogram, its bars by the square root of their counts, so that small ones are still seen.

    Args:
        counts: How many there are, bin by bin; the first is of what did not move.
        label: What is drawn, in words.
        coloured: Whether the bins are the steps of the heat map's colours.
    """
    most = max(counts, default=0)
    drawn = [
        tag(
            "rect",
            x=place * _BAR + 1,
            y=_HEIGHT - height,
            width=_BAR - 2,
            height=height,
            class_=f"bar b{place}" if coloured else "bar zero" if place == 0 else "bar",
        )
        for place, count in enumerate(counts)
        if count
        for height in [max(2, round(_HEIGHT * math.sqrt(count / most)))]
    ]
    width = len(counts) * _BAR
    base = tag("line", x1=0, y1=_HEIGHT, x2=width, y2=_HEIGHT, class_="axis")
    said = f"{label}: {', '.join(f'{count:,}' for count in counts)}"
    return tag(
        "svg",
        *drawn,
        base,
        viewBox=f"0 0 {width} {_HEIGHT + 1}",
        preserveAspectRatio="none",
        role="img",
        aria_label=said,
        class_="bars",
    )


def ladder(declared: Bump | None, required: Bump) -> Markup:
    """The four steps with what is declared and what is needed on them."""
    marks = []
    for place, bump in enumerate(Bump):
        names = [name for name, one in (("declared", declared), ("needed", required)) if one is bump]
        marks.append(
            tag(
                "li",
                tag("b", str(bump) if bump else "none"),
                tag("span", " and ".join(names) or None),
                class_=f"{bump} {'on' if bump <= required else ''} {' '.join(names)}".strip(),
                value=place,
            )
        )
    return tag("ol", *marks, class_="ladder")


def history(steps: Sequence[tuple[str, Bump | None, Bump, bool]], label: str) -> Markup:
    """A release history as two lines: what each release declared, and what it needed.

    Args:
        steps: Of every release: its name, what it declared, what it needed, whether it broke its promise.
        label: What is drawn, in words.
    """
    step = max(_STEP, min(4 * _STEP, _WIDTH // max(len(steps), 1)))
    width = len(steps) * step + 90
    top = 3 * _LEVEL + 16

    def height(bump: Bump) -> int:
        return top - bump * _LEVEL

    drawn = []
    for bump in Bump:
        at = height(bump)
        drawn += [
            tag("line", x1=60, y1=at, x2=width - 10, y2=at, class_="grid"),
            tag("text", str(bump) if bump else "none", x=52, y=at + 4, class_="label"),
        ]
    places = [76 + place * step for place in range(len(steps))]
    needed = " ".join(f"{x},{height(required)}" for x, (_, _, required, _) in zip(places, steps, strict=True))
    drawn.append(tag("polyline", points=needed, class_="needed"))
    for x, (name, declared, required, broken) in zip(places, steps, strict=True):
        if broken and declared is not None:
            drawn.append(tag("line", x1=x, y1=height(declared), x2=x, y2=height(required), class_="gap"))
        drawn.append(tag("circle", cx=x, cy=height(required), r=5, class_=f"dot {required}"))
        if declared is not None:
            drawn.append(tag("rect", x=x - 8, y=height(declared) - 8, width=16, height=16, class_="claim"))
        drawn.append(tag("text", name, x=x, y=top + 22, class_="tick", transform=f"rotate(40 {x} {top + 22})"))
    return tag(
        "svg",
        *drawn,
        viewBox=f"0 0 {width} {top + 92}",
        width=width,
        height=top + 92,
        role="img",
        aria_label=label,
        class_="history",
    )


def scatter(moves: Sequence[tuple[int, int]], label: str) -> Markup:
    """Old ids across, new ids up, in a grid of 48 fields a side: what lies on the diagonal stayed where it was."""
    side, field = 48, 5
    most = max((max(pair) for pair in moves), default=0) + 1
    counted: dict[tuple[int, int], int] = {}
    for before, after in moves:
        if before >= 0 <= after:
            place = before * side // most, after * side // most
            counted[place] = counted.get(place, 0) + 1
    top = max(counted.values(), default=1)
    fields = [
        tag(
            "rect",
            x=x * field,
            y=(side - 1 - y) * field,
            width=field,
            height=field,
            class_=f"p{1 + round(3 * math.log(count) / math.log(max(top, 2)))}",
        )
        for (x, y), count in sorted(counted.items())
    ]
    edge = side * field
    diagonal = tag("line", x1=0, y1=edge, x2=edge, y2=0, class_="grid")
    frame = tag("rect", x=0, y=0, width=edge, height=edge, class_="frame")
    return tag(
        "svg", frame, diagonal, *fields, viewBox=f"-1 -1 {edge + 2} {edge + 2}", role="img", aria_label=label,
        class_="scatter",
    )  # fmt: skip
