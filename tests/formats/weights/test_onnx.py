"""ONNX: tensors wherever they are kept, what is computed told without names, and files that lie refused by name."""

import struct
from pathlib import Path

import pytest
import weights_support
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx_support import attribute, graph, model, node, port, put, tensor, varint
from support import pair, snapshot, write
from weights_support import Edits, Held, damaged, edits

from semverlint.changes.graphs import GraphPortAdded, GraphPortChanged, GraphStepsChanged, GraphVersionRaised
from semverlint.changes.weights import WeightsChanged
from semverlint.compare import compare
from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import WeightFile
from semverlint.formats.weights.dtypes import bytes_of

W = struct.pack("<6f", *range(6))
QKV = [node("MatMul", f"x onnx::MatMul_{number}", f"{number}", name=f"MatMul_{number}") for number in (811, 812, 813)]
TENSORS = [tensor(f"onnx::MatMul_{number}", (2, 3), struct.pack("<6f", *[number] * 6)) for number in (811, 812, 813)]
SUM = [node("Add", "811 812", "s"), node("Add", "s 813", "y")]
PLAIN = model(graph([*QKV, *SUM], TENSORS, [port("x", "batch", 2)], [port("y", "batch", 3)]))
BRANCH = graph(
    [node("Constant", "", "c", attribute("value", 5, tensor("", (2,), b"\1\2\3\4", 10)))], [], [], [port("c", 2)]
)
NESTED = model(
    graph(
        [node("If", "x", "y", attribute("then_branch", 6, BRANCH), attribute("else_branch", 6, BRANCH))],
        [], [port("x", kind=9)], [port("y", 2, kind=10)],
    )
)  # fmt: skip
FUNCTION = put(25, put(1, "twice") + put(4, "a") + put(5, "b") + put(7, node("Add", "a a", "b")) + put(10, "own"))
LISTS = model(
    graph(
        [],
        [
            tensor("floats", (2,), struct.pack("<2f", 1, 2), 1, 4),
            tensor("halves", (2,), varint(0x3C00) + varint(0x4000), 10, 5),
            tensor("bytes", (3,), varint(1) + varint(-1) + varint(-128), 3, 5),
            tensor("longs", (2,), varint(-1) + varint(5), 7, 7),
            tensor("doubles", (1,), struct.pack("<d", 0.5), 11, 10),
            tensor("nibbles", (3,), b"\x21\x03", 22),
        ],
        [], [],
    )
)  # fmt: skip
VALID = {"plain": PLAIN, "nested": NESTED, "lists": LISTS, "function": PLAIN + FUNCTION}


def read(content: bytes) -> WeightFile:
    return weights_support.read(content, "m.onnx")


def values(content: bytes) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (one.dtype, one.shape, (content if one.held is None else one.held)[one.start : one.stop])
        for name, one in read(content).tensors.items()
    }


def test_tensors_ports_and_versions_are_read() -> None:
    facts = read(PLAIN)
    assert values(PLAIN)["onnx::MatMul_811"] == ("F32", (2, 3), struct.pack("<6f", *[811] * 6))
    assert facts.graph is not None
    assert [(one.name, one.type) for one in facts.graph.inputs] == [("x", "float32[batch, 2]")]
    assert (facts.graph.version, facts.graph.opsets, facts.graph.steps) == (8, {"": 17}, {"Add": 2, "MatMul": 3})
    assert facts.metadata == {"producer_name": "a test"}


def test_numbers_in_lists_become_the_bytes_they_stand_for() -> None:
    assert {name: one[2] for name, one in values(LISTS).items()} == {
        "floats": struct.pack("<2f", 1, 2),
        "halves": struct.pack("<2e", 1, 2),
        "bytes": b"\x01\xff\x80",
        "longs": struct.pack("<2q", -1, 5),
        "doubles": struct.pack("<d", 0.5),
        "nibbles": b"\x21\x03",
    }


