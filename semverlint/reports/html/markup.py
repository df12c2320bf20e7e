"""HTML put together so that nothing a model says can become markup: every text is escaped, elements are not.

Plain functions in place of a template library: the page has few shapes and many figures, autoescaping is a dozen lines,
and the base installation needs no library for it (Jinja is an extra, for those who compare chat templates).
"""

from collections.abc import Iterable, Sequence
from html import escape

from semverlint.text import clean, plural

LONGEST = 600
"""Characters of one text of a model that are shown."""

_EMPTY = frozenset({"br", "meta", "input", "rect", "line", "circle", "path", "polyline"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None
Attribute = str | int | float | bool | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element. `class_` is `class`, other underscores are hyphens; None and False leave an attribute out."""
    written = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    if name in _EMPTY:
        return Markup(f"<{name}{written}/>")  # the slash is for SVG, where an element without an end holds the next
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Several children one after the other, each that is no markup escaped."""
    return Markup("".join(child if isinstance(child, Markup) else shown(child) for child in children))


def shown(value: object) -> Markup:
    """Any value as cleaned and escaped text; nothing for None."""
    return Markup("" if value is None else escape(clean(value, LONGEST)))


def code(value: object) -> Markup:
    """What a file or a model says, in the face of code."""
    return tag("code", str(value))


def fitting(parts: Sequence[Markup], noun: str, room: int) -> Markup:
    """As many of several parts as `room` bytes hold, and how many are left: a page stays small, whatever it tells."""
    for place, part in enumerate(parts):
        room -= len(part.encode())
        if room < 0:
            left = tag("p", f"{plural(len(parts) - place, f'more {noun}')} not shown.", class_="note")
            return join([*parts[:place], left])
    return join(parts)


def table(heads: Iterable[Child], rows: Iterable[Markup], caption: str) -> Markup:
    """A table in a region that scrolls by itself; heads that begin with # stand over figures."""
    cells = [
        tag("th", str(head).removeprefix("#"), scope="col", class_="number" if str(head).startswith("#") else None)
        for head in heads
    ]
    inner = tag("table", tag("caption", caption), tag("thead", tag("tr", *cells)), tag("tbody", *rows))
    return scrolled(inner, caption)


def scrolled(inner: Markup, label: str, kind: str = "") -> Markup:
    """A part that scrolls by itself: it can be reached with the keyboard, and says what it is."""
    return tag("div", inner, class_=f"scroll {kind}".strip(), tabindex=0, role="group", aria_label=label)


def row(*cells: Child, numbers: Iterable[int] = ()) -> Markup:
    """A row that the search finds; `numbers` are the places of cells that hold figures. The first one names the row."""
    right = set(numbers)
    made = [tag("th", cells[0], scope="row", class_="number" if 0 in right else None)]
    made += [
        tag("td", cell, class_="number" if place in right else None) for place, cell in enumerate(cells[1:], start=1)
    ]
    return tag("tr", *made, class_="found")


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(clean(value, 4 * LONGEST))}"'
