"""Bytes of every type that weights are stored in, as numbers; and numbers rounded to such a type.

The names are those of safetensors (`Dtype` in its `tensor.rs`); types that only other formats know have the names they
have there, in capitals (`Q4_K` of GGUF, `I4` of ONNX, `C128`). Small floating-point types follow the specifications of
OCP for 8-bit floats and for microscaling formats; FNUZ types follow LLVM (no infinities, no negative zero).
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]
    Bytes = bytes | memoryview | npt.NDArray[np.uint8]

LAYOUTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), (1, 1)),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), (1, 2)),
    **dict.fromkeys(("I32", "U32", "F32"), (1, 4)),
    **dict.fromkeys(("F64", "I64", "U64", "C64"), (1, 8)),
    "C128": (1, 16), "F6_E2M3": (4, 3), "F6_E3M2": (4, 3), "F4": (2, 1), "I4": (2, 1), "U4": (2, 1), "I2": (4, 1),
    "U2": (4, 1),
    # GGUF: the blocks of ggml's ggml-common.h (`GGML_QUANT_SIZES` of gguf-py gives Q8_1 the 40 bytes it had before)
    "Q4_0": (32, 18), "Q4_1": (32, 20), "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34), "Q8_1": (32, 36),
    "Q1_0": (128, 18), "Q2_0": (64, 18),
    "Q2_K": (256, 84), "Q3_K": (256, 110), "Q4_K": (256, 144), "Q5_K": (256, 176), "Q6_K": (256, 210),
    "Q8_K": (256, 292), "IQ2_XXS": (256, 66), "IQ2_XS": (256, 74), "IQ3_XXS": (256, 98), "IQ1_S": (256, 50),
    "IQ4_NL": (32, 18), "IQ3_S": (256, 110), "IQ2_S": (256, 82), "IQ4_XS": (256, 136), "IQ1_M": (256, 56),
    "TQ1_0": (256, 54), "TQ2_0": (256, 66), "MXFP4": (32, 17), "NVFP4": (64, 36),
}  # fmt: skip
"""Type → how many values lie together in how many bytes."""

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
"""Types that models are trained and published in."""

SMALL = frozenset({"F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4", "I8", "U8"})
"""Types that weights are quantised to."""

WHOLE = frozenset({"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"})
"""Whole numbers: whether two of them differ is told by their bits, not by their difference in double precision."""

PACKED = WHOLE - {"I8"}
"""Types in which large matrices hold several numbers a word (GPTQ, AWQ, bitsandbytes): their cosine means nothing."""

BLOCKS = frozenset(dtype for dtype, (values, _) in LAYOUTS.items() if values > 8)  # noqa: PLR2004 - bytes hold fewer
"""Types of GGUF that lie in blocks with scales of their own: decoded, they are the numbers they stand for."""

CODES = SMALL | PACKED | BLOCKS | {"I4", "U4", "I2", "U2"}
"""Everything that numbers are quantised to."""

_PLAIN = {
    "F32": "<f4", "F64": "<f8", "F16": "<f2", "I8": "i1", "U8": "u1", "BOOL": "u1", "I16": "<i2", "U16": "<u2",
    "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8", "C64": "<f4", "C128": "<f8",
}  # fmt: skip
_SIXES = 4
"""Values of six bits that lie together in three bytes: not a block, only a row of bits."""
_SINGLE = 4
_TINY = frozenset({"F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4"})
"""Bytes of single precision."""


def bytes_of(dtype: str, count: int) -> int:
    """How many bytes so many values of a type take; the last values of a byte may be left over, those of a block not.

    Raises:
        ValueError: If the values do not fill whole blocks.
    """
    values, length = LAYOUTS[dtype]
    blocks, rest = divmod(count, values)
    if rest and length > 1 and values > _SIXES:
        raise ValueError(f"{count:,} values of {dtype} are no whole blocks of {values}")
    return blocks * length + -(-rest * length // values)


def decode(data: "Bytes", dtype: str) -> "Floats":
    """Bytes of a type as numbers: single precision where it holds every value, double where it must be.

    Args:
        data: Whole values; of four bits two to a byte and of two bits four, the lowest first; of `F6` four to three
            bytes.
        dtype: The name of their type. A `C64` or `C128` becomes two numbers.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    if dtype == "BF16":
        wide = np.frombuffer(data, "<u2").astype(np.uint32)
        wide <<= np.uint32(16)  # a bfloat16 is the upper half of a float32
        return wide.view(np.float32)
    if dtype in _PLAIN:
        values = np.frombuffer(data, _PLAIN[dtype])
        is_wide = values.dtype.itemsize >= _SINGLE and values.dtype != np.dtype("<f4")
        return values.astype(np.float64 if is_wide else np.float32, copy=False)
    if LAYOUTS[dtype][0] > _SIXES:
        from semverlint.formats.weights.ggml import decode_blocks  # noqa: PLC0415 - only where values lie in blocks

        return decode_blocks(data if isinstance(data, bytes | memoryview) else data.data, dtype)
    packed = np.frombuffer(data, np.uint8)
    if dtype[1:] in {"2", "4"}:
        width = int(dtype[1:])
        parts = packed[:, None] >> np.arange(0, 8, width, dtype=np.uint8)
        packed = (parts & np.uint8((1 << width) - 1)).reshape(-1)
    elif dtype.startswith("F6"):
        bits = np.unpackbits(packed, bitorder="little").reshape(-1, 6)
        packed = bits @ (1 << np.arange(6, dtype=np.uint8))
    return np.take(_table(dtype), packed)


