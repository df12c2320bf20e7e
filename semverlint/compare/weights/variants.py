"""Whether the variants of one set of weights (`model.onnx`, `model_fp16.onnx`) are still variants of one model.

What happened to each says so where some moved and others did not. Where several were made again, or one is new, they
are held against each other by value: a bounded part of their large matrices.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from semverlint.changes.base import Change
from semverlint.changes.weights import What
from semverlint.changes.weights_coherence import VariantLeftBehind, VariantsApart
from semverlint.compare.pair import Pair
from semverlint.compare.weights.afar import Task
from semverlint.compare.weights.checkpoint import STANDARD, Checkpoint, loaded
from semverlint.compare.weights.kinds import is_readable, large_matrices, type_of
from semverlint.compare.weights.placed import Dequantised, Placed
from semverlint.compare.weights.quantised import dequantised
from semverlint.compare.weights.sources import by_role, why_unread
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.traits import ROUNDING
from semverlint.compare.weights.values import compare_all
from semverlint.errors import FileError
from semverlint.formats.weights.dtypes import BLOCKS, FLOATS
from semverlint.snapshot import Snapshot

_SAME_MODEL = frozenset(
    {"identical", "reserialised", "resharded", "reordered", "renamed", "cast-lossless", "cast-lossy"}
)
"""Kinds after which variants still are variants of one model."""
_AVERAGED = re.compile(r"[-_.](?:non_)?ema(?=[-_.]|$)", re.IGNORECASE)
"""Averages over the training are meant to be other numbers than the last step's."""
_MOST_VALUES = 1 << 26
"""Values of a variant that are compared: a third of a second's reading."""
_COMPARABLE = 0.5
"""Share of the large matrices' parameters that must have the same names and shapes in both."""
_ROUNDED = 4.0
"""Distances of two rounded copies stay below this many times what one rounding leaves."""
_NOISE = 1e-3
"""Relative distance that exporters leave between copies of one type, where they fold constants."""
_CODED = 0.8
"""Cosine that even codes of two bits keep to the numbers they stand for (error 0.3 to 0.5)."""


def variants_in_step(
    pair: Pair, old: Mapping[str, Checkpoint], new: Mapping[str, Checkpoint], told: Mapping[str, What]
) -> Iterator[Change]:
    """Variants of which some moved and others did not, or that are no longer the same model.

    Args:
        pair: The two revisions.
        old: The old checkpoints by key.
        new: The new ones.
        told: What happened to those that both revisions have.
    """
    families: defaultdict[tuple[str, str], list[Checkpoint]] = defaultdict(list)
    for key in new:
        families[new[key].family].append(new[key])
    for members in _joined(families):
        behind = list(_left_behind([one for one in members if one.key in old], told))
        yield from behind
        if not behind and len(members) > 1:
            yield from _apart(pair, old, members)


def _joined(families: Mapping[tuple[str, str], list[Checkpoint]]) -> Iterator[list[Checkpoint]]:
    """Families, those of GGUF with the model they stand beside: its files bear the model's name, not `model`.

    Where a folder holds several models, in either form, nobody can tell which belong together.
    """
    models = [
        members
        for members in families.values()
        if any(one.stem in STANDARD and not _is_of_blocks(one) for one in members)
    ]
    blocks = [members for members in families.values() if all(_is_of_blocks(one) for one in members)]
    joined = models[0] + blocks[0] if len(models) == len(blocks) == 1 else None
    for members in families.values():
        if joined is None or members not in (models[0], blocks[0]):
            yield members
    if joined is not None:
        yield joined


def _is_of_blocks(one: Checkpoint) -> bool:
    return one.ending == ".gguf" and not one.stem.startswith("mmproj")


def _left_behind(members: list[Checkpoint], told: Mapping[str, What]) -> Iterator[VariantLeftBehind]:
    # one variant made again says nothing of the model; the model made again says it of every variant
    moved = [one for one in members if told.get(one.key, "identical") not in _SAME_MODEL and not one.derived]
    unread = all(told[one.key] == "unknown" for one in moved)
    for one in members:
        same_again = one.key in told and unread  # written again beside one nobody read, which may be just that
        if moved and told.get(one.key, "identical") in _SAME_MODEL and not same_again:
            twin = not one.derived and one.ending != moved[0].ending
            yield VariantLeftBehind(path=one.anchor, already=False, moved=moved[0].anchor, twin=twin)


