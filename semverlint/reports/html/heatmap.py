"""Heat maps of how far each weight moved: layers across, modules down, one map a stack of layers."""

from collections.abc import Iterable, Sequence

from semverlint.changes.base import Change
from semverlint.reports.html.markup import Markup, join, scrolled, tag
from semverlint.reports.html.stacks import OUTSIDE, Cell, Stack, stacks
from semverlint.text import plural

STEPS = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
"""Relative changes at which the colour becomes one step deeper. Fine-tunes lie between 0.001 and 0.05, and what is
above 0.1 has trained on (`compare/weights/kinds.py`)."""

_MOST_STACKS = 12
_MOST_MODULES = 120
_MOST_COLUMNS = 160
"""Columns of one map; of more layers, neighbours share one."""
_LONGEST_NAME = 46
"""Characters of a module's name; the end of it tells it from others."""
_DIGITS = 2
"""Digits that fit above a column."""
_SIGNS = {"added": "+", "removed": "−", "reshaped": "×"}  # noqa: RUF001 - a minus is as wide as a plus


def heat_maps(changes: Iterable[Change], fields: int) -> Markup:
    """The maps of one checkpoint, the largest stacks of layers first; nothing where nothing is known.

    Args:
        changes: Those of the checkpoint.
        fields: How many fields may be drawn; where they do not suffice, the modules that moved least are left out.
    """
    found = stacks(changes)
    if not found:
        return Markup()
    order = sorted(found, key=lambda name: (name == OUTSIDE, -sum(map(len, found[name].values())), name))
    room = fields // min(len(order), _MOST_STACKS)
    drawn = [_map(name, found[name], room) for name in order[:_MOST_STACKS]]
    if rest := order[_MOST_STACKS:]:
        drawn.append(tag("p", f"{plural(len(rest), 'smaller stack')} not drawn.", class_="note"))
    return join([_legend(), tag("div", *drawn, class_="maps")])


def level(change: float) -> int:
    """The step of the colour for a relative change: 0 for none, 9 from 1 on."""
    return 0 if change <= 0 else 1 + sum(change >= step for step in STEPS)


def _map(name: str, stack: Stack, fields: int) -> Markup:
    layers = sorted({layer for row in stack.values() for layer in row})
    columns = _columns(layers)
    modules = _shown(stack, min(_MOST_MODULES, max(1, fields // len(columns))))
    inside = f"{plural(len(layers), 'layer')}, {plural(len(stack), 'module')}"
    caption = f"{name}: {plural(len(stack), 'tensor') if name == OUTSIDE else inside}"
    rows = [
        tag("tr", _head(module), *(_field(stack[module], column) for column in columns), class_="found")
        for module in modules
    ]
    heads = [tag("th", scope="col")] if name == OUTSIDE else _heads(columns)
    inner = tag(
        "table",
        tag("thead", tag("tr", tag("td", class_="corner"), *heads)),
        tag("tbody", *rows),
        class_="heat",
        aria_label=caption,
    )
    left = len(stack) - len(modules)
    note = tag("p", f"{plural(left, 'module')} that moved less not drawn.", class_="note") if left else None
    label = f"How far the weights of {caption} moved"
    return tag("div", tag("p", caption, class_="note"), scrolled(inner, label, "map"), note)


def _shown(stack: Stack, most: int) -> list[str]:
    """The modules that are drawn, in the order of the file: where they are too many, those that moved furthest."""
    furthest = sorted(stack, key=lambda one: (-max(cell.weight for cell in stack[one].values()), one))
    kept = set(furthest[:most])
    return [module for module in stack if module in kept]


def _columns(layers: Sequence[int]) -> list[Sequence[int]]:
    """Which layers share a column: one each, while there is room."""
    width = -(-len(layers) // _MOST_COLUMNS)
    return [layers[start : start + width] for start in range(0, len(layers), max(width, 1))]


def _heads(columns: Sequence[Sequence[int]]) -> list[Markup]:
    """The layers' numbers, as many of them to be seen as have room; the others are there to be read out."""
    names = [str(one[0]) if len(one) == 1 else f"{one[0]}–{one[-1]}" for one in columns]  # noqa: RUF001 - a range
    step = -(-max(map(len, names)) // _DIGITS)
    return [tag("th", tag("span" if place % step == 0 else "i", name), scope="col") for place, name in enumerate(names)]


def _head(module: str) -> Markup:
    if len(module) <= _LONGEST_NAME:
        return tag("th", module, scope="row")
    return tag("th", f"…{module[1 - _LONGEST_NAME :]}", scope="row", title=module)


def _field(row: dict[int, Cell], column: Sequence[int]) -> Markup:
    """One field; its figure stands in it for readers that see no colours. Written by hand: there are thousands."""
    cells = [row[layer] for layer in column if layer in row]
    if not cells:
        return Markup("<td></td>")
    if what := next((cell.what for cell in cells if cell.what), ""):
        return Markup(f'<td class="s"><b>{_SIGNS[what]}</b><i>{what}</i></td>')
    furthest, tensors = max(cell.furthest or 0.0 for cell in cells), sum(cell.tensors for cell in cells)
    told = f"{furthest:.2g}" if furthest else "0"
    several = f" ({tensors})" if tensors > 1 else ""
    return Markup(f'<td class="h{level(furthest)}"><i>{told}{several}</i></td>')


def _legend() -> Markup:
    names = ["did not move", "below 0.0001", *(f"from {step:g}" for step in STEPS)]
    steps = [tag("li", tag("span", class_=f"h{place}", aria_hidden="true"), name) for place, name in enumerate(names)]
    signs = [tag("li", tag("b", sign), what) for what, sign in _SIGNS.items()]
    return tag("ul", *steps, *signs, class_="legend", aria_label="Colours: relative change, ‖new − old‖ / ‖old‖")  # noqa: RUF001 - a minus
