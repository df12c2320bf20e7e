"""What one pass over two tensors finds, and the plain way to find it, block by block."""

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from semverlint.formats.weights.dtypes import WHOLE, decode, rounded, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Bytes = npt.NDArray[np.uint8]

BLOCK = 1 << 19
"""Values compared at a time: two megabytes in single precision. Over smaller blocks that a core's own cache holds,
threads spend more on handing the interpreter to each other than the cache gives them, and larger ones are no faster:
2^18, 2^19 and 2^20 values made 3.9, 4.3 and 4.3 GB/s of bfloat16 by two threads on two busy cores."""


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
        vouched: Whether the bytes are known to be those of their files: they are on this disk, or agree with a digest.
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
    vouched: bool = True
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
                case "rounded" | "same" | "vouched":
                    setattr(self, one.name, mine and others)
                case "largest":
                    self.largest = max(mine, others)
                case "old_value" | "new_value":
                    setattr(self, one.name, _either(mine, others))
                case _:
                    setattr(self, one.name, mine + others)


def add_any(total: Statistics, before: "Bytes", after: "Bytes", types: tuple[str, str], count: int) -> None:
    """The plain way: any two types, and numbers that are none."""
    import numpy as np  # noqa: PLC0415 - likewise

    old, new = (decode(data, dtype)[: count * parts(dtype)] for data, dtype in zip((before, after), types, strict=True))
    _add_sums(total, old, new)
    if types[0] == types[1] and types[0] in WHOLE:
        total.changed += int(np.count_nonzero(words(before, types[0]) != words(after, types[1])))
    else:
        total.changed += int(np.count_nonzero(old != new))
    if total.rounded and types[0] != types[1]:
        cast = rounded(old, types[1])
        total.rounded = cast is not None and bool(np.array_equal(cast, new, equal_nan=True))


def parts(dtype: str) -> int:
    """Numbers of one value: a complex one is two."""
    return 2 if dtype in {"C64", "C128"} else 1


def add_numbers(total: Statistics, old: "Floats", new: "Floats") -> None:
    """Add the figures of values that are numbers already."""
    import numpy as np  # noqa: PLC0415 - likewise

    total.count += len(old)
    total.changed += int(np.count_nonzero(old != new))
    _add_sums(total, old, new)


def add_same(total: Statistics, values: "Floats") -> None:
    """Add the sums of values that are the same on both sides; those that are no number are left out."""
    import numpy as np  # noqa: PLC0415 - likewise

    square, ends = _dot(values, values), _sum(values)
    if not math.isfinite(square):
        finite = values[np.isfinite(values)].astype(np.float64)
        square, ends = _dot(finite, finite), _sum(finite)
    total.old_square += square
    total.new_square += square
    total.product += square
    total.old_sum += ends
    total.new_sum += ends
    watch(total, values, values)


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
    watch(total, old, new)


def _add_bad(total: Statistics, old: "Floats", new: "Floats") -> None:
    """Count what is no number: damage is only where a number was."""
    import numpy as np  # noqa: PLC0415 - likewise

    was = np.isfinite(old)
    total.new_nan += int(np.count_nonzero(np.isnan(new) & was))
    total.new_infinite += int(np.count_nonzero(np.isinf(new) & was))
    total.new_lowest += int(np.count_nonzero(np.isneginf(new) & was))
    total.both_nan += int(np.count_nonzero(np.isnan(old) & np.isnan(new)))


def watch(total: Statistics, old: "Floats", new: "Floats") -> None:
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
