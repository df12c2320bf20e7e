"""The same numbers in tensors of other shapes: transposed, fused, split, tied, or in layers of other numbers.

What is found is undone: the new tensors are seen as the old ones were laid out, so that their values can be compared
one by one. Nothing is copied; a part of a fused tensor is a range of its bytes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from semverlint.changes.weights import What
from semverlint.compare.weights.names import ranges, summary
from semverlint.compare.weights.placed import Dequantised, Placed, beginning, part_of, place
from semverlint.compare.weights.structure import LAYER, Sides, by_headers, is_resized
from semverlint.compare.weights.traits import is_cut_out
from semverlint.compare.weights.values import same_bytes
from semverlint.formats.weights.dtypes import FLOATS
from semverlint.text import some

_FUSED: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("q_proj", "k_proj", "v_proj"), re.compile(r"qkv_proj|W_pack|Wqkv|query_key_value|c_attn|in_proj|qkv")),
    (("query", "key", "value"), re.compile(r"qkv_proj|W_pack|Wqkv|query_key_value|c_attn|in_proj|qkv")),
    (("gate_proj", "up_proj"), re.compile(r"gate_up_proj|gate_up")),
    (("w1", "w3"), re.compile(r"gate_up_proj|gate_up|w13")),
)
"""Names of tensors that are fused in this order, and what the fused one is called, where the values cannot tell."""

_LARGEST_SQUARE = 2048
"""Rows of a square matrix up to which all are read for its first column."""
_MOST_PARTS = 64
"""Tensors fused into one."""
_MOST_OF_THEM = 0.9
"""Share of the parameters gone that a layout must explain."""
_ENOUGH = 0.5
"""Share of the layers that must be recognised for the others to count as new or dropped."""


@dataclass(frozen=True)
class Layout:
    """How the new tensors are laid out, and both sides as if they were not.

    Attributes:
        sides: The old tensors, and the new ones under the old names and shapes.
        what: What was done; None where nothing was.
        detail: Which tensors it is about, with its punctuation, to stand behind a sentence.
    """

    sides: Sides
    what: What | None = None
    detail: str = ""


@dataclass
class _Views:
    """New tensors seen as old ones, and the names that are thereby explained."""

    found: dict[str, Placed] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def laid_out(sides: Sides) -> Layout:
    """The layout of a pair of checkpoints whose names or shapes differ.

    Raises:
        FileError: If a tensor's first bytes cannot be read.
    """
    for find in (_tied, _layers, transposed, _fused, _split, _slimmed):
        if found := find(sides):
            return found
    return Layout(sides)


def _tied(sides: Sides) -> Layout | None:
    """A second copy of a tensor was dropped, or a shared one is stored twice now: embeddings and output head."""
    if sides.reshaped or bool(sides.gone) == bool(sides.added):
        return None
    side, names = (sides.old, sides.gone) if sides.gone else (sides.new, sides.added)
    rest = [name for name in sides.common if len(side[name].tensor.shape) > 1]
    for name in names:
        one = side[name]
        same = (side[other] for other in rest if _alike(side[other], one))
        if not any(beginning(other) == beginning(one) and same_bytes(other, one) for other in same):
            return None
    only = {name: sides.old[name] for name in sides.common}
    new = {name: sides.new[name] for name in sides.common}
    return Layout(replace(sides, old=only, new=new), "tied" if sides.gone else "untied", f": {summary(names, side)}")


def _layers(sides: Sides) -> Layout | None:
    """Layers were dropped, added or repeated: which of the old ones each new one is, by what it holds."""
    if by_headers(sides) != "depth-changed":
        return None
    old, new = _by_layer(sides.old), _by_layer(sides.new)
    known: dict[bytes, int] = {}
    for number in sorted(old):
        known.setdefault(_print_of(old[number]), number)
    origin = {number: known[mark] for number in sorted(new) if (mark := _print_of(new[number])) in known}
    if len(origin) < _ENOUGH * min(len(old), len(new)):
        return None
    views: dict[str, Placed] = {}
    first = {source: number for number, source in sorted(origin.items(), reverse=True)}
    for source, number in first.items():
        views |= {old[source][key][0]: new[number][key][1] for key in old[source].keys() & new[number].keys()}
    rest = {name: one for name, one in sides.new.items() if not LAYER.search(name)}
    told = {name: one for name, one in sides.old.items() if name in views or name in rest}
    groups = {
        "kept": origin.values(),
        "dropped": old.keys() - set(origin.values()),
        "new": new.keys() - origin.keys(),
        "repeated as": origin.keys() - set(first.values()),
    }
    words = "; ".join(f"{word} {ranges(numbers)}" for word, numbers in groups.items() if numbers)
    undone = replace(sides, old=told, new={**rest, **views})
    return Layout(undone, "depth-changed", f": {len(old):,} → {len(new):,} ({words})")


def _by_layer(side: Mapping[str, Placed]) -> dict[int, dict[str, tuple[str, Placed]]]:
    """Layer → name with the layer's number left open → the name and the tensor."""
    found: defaultdict[int, dict[str, tuple[str, Placed]]] = defaultdict(dict)
    for name, one in side.items():
        if match := LAYER.search(name):
            found[int(match[1])][f"{name[: match.start()]}#{name[match.end() :]}"] = (name, one)
    return dict(found)


