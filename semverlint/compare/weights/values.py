"""The numbers of two tensors, compared in blocks in one pass: constant memory, whatever a tensor weighs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from semverlint.compare.weights.checkpoint import Placed
from semverlint.formats.safetensors import BITS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]

BLOCK = 1 << 19
"""Values compared at a time: a few megabytes, near what the caches of a core hold."""

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
SMALL = frozenset({"F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4", "I8", "U8"})
"""Types that weights are quantised to."""

PACKED = frozenset({"U8", "I16", "U16", "I32", "U32", "I64", "U64", "BOOL"})
"""Types in which large matrices hold several numbers a word (GPTQ, AWQ, bitsandbytes): their cosine means nothing."""


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
        old_bad: NaN and infinite values of the old tensor.
        new_nan: NaN values of the new tensor.
        new_infinite: Infinite values of the new tensor.
        rounded: Whether every new value is the old one rounded to the new type.
    """

    count: int = 0
    changed: int = 0
    old_square: float = 0.0
    new_square: float = 0.0
    difference_square: float = 0.0
    product: float = 0.0
    largest: float = 0.0
    old_bad: int = 0
    new_nan: int = 0
    new_infinite: int = 0
    rounded: bool = True

    @property
    def relative_change(self) -> float:
        """‖new - old‖ / ‖old‖; infinite where the old tensor is all zero and the new one is not."""
        if self.old_square > 0:
            return float((self.difference_square / self.old_square) ** 0.5)
        return float("inf") if self.difference_square > 0 else 0.0

    @property
    def cosine(self) -> float:
        """The cosine of the angle between old and new; 1 for two zero tensors, 0 if only one is zero."""
        norm = (self.old_square * self.new_square) ** 0.5
        if norm > 0:
            return float(max(-1.0, min(1.0, self.product / norm)))
        return 1.0 if self.old_square == self.new_square else 0.0

    @property
    def changed_share(self) -> float:
        """The share of values that differ."""
        return self.changed / self.count if self.count else 0.0


def same_bytes(old: Placed, new: Placed) -> bool:
    """Whether two tensors of one type and shape hold the same bytes."""
    length = old.tensor.stop - old.tensor.start
    step = 1 << 22
    return all(
        old.file.read(old.tensor.start + at, old.tensor.start + min(at + step, length))
        == new.file.read(new.tensor.start + at, new.tensor.start + min(at + step, length))
        for at in range(0, length, step)
    )


