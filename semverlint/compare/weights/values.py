"""The numbers of two tensors, compared in blocks in one pass: constant memory, whatever a tensor weighs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from semverlint.compare.weights.checkpoint import Placed
from semverlint.formats.weights.dtypes import LAYOUTS, WHOLE, decode, rounded, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]

BITS = {dtype: length * 8 // values for dtype, (values, length) in LAYOUTS.items()}

BLOCK = 1 << 16
"""Values compared at a time: a quarter megabyte in single precision, so that both sides stay in the cache of a core."""

_NEAR = 1 << 20
"""Bytes read at once from this disk."""

_NEAR_NORMS = 1e4
"""Squared norms of two blocks whose ratio is below this lose no more than a millionth to the cosine rule."""

_FAR = 1 << 23
"""Bytes read at once over a network, where every request waits."""


@dataclass
class Statistics:
    """What one pass over two tensors of equal shape found.

    Attributes:
        count: Values compared.
        changed: Values that differ.
        old_square: Σ old².
        new_square: Σ new².
        difference_square: Σ (new - old)².
        product: Σ old · new.
        largest: max |new - old|.
        new_nan: NaN where a number was.
        new_infinite: Infinities where a number was.
        new_lowest: Of these, the negative ones.
        both_nan: NaN on both sides, which compare as different and are not.
        rounded: Whether every new value is the old one rounded to the new type.
        same: Whether type and bytes are the same.
        old_value: The one value of the old tensor, while every value read so far is that.
        new_value: Likewise of the new one.
    """

    count: int = 0
    changed: int = 0
    old_square: float = 0.0
    new_square: float = 0.0
    difference_square: float = 0.0
    product: float = 0.0
    largest: float = 0.0
    new_nan: int = 0
    new_infinite: int = 0
    new_lowest: int = 0
    both_nan: int = 0
    rounded: bool = True
    same: bool = True
    old_value: float | None = None
    new_value: float | None = None

    @property
    def relative_change(self) -> float:
        """‖new - old‖ / ‖old‖; infinite where the old tensor is all zero and the new one is not."""
        if self.old_square > 0:
            return float((self.difference_square / self.old_square) ** 0.5)
        return float("inf") if self.difference_square > 0 else 0.0

    @property
    def cosine(self) -> float:
        """The cosine of the angle between old and new; 1 for two zero tensors, 0 if only one is zero."""
        norm = self.old_square**0.5 * self.new_square**0.5
        if norm > 0:
            return float(max(-1.0, min(1.0, self.product / norm)))
        return 1.0 if self.old_square == self.new_square else 0.0

    @property
    def changed_share(self) -> float:
        """The share of values that differ."""
        return self.changed / self.count if self.count else 0.0


def same_bytes(old: Placed, new: Placed) -> bool:
    """Whether two tensors of one type and shape hold the same bytes."""
    return all(a == b for a, b in zip(_spans(old, old.tensor.count), _spans(new, new.tensor.count), strict=True))


def compare_values(old: Placed, new: Placed, rows: int | None = None) -> Statistics:
    """One pass over two tensors; where their bytes are the same, only `same` and `count` are filled in.

    Args:
        old: The old tensor.
        new: The new tensor, of the same shape; of more rows, where `rows` is given.
        rows: Compare only so many first rows.

    Raises:
        FileError: If their bytes cannot be read.
    """
    count = old.tensor.count if rows is None else rows * (old.tensor.count // max(old.tensor.shape[0], 1))
    alike = old.tensor.dtype == new.tensor.dtype
    total = Statistics(same=alike)
    skipped = at = 0
    for before, after in _aligned(old, new, count):
        values = min(_values_in(before, old), count - at)
        at += values
        if alike and before == after:
            if total.same and not old.file.remote:
                skipped = at  # the norm of equal values is asked for only if others differ
            else:
                _take_in(total, before, None, old.tensor.dtype, new.tensor.dtype, values)
            continue
        if total.same and skipped:
            for again in _spans(old, skipped):
                part = min(_values_in(again, old), skipped - total.count)
                _take_in(total, again, None, old.tensor.dtype, old.tensor.dtype, part)
        total.same = False
        _take_in(total, before, after, old.tensor.dtype, new.tensor.dtype, values)
    total.count = count
    total.changed -= total.both_nan
    return total


def rows_moved(old: Placed, new: Placed) -> int:
    """How many rows of a matrix are not where they were in one with as many or more rows.

    A row that points elsewhere (cosine below one half) holds another token; training turns rows far less. Rows of zeros
    are padding, which may be filled.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    width = _row_width(old)
    if width is None:
        return old.tensor.shape[0]
    moved = 0
    for before, after in zip(_rows(old, 0, old), _rows(new, 0, old), strict=True):
        a, b = before.reshape(-1, width).astype(np.float64), after.reshape(-1, width).astype(np.float64)
        with np.errstate(all="ignore"):
            norms = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
            moved += int(np.count_nonzero((a * b).sum(axis=1) < norms / 2))
    return moved


