"""The tensors of a checkpoint as stacks of layers: which layer and which module each of them is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semverlint.changes.base import Change
from semverlint.changes.weights import TensorAdded, TensorRemoved, TensorReshaped, TensorUpdated, WeightsMap

OUTSIDE = "outside of layers"
"""The stack of tensors whose names have no layer."""
_NUMBERS = (re.compile(r"(?<![^./])\d{1,6}(?![^./])"), re.compile(r"(?<![^._/])\d{1,6}(?![^._/])"))
"""A number that is a segment of a name by itself; between underscores only where there is no other."""
_LAST = re.compile(r"[./](weight|kernel)$")


@dataclass
class Cell:
    """What stands at one layer and module.

    Attributes:
        tensors: How many tensors: several where modules are numbered too, as experts are.
        furthest: The largest relative change of them; None where none was measured.
        what: `added`, `removed` or `reshaped`, where one of them is.
    """

    tensors: int = 0
    furthest: float | None = None
    what: str = ""

    @property
    def weight(self) -> float:
        """How much it matters: what has no counterpart matters most."""
        return float("inf") if self.what else self.furthest or 0.0


Stack = dict[str, dict[int, Cell]]
"""Module → layer → what stands there, modules in the order of the changes."""


def stacks(changes: Iterable[Change]) -> dict[str, Stack]:
    """Every stack by its name; numbers of which there is only one make no stack."""
    told = [(*_taken_apart(name), name, change, what) for name, change, what in _tensors(changes)]
    layers: defaultdict[str, set[int]] = defaultdict(set)
    for stack, layer, *_ in told:
        layers[stack].add(layer)
    found: dict[str, Stack] = {}
    for stack, layer, module, name, change, what in told:
        if stack == OUTSIDE or len(layers[stack]) == 1:
            stack, layer, module = OUTSIDE, 0, _LAST.sub("", name)  # noqa: PLW2901 - it is none after all
        _add(found.setdefault(stack, {}).setdefault(module, {}).setdefault(layer, Cell()), change, what)
    return found


def _tensors(changes: Iterable[Change]) -> Iterator[tuple[str, float | None, str]]:
    """Name, relative change and what else became of each tensor that is known of."""
    for change in changes:
        match change:
            case TensorUpdated():
                yield change.name, change.relative_change, ""
            case WeightsMap():
                yield from ((name, 0.0, "") for name in change.kept)
            case TensorAdded() | TensorRemoved() | TensorReshaped():
                yield change.name, None, change.kind.rpartition("-")[2]
            case _:
                continue


def _taken_apart(name: str) -> tuple[str, int, str]:
    """The stack, the layer and the module of a name."""
    for pattern in _NUMBERS:
        if match := pattern.search(name):
            stack = name[: match.start()].rstrip("./_") or "numbered tensors"
            module = pattern.sub("#", name[match.end() :].lstrip("./_"))
            return stack, int(match[0]), _LAST.sub("", f".{module}").lstrip(".") or "(itself)"
    return OUTSIDE, 0, name


def _add(cell: Cell, change: float | None, what: str) -> None:
    cell.tensors += 1
    if change is not None:
        cell.furthest = max(cell.furthest or 0.0, change)
    elif not cell.what or what == "removed":
        cell.what = what
