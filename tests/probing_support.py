"""Small graphs made by the onnx package, for the tests that run them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Port = tuple[str, int, Sequence[int | str]]
FLOAT, DOUBLE, HALF, INT64 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64
RNG = np.random.default_rng(7)
WEIGHT = RNG.normal(size=(16, 10)).astype(np.float32)
BIAS = RNG.normal(size=10).astype(np.float32)
SCALE = RNG.uniform(0.5, 2, size=10).astype(np.float32)


def graph(
    nodes: Sequence[Any],
    tensors: Mapping[str, Any],
    takes: Sequence[Port],
    gives: Sequence[Port],
    *,
    domains: Sequence[str] = (),
    functions: Sequence[Any] = (),
) -> bytes:
    """An ONNX model, checked where it has no operators of its own."""
    made = helper.make_graph(
        list(nodes),
        "a test",
        [helper.make_tensor_value_info(*port) for port in takes],
        [helper.make_tensor_value_info(*port) for port in gives],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in tensors.items()],
    )
    opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=9, functions=list(functions))
    if not domains:
        onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def node(operator: str, takes: str, gives: str, **attributes: Any) -> Any:  # noqa: ANN401 - a class of onnx
    return helper.make_node(operator, takes.split(), gives.split(), **attributes)


def linear(
    weight: Any = WEIGHT,  # noqa: ANN401 - arrays
    bias: Any = BIAS,  # noqa: ANN401 - arrays
    *,
    names: tuple[str, str] = ("w", "b"),
    batch: int | str = "batch",
) -> bytes:
    """Logits of ten classes: one matrix, one bias, each channel scaled."""
    one, two = names
    nodes = [node("MatMul", f"x {one}", "m"), node("Add", f"m {two}", "a"), node("Mul", "a s", "logits")]
    tensors = {one: weight, two: bias, "s": SCALE}
    return graph(nodes, tensors, [("x", FLOAT, [batch, 16])], [("logits", FLOAT, [batch, 10])])


def folded() -> bytes:
    """The same function with the scale folded into matrix and bias, as exporters fold normalisation."""
    nodes = [node("MatMul", "x w", "m"), node("Add", "m b", "logits")]
    tensors = {"w": WEIGHT * SCALE, "b": BIAS * SCALE}
    return graph(nodes, tensors, [("x", FLOAT, ["batch", 16])], [("logits", FLOAT, ["batch", 10])])


def doubled() -> bytes:
    """The same function with a step that changes nothing, bit for bit."""
    nodes = [
        node("Identity", "x", "y"),
        node("MatMul", "y w", "m"),
        node("Add", "m b", "a"),
        node("Mul", "a s", "logits"),
    ]
    tensors = {"w": WEIGHT, "b": BIAS, "s": SCALE}
    return graph(nodes, tensors, [("x", FLOAT, ["batch", 16])], [("logits", FLOAT, ["batch", 10])])


def branched(other: float) -> bytes:
    """A branch that only a flag above a million reaches, and that computes with `other`."""
    kept, turned = (
        helper.make_graph(
            [node("Mul", f"x {name}", f"{name}_out")],
            name,
            [],
            [helper.make_tensor_value_info(f"{name}_out", FLOAT, [4])],
        )
        for name in ("one", "other")
    )
    nodes = [
        node("ReduceMax", "x", "top", keepdims=0),
        node("Greater", "top million", "far"),
        node("If", "far", "y", then_branch=turned, else_branch=kept),
    ]
    tensors = {"million": np.float32(1e6), "one": np.float32(1), "other": np.float32(other)}
    return graph(nodes, tensors, [("x", FLOAT, [4])], [("y", FLOAT, [4])])


def table(rows: int, last: float) -> bytes:
    """Rows looked up by ids; the last one begins with `last`."""
    values = np.random.default_rng(3).normal(size=(rows, 4)).astype(np.float32)
    values[-1, 0] = last
    nodes = [node("Gather", "table input_ids", "rows"), node("ReduceMean", "rows", "pooled", axes=[1], keepdims=0)]
    takes: list[Port] = [("input_ids", INT64, ["batch", "sequence"])]
    return graph(nodes, {"table": values}, takes, [("pooled", FLOAT, ["batch", 4])])


def single(operator: str, takes: Sequence[Port], gives: Port, **attributes: Any) -> bytes:  # noqa: ANN401 - of onnx
    """One step from the inputs to one output."""
    return graph([node(operator, " ".join(port[0] for port in takes), gives[0], **attributes)], {}, takes, [gives])
