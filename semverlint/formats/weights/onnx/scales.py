"""How the codes of a quantised ONNX model become numbers, from the operators that take them.

Sources: the operators' definitions (`onnx/defs/quantization/defs.cc`), those of ONNX Runtime's own
(`onnxruntime/docs/ContribOperators.md`), and the names that its quantiser gives (`quantization/quant_utils.py`).
"""

from collections.abc import Iterator, Mapping, Sequence

from semverlint.formats.weights.base import Scale

_FIRST, _LAST = 0, -1
_OPERATORS: Mapping[str, tuple[int, int, int, int]] = {
    "DequantizeLinear": (0, 1, 2, 1),
    "QLinearMatMul": (3, 4, 5, _LAST),
    "QLinearConv": (3, 4, 5, _FIRST),
    "QGemm": (3, 4, 5, _FIRST),
    "DynamicQuantizeMatMul": (1, 2, 3, _LAST),
    "MatMulIntegerToFloat": (1, 3, 5, _LAST),
    "GatherBlockQuantized": (0, 2, 3, 1),
}
"""Operator → places of codes, scale and zero point among its inputs, and the axis along which scales lie."""
_PACKED = "MatMulNBits"
_QUANTISED, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
"""What the quantiser appends to a tensor's name: dynamic products and look-ups take codes whose scale is used later."""


def scales_of(
    operator: str, inputs: Sequence[str], numbers: Mapping[str, int], tensors: Mapping[str, str]
) -> Iterator[tuple[str, Scale]]:
    """Each tensor of codes among a step's inputs, with how its codes become numbers.

    Args:
        operator: What the step does.
        inputs: Names of what it takes.
        numbers: Its attributes that are whole numbers.
        tensors: Name → the tensor it stands for, told under its name in the model.
    """

    def told(place: int) -> str | None:
        return tensors.get(inputs[place]) if place < len(inputs) else None

    if operator == _PACKED:
        codes, scale = told(1), told(2)
        if codes and scale:
            bits, block, columns = numbers.get("bits", 4), numbers.get("block_size", 0), numbers.get("K", 0)
            yield codes, Scale(scale, told(3), _LAST, block, bits, columns)
        return
    if operator in _OPERATORS:
        at, scale_at, zero_at, axis = _OPERATORS[operator]
        codes, scale = told(at), told(scale_at)
        if codes and scale:
            axis = numbers.get("axis", numbers.get("quantize_axis", axis))
            if operator == "QGemm" and not numbers.get("transB"):
                axis = _LAST
            yield codes, Scale(scale, told(zero_at), axis, numbers.get("block_size", 0))
        return
    for name in inputs:
        base = name.removesuffix(_QUANTISED)
        if base != name and name in tensors and base + _SCALE in tensors:
            axis = _FIRST if operator == "ConvInteger" else _LAST
            yield tensors[name], Scale(tensors[base + _SCALE], tensors.get(base + _ZERO), axis)
