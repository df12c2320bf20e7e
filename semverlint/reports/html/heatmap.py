"""Heat maps of how far each weight moved: layers across, modules down, one map a stack of layers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from semverlint.changes.base import Change
from semverlint.changes.weights import TensorAdded, TensorRemoved, TensorReshaped, TensorUpdated, WeightsMap
from semverlint.reports.html.markup import Markup, join, scrolled, tag
from semverlint.text import plural

STEPS = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
"""Relative changes at which the colour becomes one step deeper. Fine-tunes lie between 0.001 and 0.05, and what is
above 0.1 has trained on (`compare/weights/kinds.py`)."""

_MOST_STACKS = 12
_MOST_MODULES = 120
_MOST_COLUMNS = 160
"""Columns of one map; of more layers, neighbours share one."""
_NUMBER = re.compile(r"(?<![^._/])\d{1,6}(?![^._/])")
_LAST = re.compile(r"[./](weight|kernel)$")
_SIGNS = {"added": "+", "removed": "−", "reshaped": "×"}  # noqa: RUF001 - a minus is as wide as a plus


@dataclass
class _Cell:
    """What stands at one layer and module: the furthest of its tensors, and how many they are."""

    tensors: int = 0
    furthest: float | None = None
    what: str = ""


@dataclass
class _Stack:
    """The layers of one name, and what is in them."""

    cells: defaultdict[str, defaultdict[int, _Cell]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(_Cell))
    )

    @property
    def furthest(self) -> float:
        """How far the tensor moved that moved furthest."""
        return max((_weight(cell) for row in self.cells.values() for cell in row.values()), default=0.0)


def heat_maps(changes: Iterable[Change], fields: int) -> Markup:
    """The maps of one checkpoint, the stacks with most modules and layers first; nothing where nothing is known.

    Args:
        changes: Those of the checkpoint.
        fields: How many fields may be drawn; where they do not suffice, the modules that moved least are left out.
    """
    stacks = _stacks(changes)
    if not stacks:
        return Markup()
    order = sorted(stacks, key=lambda name: (-sum(map(len, stacks[name].cells.values())), name))
    drawn = [_map(name, stacks[name], fields // min(len(order), _MOST_STACKS)) for name in order[:_MOST_STACKS]]
    if rest := order[_MOST_STACKS:]:
        drawn.append(tag("p", f"{plural(len(rest), 'smaller stack')} not drawn.", class_="note"))
    return join([_legend(), tag("div", *drawn, class_="maps")])


def level(change: float) -> int:
    """The step of the colour for a relative change: 0 for none, 9 from 1 on."""
    return 0 if change <= 0 else 1 + sum(change >= step for step in STEPS)


def _stacks(changes: Iterable[Change]) -> dict[str, _Stack]:
    found: dict[str, _Stack] = {}
    for change in changes:
        match change:
            case TensorUpdated():
                _add(found, change.name, change.relative_change, "")
            case WeightsMap():
                for name in change.kept:
                    _add(found, name, 0.0, "")
            case TensorAdded() | TensorRemoved() | TensorReshaped():
                _add(found, change.name, None, change.kind.rpartition("-")[2])
            case _:
                continue
    return found


def _add(found: dict[str, _Stack], name: str, change: float | None, what: str) -> None:
    match = _NUMBER.search(name)
    stack = name[: match.start()].rstrip("./") if match else ""
    layer = int(match[0]) if match else 0
    rest = name[match.end() :].strip("./") if match else name
    module = _LAST.sub("", _NUMBER.sub("#", rest)) or "(itself)"
    cell = found.setdefault(stack if match else "outside of layers", _Stack()).cells[module][layer]
    cell.tensors += 1
    if change is not None:
        cell.furthest = max(cell.furthest or 0.0, change)
    elif not cell.what or what == "removed":
        cell.what = what


def _map(name: str, stack: _Stack, fields: int) -> Markup:
    layers = sorted({layer for row in stack.cells.values() for layer in row})
    columns = _columns(layers)
    modules = list(stack.cells)
    most = min(_MOST_MODULES, max(1, fields // len(columns)))
    dropped = max(0, len(modules) - most)
    if dropped:  # those that moved furthest, in the order of the file
        furthest = sorted(modules, key=lambda one: (-max(map(_weight, stack.cells[one].values())), one))
        kept = set(furthest[:most])
        modules = [one for one in modules if one in kept]
    heads = [tag("th", tag("span", head), scope="col") for head in _heads(columns)]
    rows = [
        tag(
            "tr",
            tag("th", module, scope="row"),
            *(_cell([stack.cells[module][one] for one in column if one in stack.cells[module]]) for column in columns),
            class_="found",
        )
        for module in modules
    ]
    caption = f"{name}: {plural(len(layers), 'layer')}, {plural(len(stack.cells), 'module')}"
    if name == "outside of layers":
        caption, heads = f"{name}: {plural(len(stack.cells), 'tensor')}", [tag("th", tag("span"), scope="col")]
    corner = tag("td", class_="corner")
    inner = tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", corner, *heads)),
        tag("tbody", *rows),
        class_="heat",
    )
    note = tag("p", f"{plural(dropped, 'module')} that moved less not drawn.", class_="note") if dropped else None
    return tag("div", scrolled(inner, f"How far the weights of {caption} moved", "map"), note)


def _columns(layers: list[int]) -> list[list[int]]:
    """Which layers share a column: one each, while there is room."""
    width = -(-len(layers) // _MOST_COLUMNS)
    return [layers[start : start + width] for start in range(0, len(layers), max(width, 1))]


def _heads(columns: list[list[int]]) -> list[str]:
    return [str(column[0]) if len(column) == 1 else f"{column[0]}–{column[-1]}" for column in columns]  # noqa: RUF001 - a range


def _cell(cells: list[_Cell]) -> Markup:
    """One field; its figure stands in it for readers that see no colours. Written by hand: there are thousands."""
    tensors = sum(cell.tensors for cell in cells)
    if not tensors:
        return Markup("<td></td>")
    what = next((cell.what for cell in cells if cell.what), "")
    if what:
        return Markup(f'<td class="s"><b>{_SIGNS[what]}</b><i>{what}</i></td>')
    furthest = max(cell.furthest or 0.0 for cell in cells)
    told = f"{furthest:.2g}" if furthest else "0"
    several = f" ({tensors})" if tensors > 1 else ""
    return Markup(f'<td class="h{level(furthest)}"><i>{told}{several}</i></td>')


def _weight(cell: _Cell) -> float:
    return float("inf") if cell.what else cell.furthest or 0.0


def _legend() -> Markup:
    names = ["did not move", "below 0.0001", *(f"from {step:g}" for step in STEPS)]
    steps = [tag("li", tag("span", class_=f"h{place}", aria_hidden="true"), name) for place, name in enumerate(names)]
    signs = [tag("li", tag("b", sign), what) for what, sign in _SIGNS.items()]
    return tag("ul", *steps, *signs, class_="legend", aria_label="Colours: relative change, ‖new − old‖ / ‖old‖")  # noqa: RUF001 - a minus
