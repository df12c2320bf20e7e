"""A second look at tensors that moved: what one pass of sums cannot tell. Zeros, ranks, permutations, mixtures.

Each question is asked of a few large matrices first, and of the others only where the answer may be yes.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from semverlint.compare.weights.placed import Placed, row_blocks
from semverlint.compare.weights.remembered import remembering
from semverlint.compare.weights.statistics import BLOCK, Statistics

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Floats

SKETCH, _WIDE_SKETCH = 96, 192
"""Columns of the sketch of a difference: ranks up to two thirds of it are seen. The wider one is for small matrices, in
which fewer directions share the rounding, so that it drowns more: of rank 64 merged into 768 x 768 BF16 by a relative
0.01, the cliff is 1.2 in 96 columns and 2.2 in 192."""
_SMALL = 1 << 23
"""Values of a matrix up to which that costs little."""

_NARROWEST = 3
"""Columns of the smallest sketch in which a rank can be low."""

CLIFF = 1.5
"""Ratio of two neighbouring singular values at which the spectrum of a merged adapter breaks off. Measured on sketches
of adapters merged into bf16: 1.1 to 130; on fine-tunes, whose differences are compressible too, below 1.3."""

_SURE_CLIFF = 5.0
"""A cliff so high is believed although what is behind it is more than rounding: a merge done in half precision."""
_REST = 0.05
"""Share of the difference that may be behind such a cliff."""

ROUNDING: Mapping[str, float] = {
    "F64": 1e-15, "F32": 6e-8, "F16": 2.1e-4, "BF16": 1.66e-3, "F8_E4M3": 2.7e-2, "F8_E5M2": 5.3e-2,
}  # fmt: skip
"""‖rounded - exact‖ / ‖exact‖ by type. BF16 measured; one bit of mantissa more halves it."""

_UNEXPLAINED = 0.5
"""Share of a step that a mixture may leave, if that is no more than rounding: of a small step in BF16 much is that."""

_MOST_SKETCHED = 36
"""Matrices of which a sketch is drawn: spread over the layers, all kinds of them."""

_MOST_PERMUTED = 1 << 24
"""Values of a matrix whose rows are sorted to see whether they were only moved."""

_FEW = 1e-5
"""Relative difference of two norms that are the same but for the order of their sum."""

_PRUNED = 0.02
"""Share of values newly zero from which on zeros are counted."""

_SAMPLES = 4096
"""Values taken of a matrix to find out of which revisions it is mixed."""


@dataclass(frozen=True)
class Rank:
    """The rank of a difference, as far as a sketch can tell.

    Attributes:
        rank: Singular values before the cliff.
        cliff: Ratio of the last of them to the next one.
    """

    rank: int
    cliff: float


@dataclass(frozen=True)
class Zeros:
    """Values that became zero.

    Attributes:
        share: Zeros among the new values.
        before: Zeros among the old ones.
        survivors: Relative L2 change of the values that did not become zero.
        pattern: `2:4` where every four neighbours hold at most two values; empty where there is no pattern.
    """

    share: float
    before: float
    survivors: float
    pattern: str = ""


@remembering(lambda said: Rank(**said) if said else None)
def rank_of(old: Placed, new: Placed) -> Rank | None:
    """The rank of `new - old`, if it is low: a randomised sketch (Halko, Martinsson and Tropp 2011, section 4.1).

    The spectrum must break off (`CLIFF`), and what is behind the break must be no more than rounding to the new type
    leaves. Seeded by the shape: the same tensors give the same answer.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    old, new = (_folded(one) for one in (old, new))
    rows, columns = old.tensor.shape
    width = min(_WIDE_SKETCH if rows * columns <= _SMALL else SKETCH, rows, columns)
    if width < _NARROWEST:
        return None
    if width == columns:
        probe = np.eye(columns, dtype=np.float32)
    else:
        random = np.random.default_rng(columns)
        probe = random.standard_normal((columns, width), dtype=np.float32) / np.float32(math.sqrt(width))
    gram = np.zeros((width, width))
    size = 0.0
    for before, after in row_blocks(old, new, BLOCK):
        with np.errstate(all="ignore"):
            sketch = ((after - before).astype(np.float32, copy=False) @ probe).astype(np.float64)
            gram += sketch.T @ sketch
            size += float(np.square(after, dtype=np.float64).sum())
    if not np.isfinite(gram).all():
        return None
    squares = np.clip(np.linalg.eigvalsh(gram)[::-1], 0, None)
    last = width * 2 // 3
    behind = np.maximum(squares[1 : last + 1], 1e-30 * max(float(squares[0]), 1e-300))
    cliffs = np.sqrt(squares[:last] / behind)
    rank = int(np.argmax(cliffs)) + 1
    cliff = float(cliffs[rank - 1])
    rest = math.sqrt(float(squares[rank:].sum()) * width / max(width - rank, 1))
    total = math.sqrt(float(squares.sum()))
    rounding = 2 * ROUNDING.get(new.tensor.dtype, 0.0) * math.sqrt(size)
    believed = rest <= rounding or (cliff >= _SURE_CLIFF and rest <= _REST * total)
    return Rank(rank, cliff) if cliff >= CLIFF and believed else None


