"""What one pass over two tensors finds, and the inner loop that finds it, block by block."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from semverlint.formats.weights.dtypes import OVERFLOW, SPREAD, WHOLE, bytes_of, decode, rounded, spreading, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Bytes = npt.NDArray[np.uint8]

BLOCK = 1 << 18
"""Values compared at a time: a megabyte in single precision. Larger blocks leave the cache; over smaller ones two
threads spend their time handing the interpreter to each other (both measured, `benchmarks/weights.py`)."""

_CANCELS = 1e-3
"""The new square norm follows from the old one and the difference; below this share of the old one too little is left
of it, and it is summed by itself."""

_LARGEST = 1e18
"""A number whose square single precision still holds."""

_LINE = 64
"""Bytes that memory hands over at once."""
_ROW = 4096
_SHORTEST_ROW = 256
"""Values summed at a time."""


@dataclass
class Statistics:
    """What one pass over two tensors of equal shape found.

    Attributes:
        count: Values compared.
        changed: Values that differ.
        old_sum: Σ old.
        new_sum: Σ new.
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
        skipped: Values at the beginning that are the same and were not added to the sums.
        old_value: The one value of the old tensor, while every value read so far is that; NaN once there are two.
        new_value: Likewise of the new one.
    """

    count: int = 0
    changed: int = 0
    old_sum: float = 0.0
    new_sum: float = 0.0
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
    skipped: int = 0
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

    @property
    def mean_shift(self) -> float:
        """By how many old standard deviations the mean moved; 0 where the old values were all one number."""
        deviation = _deviation(self.old_sum, self.old_square, self.count)
        return (self.new_sum - self.old_sum) / self.count / deviation if deviation > 0 else 0.0

    @property
    def spread(self) -> float:
        """New standard deviation over the old one; 1 where the old values were all one number."""
        deviation = _deviation(self.old_sum, self.old_square, self.count)
        return _deviation(self.new_sum, self.new_square, self.count) / deviation if deviation > 0 else 1.0

    def include(self, other: "Statistics") -> None:
        """Take in what was found of another part of the same two tensors."""
        for one in fields(self):
            mine, others = getattr(self, one.name), getattr(other, one.name)
            match one.name:
                case "rounded" | "same":
                    setattr(self, one.name, mine and others)
                case "largest":
                    self.largest = max(mine, others)
                case "old_value" | "new_value":
                    setattr(self, one.name, _either(mine, others))
                case _:
                    setattr(self, one.name, mine + others)


class Kernel:
    """The inner loop with its memory: one a thread. A block's bytes are written to its `rooms`, then added."""

    def __init__(self) -> None:
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        self._memory = np.empty((2, 0), np.uint8)
        self._prepared: dict[tuple[str, int], _Prepared] = {}

    def rooms(self, types: Sequence[str], count: int) -> "list[Bytes]":
        """Where the bytes of so many values of the old side belong, and of the new one: one of each type."""
        import numpy as np  # noqa: PLC0415 - likewise

        lengths = [bytes_of(dtype, count) for dtype in types]
        if max(lengths) > self._memory.shape[1]:
            self._memory = np.empty((2, -(-max(lengths) // _LINE) * _LINE), np.uint8)
            self._prepared.clear()
        return [side[:length] for side, length in zip(self._memory, lengths, strict=False)]

    def add(self, total: Statistics, types: tuple[str, str], count: int) -> None:
        """Add the figures of the `count` values of two types that stand in `rooms`."""
        total.count += count
        if types[0] != types[1] or not self._add_fast(total, types[0], count):
            before, after = self.rooms(types, count)
            _add_any(total, before, after, types, count)

    def add_same(self, total: Statistics, dtype: str, count: int) -> None:
        """Add the figures of values that are the same on both sides, and stand in the room of the old one."""
        import numpy as np  # noqa: PLC0415 - likewise

        total.count += count
        values = self._widened(dtype, count)
        square, ends = _dot(values, values), _sum(values)
        if not math.isfinite(square):
            finite = values[np.isfinite(values)].astype(np.float64)
            square, ends = _dot(finite, finite), _sum(finite)
        total.old_square += square
        total.new_square += square
        total.product += square
        total.old_sum += ends
        total.new_sum += ends
        _watch(total, values, values)

    def _widened(self, dtype: str, count: int) -> "Floats":
        """The values of the old side as numbers, in any order."""
        ready = self._ready(dtype, count)
        if ready is not None:
            _run(ready.widening_old)
            if bool((abs(ready.old) < ready.limit).all()):
                return ready.old
        return decode(self.rooms([dtype], count)[0], dtype)[: count * _parts(dtype)]

    def _ready(self, dtype: str, count: int) -> "_Prepared | None":
        """What the fast way needs for such a block; None where it cannot be gone."""
        if dtype not in SPREAD or bytes_of(dtype, count) % 4:
            return None
        self.rooms([dtype], count)  # making room forgets what was prepared
        if (dtype, count) not in self._prepared:
            self._prepared[dtype, count] = _Prepared(self._memory[:, : bytes_of(dtype, count)], dtype, count)
        return self._prepared[dtype, count]

    def _add_fast(self, total: Statistics, dtype: str, count: int) -> bool:
        """The fast way, of two equal types: sums ask for no order. False where it cannot be gone.

        Every call of numpy here lets other threads run, and what is done between them does not: so little is.
        """
        import numpy as np  # noqa: PLC0415 - likewise

        ready = self._ready(dtype, count)
        if ready is None:
            return False
        _run(ready.widening)
        a, d, dot = ready.old, ready.difference, np.dot  # unlike `@`, dot lets other threads run
        alone = total.old_value, total.new_value
        _watch(total, a, ready.new)
        np.subtract(ready.new, a, d)  # mostly in place: what fits the cache is worth more than what is kept
        old, moved, across = float(dot(a, a)), float(dot(d, d)), float(dot(a, d))
        if not old + moved < ready.overflow and not ready.is_finite():  # nor where it is NaN
            total.old_value, total.new_value = alone
            return False
        np.not_equal(ready.bits[0], ready.bits[1], ready.differs)
        if moved:  # 0 and -0 are one number
            total.changed += int(np.count_nonzero(ready.differs))
        ends = ready.sum_of(ready.old_rows)
        total.old_sum += ends
        total.new_sum += ends + ready.sum_of(ready.difference_rows)
        total.largest = max(total.largest, float(np.maximum.reduce(d)), -float(np.minimum.reduce(d)))
        new, product = old + 2 * across + moved, old + across
        if new < _CANCELS * old:
            _run(ready.widening)
            new, product = float(dot(ready.new, ready.new)), float(dot(a, ready.new))
        total.old_square += old
        total.new_square += new
        total.difference_square += moved
        total.product += product
        return True


_Step: TypeAlias = "tuple[np.ufunc, Any, Any, Any]"
"""A function of numpy, its two arguments and where it writes."""


def _run(steps: Sequence[_Step]) -> None:
    for step, one, other, out in steps:
        step(one, other, out)


class _Prepared:
    """Everything the fast way needs for blocks of one type and length, views and scratch memory, made once."""

    def __init__(self, memory: "Bytes", dtype: str, count: int) -> None:
        import numpy as np  # noqa: PLC0415 - likewise

        self.old: Floats
        self.new: Floats
        self.difference: Floats
        self.limit = OVERFLOW.get(dtype, _LARGEST)
        self.overflow = self.limit**2 / 4  # one infinity or NaN alone reaches it
        self.differs = np.empty(count, np.bool_)
        self.bits = memory.view(SPREAD[dtype])
        self.widening: list[_Step] = []
        self.widening_old: list[_Step] = []
        if dtype == "F32":
            self.old, self.new = memory.view("<f4")
            self.difference = np.empty(count, np.float32)
        else:
            numbers = np.empty((2, count), np.float32)
            self.widening = spreading(memory.view("<i4"), dtype, numbers)
            self.widening_old = spreading(memory[:1].view("<i4"), dtype, numbers[:1])
            self.old, self.new = numbers
            self.difference = self.new  # can be widened again
        width = math.gcd(count, _ROW)
        width = width if width >= _SHORTEST_ROW else count
        self._ones = np.ones(max(width, count // width), np.float32)
        self.old_rows, self.difference_rows = (side.reshape(-1, width) for side in (self.old, self.difference))

    def sum_of(self, rows: "Floats") -> float:
        """The sum of a block by rows: twice as fast as a product with as many ones, which leave the cache."""
        import numpy as np  # noqa: PLC0415 - likewise

        return float(np.dot(np.dot(rows, self._ones[: rows.shape[1]]), self._ones[: rows.shape[0]]))

    def is_finite(self) -> bool:
        """Whether every number of both sides is one, and small enough for the fast way."""
        _run(self.widening)
        finite = all(bool((abs(side) < self.limit).all()) for side in (self.old, self.new))
        if finite and self.difference is self.new:
            self.difference -= self.old
        return finite


def _add_any(total: Statistics, before: "Bytes", after: "Bytes", types: tuple[str, str], count: int) -> None:
    """The plain way: any two types, and numbers that are none."""
    import numpy as np  # noqa: PLC0415 - likewise

    old, new = (
        decode(data, dtype)[: count * _parts(dtype)] for data, dtype in zip((before, after), types, strict=True)
    )
    _add_sums(total, old, new)
    if types[0] == types[1] and types[0] in WHOLE:
        total.changed += int(np.count_nonzero(words(before, types[0]) != words(after, types[1])))
    else:
        total.changed += int(np.count_nonzero(old != new))
    if total.rounded and types[0] != types[1]:
        cast = rounded(old, types[1])
        total.rounded = cast is not None and bool(np.array_equal(cast, new, equal_nan=True))


def _parts(dtype: str) -> int:
    """Numbers of one value: a complex one is two."""
    return 2 if dtype in {"C64", "C128"} else 1


def add_numbers(total: Statistics, old: "Floats", new: "Floats") -> None:
    """Add the figures of values that are numbers already."""
    import numpy as np  # noqa: PLC0415 - likewise

    total.count += len(old)
    total.changed += int(np.count_nonzero(old != new))
    _add_sums(total, old, new)


def _add_sums(total: Statistics, old: "Floats", new: "Floats") -> None:
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
    total.old_sum += _sum(old)
    total.new_sum += _sum(new)
    total.old_square += squares[0]
    total.new_square += squares[1]
    total.difference_square += squares[2]
    total.product += _dot(old, new)
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
    if old.size and not (_is_nan(total.old_value) and _is_nan(total.new_value)):
        total.old_value = _only(total.old_value, old)
        total.new_value = _only(total.new_value, new)


def _is_nan(value: float | None) -> bool:
    return value is not None and math.isnan(value)


def _only(known: float | None, values: "Floats") -> float:
    if known is not None and math.isnan(known):
        return known
    first = float(values[0]) if known is None else known
    return first if float(values[-1]) == first and bool((values == first).all()) else math.nan


def _either(one: float | None, other: float | None) -> float | None:
    """The one value of two parts: that of both, or of the one that has been read; NaN where they differ."""
    if one is None or other is None:
        return other if one is None else one
    return one if one == other else math.nan


def _deviation(total: float, square: float, count: int) -> float:
    return float(max(0.0, square / count - (total / count) ** 2) ** 0.5) if count else 0.0


def _sum(values: "Floats") -> float:
    import numpy as np  # noqa: PLC0415 - likewise

    return float(values.sum(dtype=np.float64)) if values.size else 0.0


def _dot(a: "Floats", b: "Floats") -> float:
    """Σ a·b; single precision suffices within a block unless it overflows, blocks are summed in double."""
    import numpy as np  # noqa: PLC0415 - likewise

    product = a @ b
    return float(product if np.isfinite(product) else a.astype(np.float64) @ b.astype(np.float64))