_SPLIT: Mapping[str, tuple[int, int, int]] = {
    "BF16": (2, 0, 0), "F16": (2, 3, 112), "F8_E4M3": (4, 4, 120), "F8_E5M2": (4, 3, 112),
}  # fmt: skip
"""Short floating-point types: how many lie in a word of 32 bits, by how many bits their exponent is too short, and the
power of two by which they are too small once their bits stand where those of single precision stand."""


def spreading(
    words: "npt.NDArray[np.int32]", dtype: str, out: "npt.NDArray[np.float32]"
) -> "list[tuple[np.ufunc, Any, Any, Any]]":
    """What writes short floating-point numbers in single precision, those of a word far apart: for sums without order.

    A shift and a mask a number, without a table: up to seven times as fast as widening them in order. The steps are
    prepared once for memory that is filled again and again; each is a function, its two arguments and where it writes.

    Args:
        words: Rows of bytes of whole numbers of one of the types of `SPREAD` but `F32`, as little-endian words of 32
            bits.
        dtype: Their type.
        out: Where the numbers go, a row a row: of as many parts of it as there are numbers in a word, the n-th holds
            the n-th numbers of all words. Infinities and NaN become large numbers, of at least `OVERFLOW[dtype]`.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    steps, kept, power = _steps(dtype)
    parts = out.view(np.int32).reshape(len(out), len(steps), -1)
    prepared: list[tuple[np.ufunc, Any, Any, Any]] = []
    for number, (left, right) in enumerate(steps):
        held, part = words, parts[:, number]
        if left:
            prepared.append((np.left_shift, held, left, part))
            held = part
        if right:
            prepared.append((np.right_shift, held, right, part))  # the sign fills what comes in
            held = part
        if right or number == len(steps) - 1:
            prepared.append((np.bitwise_and, held, kept, part))
    if power is not None:
        prepared.append((np.multiply, out, power, out))
    return prepared


@cache
def _steps(dtype: str) -> "tuple[list[tuple[np.int32, np.int32]], np.int32, np.float32 | None]":
    """By how much each part of a word is shifted there and back, which bits are kept then, and the power of two."""
    import numpy as np  # noqa: PLC0415 - likewise

    parts, narrow, power = _SPLIT[dtype]
    width = 32 // parts
    kept = (1 << 31) | ((1 << 31 - narrow) - (1 << 32 - width - narrow))
    shifts = [(np.int32(32 - width * (number + 1)), np.int32(narrow)) for number in range(parts)]
    return shifts, np.uint32(kept).view(np.int32), np.float32(2.0**power) if power else None


SPREAD: Mapping[str, str] = {"F32": "<u4", "BF16": "<u2", "F16": "<u2", "F8_E4M3": "u1", "F8_E5M2": "u1"}
"""Floating-point types whose sums can be taken without widening them in order, with the word that holds one value."""

OVERFLOW: Mapping[str, float] = {"F16": 65536.0, "F8_E4M3": 480.0, "F8_E5M2": 65536.0}
"""What infinities and NaN come out of `spreading` as, or above; nothing finite of these types is as large."""


def code_of(number: float, dtype: str) -> int:
    """The bits of a positive number in a type of `SPREAD`; of its bound in `OVERFLOW`, the first that are no number."""
    import numpy as np  # noqa: PLC0415 - likewise

    parts, narrow, power = _SPLIT.get(dtype, (1, 0, 0))
    bits = int(np.float32(number * 2.0**-power).view(np.uint32))
    return bits << narrow >> (32 - 32 // parts)


def words(data: "Bytes", dtype: str) -> "npt.NDArray[Any]":
    """Bytes of a type of whole numbers as they are."""
    import numpy as np  # noqa: PLC0415 - likewise

    return np.frombuffer(data, _PLAIN[dtype])


def rounded(values: "Floats", dtype: str) -> "Floats | None":
    """Values rounded to nearest even in another type, in their own precision again; None where no cast does that."""
    import numpy as np  # noqa: PLC0415 - likewise

    if dtype in {"F16", "F32", "F64"}:
        return values.astype(_PLAIN[dtype]).astype(values.dtype, copy=False)
    if dtype == "BF16":
        bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
        even = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
        kept = (even & np.uint32(0xFFFF0000)).view(np.float32)
        return np.where(np.isnan(values), values, kept).astype(values.dtype, copy=False)
    if dtype in _TINY:
        return _nearest(values, dtype)
    return None


def _nearest(values: "Floats", dtype: str) -> "Floats":
    """Values rounded to nearest even in a type of few values; what is too large becomes the largest, as casts do."""
    import numpy as np  # noqa: PLC0415 - likewise

    table = _table(dtype)
    ladder = table[: len(table) // 2]
    ladder = ladder[np.isfinite(ladder)].astype(np.float64)  # codes in order are values in order
    middles = (ladder[1:] + ladder[:-1]) / 2
    size = np.abs(values).astype(np.float64)
    code = np.searchsorted(middles, size, side="left")
    tied = (code < len(middles)) & (size == middles[np.minimum(code, len(middles) - 1)]) & (code % 2 == 1)
    found = np.copysign(ladder[code + tied], values)
    return np.where(np.isnan(values), values, found).astype(values.dtype)


@cache
def _table(dtype: str) -> "Floats":
    """Every value of a small type by its bits."""
    import numpy as np  # noqa: PLC0415 - likewise

    if dtype[0] in "IU":
        codes = np.arange(1 << int(dtype[1:]))
        return np.where((dtype[0] == "I") & (codes >= len(codes) // 2), codes - len(codes), codes).astype(np.float32)
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