def test_constants_of_nested_graphs_are_tensors_too() -> None:
    found = values(NESTED)
    assert list(found) == ["y.else_branch.c", "y.then_branch.c"]
    assert set(found.values()) == {("F16", (2,), b"\1\2\3\4")}


def renumbered(content: bytes) -> bytes:
    """The same model exported again: other numbers, of the same length, in every internal name."""
    for old, new in (("811", "914"), ("812", "915"), ("813", "916")):
        content = content.replace(old.encode(), new.encode())
    return content


def test_renumbered_names_change_no_role_and_no_digest() -> None:
    old, new = read(PLAIN).graph, read(renumbered(PLAIN)).graph
    assert old is not None
    assert new is not None
    assert set(old.roles.values()) == set(new.roles.values())
    assert len(set(old.roles.values())) == len(old.roles) == 3
    assert old.digest == new.digest


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(b"Add", b"Sub"),
        model(graph([*QKV, *reversed(SUM)], TENSORS, [port("x", "batch", 2)], [port("y", "batch", 3)])),
        model(graph([*QKV, SUM[0], node("Add", "813 s", "y")], TENSORS, [port("x", 2)], [port("y", 3)])),
        model(graph([*QKV, *SUM], TENSORS, [port("x", 2)], [port("y", 3), port("s", 3)])),
        model(graph([*QKV, SUM[0], node("Add", "s 813", "y", attribute("a", 3, 1))], TENSORS, [port("x", 2)], [port("y", 3)])),  # noqa: E501
    ],
)  # fmt: skip
def test_another_computation_has_another_digest(other: bytes) -> None:
    old, new = read(PLAIN).graph, read(other).graph
    assert old is not None
    assert new is not None
    assert old.digest != new.digest


def test_the_body_of_a_function_counts() -> None:
    call = node("twice", "x", "y", put(7, "own"))
    one, other = (
        read(model(graph([call], [], [port("x", 2)], [port("y", 2)]), more=more)).graph
        for more in (FUNCTION, FUNCTION.replace(b"Add", b"Mul"))
    )
    assert one is not None
    assert other is not None
    assert (one.steps, other.steps) == ({"Add": 1, "twice": 1}, {"Mul": 1, "twice": 1})
    assert one.digest != other.digest


def test_renumbered_tensors_are_matched_by_what_they_are_used_for(tmp_path: Path) -> None:
    both = pair(tmp_path, {"model.onnx": PLAIN}, {"model.onnx": renumbered(PLAIN)})
    assert [c.what for c in compare(both) if isinstance(c, WeightsChanged)] == ["reserialised"]


def test_changes_of_a_graph_are_told(tmp_path: Path) -> None:
    other = model(
        graph([*QKV, *SUM, node("Relu", "y", "z")], TENSORS, [port("x", 1, 2), port("mask", 2)], [port("y", "batch", 3)]),  # noqa: E501
        opset=18, ir=9,
    )  # fmt: skip
    found = list(compare(pair(tmp_path, {"model.onnx": PLAIN}, {"model.onnx": other})))
    assert [c.name for c in found if isinstance(c, GraphPortAdded)] == ["mask"]
    assert [(c.after, c.wider) for c in found if isinstance(c, GraphPortChanged)] == [("float32[1, 2]", False)]
    assert [(c.of, c.before, c.after) for c in found if isinstance(c, GraphVersionRaised)] == [
        ("IR", 8, 9),
        ("ai.onnx", 17, 18),
    ]
    assert [c.detail for c in found if isinstance(c, GraphStepsChanged)] == ["Relu 0 → 1"]


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        (("rows", 2), []),  # what a free length is called binds nobody
        (("rows", "columns"), [True]),
        ((4, 2), [False]),
        (("batch", 2, 1), [False]),
    ],
)
def test_only_a_length_that_another_input_needs_is_a_change(
    tmp_path: Path, lengths: tuple[str | int, ...], told: list[bool]
) -> None:
    plain, other = (
        model(graph([*QKV, *SUM], TENSORS, [port("x", *dims)], [port("y", "batch", 3)]))
        for dims in (("batch", 2), lengths)
    )
    found = compare(pair(tmp_path, {"model.onnx": plain}, {"model.onnx": other}))
    assert [c.wider for c in found if isinstance(c, GraphPortChanged)] == told