def rows_filled(old: Placed, new: Placed) -> bool:
    """Whether the rows behind the old ones hold anything: not all zero, nor one row over and over."""
    import numpy as np  # noqa: PLC0415 - likewise

    width, begin = _row_width(old), old.tensor.shape[0]
    if width is None:
        return True
    first: Floats | None = None
    for block in _rows(new, begin, new):
        rows = block.reshape(-1, width)
        first = rows[0].copy() if first is None else first
        if not np.array_equal(rows, np.broadcast_to(first, rows.shape)):
            return True
    return False


def _row_width(placed: Placed) -> int | None:
    """Values of a row; None where there are no rows to look at one by one."""
    rows = placed.tensor.shape[0] if placed.tensor.shape else 0
    width = placed.tensor.count // max(rows, 1)
    return width if 0 < width <= BLOCK else None


def _rows(placed: Placed, begin: int, until: Placed) -> Iterator["Floats"]:
    """Whole rows from row `begin` to the last row of `until`, in blocks that begin at a whole byte."""
    width = placed.tensor.count // placed.tensor.shape[0]
    bits = BITS[placed.tensor.dtype]
    step = max(8, BLOCK // width // 8 * 8)
    for first in range(begin // 8 * 8, until.tensor.shape[0], step):
        last = min(first + step, until.tensor.shape[0])
        start, stop = first * width * bits // 8, -(-last * width * bits // 8)
        data = placed.file.read(placed.tensor.start + start, placed.tensor.start + stop)
        parts = 2 if placed.tensor.dtype == "C64" else 1
        values = decode(data, placed.tensor.dtype)[: (last - first) * width * parts]
        yield values[max(begin - first, 0) * width * parts :]


def _spans(placed: Placed, count: int) -> Iterator[bytes]:
    """The bytes of the first `count` values, so many blocks at a time as are worth one read."""
    bits = BITS[placed.tensor.dtype]
    block = BLOCK * bits // 8
    step = max((_FAR if placed.file.remote else _NEAR) // block, 1) * block
    end = placed.tensor.start + -(-count * bits // 8)
    for start in range(placed.tensor.start, end, step):
        yield placed.file.read(start, min(start + step, end))


def _aligned(old: Placed, new: Placed, count: int) -> Iterator[tuple[bytes, bytes]]:
    """The spans of two tensors, the same values in both: block by block where their types differ in width."""
    if BITS[old.tensor.dtype] == BITS[new.tensor.dtype] and old.file.remote == new.file.remote:
        yield from zip(_spans(old, count), _spans(new, count), strict=True)
        return
    yield from zip(_blocks(old, count), _blocks(new, count), strict=True)


def _blocks(placed: Placed, count: int) -> Iterator[bytes]:
    width = BLOCK * BITS[placed.tensor.dtype] // 8
    for span in _spans(placed, count):
        for at in range(0, len(span), width):
            yield span[at : at + width]


def _values_in(data: bytes, placed: Placed) -> int:
    return len(data) * 8 // BITS[placed.tensor.dtype]


def _take_in(  # noqa: PLR0913, PLR0917 - two sides, each of its type
    total: Statistics, before: bytes, after: bytes | None, old_dtype: str, new_dtype: str, count: int
) -> None:
    """Add the figures of `count` values; `after` is None where it is known to be the same."""
    import numpy as np  # noqa: PLC0415 - likewise

    old_width, new_width = BLOCK * BITS[old_dtype] // 8, BLOCK * BITS[new_dtype] // 8
    parts = 2 if old_dtype == "C64" else 1  # real and imaginary
    exact = old_dtype == new_dtype and old_dtype in WHOLE
    for number, first in enumerate(range(0, count, BLOCK)):
        values = min(BLOCK, count - first)
        total.count += values
        left = memoryview(before)[number * old_width : (number + 1) * old_width]
        old = decode(left, old_dtype)[: values * parts]
        with np.errstate(all="ignore"):
            if after is None:
                _add_equal(total, old)
                continue
            right = memoryview(after)[number * new_width : (number + 1) * new_width]
            new = decode(right, new_dtype)[: values * parts]
            _add(total, old, new)
            if exact:
                total.changed += int(np.count_nonzero(words(left, old_dtype) != words(right, new_dtype)))
            else:
                total.changed += int(np.count_nonzero(old != new))
            if total.rounded and old_dtype != new_dtype:
                cast = rounded(old, new_dtype)
                total.rounded = cast is not None and bool(np.array_equal(cast, new, equal_nan=True))


def _add_equal(total: Statistics, values: "Floats") -> None:
    import numpy as np  # noqa: PLC0415 - likewise

    square = _dot(values, values)
    if not math.isfinite(square):
        finite = values[np.isfinite(values)].astype(np.float64)
        square = _dot(finite, finite)
    total.old_square += square
    total.new_square += square
    total.product += square
    _watch(total, values, values)


def _add(total: Statistics, old: "Floats", new: "Floats") -> None:
    """The sums of one block, and what in it is no number."""
    import numpy as np  # noqa: PLC0415 - likewise

    difference = new - old
    squares = _dot(old, old), _dot(new, new), _dot(difference, difference)
    if not all(map(math.isfinite, squares)):
        good = np.isfinite(old) & np.isfinite(new)
        if not good.all():
            _add_bad(total, old, new)
            old, new = old[good], new[good]
        # in double precision not even the largest single-precision numbers overflow
        old, new = old.astype(np.float64), new.astype(np.float64)
        difference = new - old
        squares = _dot(old, old), _dot(new, new), _dot(difference, difference)
    total.old_square += squares[0]
    total.new_square += squares[1]
    total.difference_square += squares[2]
    close = max(squares[:2]) < _NEAR_NORMS * min(squares[:2])
    # the cosine rule saves a product, where it does not cancel
    total.product += (squares[0] + squares[1] - squares[2]) / 2 if close else _dot(old, new)
    if difference.size:
        total.largest = max(total.largest, float(difference.max()), -float(difference.min()))
    _watch(total, old, new)


def _add_bad(total: Statistics, old: "Floats", new: "Floats") -> None:
    """Count what is no number: damage is only where a number was."""
    import numpy as np  # noqa: PLC0415 - likewise

    was = np.isfinite(old)
    total.new_nan += int(np.count_nonzero(np.isnan(new) & was))
    total.new_infinite += int(np.count_nonzero(np.isinf(new) & was))
    total.new_lowest += int(np.count_nonzero(np.isneginf(new) & was))
    total.both_nan += int(np.count_nonzero(np.isnan(old) & np.isnan(new)))


def _watch(total: Statistics, old: "Floats", new: "Floats") -> None:
    """Keep the one value of each side while there is only one: NaN once there are two."""
    if not old.size:
        return
    total.old_value = _only(total.old_value, old)
    total.new_value = _only(total.new_value, new)


def _only(known: float | None, values: "Floats") -> float:
    if known is not None and math.isnan(known):
        return known
    first = float(values[0]) if known is None else known
    return first if float(values[-1]) == first and bool((values == first).all()) else math.nan


def _dot(a: "Floats", b: "Floats") -> float:
    """Σ a·b; single precision suffices within a block unless it overflows, blocks are summed in double."""
    import numpy as np  # noqa: PLC0415 - likewise

    product = a @ b
    return float(product if np.isfinite(product) else a.astype(np.float64) @ b.astype(np.float64))