def _folded(placed: Placed) -> Placed:
    """A tensor as the matrix in which a rank shows best.

    That is its first axis by the others, as of convolutions, or the others by its last one, as of stacked matrices.
    """
    shape, count = placed.tensor.shape, placed.tensor.count
    if len(shape) < 2 or not count:  # noqa: PLR2004 - no matrix
        return replace(placed, tensor=replace(placed.tensor, shape=(0, 0)))
    both = (shape[0], count // shape[0]), (count // shape[-1], shape[-1])
    return replace(placed, tensor=replace(placed.tensor, shape=max(both, key=min)))


def to_sketch(names: Sequence[str]) -> list[str]:
    """A few of many matrices, spread evenly over them in the order of their names: every layer and kind has a part."""
    ordered = sorted(names)
    if len(ordered) <= _MOST_SKETCHED:
        return ordered
    step = len(ordered) / _MOST_SKETCHED
    return [ordered[int(number * step)] for number in range(_MOST_SKETCHED)]


@remembering(lambda said: Zeros(**said) if said else None)
def zeros_of(old: Placed, new: Placed) -> Zeros | None:
    """What became zero in a matrix; None where hardly anything did.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    count = was = now = 0
    square = moved = 0.0
    patterns = {"2:4": 4, "4:8": 8, "1:4": 4}
    most = {"2:4": 2, "4:8": 4, "1:4": 1}
    for before, after in row_blocks(old, new, BLOCK):
        zero = after == 0
        count += zero.size
        now += int(np.count_nonzero(zero))
        was += int(np.count_nonzero(before == 0))
        if now - was < _PRUNED * count:
            return None
        kept = np.where(zero, 0, before)
        square += float(np.square(kept, dtype=np.float64).sum())
        moved += float(np.square(np.where(zero, 0, after) - kept, dtype=np.float64).sum())
        for name, group in list(patterns.items()):
            whole = zero.shape[1] % group == 0
            if not whole or (group - zero.reshape(len(zero), -1, group).sum(axis=2)).max() > most[name]:
                del patterns[name]
    survivors = math.sqrt(moved / square) if square else 0.0
    # the tightest pattern that holds, and only if it is what made the zeros: all zero fits every pattern
    pattern = next((name for name in ("1:4", "2:4", "4:8") if name in patterns and now < count), "")
    return Zeros(now / max(count, 1), was / max(count, 1), survivors, pattern)


@dataclass(frozen=True)
class Permutation:
    """How a matrix's rows and columns were moved: digests of the two permutations, empty where nothing moved."""

    rows: str
    columns: str


def permutation_of(old: Placed, new: Placed, figures: Statistics) -> Permutation | None:
    """How rows and columns of a matrix (or the values of a vector) were moved, if that is all that happened.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    shape = old.tensor.shape
    alike = abs(figures.new_square - figures.old_square) <= _FEW * figures.old_square
    if not alike or not shape or old.tensor.count > _MOST_PERMUTED or old.tensor.dtype != new.tensor.dtype:
        return None
    before, after = (
        side.floats(0, side.tensor.count).reshape(shape[0], -1 if old.tensor.count else 1) for side in (old, new)
    )
    rows = _moved(np.sort(before, axis=1), np.sort(after, axis=1))
    columns = _moved(np.sort(before.T, axis=1), np.sort(after.T, axis=1))
    if rows is None or columns is None or not np.array_equal(before[rows][:, columns], after):
        return None
    return Permutation(_told(rows), _told(columns))


def is_same_function(found: Sequence[Permutation]) -> bool:
    """Whether permutations fit together: what one tensor gives in another order, another one takes in that order.

    A permutation of hidden units stands in the rows of one matrix and in the columns of the next, or in the rows of
    several; rows that were shuffled by themselves stand alone.
    """
    told = Counter(one for each in found for one in (each.rows, each.columns) if one)
    return bool(told) and min(told.values()) > 1


def is_cut_out(old: Placed, new: Placed) -> bool | None:
    """Whether a smaller tensor is rows, or columns, of a larger one; None where it is smaller along several axes.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    before, after = old.tensor.shape, new.tensor.shape
    if len(before) != len(after) or old.tensor.dtype != new.tensor.dtype or old.tensor.count > _MOST_PERMUTED:
        return False
    smaller = [axis for axis, (a, b) in enumerate(zip(before, after, strict=True)) if b < a]
    if len(smaller) != 1 or any(b > a for a, b in zip(before, after, strict=True)):
        return None if len(smaller) > 1 else False
    sides = (side.floats(0, side.tensor.count).reshape(side.tensor.shape) for side in (old, new))
    a, b = (
        np.ascontiguousarray(np.moveaxis(side, smaller[0], 0)).reshape(side.shape[smaller[0]], -1) for side in sides
    )
    known = {row.tobytes() for row in a}
    return all(row.tobytes() in known for row in b)


def mixture_of(old: Sequence[Placed], new: Sequence[Placed], others: Sequence[Sequence[Placed]]) -> list[float] | None:
    """The weights by which new tensors are mixed from known revisions: the old one's first, their sum is one.

    Least squares over a sample of every tensor; what remains must be rounding.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    def sample(side: Sequence[Placed]) -> "npt.NDArray[np.float64]":
        return np.concatenate([one.floats(0, min(one.tensor.count, _SAMPLES)).astype(np.float64) for one in side])

    start, end = sample(old), sample(new)
    steps = np.stack([sample(other) - start for other in others], axis=1)
    weights, _, rank, _ = np.linalg.lstsq(steps, end - start, rcond=1e-6)
    rest = float(np.linalg.norm(steps @ weights - (end - start)))
    rounding = max(ROUNDING.get(one.tensor.dtype, 0.0) for one in new) * float(np.linalg.norm(end))
    if rank < len(others) or rest > 3 * rounding or rest > _UNEXPLAINED * float(np.linalg.norm(end - start)):
        return None
    return [1 - float(weights.sum()), *map(float, weights)]


def _moved(before: "Floats", after: "Floats") -> "npt.NDArray[np.intp] | None":
    """Where each row of `after` stood in `before`; None where some row did not. Equal rows keep their order."""
    import numpy as np  # noqa: PLC0415 - likewise

    places: dict[bytes, list[int]] = {}
    for number in range(len(before) - 1, -1, -1):
        places.setdefault(hashlib.blake2b(before[number].tobytes(), digest_size=16).digest(), []).append(number)
    found = []
    for row in after:
        standing = places.get(hashlib.blake2b(row.tobytes(), digest_size=16).digest())
        if not standing:
            return None
        found.append(standing.pop())
    return np.array(found, dtype=np.intp)


def _told(order: "npt.NDArray[np.intp]") -> str:
    import numpy as np  # noqa: PLC0415 - likewise

    if np.array_equal(order, np.arange(len(order))):
        return ""
    return hashlib.blake2b(order.astype("<i8").tobytes(), digest_size=8).hexdigest()
