"""Codes of ONNX seen as the numbers they stand for, by the operators that take them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx_support import attribute, graph, model, node, port, put, tensor
from support import changes, pair

from semverlint.changes.graphs import GraphStepsChanged
from semverlint.changes.weights import WeightsChanged
from semverlint.compare.weights.placed import Dequantised
from semverlint.compare.weights.sources import by_role

Array = npt.NDArray[Any]
KINDS = {"<f4": 1, "|u1": 2, "|i1": 3, "<i4": 6, "<f2": 10}
RANDOM = np.random.default_rng(5)


def exported(nodes: Sequence[bytes], tensors: Mapping[str, Array], *, u4: Sequence[str] = ()) -> bytes:
    stored = [
        tensor(
            name, one.shape, packed(one) if name in u4 else one.tobytes(), 21 if name in u4 else KINDS[one.dtype.str]
        )
        for name, one in tensors.items()
    ]
    return model(graph(nodes, stored, [port("x", 4, 4)], [port("y", 4, 4)]))


def packed(values: Array) -> bytes:
    flat = values.reshape(-1)
    return bytes((flat[::2] | flat[1::2] << 4).astype("u1"))


def numbers(tmp_path: Path, content: bytes) -> dict[str, Array]:
    """What codes are seen as, by name."""
    both = pair(tmp_path, {"model.onnx": content}, {"model.onnx": content})
    found, _ = by_role(both, (["model.onnx"], ["model.onnx"]))
    return {
        name: np.concatenate([one.rows(row, row + 1) for row in range(one.tensor.shape[0])]).reshape(one.tensor.shape)
        for name, one in found.items()
        if isinstance(one, Dequantised)
    }


def whole(tmp_path: Path, old: bytes, new: bytes) -> WeightsChanged:
    found = changes(tmp_path, {"model.onnx": old}, {"model.onnx": new})
    return next(one for one in found if isinstance(one, WeightsChanged))


CODES = RANDOM.integers(-128, 128, (6, 8)).astype("i1")
BY_COLUMN = RANDOM.random(8).astype("f4") + np.float32(0.1)
BY_ROW = RANDOM.random(6).astype("f4") + np.float32(0.1)
ZEROS = RANDOM.integers(-20, 20, 8).astype("i1")
ONE, ZERO = np.array([0.25], "f4"), np.array([3], "i1")
KERNELS = RANDOM.integers(-128, 128, (3, 2, 3, 3)).astype("i1")
BY_KERNEL = np.array([0.5, 0.25, 2.0], "f4")


@pytest.mark.parametrize(
    ("step", "parts", "expected"),
    [
        (node("DequantizeLinear", "w s z", "y"), (CODES, ONE, ZERO), (CODES - 3.0) * 0.25),
        (node("DequantizeLinear", "w s z", "y"), (CODES, BY_COLUMN, ZEROS), (CODES - ZEROS * 1.0) * BY_COLUMN),
        (node("DequantizeLinear", "w s", "y", attribute("axis", 3, 0)), (CODES, BY_ROW), CODES * BY_ROW[:, None]),
        (node("DequantizeLinear", "w s", "y", attribute("axis", 3, -1)), (CODES, BY_COLUMN), CODES * BY_COLUMN),
        (node("QLinearMatMul", "x s z w s z s z", "y"), (CODES, BY_COLUMN, ZEROS), (CODES - ZEROS * 1.0) * BY_COLUMN),
        (
            node("QLinearConv", "x s z w s", "y"), (KERNELS, BY_KERNEL), KERNELS * BY_KERNEL[:, None, None, None],
        ),
        (node("QGemm", "x a b w s", "y", attribute("transB", 3, 1)), (CODES, BY_ROW), CODES * BY_ROW[:, None]),
        (node("DynamicQuantizeMatMul", "x w s z", "y"), (CODES, ONE, ZERO), (CODES - 3.0) * 0.25),
    ],
    ids=range(8),
)  # fmt: skip
def test_codes_are_the_numbers_the_operator_makes_of_them(
    tmp_path: Path, step: bytes, parts: Sequence[Array], expected: Array
) -> None:
    content = exported([step], dict(zip("wsz", parts, strict=False)))
    found = numbers(tmp_path, content)
    assert list(found) == ["w"]
    np.testing.assert_allclose(found["w"], expected, rtol=1e-6)


@pytest.mark.parametrize(("axis", "block"), [(0, 2), (0, 4), (1, 4), (1, 3)])
def test_scales_of_blocks_lie_along_their_axis(tmp_path: Path, axis: int, block: int) -> None:
    shape = [6, 8]
    shape[axis] = -(-shape[axis] // block)
    scale, zero = RANDOM.random(shape).astype("f4"), RANDOM.integers(-9, 9, shape).astype("i1")
    step = node("DequantizeLinear", "w s z", "y", attribute("axis", 3, axis), attribute("block_size", 3, block))
    spread = [np.repeat(one, block, axis)[: 6 if axis == 0 else None, : 8 if axis else None] for one in (scale, zero)]
    found = numbers(tmp_path, exported([step], {"w": CODES, "s": scale, "z": zero}))
    np.testing.assert_allclose(found["w"], (CODES - 1.0 * spread[1]) * spread[0], rtol=1e-6)


def test_four_bits_a_value_are_unpacked(tmp_path: Path) -> None:
    codes = RANDOM.integers(0, 16, (6, 8)).astype("u1")
    content = exported([node("DequantizeLinear", "w s", "y")], {"w": codes, "s": BY_COLUMN}, u4=["w"])
    np.testing.assert_allclose(numbers(tmp_path, content)["w"], codes * BY_COLUMN, rtol=1e-6)


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("zero", ["none", "packed", "numbers"])
def test_blocks_packed_into_bytes_are_the_matrix_of_the_product(tmp_path: Path, bits: int, zero: str) -> None:
    outputs, inputs, block = 5, 40, 16
    blocks = -(-inputs // block)
    codes = RANDOM.integers(0, 1 << bits, (outputs, blocks, block)).astype("u1")
    scale = RANDOM.random((outputs, blocks)).astype("f4")
    points = RANDOM.integers(0, 1 << bits, (outputs, blocks)).astype("u1")
    each = 8 // bits

    def stored(values: Array) -> Array:
        padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % each)])
        parts = padded.reshape(*values.shape[:-1], -1, each) << (np.arange(each) * bits)
        return np.asarray(parts.sum(axis=-1).astype("u1"))

    tensors = {"w_Q4": stored(codes), "s": scale.reshape(-1)}
    tensors |= {"z": {"packed": stored(points), "numbers": points.astype("f4"), "none": points}[zero].reshape(-1)}
    numbered = {"K": inputs, "N": outputs, "bits": bits, "block_size": block}
    told = [attribute(name, 3, value) for name, value in numbered.items()]
    step = node("MatMulNBits", "x w_Q4 s" if zero == "none" else "x w_Q4 s z", "y", *told)
    middle = float(1 << bits - 1) if zero == "none" else points[:, :, None] * 1.0
    expected = ((codes - middle) * scale[:, :, None]).reshape(outputs, -1)[:, :inputs].T
    found = numbers(tmp_path, exported([step], tensors))
    np.testing.assert_allclose(found["w"], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("step", "parts"),
    [
        (node("DequantizeLinear", "w s", "y"), (CODES, BY_ROW)),  # along the axis of eight, only six scales
        (node("DequantizeLinear", "w s", "y", attribute("axis", 3, 7)), (CODES, BY_ROW)),
        (node("DequantizeLinear", "w s z", "y"), (CODES, BY_COLUMN, ZEROS[:3])),
        (node("DequantizeLinear", "w q", "y"), (CODES, BY_COLUMN)),
        (node("MatMulNBits", "x w s", "y", attribute("K", 3, 1 << 40), attribute("block_size", 3, 16)), (CODES, ONE)),
        (node("MatMulNBits", "x w s", "y", attribute("K", 3, 16), attribute("bits", 3, 3)), (CODES, ONE)),
    ],
    ids=range(6),
)
def test_scales_that_do_not_fit_leave_the_codes_alone(tmp_path: Path, step: bytes, parts: Sequence[Array]) -> None:
    assert numbers(tmp_path, exported([step], dict(zip("wsz", parts, strict=False)))) == {}


def dynamic(values: Array, step: float) -> bytes:
    """What ONNX Runtime's dynamic quantisation makes of a product with a matrix."""
    codes = np.rint(values / step).astype("i1")
    scale, zero = np.array(step, "f4"), np.zeros((), "i1")
    steps = [
        node("DynamicQuantizeLinear", "x", "xq xs xz"),
        node("MatMulInteger", "xq w_quantized xz w_zero_point", "i"),
        node("Cast", "i", "f", attribute("to", 3, 1)),
        node("Mul", "xs w_scale", "ws"),
        node("Mul", "f ws", "y"),
    ]
    return exported(steps, {"w_quantized": codes, "w_scale": scale, "w_zero_point": zero})