def compare_values(old: Placed, new: Placed, rows: int | None = None) -> Statistics:
    """One pass over two tensors.

    Args:
        old: The old tensor.
        new: The new tensor, of the same shape; of more rows, where `rows` is given.
        rows: Compare only so many first rows.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    count = old.tensor.count if rows is None else rows * (old.tensor.count // max(old.tensor.shape[0], 1))
    total = Statistics()
    for before, after in zip(_blocks(old, count), _blocks(new, count), strict=True):
        with np.errstate(all="ignore"):
            _take_in(total, before, after, old.tensor.dtype, new.tensor.dtype)
    return total


def rows_moved(old: Placed, new: Placed) -> int:
    """How many rows of a matrix are not where they were in one with as many or more rows.

    A row that points elsewhere (cosine below one half) holds another token; training turns rows far less. Rows of zeros
    are padding, which may be filled.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    rows, count = old.tensor.shape[0], old.tensor.count
    width = count // max(rows, 1)
    if not 0 < width <= BLOCK:
        return rows
    step = width * max(8, BLOCK // width // 8 * 8)  # whole rows, and whole bytes of every type
    moved = 0
    for before, after in zip(_blocks(old, count, step), _blocks(new, count, step), strict=True):
        a, b = before.reshape(-1, width).astype(np.float64), after.reshape(-1, width).astype(np.float64)
        with np.errstate(all="ignore"):
            norms = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
            moved += int(np.count_nonzero((a * b).sum(axis=1) < norms / 2))
    return moved


def _take_in(total: Statistics, before: "Floats", after: "Floats", old_dtype: str, new_dtype: str) -> None:
    import numpy as np  # noqa: PLC0415 - likewise

    total.count += before.size
    good = np.isfinite(before) & np.isfinite(after)
    if not good.all():
        total.old_bad += int(np.count_nonzero(~np.isfinite(before)))
        total.new_nan += int(np.count_nonzero(np.isnan(after)))
        total.new_infinite += int(np.count_nonzero(np.isinf(after)))
        total.changed += int(np.count_nonzero(~good & (before != after) & ~(np.isnan(before) & np.isnan(after))))
        before, after = before[good], after[good]
    difference = after - before
    total.changed += int(np.count_nonzero(difference))
    total.old_square += _dot(before, before)
    total.new_square += _dot(after, after)
    total.product += _dot(before, after)
    total.difference_square += _dot(difference, difference)
    if difference.size:
        total.largest = max(total.largest, float(np.abs(difference).max()))
    if total.rounded and old_dtype != new_dtype:
        total.rounded = bool(np.array_equal(_rounded(before, new_dtype), after))


def _dot(a: "Floats", b: "Floats") -> float:
    """Σ a·b; single precision suffices within a block unless it overflows, blocks are summed in double."""
    import numpy as np  # noqa: PLC0415 - likewise

    product = a @ b
    return float(product if np.isfinite(product) else a.astype(np.float64) @ b.astype(np.float64))


def _rounded(values: "Floats", dtype: str) -> "Floats":
    """Values rounded to nearest even in another type, as the wider type again."""
    import numpy as np  # noqa: PLC0415 - likewise

    if dtype == "F16":
        return values.astype(np.float16).astype(values.dtype)
    if dtype == "F32":
        return values.astype(np.float32).astype(values.dtype)
    if dtype == "BF16":
        bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
        even = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
        return (even & np.uint32(0xFFFF0000)).view(np.float32).astype(values.dtype)
    return values if dtype == "F64" else values + np.nan


def _blocks(placed: Placed, count: int, step: int = BLOCK) -> Iterator["Floats"]:
    """The first `count` values of a tensor as single or double precision, `step` at a time."""
    tensor = placed.tensor
    bits = BITS[tensor.dtype]
    for first in range(0, count, step):
        last = min(first + step, count)
        data = placed.file.read(tensor.start + first * bits // 8, tensor.start + -(-last * bits // 8))
        parts = 2 if tensor.dtype == "C64" else 1  # real and imaginary
        yield decode(data, tensor.dtype)[: (last - first) * parts]


def decode(data: bytes, dtype: str) -> "Floats":
    """Bytes of a type as numbers: single precision where it holds every value, double where it must be."""
    import numpy as np  # noqa: PLC0415 - likewise

    plain: dict[str, Any] = {
        "F32": "<f4", "F64": "<f8", "F16": "<f2", "I8": "i1", "U8": "u1", "BOOL": "u1", "I16": "<i2", "U16": "<u2",
        "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8", "C64": "<f4",
    }  # fmt: skip
    if dtype == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << np.uint32(16)).view(np.float32)
    if dtype in plain:
        values = np.frombuffer(data, plain[dtype])
        wide = values.dtype.itemsize >= 4 and values.dtype != np.dtype("<f4")  # noqa: PLR2004 - bytes single precision holds
        return values.astype(np.float64 if wide else np.float32, copy=False)
    packed = np.frombuffer(data, np.uint8)
    if dtype == "F4":
        packed = np.stack([packed & 0x0F, packed >> 4], axis=-1).reshape(-1)
    elif dtype.startswith("F6"):
        bits = np.unpackbits(packed, bitorder="little").reshape(-1, 6)
        packed = bits @ (1 << np.arange(6, dtype=np.uint8))
    return np.take(_table(dtype), packed)


@cache
def _table(dtype: str) -> "Floats":
    """Every value of a small floating-point type by its bits (OCP 8-bit and MX specifications; FNUZ as in LLVM)."""
    import numpy as np  # noqa: PLC0415 - likewise

    exponent_bits, mantissa_bits = {
        "F8_E4M3": (4, 3), "F8_E5M2": (5, 2), "F8_E4M3FNUZ": (4, 3), "F8_E5M2FNUZ": (5, 2), "F6_E2M3": (2, 3),
        "F6_E3M2": (3, 2), "F4": (2, 1), "F8_E8M0": (8, 0),
    }[dtype]  # fmt: skip
    if dtype == "F8_E8M0":
        scale = np.exp2(np.arange(256, dtype=np.float64) - 127)
        scale[255] = np.nan
        return scale.astype(np.float32)
    fnuz = dtype.endswith("FNUZ")
    bias = (1 << (exponent_bits - 1)) - (0 if fnuz else 1)
    codes = np.arange(1 << (1 + exponent_bits + mantissa_bits))
    exponent = (codes >> mantissa_bits) & ((1 << exponent_bits) - 1)
    mantissa = codes & ((1 << mantissa_bits) - 1)
    fraction = mantissa / (1 << mantissa_bits)
    magnitude = np.where(exponent == 0, fraction * 2.0 ** (1 - bias), (1 + fraction) * np.exp2(exponent - float(bias)))
    values = np.where(codes >> (exponent_bits + mantissa_bits), -magnitude, magnitude).astype(np.float32)
    top = exponent == (1 << exponent_bits) - 1
    if fnuz:
        values[1 << (exponent_bits + mantissa_bits)] = np.nan
    elif dtype == "F8_E5M2":
        values[top & (mantissa == 0)] *= np.inf
        values[top & (mantissa != 0)] = np.nan
    elif dtype == "F8_E4M3":
        values[top & (mantissa == (1 << mantissa_bits) - 1)] = np.nan
    return values
