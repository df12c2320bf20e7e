"""Codes that a graph says the scales of, seen as the numbers they stand for."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from semverlint.compare.weights.placed import Dequantised, Placed, place
from semverlint.formats.weights.base import MOST_HELD, Scale
from semverlint.formats.weights.dtypes import FLOATS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Floats

_LABELS = {"I8": "int8", "U8": "uint8", "I4": "int4", "U4": "uint4", "I16": "int16", "U16": "uint16", "I32": "int32"}
"""What people call the types that codes are of; small floats are called by their own names."""
_QUANTISED = re.compile(r"(_Transposed)?_(quantized|Q[248])$")
"""What ONNX Runtime's quantisers append to a tensor's name (`quant_utils.py`, `matmul_nbits_quantizer.py`); they turn
the weights of a `Gemm` first (`quantize_utils`' `replace_gemm_with_matmul`)."""
_TURNED = "_Transposed_quantized"
_BYTE = 8
_PACKED_BITS = frozenset({2, 4, 8})
"""Bits of a code that operators take packed into bytes."""


def with_scales(tensors: Mapping[str, Placed], scales: Mapping[str, Scale]) -> dict[str, Placed]:
    """Tensors by name: codes with the scales they name as one tensor, under the name of the codes."""
    found: dict[str, Dequantised] = {}
    for name, scale in scales.items():
        one = _understood(name, scale, tensors)
        if one is not None:
            found[name] = one
    used = {part for one in found.values() for part in one.parts}
    return {name: found.get(name, one) for name, one in tensors.items() if name in found or name not in used}


def plainly_named(tensors: Mapping[str, Placed]) -> dict[str, Placed]:
    """Tensors by name: what codes stand for under the name it had before it was quantised."""
    found: dict[str, Placed] = {}
    for name, one in tensors.items():
        base = _QUANTISED.sub("", name)
        found[base if isinstance(one, Dequantised) and base not in tensors else name] = one
    return found


def _understood(name: str, scale: Scale, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """The numbers that codes stand for; None where scales do not lie as the operators want them to."""
    codes, steps = tensors.get(name), tensors.get(scale.scale)
    zeros = tensors.get(scale.zero) if scale.zero else None
    if codes is None or steps is None or (scale.zero and zeros is None) or not codes.tensor.count:
        return None
    parts = tuple(each for each in (name, scale.scale, scale.zero) if each)
    if name.endswith(_TURNED) and len(codes.tensor.shape) == 2 and not (scale.bits or scale.block):  # noqa: PLR2004 - a matrix
        codes = place(replace(codes.tensor, shape=codes.tensor.shape[::-1], order=(1, 0)), codes.file)
        scale = replace(scale, axis=-1 - scale.axis)
    beside = tuple(each for each in (steps, zeros) if each)
    if scale.bits:
        packed = _Packed.understood(codes, steps, zeros, scale)
        if packed is None:
            return None
        tensor = replace(codes.tensor, shape=(scale.columns, codes.tensor.shape[0]))
        scheme = f"{scale.bits}-bit, blocks of {scale.block}"
        return Dequantised(tensor, codes.file, scheme, parts, beside, packed.rows)
    shape = codes.tensor.shape
    over = [_Over.understood(each, shape, scale) for each in beside]
    if None in over:
        return None
    laid = [each for each in over if each]
    label = _LABELS.get(codes.tensor.dtype, codes.tensor.dtype)
    how = f"in blocks of {scale.block}" if scale.block else "scaled"

    def rows(first: int, last: int) -> "Floats":
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        numbers: Floats = codes.rows(first, last).reshape(last - first, *shape[1:]).astype(np.float32)
        for each in reversed(laid):  # the zero point is taken off before the scale is put on
            numbers = numbers * each.rows(first, last) if each is laid[0] else numbers - each.rows(first, last)
        return numbers.reshape(last - first, -1)

    return Dequantised(codes.tensor, codes.file, f"{label} {how}", parts, beside, rows)


@dataclass(frozen=True)
class _Over:
    """Scales or zero points as they lie over codes.

    Attributes:
        placed: Where they are.
        grid: The shape they have over the codes: as many dimensions, 1 where they are the same along one.
        shape: That of the codes.
        axis: Along which they lie.
        block: Codes along it that share one.
    """

    placed: Placed
    grid: tuple[int, ...]
    shape: tuple[int, ...]
    axis: int
    block: int

    @staticmethod
    def understood(placed: Placed, shape: tuple[int, ...], scale: Scale) -> "_Over | None":
        """None where they do not fit the codes."""
        have, block = placed.tensor.shape, max(scale.block, 1)
        if not shape:
            return None
        if math.prod(have) == 1:
            return _Over(placed, (1,) * len(shape), shape, 0, 1)
        if not -len(shape) <= scale.axis < len(shape):
            return None
        axis = scale.axis % len(shape)
        blocks = [-(-length // block) if at == axis else length for at, length in enumerate(shape)]
        if scale.block and have == tuple(blocks):
            return _Over(placed, have, shape, axis, block)
        along = tuple(length if at == axis else 1 for at, length in enumerate(shape))
        return _Over(placed, along, shape, axis, 1) if have == (shape[axis],) else None

    def rows(self, first: int, last: int) -> "Floats":
        """Those of some rows, in a shape that can be reckoned with the codes of these rows."""
        import numpy as np  # noqa: PLC0415 - likewise

        each = self.block if self.axis == 0 else 1
        low, high = (first // each, -(-last // each)) if self.grid[0] > 1 else (0, 1)
        tensor = replace(self.placed.tensor, shape=(self.grid[0], math.prod(self.grid[1:])))
        values = Placed(tensor, self.placed.file).rows(low, high).reshape(high - low, *self.grid[1:])
        if self.grid[0] > 1 and each > 1:
            values = values[np.arange(first, last) // each - low]
        if self.axis and self.block > 1:
            spread = np.arange(self.shape[self.axis]) // self.block
            values = np.take(values, spread, axis=self.axis)
        return values.astype(np.float32)


@dataclass(frozen=True)
class _Packed:
    """Codes packed into bytes, as `MatMulNBits` takes them, seen as the matrix that a product takes.

    Attributes:
        codes: The bytes: outputs, blocks of inputs, bytes of a block.
        steps: A scale a block.
        zeros: A zero point a block: packed likewise, each output filled to whole bytes, or numbers; None
            for the middle.
        scale: Bits, block and how many inputs.
        blocks: How many blocks an output has.
    """

    codes: Placed
    steps: Placed
    zeros: Placed | None
    scale: Scale
    blocks: int

    @staticmethod
    def understood(codes: Placed, steps: Placed, zeros: Placed | None, scale: Scale) -> "_Packed | None":
        """None where the parts do not fit each other, or are too large to be held."""
        if scale.bits not in _PACKED_BITS or min(scale.block, scale.columns) < 1 or codes.tensor.dtype != "U8":
            return None
        outputs, blocks = codes.tensor.shape[0], -(-scale.columns // scale.block)
        each, odd = divmod(scale.block * scale.bits, _BYTE)
        fits = not odd and codes.tensor.count == outputs * blocks * each and steps.tensor.count == outputs * blocks
        if zeros is not None:
            wanted = blocks if zeros.tensor.dtype in FLOATS else -(-blocks * scale.bits // _BYTE)
            fits = fits and zeros.tensor.count == outputs * wanted
        return _Packed(codes, steps, zeros, scale, blocks) if fits and codes.tensor.count <= MOST_HELD else None

    def rows(self, first: int, last: int) -> "Floats":
        """Rows of the matrix: inputs `first` to `last`, each with every output."""
        low, high = first // self.scale.block, -(-last // self.scale.block)
        outputs, bits = self.codes.tensor.shape[0], self.scale.bits
        stored = _bytes(self.codes).reshape(outputs, self.blocks, -1)[:, low:high]
        codes = _unpacked(stored, bits).reshape(outputs, high - low, self.scale.block)
        numbers = (codes - self._zeros(low, high)) * self._by_block(self.steps, low, high)
        begin = low * self.scale.block
        return numbers.reshape(outputs, -1)[:, first - begin : last - begin].T

    def _zeros(self, low: int, high: int) -> "Floats | np.float32":
        import numpy as np  # noqa: PLC0415 - likewise

        if self.zeros is None:
            return np.float32(1 << self.scale.bits - 1)
        if self.zeros.tensor.dtype in FLOATS:
            return self._by_block(self.zeros, low, high)
        stored = _bytes(self.zeros).reshape(self.codes.tensor.shape[0], -1)
        return _unpacked(stored, self.scale.bits)[:, low:high, None]

    def _by_block(self, placed: Placed, low: int, high: int) -> "Floats":
        numbers = placed.floats(0, placed.tensor.count).astype("f4")
        return numbers.reshape(-1, self.blocks)[:, low:high, None]


@lru_cache(maxsize=4)
def _bytes(placed: Placed) -> "npt.NDArray[np.uint8]":
    """A packed matrix; kept while its rows are asked for one after the other."""
    import numpy as np  # noqa: PLC0415 - likewise

    return np.frombuffer(placed.read(0, placed.tensor.count), np.uint8)


def _unpacked(stored: "npt.NDArray[np.uint8]", bits: int) -> "npt.NDArray[np.float32]":
    """The codes along the last axis of bytes, the lowest bits first."""
    import numpy as np  # noqa: PLC0415 - likewise

    shifts = np.arange(0, _BYTE, bits, dtype=np.uint8)
    parts = stored[..., None] >> shifts & np.uint8((1 << bits) - 1)
    return parts.reshape(*stored.shape[:-1], -1).astype(np.float32)
