"""Codes of four bits in blocks of neighbouring values: bitsandbytes' NF4 and FP4, and MXFP4, seen as numbers.

Sources: `QuantState` and the kernels of bitsandbytes (`functional.py`); the microscaling formats of OCP (MX v1.0) as
gpt-oss stores them (`convert_moe_packed_tensors` of transformers' `integrations/mxfp4.py`).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from semverlint.compare.weights.placed import Dequantised, Placed
from semverlint.formats.weights.base import MOST_DIMENSIONS, Tensor
from semverlint.formats.weights.dtypes import decode

if TYPE_CHECKING:
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Floats

_KINDS = ("nf4", "fp4")
_LONGEST_STATE = 1 << 12
"""Bytes of what bitsandbytes says of a matrix; they are some two hundred."""
_CODES = 16
_SCALED = 32
"""Values that share a scale in MXFP4, in half as many bytes."""
_BIAS = 127
"""What the exponents of these scales are too large by."""
_BESIDE = (
    "absmax",
    "quant_map",
    "nested_absmax",
    "nested_quant_map",
    *(f"quant_state.bitsandbytes__{kind}" for kind in _KINDS),
)


def in_blocks(name: str, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """The numbers that a tensor of codes stands for, with those beside it that say how; None where it is none.

    Raises:
        FileError: If what is said of it cannot be read.
    """
    if name.endswith("_blocks"):
        return _microscaled(name, tensors)
    return _of_bitsandbytes(name, tensors) if name.endswith(".weight") else None


def _microscaled(name: str, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """MXFP4: rows of blocks of 16 bytes, and a power of two a block."""
    scale = f"{name.removesuffix('_blocks')}_scales"
    codes, steps = tensors[name], tensors.get(scale)
    if steps is None or codes.tensor.dtype != "U8" or steps.tensor.dtype != "U8":
        return None
    shape = codes.tensor.shape
    if len(shape) < 3 or shape[-1] * 2 != _SCALED or steps.tensor.shape != shape[:-1] or not codes.tensor.count:  # noqa: PLR2004 - rows, blocks, bytes
        return None
    tensor = replace(codes.tensor, shape=(*shape[:-2], shape[-2] * _SCALED), dtype="F4")

    def values(first: int, last: int) -> "Floats":
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        low, high = first // _SCALED, -(-last // _SCALED)
        numbers = decode(codes.read(low * _SCALED // 2, high * _SCALED // 2), "F4").reshape(-1, _SCALED)
        powers = np.frombuffer(steps.read(low, high), np.uint8).astype(np.int32) - _BIAS
        return np.ldexp(numbers, powers[:, None]).reshape(-1)[first - low * _SCALED :][: last - first]

    return Dequantised(tensor, codes.file, "MXFP4", (name, scale), (steps,), bits=4.0, by_values=values)


def _of_bitsandbytes(name: str, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """NF4 and FP4: one run of codes, the upper half of a byte first, whose largest value is kept a block."""
    said = next((tensors[key] for kind in _KINDS if (key := _state_of(name, kind)) in tensors), None)
    codes, table, most = (tensors.get(name + part) for part in ("", ".quant_map", ".absmax"))
    # over a network the few bytes that say how would be a request a matrix
    if said is None or codes is None or table is None or most is None or said.file.remote:
        return None
    state = _state(said)
    if state is None or codes.tensor.dtype != "U8" or table.tensor.count != _CODES:
        return None
    kind, shape, block = state
    count = math.prod(shape)
    if not count or -(-count // 2) != codes.tensor.count or -(-count // block) != most.tensor.count:
        return None
    largest = _Largest.understood(name, most, tensors, said)
    if largest is None:
        return None
    found = _Bitsandbytes(codes, table, largest, block)
    parts = (name, *(key for part in _BESIDE if (key := f"{name}.{part}") in tensors))
    beside = tuple(tensors[key] for key in parts[1:])
    tensor = Tensor("U4", shape, codes.tensor.start, codes.tensor.stop)
    return Dequantised(
        tensor, codes.file, f"bitsandbytes {kind.upper()}", parts, beside, bits=4.0, by_values=found.values
    )


def _state_of(name: str, kind: str) -> str:
    return f"{name}.quant_state.bitsandbytes__{kind}"


def _read_state(placed: Placed) -> dict[str, Any]:
    """What bitsandbytes says of a matrix; nothing where that is no JSON."""
    if placed.tensor.dtype != "U8" or placed.tensor.count > _LONGEST_STATE:
        return {}
    try:
        state = json.loads(placed.read(0, placed.tensor.count))
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}


def _state(placed: Placed) -> tuple[str, tuple[int, ...], int] | None:
    """Kind, shape and values of a block."""
    match _read_state(placed):
        case {"quant_type": str() as kind, "shape": list() as shape, "blocksize": int() as block}:
            sizes = all(type(length) is int and 0 < length < 1 << 40 for length in shape)
            fits = kind in _KINDS and sizes and 0 < len(shape) <= MOST_DIMENSIONS and block > 0 and block % 2 == 0
            return (kind, tuple(shape), block) if fits else None
        case _:
            return None


@dataclass(frozen=True)
class _Largest:
    """The largest value of each block: numbers, or codes of eight bits that have blocks of their own.

    Attributes:
        placed: The numbers or the codes.
        table: What the codes stand for; None where they are numbers.
        steps: By what those are multiplied, a block of them.
        block: Codes in such a block.
        offset: What is added.
    """

    placed: Placed
    table: Placed | None = None
    steps: Placed | None = None
    block: int = 1
    offset: float = 0.0

    @staticmethod
    def understood(name: str, most: Placed, tensors: Mapping[str, Placed], said: Placed) -> "_Largest | None":
        """None where codes do not fit what stands for them."""
        if most.tensor.dtype != "U8":
            return _Largest(most)
        table, steps = (tensors.get(f"{name}.nested_{part}") for part in ("quant_map", "absmax"))
        state = _read_state(said)
        block, offset = state.get("nested_blocksize"), state.get("nested_offset")
        if table is None or steps is None or type(block) is not int or not isinstance(offset, float | int):
            return None
        fits = block > 0 and table.tensor.count == 1 << 8 and steps.tensor.count == -(-most.tensor.count // block)
        return _Largest(most, table, steps, block, float(offset)) if fits else None

    def floats(self, first: int, last: int) -> "Floats":
        """Those of the blocks from one to another."""
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        if self.table is None or self.steps is None:
            return self.placed.floats(first, last)
        codes = np.frombuffer(self.placed.read(first, last), np.uint8)
        begin = first // self.block
        steps = self.steps.floats(begin, -(-last // self.block))
        values = self.table.floats(0, self.table.tensor.count)[codes]
        return values * steps[np.arange(first, last) // self.block - begin] + np.float32(self.offset)


@dataclass(frozen=True)
class _Bitsandbytes:
    """A matrix of bitsandbytes."""

    codes: Placed
    table: Placed
    largest: _Largest
    block: int

    def values(self, first: int, last: int) -> "Floats":
        """The numbers from one to another."""
        import numpy as np  # noqa: PLC0415 - likewise

        stored = np.frombuffer(self.codes.read(first // 2, -(-last // 2)), np.uint8)
        codes: npt.NDArray[Any] = np.stack([stored >> 4, stored & 15], axis=1).reshape(-1)
        values = self.table.floats(0, _CODES)[codes[first % 2 :][: last - first]]
        begin = first // self.block
        largest = self.largest.floats(begin, -(-last // self.block))
        found: Floats = values * largest[np.arange(first, last) // self.block - begin]
        return found
