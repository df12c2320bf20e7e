"""Codes and their scales seen as the numbers they stand for, so that quantised weights can be held against others.

A quantiser stores a matrix as several tensors. Each group that is understood here becomes one tensor under the name the
matrix has in the model (`…q_proj.weight`), read as numbers by rows; the rest is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from semverlint.compare.weights.blockwise import in_blocks
from semverlint.compare.weights.placed import Dequantised, Placed
from semverlint.formats.weights.base import Tensor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Floats

_WORD = 32
"""Bits of the words that GPTQ and AWQ pack codes into."""
_AWQ_ORDER = (0, 4, 1, 5, 2, 6, 3, 7)
"""Where the n-th of eight neighbouring columns stands in a word of AWQ (`AutoAWQ`, `packing_utils.py`)."""
_SCALES = ("weight_scale_inv", "weight_scale", "scale_weight", "scale")
"""What a scale beside 8-bit weights is called: DeepSeek and compressed-tensors, ComfyUI, fbgemm."""
_INT8_LARGEST = 127
"""By which LLM.int8 divides the row's largest value, its `SCB`."""
_EIGHT_BITS = frozenset({"F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I8"})
_MOST_PARTS = frozenset({2, 3, 4, 8})
"""Bits of a packed code."""


def dequantised(tensors: Mapping[str, Placed]) -> dict[str, Placed]:
    """Tensors by name, every group of codes and scales that is understood as one matrix."""
    found: dict[str, Placed] = {}
    used: set[str] = set()
    for name in tensors:
        for understand in (_scaled, _packed, in_blocks):
            if name not in used and (one := understand(name, tensors)):
                found[_named(name)] = one
                used.update(one.parts)
    if not found:
        return dict(tensors)
    return {name: found.get(name, one) for name, one in tensors.items() if name in found or name not in used} | found


def _named(name: str) -> str:
    """What a matrix is called in the model whose codes are called so."""
    if name.endswith("_blocks"):
        return name.removesuffix("_blocks")
    return name.removesuffix(".qweight").removesuffix(".weight") + ".weight"


