"""Graphs of two revisions run on the same inputs: which ones, with what, and what is said where they cannot be."""

import io
from pathlib import Path

import numpy as np
import onnx
import pytest
from probing_support import BIAS, FLOAT, WEIGHT, branched, doubled, folded, graph, linear, node, table
from support import Model, pair

from semverlint.changes.base import Undecided
from semverlint.changes.probed import GraphProbed
from semverlint.compare import compare
from semverlint.compare.pair import Options
from semverlint.terms import Bump

ASKED = Options(probe=True)


def probed(
    tmp_path: Path, old: Model, new: Model, options: Options = ASKED
) -> tuple[list[GraphProbed], list[Undecided]]:
    both = pair(tmp_path, old, new, options)
    found = [change for change in compare(both) if isinstance(change, GraphProbed)]
    return found, both.undecided


def beside(weight: bytes, location: str) -> bytes:
    """The linear graph with its matrix in another file."""
    model = onnx.load_model_from_string(linear())
    matrix = next(one for one in model.graph.initializer if one.name == "w")
    matrix.ClearField("raw_data")
    matrix.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(len(weight)))):
        matrix.external_data.add(key=key, value=value)
    return bytes(model.SerializeToString())


def test_nothing_is_run_unless_asked(tmp_path: Path) -> None:
    assert probed(tmp_path, {"model.onnx": linear()}, {"model.onnx": folded()}, Options()) == ([], [])


def test_nothing_is_run_that_does_not_differ(tmp_path: Path) -> None:
    same: Model = {"model.onnx": linear()}
    assert probed(tmp_path, same, {**same, "README.md": "# New"}) == ([], [])


@pytest.mark.parametrize(
    ("new", "outcome"),
    [
        (doubled(), "equal"),
        (folded(), "rounding"),
        (linear(bias=BIAS + np.float32(1e-3)), "choices"),
        (linear(weight=-WEIGHT), "different"),
    ],
)
def test_what_differs_is_run_and_told_apart(tmp_path: Path, new: bytes, outcome: str) -> None:
    (found,), doubts = probed(tmp_path, {"model.onnx": linear()}, {"model.onnx": new})
    assert (found.outcome, found.draws, found.outputs, found.unreached) == (outcome, 8, 1, "")
    assert found.evidence == "sampled"
    assert not doubts


def test_values_beside_the_graph_count_too(tmp_path: Path) -> None:
    model = beside(WEIGHT.tobytes(), "model.onnx_data")
    old: Model = {"model.onnx": model, "model.onnx_data": WEIGHT.tobytes()}
    (found,), doubts = probed(tmp_path, old, {"model.onnx": model, "model.onnx_data": (-WEIGHT).tobytes()})
    assert (found.path, found.outcome, doubts) == ("model.onnx", "different", [])


def test_values_moved_beside_the_graph_change_nothing(tmp_path: Path) -> None:
    new: Model = {"onnx/m.onnx": beside(WEIGHT.tobytes(), "sub/m.bin"), "onnx/sub/m.bin": WEIGHT.tobytes()}
    (found,), _ = probed(tmp_path, {"onnx/m.onnx": linear()}, new)
    assert found.outcome == "equal"


@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "C:\\secret", "missing.bin", "link.bin"])
def test_values_outside_the_repository_are_never_read(tmp_path: Path, location: str) -> None:
    new: Model = {"model.onnx": beside(WEIGHT.tobytes(), location)}
    (tmp_path / "secret").write_bytes(WEIGHT.tobytes())
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "link.bin").symlink_to(tmp_path / "secret")
    found, doubts = probed(tmp_path, {"model.onnx": linear()}, new)
    assert not found
    assert any(doubt.failed for doubt in doubts)


def test_a_graph_that_took_the_others_place_is_run_beside_it(tmp_path: Path) -> None:
    (found,), _ = probed(tmp_path, {"a/first.onnx": linear()}, {"a/second.onnx": folded()})
    assert (found.path, found.outcome) == ("a/second.onnx", "rounding")
    two: Model = {"a/second.onnx": folded(), "a/third.onnx": doubled()}
    assert probed(tmp_path / "two", {"a/first.onnx": linear()}, two)[0] == []


@pytest.mark.parametrize(
    ("old", "new", "unreached"),
    [
        (branched(1), branched(7), "branches"),
        (table(9_999, 0), table(9_999, 5), "tables of which only some rows were looked up"),
    ],
)
def test_what_draws_may_not_reach_is_said(tmp_path: Path, old: bytes, new: bytes, unreached: str) -> None:
    (found,), _ = probed(tmp_path, {"model.onnx": old}, {"model.onnx": new})
    assert (found.outcome, found.unreached) == ("equal", unreached)


def test_what_cannot_be_run_is_undecided_and_asks_for_no_more_than_a_minor_release(tmp_path: Path) -> None:
    other = graph([node("Neg", "z", "y")], {}, [("z", FLOAT, [3])], [("y", FLOAT, [3])])
    found, doubts = probed(tmp_path, {"model.onnx": linear()}, {"model.onnx": other})
    assert not found
    (doubt,) = [one for one in doubts if "not run" in one.reason]
    assert doubt.at_most is Bump.MINOR
    assert not doubt.failed


def test_a_damaged_graph_is_one_clear_doubt(tmp_path: Path) -> None:
    found, doubts = probed(tmp_path, {"model.onnx": linear()}, {"model.onnx": linear()[:-50]})
    assert not found
    assert any(doubt.failed and doubt.path == "model.onnx" for doubt in doubts)


def test_the_checker_of_the_format_accepts_what_is_made_here() -> None:
    for made in (linear(), folded(), doubled(), branched(2), table(5, 1)):
        onnx.checker.check_model(onnx.load_model(io.BytesIO(made)))