def test_a_quantised_model_is_held_against_its_original_and_against_the_next_quantised_one(tmp_path: Path) -> None:
    values = RANDOM.standard_normal((64, 48)).astype("f4")
    tuned = (values + RANDOM.standard_normal((64, 48)) * 0.03).astype("f4")
    other = RANDOM.standard_normal((64, 48)).astype("f4")
    plain = exported([node("MatMul", "x w", "y")], {"w": values})
    small = whole(tmp_path / "small", plain, dynamic(values, 0.04))
    assert (small.what, small.detail) == ("quantised", ": F32 → int8 scaled; relative error 0.012 to 0.012")
    # another scale over nearly the same codes: the distance is that of the numbers
    assert whole(tmp_path / "tuned", dynamic(values, 0.04), dynamic(tuned, 0.03)).what == "fine-tuned"
    assert whole(tmp_path / "other", dynamic(values, 0.04), dynamic(other, 0.04)).what == "retrained"


def test_other_scales_over_codes_in_an_untouched_file_are_seen(tmp_path: Path) -> None:
    codes = RANDOM.integers(-128, 128, (64, 48)).astype("i1")
    beside = b"".join(put(1, one) for one in codes.shape) + put(2, 3) + put(8, "w") + put(14, 1)
    beside += put(13, put(1, "location") + put(2, "w.bin"))
    sides: list[dict[str, bytes]] = []
    for factor in (1.0, 1.5):
        scale = np.full(48, 0.01 * factor, "f4")
        made = graph(
            [node("DequantizeLinear", "w s", "d"), node("MatMul", "x d", "y")],
            [beside, tensor("s", (48,), scale.tobytes())], [port("x", 4, 4)], [port("y", 4, 4)],
        )  # fmt: skip
        sides.append({"model.onnx": model(made), "w.bin": codes.tobytes()})
    (found,) = (one for one in changes(tmp_path, sides[0], sides[1]) if isinstance(one, WeightsChanged))
    assert found.what == "continued"