def _print_of(layer: Mapping[str, tuple[str, Placed]]) -> bytes:
    """A layer by the beginnings of its two largest tensors."""
    largest = sorted(layer, key=lambda key: (-layer[key][1].tensor.count, key))[:2]
    return b"".join(key.encode() + beginning(layer[key][1]) for key in largest)


def transposed(sides: Sides) -> Layout | None:
    """Matrices are stored along the other axis: shapes reversed, or square ones whose first row is the first column.

    Raises:
        FileError: If their bytes cannot be read.
    """
    views = _Views()
    for name in [*sides.reshaped, *sides.common]:
        old, new = sides.old[name], sides.new[name]
        shape = old.tensor.shape
        if len(shape) != 2 or shape != new.tensor.shape[::-1]:  # noqa: PLR2004 - a matrix
            continue
        if isinstance(new, Dequantised):
            continue  # its bytes are codes: turned, they would stand for nothing
        if name in sides.reshaped or (_is_turned(old, new) and beginning(old) != beginning(new)):
            views.found[name] = place(replace(new.tensor, shape=shape, order=(1, 0)), new.file)
    learned = sum(sides.old[name].tensor.count for name in sides.reshaped)
    turned = sum(sides.old[name].tensor.count for name in views.found if name in sides.reshaped)
    if not views.found or 2 * turned < learned:
        return None
    undone = replace(sides, new={**sides.new, **views.found})
    return None if undone.reshaped else Layout(undone, "transposed", f": {summary(sorted(views.found), sides.old)}")


def _is_turned(old: Placed, new: Placed) -> bool:
    """Whether the first row of a square matrix is the first column of the other one."""
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    if old.tensor.dtype != new.tensor.dtype or old.tensor.shape[0] > _LARGEST_SQUARE:
        return False
    column = new.rows(0, new.tensor.shape[0])[:, 0]
    return bool(np.array_equal(old.rows(0, 1)[0], column)) and bool(column.any())


def _fused(sides: Sides) -> Layout | None:
    """Several old tensors are one new one, row behind row."""
    views = _Views()
    groups = _groups(sides.removed, sides.old)
    for name in sides.added:
        for old, view in _parts_of(name, sides.new[name], groups, sides.old):
            views.found[old] = view
            views.used.add(name)
    return _explained(sides, views, "fused")


def _split(sides: Sides) -> Layout | None:
    """One old tensor is several new ones: seen the other way, they are its parts."""
    back = _Views()
    groups = _groups(sides.added, sides.new)
    for name in sides.removed:
        for new, view in _parts_of(name, sides.old[name], groups, sides.new):
            back.found[new] = view
            back.used.add(name)
    turned = Sides(sides.new, sides.old, (sides.layers[1], sides.layers[0]))
    found = _explained(turned, back, "split")
    return found and replace(found, sides=replace(sides, old=found.sides.new, new=found.sides.old))