def external(location: str, offset: str = "0", length: str = "24") -> bytes:
    where = b"".join(
        put(13, put(1, k) + put(2, v)) for k, v in (("location", location), ("offset", offset), ("length", length))
    )
    return model(graph([], [put(1, 2) + put(1, 3) + put(2, 1) + put(8, "w") + where + put(14, 1)], [], []))


def test_values_beside_the_graph_are_found_there(tmp_path: Path) -> None:
    folder = write(tmp_path, {"m.onnx": external("m.onnx_data"), "m.onnx_data": W})
    facts = snapshot(folder).facts(read_weights, "m.onnx")
    assert facts is not None
    assert (facts.tensors["w"].beside, facts.tensors["w"].start, facts.tensors["w"].stop) == ("m.onnx_data", 0, 24)
    moved = struct.pack("<6f", *[value * 1.01 for value in range(6)])
    old, new = ({"m.onnx": external("m.onnx_data"), "m.onnx_data": data} for data in (W, moved))
    found = list(compare(pair(tmp_path / "x", old, new)))
    assert [c.what for c in found if isinstance(c, WeightsChanged)] == ["fine-tuned"]


def deep(depth: int) -> bytes:
    inner = graph([node("Relu", "a", "b")], [], [], [])
    for _ in range(depth):
        inner = graph([node("If", "a", "b", attribute("then_branch", 6, inner))], [], [], [])
    return inner


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x08\x08", "no graph"),
        (PLAIN[:-3], "no protocol buffer"),
        (b"\x0b" + PLAIN, "no protocol buffer"),
        (b"\x08" + b"\xff" * 20, "no protocol buffer"),
        (PLAIN + PLAIN, "no graph"),
        (model(graph([], [tensor("w", (2, 3), W[:-1])], [], [])), "does not hold the 24 bytes"),
        (model(graph([], [tensor("w", (1 << 40, 1 << 40), W)], [], [])), "a shape that is none"),
        (model(graph([], [tensor("w", (-1,), W)], [], [])), "a shape that is none"),
        (model(graph([], [tensor("w", (2, 3), W, 99)], [], [])), "unknown type 99"),
        (external("../../etc/passwd"), "says its values are in ../../etc/passwd"),
        (external("/etc/passwd"), "says its values are in /etc/passwd"),
        (external("x", "-1"), "in no numbers"),
        (external("x", "0", "25"), "says 25 bytes are 24"),
        (model(deep(30)), "graphs within graphs"),
    ],
)
def test_a_file_that_lies_is_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(FileError, match=r"m\.onnx") as caught:
        read(content)
    assert said in str(caught.value)


def test_a_function_that_calls_itself_ends() -> None:
    own = put(25, put(1, "f") + put(4, "a") + put(5, "b") + put(7, node("f", "a", "b", put(7, "own"))) + put(10, "own"))
    call = node("f", "x", "y", put(7, "own"))
    assert read(model(graph([call], [], [port("x", 2)], [port("y", 2)]), more=own)).graph is not None


PIECES = [b"\xff" * 9, b"\0", b"\x0a", b"\x12\x04", varint(1 << 40), put(7, b""), put(9, b"1234")]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    edits(PIECES, 300, 6, 3),
)
def test_a_damaged_file_is_read_within_its_bounds_or_refused(name: str, wrong: Edits) -> None:
    content = damaged(VALID[name], wrong)
    try:
        facts = read_weights(Held(content, "m.onnx"))
    except FileError:
        return
    assert facts is not None
    for one in facts.tensors.values():
        size = len(content) if one.held is None else len(one.held)
        assert one.beside is not None or 0 <= one.start <= one.stop <= size
        assert one.stop - one.start == bytes_of(one.dtype, one.count)
