"""Blocks of ggml's quantised types as numbers in single precision.

The plain types, which most files use, are decoded here as `dequantize_row_*` of ggml's `ggml-quants.c` does it, from
the layouts of `ggml-common.h`; the others by the optional package `gguf`, which llama.cpp publishes.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]

_VALUES = 32
"""Values of a block of every type below."""
_SCALE, _LEAST, _SUM = ("scale", "<f2"), ("least", "<f2"), ("sum", "<f2")
_FIFTHS, _NIBBLES, _BYTES = ("fifths", "u1", 4), ("nibbles", "u1", 16), ("bytes", "i1", 32)

BLOCKS: Mapping[str, tuple[tuple[Any, ...], ...]] = {
    "Q4_0": (_SCALE, _NIBBLES),
    "Q4_1": (_SCALE, _LEAST, _NIBBLES),
    "Q5_0": (_SCALE, _FIFTHS, _NIBBLES),
    "Q5_1": (_SCALE, _LEAST, _FIFTHS, _NIBBLES),
    "Q8_0": (_SCALE, _BYTES),
    "Q8_1": (_SCALE, _SUM, _BYTES),
}
"""Type → what lies in a block, in order: scale, what is added (the least value, or nothing), fifth bits, numbers."""

_MIDDLES = {"Q4_0": 8, "Q5_0": 16}
"""What zero is stored as, in types without a least value."""


def decodable(dtype: str) -> bool:
    """Whether blocks of a type can be decoded: here, or by the package `gguf` where it is installed and knows how."""
    return dtype in BLOCKS or _known_to_gguf(dtype)


def decode_blocks(data: "bytes | memoryview", dtype: str) -> "Singles":
    """Whole blocks as numbers, in their order.

    Raises:
        ValueError: If nothing here can decode the type; `decodable` tells.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    with np.errstate(all="ignore"):  # a scale may be infinite or none
        if dtype in BLOCKS:
            return _decoded(data, dtype)
        if not _known_to_gguf(dtype):
            raise ValueError(f"blocks of {dtype} cannot be decoded here")
        quants = import_module("gguf.quants")
        rows = np.frombuffer(data, np.uint8).reshape(1, -1)
        values: Singles = quants.dequantize(rows, quants.GGMLQuantizationType[dtype])
        return values.reshape(-1)


def _decoded(data: "bytes | memoryview", dtype: str) -> "Singles":
    import numpy as np  # noqa: PLC0415 - likewise

    blocks = np.frombuffer(data, np.dtype(list(BLOCKS[dtype])))
    fields = blocks.dtype.names or ()
    if "bytes" in fields:
        values = blocks["bytes"].astype(np.float32)
    else:
        numbers = np.empty((len(blocks), _VALUES), np.uint8)
        np.bitwise_and(blocks["nibbles"], 15, out=numbers[:, :16])
        np.right_shift(blocks["nibbles"], 4, out=numbers[:, 16:])
        if "fifths" in fields:
            fifths = np.unpackbits(blocks["fifths"], axis=1, bitorder="little")
            fifths <<= np.uint8(4)
            numbers |= fifths
        values = numbers.astype(np.float32)
        if dtype in _MIDDLES:
            values -= np.float32(_MIDDLES[dtype])
    values *= blocks["scale"].astype(np.float32)[:, None]
    if "least" in fields:
        values += blocks["least"].astype(np.float32)[:, None]
    return values.reshape(-1)


@cache
def _known_to_gguf(dtype: str) -> bool:
    """Whether the package `gguf` decodes a type: asked by one block of zeros, as it offers no list."""
    import numpy as np  # noqa: PLC0415 - likewise

    try:
        quants = import_module("gguf.quants")
    except ImportError:
        return False
    kind = getattr(quants.GGMLQuantizationType, dtype, None)
    if kind is None or quants.GGML_QUANT_SIZES[kind][0] == 1:
        return False
    try:
        quants.dequantize(np.zeros((1, quants.GGML_QUANT_SIZES[kind][1]), np.uint8), kind)
    except NotImplementedError:
        return False
    return True