def _scaled(name: str, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """8-bit weights with a scale a tensor, a row, or a block of rows and columns."""
    if not name.endswith(".weight") or len(shape := tensors[name].tensor.shape) != 2:  # noqa: PLR2004 - a matrix
        return None
    codes, bare = tensors[name], name.removesuffix("weight")
    if codes.tensor.dtype not in _EIGHT_BITS:
        return None
    label = "int8" if codes.tensor.dtype == "I8" else codes.tensor.dtype
    if codes.tensor.dtype == "I8" and bare + "SCB" in tensors:
        return _with_scale(codes, tensors, (name, bare + "SCB"), "LLM.int8", 1 / _INT8_LARGEST)
    for ending in _SCALES:
        scale = tensors.get(bare + ending)
        if scale is not None and _fits(scale.tensor.shape, shape):
            others = [bare + one for one in ("input_scale", "weight_zero_point") if bare + one in tensors]
            if bare + "weight_zero_point" in others:
                return None  # asymmetric: not one of those understood here
            return _with_scale(codes, tensors, (name, bare + ending, *others), f"{label}, scaled", 1.0)
    return None


def _fits(scale: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether a scale is one number, one a row, or one a block."""
    if len(scale) == 2:  # noqa: PLR2004 - a matrix of blocks
        return all(map(_block, scale, shape))
    return scale in {(), (1,), (shape[0],)}


def _block(count: int, length: int) -> int:
    """Of how many rows or columns so many blocks are, the last one perhaps cut short; 0 where none fit.

    Quantisers take powers of two (128 of DeepSeek's, whatever the matrix), or part a matrix evenly.
    """
    if not 0 < count <= length:
        return 0
    powers = (1 << exponent for exponent in range(length.bit_length() + 1))
    return next((size for size in (*powers, -(-length // count)) if -(-length // size) == count), 0)


def _with_scale(
    codes: Placed, tensors: Mapping[str, Placed], parts: tuple[str, ...], scheme: str, factor: float
) -> Dequantised:
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    rows, columns = codes.tensor.shape
    scale = tensors[parts[1]]

    def by_rows(first: int, last: int) -> "Floats":
        steps = scale.floats(0, scale.tensor.count).astype(np.float32)
        grid = steps.reshape(scale.tensor.shape if len(scale.tensor.shape) == 2 else (-1, 1))  # noqa: PLR2004 - likewise
        tall, wide = map(_block, grid.shape, (rows, columns))
        part = grid[np.arange(first, last) // tall]
        part = part if grid.shape[1] == 1 else np.repeat(part, wide, axis=1)[:, :columns]
        return codes.rows(first, last).astype(np.float32) * part * np.float32(factor)

    return Dequantised(codes.tensor, codes.file, scheme, parts, (scale,), by_rows)


def _packed(name: str, tensors: Mapping[str, Placed]) -> Dequantised | None:
    """GPTQ and AWQ: codes packed into words, along the input (GPTQ) or the output (AWQ), zeros and scales a group."""
    bare = name.removesuffix("qweight")
    codes, zeros, scales = (tensors.get(bare + part) for part in ("qweight", "qzeros", "scales"))
    if not name.endswith(".qweight") or codes is None or zeros is None or scales is None:
        return None
    shapes = [one.tensor.shape for one in (codes, zeros, scales)]
    if any(len(shape) != 2 or 0 in shape for shape in shapes) or codes.tensor.dtype not in {"I32", "U32"}:  # noqa: PLR2004 - matrices
        return None
    groups, outputs = shapes[2]
    bits, odd = divmod(shapes[1][1] * _WORD, outputs)
    along_output = shapes[0][1] * _WORD == outputs * bits
    inputs = shapes[0][0] if along_output else shapes[0][0] * _WORD // max(bits, 1)
    index = tensors.get(bare + "g_idx")
    fits = (
        not odd
        and bits in _MOST_PARTS
        and _WORD % bits == 0
        and (along_output or shapes[0][1] == outputs)
        and shapes[1][0] == groups <= inputs
        and (index is None or index.tensor.shape == (inputs,))
    )
    if not fits:
        return None
    scheme = f"{'AWQ' if along_output else 'GPTQ'} {bits}-bit, groups of {-(-inputs // groups)}"
    parts = tuple(bare + part for part in ("qweight", "qzeros", "scales", "g_idx", "bias_q") if bare + part in tensors)
    whole = _Packed(codes, zeros, scales, index, bits, along_output=along_output)
    tensor = Tensor("I32", (outputs, inputs), codes.tensor.start, codes.tensor.stop)
    beside = tuple(one for one in (zeros, scales, index) if one)
    return Dequantised(tensor, codes.file, scheme, parts, beside, whole.rows, bits)


@dataclass
class _Packed:
    """A matrix of GPTQ or AWQ, unpacked once its rows are asked for."""

    codes: Placed
    zeros: Placed
    scales: Placed
    index: Placed | None
    bits: int
    along_output: bool

    def rows(self, first: int, last: int) -> "Floats":
        """Rows of the matrix as the model uses it: outputs by inputs."""
        import numpy as np  # noqa: PLC0415 - likewise

        scales = self.scales.floats(0, self.scales.tensor.count).reshape(self.scales.tensor.shape)[:, first:last]
        codes = self._unpacked(self.codes, first, last, across=self.along_output)
        zeros = self._unpacked(self.zeros, first, last, across=True)
        zeros = zeros if self.along_output else zeros + 1  # GPTQ stores zeros less one
        inputs, groups = len(codes), len(scales)
        if self.index is None:
            group = np.arange(inputs) // -(-inputs // groups)
        else:
            group = np.clip(self.index.floats(0, inputs).astype(np.int64), 0, groups - 1)
        return ((codes - zeros[group]) * scales[group]).T.astype(np.float32)

    def _unpacked(self, packed: Placed, first: int, last: int, *, across: bool) -> "Floats":
        """Codes as numbers, inputs by outputs `first` to `last`."""
        import numpy as np  # noqa: PLC0415 - likewise

        words = _words(packed)
        each, mask = _WORD // self.bits, np.uint32((1 << self.bits) - 1)
        shifts = np.arange(each, dtype=np.uint32) * np.uint32(self.bits)
        if not across:
            part = words[:, None, first:last] >> shifts[None, :, None] & mask
            return part.reshape(-1, last - first).astype(np.float32)
        if self.along_output and self.bits == 4:  # noqa: PLR2004 - the only width AWQ has
            shifts = shifts[list(_AWQ_ORDER)]
        low, high = first // each, -(-last // each)
        part = (words[:, low:high, None] >> shifts[None, None, :] & mask).reshape(len(words), -1)
        return part[:, first - low * each : last - low * each].astype(np.float32)


@lru_cache(maxsize=4)
def _words(packed: Placed) -> "npt.NDArray[np.uint32]":
    """A packed matrix as words; kept while its rows are asked for one after the other."""
    import numpy as np  # noqa: PLC0415 - likewise

    return np.frombuffer(packed.read(0, packed.tensor.count), "<u4").reshape(packed.tensor.shape)