def _apart(pair: Pair, old: Mapping[str, Checkpoint], members: list[Checkpoint]) -> Iterator[VariantsApart]:
    """Each variant that a change touches, held against the model itself."""
    model = next((one for one in members if not one.derived), members[0])
    touched = {one.key for one in members if pair.touched.intersection((*one.paths, one.index or ""))}
    for one in members:
        averaged = {bool(_AVERAGED.search(each.key)) for each in (one, model)}
        if one is model or len(averaged) > 1 or not (pair.options.full or touched & {one.key, model.key}):
            continue
        with pair.attempt(one.anchor):
            found = _distance(pair.new, model, one)
            if found is None:
                continue
            percent, distance = found
            before = [old[each.key] for each in (model, one) if each.key in old]
            already = len(before) > 1 and _distance(pair.old, before[0], before[1]) is not None
            yield VariantsApart(
                path=one.anchor, already=already, other=model.anchor, percent=percent, relative_change=distance
            )


def _distance(snapshot: Snapshot, model: Checkpoint, variant: Checkpoint) -> tuple[int, float] | None:
    """Percent of the parameters that are apart, and how far; None where most are not, or nobody can tell.

    Raises:
        FileError: If a value cannot be read.
    """
    try:
        if why_unread(snapshot, model) or why_unread(snapshot, variant):
            return None
        paths = loaded(snapshot, model), loaded(snapshot, variant)
        first, second = by_role(Pair(snapshot, snapshot), paths)
    except FileError:
        return None  # told where the checkpoint itself is compared
    one, other = dequantised(first), dequantised(second)
    names = _compared(one, other)
    if not names:
        return None
    figures = compare_all({name: Task(one[name], other[name]) for name in names})
    total = sum(one[name].tensor.count for name in names)
    far = [name for name in names if _is_far(one[name], other[name], figures[name])]
    held = sum(one[name].tensor.count for name in far)
    if 2 * held <= total:
        return None
    square = sum(one[name].tensor.count / held * min(figures[name].relative_change, 1e3) ** 2 for name in far)
    return round(100 * held / total), float(f"{square**0.5:.4g}")


def _compared(one: Mapping[str, Placed], other: Mapping[str, Placed]) -> list[str]:
    """Large matrices that both hold as numbers, up to a bound; nothing where most of them are not in both.

    Values that would have to be downloaded are left alone: the release is judged without them.
    """
    large = large_matrices(one)
    alike = [
        name
        for name in large
        if name in other
        and one[name].tensor.shape == other[name].tensor.shape
        and all(_is_number(each) and is_readable(each) and not each.file.remote for each in (one[name], other[name]))
    ]
    if sum(one[name].tensor.count for name in alike) < _COMPARABLE * sum(one[name].tensor.count for name in large):
        return []
    names: list[str] = []
    left = _MOST_VALUES
    for name in sorted(alike, key=lambda name: (one[name].tensor.count, name)):
        left -= one[name].tensor.count
        if left < 0 and names:
            break
        names.append(name)
    return names


def _is_number(placed: Placed) -> bool:
    """Whether a tensor's values are the model's numbers, not codes of a scale nobody knows."""
    return isinstance(placed, Dequantised) or placed.tensor.dtype in FLOATS or placed.tensor.dtype in BLOCKS


def _is_far(one: Placed, other: Placed, figures: Statistics) -> bool:
    """Whether two copies of a tensor are further apart than their types explain."""
    if figures.same or not figures.changed:
        return False
    types = type_of(one), type_of(other)
    if any(each not in FLOATS for each in types):
        return figures.cosine < _CODED
    return figures.relative_change > max(_NOISE, *(_ROUNDED * ROUNDING[each] for each in types))