def test_what_the_quantiser_turned_is_turned_back(tmp_path: Path) -> None:
    """A `Gemm` takes its weights along the other axis than the product that takes its place."""
    name = "a.weight_Transposed"
    parts = {f"{name}_quantized": CODES, f"{name}_scale": BY_COLUMN, f"{name}_zero_point": ZEROS}
    found = numbers(tmp_path, exported([node("MatMulInteger", f"x {name}_quantized z {name}_zero_point", "y")], parts))
    assert list(found) == ["a.weight"]
    np.testing.assert_allclose(found["a.weight"], ((CODES - ZEROS * 1.0) * BY_COLUMN).T, rtol=1e-6)


def sliced(bounds: str, *, stop: int = 3) -> bytes:
    steps = [node("MatMul", "x w", "h"), node("Slice", f"h {bounds}0 {bounds}1", "y")]
    tensors = [
        tensor("w", (4, 4), np.eye(4, dtype="<f4").tobytes()),
        tensor(f"{bounds}0", (1,), np.array([1], "<i8").tobytes(), 7),
        tensor(f"{bounds}1", (1,), np.array([stop], "<i8").tobytes(), 7),
    ]
    return model(graph(steps, tensors, [port("x", 4, 4)], [port("y", 4, 4)]))


def test_where_a_graph_cuts_is_part_of_what_it_computes(tmp_path: Path) -> None:
    found = changes(tmp_path / "moved", {"model.onnx": sliced("b")}, {"model.onnx": sliced("b", stop=4)})
    (steps,) = [one for one in found if isinstance(one, GraphStepsChanged)]
    assert steps.detail == "the same operators, joined or set otherwise"
    assert [one.what for one in found if isinstance(one, WeightsChanged)] == ["reserialised"]
    found = changes(tmp_path / "renamed", {"model.onnx": sliced("b")}, {"model.onnx": sliced("c")})
    assert not [one for one in found if isinstance(one, GraphStepsChanged)]
