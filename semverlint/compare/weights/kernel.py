"""The inner loop over two tensors of equal type: the figures of a block in few calls of numpy, in memory made once."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from semverlint.compare.weights.statistics import Statistics, add_any, add_same, parts, watch
from semverlint.formats.weights.dtypes import OVERFLOW, SPREAD, bytes_of, code_of, decode, spreading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Bytes, Floats

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
            add_any(total, before, after, types, count)

    def add_same(self, total: Statistics, dtype: str, count: int) -> None:
        """Add the figures of values that are the same on both sides, and stand in the room of the old one."""
        total.count += count
        add_same(total, self._widened(dtype, count))

    def _widened(self, dtype: str, count: int) -> "Floats":
        """The values of the old side as numbers, in any order."""
        ready = self._ready(dtype, count)
        if ready is not None and ready.is_finite(ready.codes[:1]):
            _run(ready.widening_old)
            return ready.old
        return decode(self.rooms([dtype], count)[0], dtype)[: count * parts(dtype)]

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
        watch(total, a, ready.new)
        np.subtract(ready.new, a, d)  # mostly in place: what fits the cache is worth more than what is kept
        old, moved, across = float(dot(a, a)), float(dot(d, d)), float(dot(a, d))
        if not old + moved < ready.overflow and not ready.is_finite(ready.codes):  # nor where it is NaN
            total.old_value, total.new_value = alone
            return False
        np.not_equal(d, 0, ready.differs)
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
        limit = OVERFLOW.get(dtype, _LARGEST)
        self.overflow = limit**2 / 4  # one infinity or NaN alone reaches it
        self.differs = np.empty(count, np.bool_)
        self.codes = memory.view(SPREAD[dtype])
        self._too_large = code_of(limit, dtype)
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

    def is_finite(self, codes: "npt.NDArray[np.unsignedinteger[Any]]") -> bool:
        """Whether all of these codes stand for numbers, and small enough ones for the fast way.

        Codes of one sign are in the order of the numbers: the largest with and without the sign decide.
        """
        signed = codes.view(f"i{codes.itemsize}")
        negative = 1 << (8 * codes.itemsize - 1)
        return int(signed.max()) < self._too_large and int(codes.max()) < negative + self._too_large
