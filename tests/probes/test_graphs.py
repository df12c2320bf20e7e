"""Graphs run in the child process: equal, rounded, of equal choices, different, and refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from probing_support import (
    BIAS,
    DOUBLE,
    FLOAT,
    HALF,
    INT64,
    WEIGHT,
    Port,
    doubled,
    folded,
    graph,
    linear,
    node,
    single,
    table,
)

from semverlint.probes import Limits, ProbeFailed, ask

LIMITS = Limits(seconds=20, memory=3_000_000_000)


def probed(tmp_path: Path, old: bytes, new: bytes, rows: int = 0, limits: Limits = LIMITS) -> Any:  # noqa: ANN401 - JSON
    for name, content in (("old", old), ("new", new)):
        (tmp_path / f"{name}.onnx").write_bytes(content)
    question = {"old": str(tmp_path / "old.onnx"), "new": str(tmp_path / "new.onnx"), "rows": rows}
    return ask("graphs", question, limits)


def outcomes(found: Any) -> list[str]:  # noqa: ANN401 - JSON
    assert found["unlike"] == ""
    assert found["draws"] == 8
    return [one["outcome"] for one in found["outputs"]]


@pytest.mark.parametrize(
    "new", [linear(), linear(names=("u", "v")), doubled()], ids=["same", "renamed", "one step more"]
)
def test_the_same_function_gives_equal_outputs(tmp_path: Path, new: bytes) -> None:
    found = probed(tmp_path, linear(), new)
    assert outcomes(found) == ["equal"]
    assert found["outputs"][0]["name"] == "logits"
    assert found["outputs"][0]["apart"] == 0


def test_a_scale_folded_into_the_weights_only_rounds_otherwise(tmp_path: Path) -> None:
    found = probed(tmp_path, linear(), folded())
    assert outcomes(found) == ["rounding"]
    assert 0 < found["outputs"][0]["apart"] < 1e-5


def test_scores_that_moved_a_little_keep_the_same_choices(tmp_path: Path) -> None:
    found = probed(tmp_path, linear(), linear(bias=BIAS + np.float32(1e-3)))
    assert outcomes(found) == ["choices"]
    assert found["outputs"][0]["choices"] >= 8


def test_a_constant_far_smaller_than_training_but_larger_than_rounding_is_seen(tmp_path: Path) -> None:
    found = probed(tmp_path, linear(), linear(weight=WEIGHT * np.float32(1.0001)))
    assert outcomes(found)[0] in {"choices", "different"}


def test_other_weights_give_different_outputs(tmp_path: Path) -> None:
    assert outcomes(probed(tmp_path, linear(), linear(weight=WEIGHT[::-1].copy()))) == ["different"]


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    assert probed(tmp_path, linear(), folded()) == probed(tmp_path, linear(), folded())


def test_a_length_that_became_free_is_tried_as_it_was(tmp_path: Path) -> None:
    assert outcomes(probed(tmp_path, linear(batch=1), linear())) == ["equal"]


def test_ids_stay_within_the_table(tmp_path: Path) -> None:
    found = probed(tmp_path, table(50, 1.0), table(50, 9.0), rows=50)
    assert outcomes(found) != ["equal"]


@pytest.mark.parametrize("kind", [DOUBLE, HALF, INT64, TensorProto.UINT8, TensorProto.STRING, TensorProto.INT8])
def test_inputs_of_every_type_are_drawn(tmp_path: Path, kind: int) -> None:
    made = single("Identity", [("x", kind, ["n", 3])], ("y", kind, ["n", 3]))
    assert outcomes(probed(tmp_path, made, made)) == ["equal"]


def test_masks_positions_rates_and_pasts_are_drawn_as_they_are_called(tmp_path: Path) -> None:
    takes: list[Port] = [
        ("attention_mask", INT64, ["batch", "past + 1"]),
        ("past_ids", INT64, ["batch", "past"]),
        ("new_ids", INT64, ["batch", 1]),
        ("position_ids", INT64, ["batch", "past + 1"]),
        ("sr", INT64, []),
    ]
    nodes = [
        node("Concat", "past_ids new_ids", "ids", axis=1),
        node("Mul", "ids attention_mask", "m"),
        node("Add", "m position_ids", "p"),
        node("Add", "p sr", "y"),
    ]
    made = graph(nodes, {}, takes, [("y", INT64, ["batch", "total"])])
    assert outcomes(probed(tmp_path, made, made)) == ["equal"]


def test_whole_numbers_are_equal_or_different(tmp_path: Path) -> None:
    old = single("ArgMax", [("x", FLOAT, [2, 9])], ("y", INT64, [2, 1]), axis=1)
    new = single("ArgMin", [("x", FLOAT, [2, 9])], ("y", INT64, [2, 1]), axis=1)
    assert outcomes(probed(tmp_path, old, new)) == ["different"]


def test_a_single_probability_chooses_a_side_of_one_half(tmp_path: Path) -> None:
    def gate(factor: float) -> bytes:
        nodes = [node("ReduceSum", "x", "s", keepdims=0), node("Mul", "s f", "t"), node("Sigmoid", "t", "p")]
        return graph(nodes, {"f": np.float32(factor)}, [("x", FLOAT, [8])], [("p", FLOAT, [])])

    found = probed(tmp_path, gate(1.0), gate(0.9))
    assert found["outputs"][0]["outcome"] == "different"  # a number without an axis is no choice

    def gates(factor: float) -> bytes:
        nodes = [node("Mul", "x f", "t"), node("Sigmoid", "t", "p")]
        return graph(nodes, {"f": np.float32(factor)}, [("x", FLOAT, [8, 1])], [("p", FLOAT, [8, 1])])

    assert outcomes(probed(tmp_path, gates(1.0), gates(0.9))) == ["choices"]


def test_nan_in_the_same_places_is_equal_and_in_others_different(tmp_path: Path) -> None:
    root = single("Sqrt", [("x", FLOAT, [64])], ("y", FLOAT, [64]))
    assert outcomes(probed(tmp_path, root, root)) == ["equal"]
    found = probed(tmp_path, root, single("Abs", [("x", FLOAT, [64])], ("y", FLOAT, [64])))
    assert outcomes(found) == ["different"]
    assert found["outputs"][0]["apart"] is None


def test_another_shape_is_named(tmp_path: Path) -> None:
    old = single("ReduceSum", [("x", FLOAT, [2, 3])], ("y", FLOAT, [1, 1]))
    new = single("Identity", [("x", FLOAT, [2, 3])], ("y", FLOAT, [2, 3]))
    assert probed(tmp_path, old, new)["outputs"][0]["detail"] == "float32[1, 1] → float32[2, 3]"


def test_outputs_are_matched_by_name_then_by_place(tmp_path: Path) -> None:
    takes = [("x", FLOAT, [4])]
    steps = [node("Neg", "x", "minus"), node("Abs", "x", "size")]
    ports = [("minus", FLOAT, [4]), ("size", FLOAT, [4])]
    other = [node("Neg", "x", "a"), node("Abs", "x", "b")]
    old, turned = graph(steps, {}, takes, ports), graph(steps, {}, takes, ports[::-1])
    assert outcomes(probed(tmp_path, old, turned)) == ["equal", "equal"]
    renamed = graph(other, {}, takes, [("a", FLOAT, [4]), ("b", FLOAT, [4])])
    assert outcomes(probed(tmp_path, old, renamed)) == ["equal", "equal"]


@pytest.mark.parametrize(
    ("takes", "said"),
    [
        ([("x", FLOAT, [2, 3]), ("y", FLOAT, [2, 3])], "takes other inputs"),
        ([("x", DOUBLE, [2, 3])], "takes inputs of another type or shape"),
        ([("x", FLOAT, [2])], "takes inputs of another type or shape"),
        ([("x", FLOAT, [2, 4])], "takes inputs of another length"),
    ],
)
def test_what_takes_other_inputs_is_not_run(tmp_path: Path, takes: list[tuple[str, int, list[int]]], said: str) -> None:
    old = single("Identity", [("x", FLOAT, [2, 3])], ("z", FLOAT, [2, 3]))
    new = single("Sum", takes, ("z", takes[0][1], takes[0][2]))
    assert probed(tmp_path, old, new)["unlike"] == said


def test_inputs_that_the_new_graph_refuses_are_counted(tmp_path: Path) -> None:
    def reshaped(length: int) -> bytes:
        shape = {"shape": np.array([-1, length], dtype=np.int64)}
        return graph([node("Reshape", "x shape", "y")], shape, [("x", FLOAT, ["n", "m"])], [("y", FLOAT, ["a", "b"])])

    found = probed(tmp_path, reshaped(1), reshaped(64))
    assert found["refused"] > 0


def test_no_draw_may_fit(tmp_path: Path) -> None:
    shape = {"shape": np.array([12_345, 678], dtype=np.int64)}
    made = graph([node("Reshape", "x shape", "y")], shape, [("x", FLOAT, ["n", "m"])], [("y", FLOAT, ["a", "b"])])
    found = probed(tmp_path, made, made)
    assert (found["draws"], found["refused"]) == (0, 0)


def failed(tmp_path: Path, old: bytes, new: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ProbeFailed) as raised:
        probed(tmp_path, old, new, limits=limits)
    assert not raised.value.missing
    return raised.value.reason


def test_a_graph_that_draws_random_numbers_is_not_judged(tmp_path: Path) -> None:
    noise = graph([node("RandomNormalLike", "x", "y")], {}, [("x", FLOAT, [4])], [("y", FLOAT, [4])])
    assert "other answers each time" in failed(tmp_path, noise, noise)


def test_operators_of_nobody_knows_whom_are_refused(tmp_path: Path) -> None:
    own = graph(
        [node("Launch", "x", "y", domain="com.example")],
        {},
        [("x", FLOAT, [4])],
        [("y", FLOAT, [4])],
        domains=["com.example"],
    )
    assert "does not load the new graph" in failed(tmp_path, linear(), own)


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    assert "does not load the old graph" in failed(tmp_path, b"\x08\x09no graph", linear())


def test_a_graph_that_wants_more_memory_than_there_is_has_no_answer(tmp_path: Path) -> None:
    shape = {"shape": np.array([1 << 33], dtype=np.int64)}
    huge = graph([node("ConstantOfShape", "shape", "z"), node("Add", "x z", "y")], shape, [("x", FLOAT, [1])],
                 [("y", FLOAT, ["n"])])  # fmt: skip
    found = probed(tmp_path, huge, huge)
    assert (found["draws"], found["refused"]) == (0, 0)


def test_a_graph_that_runs_for_ever_is_stopped(tmp_path: Path) -> None:
    takes: list[Port] = [("at", INT64, []), ("go", TensorProto.BOOL, []), ("state", FLOAT, [4])]
    gives: list[Port] = [("still", TensorProto.BOOL, []), ("next", FLOAT, [4])]
    inner = helper.make_graph(
        [node("Identity", "go", "still"), node("Add", "state one", "next")],
        "body",
        [helper.make_tensor_value_info(*port) for port in takes],
        [helper.make_tensor_value_info(*port) for port in gives],
    )
    tensors = {"many": np.int64(1 << 40), "yes": np.ones((), dtype=bool), "one": np.float32(1)}
    made = graph([node("Loop", "many yes x", "y", body=inner)], tensors, [("x", FLOAT, [4])], [("y", FLOAT, [4])])
    assert failed(tmp_path, made, made, Limits(seconds=2, memory=3_000_000_000)) == "took longer than 2 s"


def reports() -> list[tuple[str, int]]:
    """What onnxruntime keeps to report to its makers, with when it was last written."""
    folder = Path.home() / ".cache" / "Microsoft" / "DeveloperTools" / ".onnxruntime"
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("*"))


def test_nothing_is_reported_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    before = reports()
    assert outcomes(probed(tmp_path, linear(), linear())) == ["equal"]
    assert reports() == before


def test_an_output_that_never_varies_is_named(tmp_path: Path) -> None:
    nodes = [node("Mul", "x none", "zero"), node("Neg", "x", "y")]
    ports: list[Port] = [("zero", INT64, [4]), ("y", INT64, [4])]
    made = graph(nodes, {"none": np.int64(0)}, [("x", INT64, [4])], ports)
    assert probed(tmp_path, made, made)["still"] == ["zero"]


def test_draws_on_which_rounding_alone_moves_everything_decide_nothing(tmp_path: Path) -> None:
    steps = [node("Mul", "x much", "m"), node("Sin", "m", "y")]
    wild = graph(steps, {"much": np.float32(1e12)}, [("x", FLOAT, [4])], [("y", FLOAT, [4])])
    assert failed(tmp_path, wild, wild) == "decides nothing: rounding alone moves its outputs far"