def _slimmed(sides: Sides) -> Layout | None:
    """Rows or columns were cut out of tensors, and what is left are the old values."""
    if not sides.reshaped or sides.gone or is_resized(sides):
        return None
    cut = {name: is_cut_out(sides.old[name], sides.new[name]) for name in sides.reshaped}
    if False in cut.values() or True not in cut.values():
        return None
    return Layout(sides, "slimmed", f": {summary(sides.reshaped, sides.old)}")


_Group: TypeAlias = tuple[tuple[str, ...], str, tuple[int, ...]]
"""Numbers in the name, type, and length of rows: what tensors that are fused have in common."""


def _group(name: str, placed: Placed) -> _Group:
    return tuple(LAYER.findall(name)), placed.tensor.dtype, placed.tensor.shape[1:]


def _groups(names: Iterable[str], side: Mapping[str, Placed]) -> Mapping[_Group, list[str]]:
    found: defaultdict[_Group, list[str]] = defaultdict(list)
    for name in names:
        found[_group(name, side[name])].append(name)
    return found


def _parts_of(
    name: str, whole: Placed, groups: Mapping[_Group, list[str]], side: Mapping[str, Placed]
) -> Iterator[tuple[str, Placed]]:
    """Names of the other side that are rows of one tensor, each with its range; nothing where they leave a gap."""
    shape = whole.tensor.shape
    if not shape or whole.tensor.dtype not in FLOATS or not whole.tensor.count:
        return
    fitting = [
        other for other in groups.get(_group(name, whole), ()) if 0 < (side[other].tensor.shape or (0,))[0] < shape[0]
    ]
    if len(fitting) > _MOST_PARTS:
        return
    chain = _by_content(whole, fitting, side) or _by_name(whole, name, fitting, side)
    width = whole.tensor.count // shape[0]
    row = 0
    for other in chain:
        rows = side[other].tensor.shape[0]
        yield other, part_of(whole, row * width, (row + rows) * width, side[other].tensor.shape)
        row += rows


def _by_content(whole: Placed, fitting: list[str], side: Mapping[str, Placed]) -> list[str]:
    """The tensors that a fused one begins with, row by row; nothing where at some row none begins."""
    starts: defaultdict[bytes, list[str]] = defaultdict(list)
    for other in fitting:
        starts[beginning(side[other])].append(other)
    width = whole.tensor.count // whole.tensor.shape[0]
    chain: list[str] = []
    row = 0
    while row < whole.tensor.shape[0] and len(chain) < _MOST_PARTS:
        for length in sorted({side[other].tensor.count for other in fitting}):
            mark = beginning(part_of(whole, row * width, min(row * width + length, whole.tensor.count), ()))
            if waiting := [one for one in starts.get(mark, ()) if one not in chain]:
                chain.append(waiting[0])
                row += side[waiting[0]].tensor.shape[0]
                break
        else:
            return []
    return chain if row == whole.tensor.shape[0] else []


def _by_name(whole: Placed, name: str, fitting: list[str], side: Mapping[str, Placed]) -> list[str]:
    """The tensors whose names say that they are fused in this one."""
    for parts, fused in _FUSED:
        if not (match := fused.search(name)):
            continue
        chain = [
            other for part in parts for other in fitting if other == name[: match.start()] + part + name[match.end() :]
        ]
        if len(chain) == len(parts) and sum(side[one].tensor.shape[0] for one in chain) == whole.tensor.shape[0]:
            return chain
    return []


def _explained(sides: Sides, views: _Views, what: What) -> Layout | None:
    """The layout, if nearly all that is gone is explained by it."""
    lost = sum(sides.old[name].tensor.count for name in sides.gone)
    kept = sum(sides.old[name].tensor.count for name in views.found if name in sides.old)
    if not views.found or sides.reshaped or kept < _MOST_OF_THEM * lost:
        return None
    rest = {name: one for name, one in sides.new.items() if name not in views.used}
    whole, parts = min(views.used), some(sorted(views.found)[:3])
    told = f": {parts} → {whole}" if what == "fused" else f": {whole} → {parts}"
    return Layout(replace(sides, new={**rest, **views.found}), what, told)


def _alike(one: Placed, other: Placed) -> bool:
    return (one.tensor.dtype, one.tensor.shape) == (other.tensor.dtype, other.tensor.shape)
