"""The same numbers in tensors of other shapes: transposed, fused, split, tied, or in layers of other numbers.

What is found is undone: the new tensors are seen as the old ones were laid out, so that their values can be compared
one by one. Nothing is copied; a part of a fused tensor is one or several ranges of its bytes.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from semverlint.changes.weights import What
from semverlint.compare.weights.fusions import Fusions, fusions
from semverlint.compare.weights.kinds import is_readable
from semverlint.compare.weights.names import in_words, module_of, ranges, renamed, summary
from semverlint.compare.weights.placed import Dequantised, Placed, beginning, place
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.structure import EMBEDDINGS, LAYER, Sides, by_headers, is_resized
from semverlint.compare.weights.traits import is_cut_out
from semverlint.compare.weights.values import same_bytes
from semverlint.formats.weights.base import MOST_HELD
from semverlint.formats.weights.dtypes import FLOATS
from semverlint.text import some

if TYPE_CHECKING:
    from semverlint.compare.weights.statistics import Floats

_RELATED = 0.5
"""Cosine below which a tensor has nothing of what it was."""
_LARGEST_SQUARE = 2048
"""Rows of a square matrix up to which all are read for its first column."""
_SAMPLE = 2048
"""Values of a tensor by which a layer is recognised."""
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
    origin = _origins(old, new)
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


_Layer: TypeAlias = Mapping[str, tuple[str, Placed]]


def _origins(old: Mapping[int, _Layer], new: Mapping[int, _Layer]) -> dict[int, int]:
    """New layer → the old one that it is, trained further perhaps: the first of several that are alike."""
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    found: dict[int, int] = {}
    before = {number: _sample_of(layer) for number, layer in sorted(old.items())}
    for number, layer in sorted(new.items()):
        keys, sample = _sample_of(layer)
        likeness = {
            other: round(float(np.dot(sample, known)), 5)
            for other, (names, known) in before.items()
            if names == keys and known.shape == sample.shape
        }
        nearest = max(likeness, key=lambda other: (likeness[other], -other), default=0)
        if likeness.get(nearest, 0.0) >= _RELATED:
            found[number] = nearest
    return found


def _sample_of(layer: _Layer) -> tuple[list[str], "Floats"]:
    """A layer by the names and first values of its two largest tensors, centred and of length one."""
    import numpy as np  # noqa: PLC0415 - likewise

    largest = sorted(layer, key=lambda key: (-layer[key][1].tensor.count, key))[:2]
    told = [layer[key][1] for key in largest if is_readable(layer[key][1])]
    values = [one.floats(0, min(one.tensor.count, _SAMPLE)).astype(np.float64) for one in told]
    with np.errstate(all="ignore"):
        centred = np.concatenate([one - one.mean() for one in values]) if values else np.zeros(0)
        norm = float(np.linalg.norm(centred))
    return largest, centred / norm if norm > 0 and math.isfinite(norm) else np.zeros(0)


def transposed(sides: Sides) -> Layout | None:
    """Matrices are stored along the other axis: shapes reversed, or square ones whose first row is the first column.

    Raises:
        FileError: If their bytes cannot be read.
    """
    found: dict[str, Placed] = {}
    for name in [*sides.reshaped, *sides.common]:
        old, new = sides.old[name], sides.new[name]
        shape = old.tensor.shape
        if len(shape) != 2 or shape != new.tensor.shape[::-1]:  # noqa: PLR2004 - a matrix
            continue
        if isinstance(new, Dequantised):
            continue  # its bytes are codes: turned, they would stand for nothing
        if name in sides.reshaped or (_is_turned(old, new) and beginning(old) != beginning(new)):
            found[name] = _turned(new)
    learned = sum(sides.old[name].tensor.count for name in sides.reshaped)
    turned = sum(sides.old[name].tensor.count for name in found if name in sides.reshaped)
    if not found or 2 * turned < learned:
        return None
    undone = replace(sides, new={**sides.new, **found})
    return None if undone.reshaped else Layout(undone, "transposed", f": {summary(sorted(found), sides.old)}")


def turned_besides(sides: Sides) -> Layout | None:
    """Matrices are stored along the other axis, and have other names or are fused as well.

    Raises:
        FileError: If a tensor's bytes cannot be read.
    """
    views = {name: _turned(sides.new[name]) for name in sides.added if _may_be_turned(name, sides.new[name])}
    if not sides.gone or not views:
        return None
    seen = replace(sides, new={**sides.new, **views})
    if mapping := renamed(seen.removed, seen.added, seen.old, seen.new):
        under_new_names = {mapping.get(name, name): placed for name, placed in seen.old.items()}
        told = f": {summary(sorted(views), sides.new)}; renamed: {in_words(mapping)}"
        return Layout(replace(seen, old=under_new_names), "transposed", told)
    found = _fused(seen) or _split(seen)
    return found and replace(found, detail=f"{found.detail}; transposed")


def _may_be_turned(name: str, placed: Placed) -> bool:
    """Whether a tensor may be a matrix along the other axis: not a table of tokens, nor codes."""
    fits = len(placed.tensor.shape) == 2 and placed.tensor.stop - placed.tensor.start <= MOST_HELD  # noqa: PLR2004 - a matrix
    return fits and placed.tensor.dtype in FLOATS and not (placed.file.remote or EMBEDDINGS.search(name))


def _turned(placed: Placed) -> Placed:
    """A matrix as it is along its other axis."""
    return place(replace(placed.tensor, shape=placed.tensor.shape[::-1], order=(1, 0)), placed.file)


def exchanged(sides: Sides, moved: Mapping[str, Statistics]) -> Layout | None:
    """Tensors hold what others of their shape held before: names were exchanged, or layers stand in another order.

    Args:
        sides: Both checkpoints.
        moved: The figures of every tensor that differs.

    Raises:
        FileError: If a tensor's first bytes cannot be read.
    """
    strangers = [name for name, figures in moved.items() if figures.cosine < _RELATED and name in sides.old]
    if len(strangers) < 2 or any(sides.new[name].file.remote for name in strangers):  # noqa: PLR2004 - one has nobody to change places with
        return None
    marks: dict[bytes, list[str]] = {}
    for name in moved:
        marks.setdefault(beginning(sides.old[name]), []).append(name)
    origin: dict[str, Placed] = {}
    for name in moved:
        same = [one for one in marks.get(beginning(sides.new[name]), ()) if _alike(sides.old[one], sides.new[name])]
        if len(same) == 1 and same[0] != name:
            origin[name] = sides.old[same[0]]
    found = [name for name in strangers if name in origin]
    held = sum(sides.old[name].tensor.count for name in found)
    if held < _MOST_OF_THEM * sum(sides.old[name].tensor.count for name in strangers):
        return None
    detail = f": {summary(found, sides.old)} hold what others of them held"
    return Layout(replace(sides, old={**sides.old, **origin}), "renamed", detail)


def _is_turned(old: Placed, new: Placed) -> bool:
    """Whether the first row of a square matrix is the first column of the other one."""
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    if old.tensor.dtype != new.tensor.dtype or old.tensor.shape[0] > _LARGEST_SQUARE:
        return False
    column = new.rows(0, new.tensor.shape[0])[:, 0]
    return bool(np.array_equal(old.rows(0, 1)[0], column)) and bool(column.any())


def _fused(sides: Sides) -> Layout | None:
    """Several old tensors are one new one, row behind row or block of rows behind block of rows."""
    return _explained(sides, fusions(sides.removed, sides.old, sides.added, sides.new), "fused")


def _split(sides: Sides) -> Layout | None:
    """One old tensor is several new ones: seen the other way, they are its parts."""
    turned = Sides(sides.new, sides.old, (sides.layers[1], sides.layers[0]))
    found = _explained(turned, fusions(sides.added, sides.new, sides.removed, sides.old), "split")
    return found and replace(found, sides=replace(sides, old=found.sides.new, new=found.sides.old))


def _slimmed(sides: Sides) -> Layout | None:
    """Rows or columns were cut out of tensors, and what is left are the old values."""
    if not sides.reshaped or sides.gone or is_resized(sides):
        return None
    cut = {name: is_cut_out(sides.old[name], sides.new[name]) for name in sides.reshaped}
    if False in cut.values() or True not in cut.values():
        return None
    return Layout(sides, "slimmed", f": {summary(sides.reshaped, sides.old)}")


def _explained(sides: Sides, parts: Fusions, what: What) -> Layout | None:
    """The layout, if nearly all that is gone is explained by it, what is left perhaps by other names."""
    if not parts.views or sides.reshaped:
        return None
    left = [name for name in sides.removed if name not in parts.views]
    mapping = renamed(left, [name for name in sides.added if name not in parts.wholes], sides.old, sides.new)
    views = parts.views | {name: sides.new[other] for name, other in mapping.items()}
    lost = sum(sides.old[name].tensor.count for name in sides.gone)
    if sum(sides.old[name].tensor.count for name in views if name in sides.old) < _MOST_OF_THEM * lost:
        return None
    used = {*parts.wholes, *mapping.values()}
    rest = {name: one for name, one in sides.new.items() if name not in used}
    told = _in_modules(parts, what)
    if mapping:
        straight = mapping if what == "fused" else {new: old for old, new in mapping.items()}
        told += f"; others renamed: {in_words(straight)}"
    return Layout(replace(sides, new={**rest, **views}), what, told)


def _in_modules(parts: Fusions, what: What) -> str:
    """Which modules became which: the kinds of modules that occur, layers left out."""
    kinds = dict.fromkeys(
        (some(dict.fromkeys(module_of(name) for name in names), 4), module_of(whole))
        for whole, names in sorted(parts.wholes.items())
    )
    told = some([f"{few} → {whole}" if what == "fused" else f"{whole} → {few}" for few, whole in kinds], 2)
    return f": {told}" + (f", {parts.groups:,} blocks of each in turn" if parts.groups > 1 else "")


def _alike(one: Placed, other: Placed) -> bool:
    return (one.tensor.dtype, one.tensor.shape) == (other.tensor.dtype, other.tensor.shape)
