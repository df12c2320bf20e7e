"""What a page draws of a checkpoint: the tensors that stayed, and how far the values of the largest movers moved."""

from collections.abc import Iterator, Mapping

from semverlint.changes.weights import SPREAD_STEPS, WeightsMap
from semverlint.compare.pair import Pair
from semverlint.compare.weights.kinds import has_distance, is_readable
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.statistics import BLOCK, Statistics
from semverlint.compare.weights.structure import Sides

_MOVERS = 12
"""Tensors whose values are counted: what fits on a page."""
_BLOCKS = 4
"""Blocks of a tensor that are looked at, spread evenly over it: a million values show a distribution."""


def drawn(pair: Pair, path: str, sides: Sides, moved: Mapping[str, Statistics]) -> Iterator[WeightsMap]:
    """One change a checkpoint, where a page will be drawn; nothing else has a use for it.

    Raises:
        FileError: If some bytes cannot be read.
    """
    if not pair.options.drawn:
        return
    known = {name for name in sides.common if is_readable(sides.old[name]) and is_readable(sides.new[name])}
    went = [name for name, figures in moved.items() if name in known and figures.difference_square > 0]
    still = known.difference(went)
    kept = tuple(name for name in sides.common if name in still)
    movers = sorted(
        (name for name in went if _is_near(sides, name)), key=lambda name: (-moved[name].relative_change, name)
    )
    spread = {
        name: _spread(sides.old[name], sides.new[name], (moved[name].old_square / moved[name].count) ** 0.5)
        for name in movers[:_MOVERS]
    }
    yield WeightsMap(path=path, kept=kept, spread=spread)


def _is_near(sides: Sides, name: str) -> bool:
    """Whether values have a distance, and looking at them again costs no download."""
    old, new = sides.old[name], sides.new[name]
    return has_distance(old, new) and not old.file.remote and not new.file.remote


def _spread(old: Placed, new: Placed, scale: float) -> tuple[int, ...]:
    """How many values moved how far, in root mean squares of the old tensor; what is no number is left out."""
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    total = old.tensor.count
    blocks = -(-total // BLOCK)
    chosen = sorted({blocks * place // _BLOCKS for place in range(_BLOCKS)})
    counts = np.zeros(len(SPREAD_STEPS) + 1, np.int64)
    with np.errstate(all="ignore"):
        for block in chosen:
            span = block * BLOCK, min((block + 1) * BLOCK, total)
            moves = np.abs(new.floats(*span).astype(np.float64) - old.floats(*span)) / (scale or 1.0)
            places = np.searchsorted(SPREAD_STEPS, moves[np.isfinite(moves)])
            counts += np.bincount(places, minlength=len(counts))
    return tuple(int(count) for count in counts)
