"""TFLite models: one built by the generated code and ones built here are read; every lie is refused by name."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import weights_support
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import Port, WeightFile
from semverlint.formats.weights.dtypes import LAYOUTS, bytes_of, decode
from semverlint.formats.weights.tflite import _TYPES, read_tflite
from semverlint.formats.weights.tflite.graph import OPERATORS

SAMPLE = (Path(__file__).parent / "samples" / "tflite_model.tflite").read_bytes()


def read(content: bytes) -> WeightFile:
    return weights_support.read(content, "model.tflite")


Fields = dict[int, Any]
"""A table by slot: (code, number), a text, bytes, a table, or a list of tables or of (code, numbers)."""


def built(root: Fields, identifier: bytes = b"TFL3") -> bytes:  # noqa: C901 - three functions that share the data
    """A FlatBuffer, written from its root onward."""
    data = bytearray(struct.pack("<I", 0) + identifier)

    def align() -> None:
        data.extend(bytes(-len(data) % 16))

    def put(value: Any) -> int:  # noqa: ANN401 - as `Fields` says
        """Write what a field points to, and give its place."""
        align()
        if isinstance(value, dict):
            return table(value)
        at = len(data)
        if isinstance(value, str | bytes):
            content = value.encode() if isinstance(value, str) else value
            data.extend(struct.pack("<I", len(content)) + content + b"\0")
        elif isinstance(value, tuple):
            code, numbers = value
            data.extend(struct.pack("<I", len(numbers)) + struct.pack(f"<{len(numbers)}{code}", *numbers))
        else:
            data.extend(struct.pack("<I", len(value)) + bytes(4 * len(value)))
            for number, inner in enumerate(value):
                point(at + 4 + 4 * number, put(inner))
        return at

    def point(place: int, target: int) -> None:
        struct.pack_into("<I", data, place, target - place)

    def table(fields: Fields) -> int:
        slots = max(fields, default=-1) + 1
        vtable = len(data)
        data.extend(bytes(4 + 2 * slots))
        align()
        at = len(data)
        data.extend(struct.pack("<i", at - vtable))
        waiting = []
        for slot, value in fields.items():
            is_number = isinstance(value, tuple) and isinstance(value[1], int)
            width = struct.calcsize(value[0]) if is_number else 4
            data.extend(bytes(-len(data) % width))
            struct.pack_into("<H", data, vtable + 4 + 2 * slot, len(data) - at)
            if is_number:
                data.extend(struct.pack(f"<{value[0]}", value[1]))
            else:
                waiting.append((len(data), value))
                data.extend(bytes(4))
        struct.pack_into("<HH", data, vtable, 4 + 2 * slots, len(data) - at)
        for place, value in waiting:
            point(place, put(value))
        return at

    point(0, put(root))
    return bytes(data)


def tensor(name: str, shape: list[int], kind: int = 0, buffer: int = 0, **more: Any) -> Fields:  # noqa: ANN401
    """A tensor; what stands in further slots as `s5=…`."""
    found: Fields = {0: ("i", shape), 1: ("b", kind), 2: ("I", buffer), 3: name}
    return found | {int(slot[1:]): value for slot, value in more.items()}


def graph(tensors: list[Fields], operators: list[Fields] | None = None, ins: Any = (), outs: Any = ()) -> Fields:  # noqa: ANN401
    return {0: tensors, 1: ("i", list(ins)), 2: ("i", list(outs)), 3: operators or []}


def model(
    graphs: list[Fields],
    buffers: Sequence[bytes | Fields] = (),
    codes: Sequence[Fields] = (),
    **more: Any,  # noqa: ANN401 - likewise
) -> Fields:
    told = [{}, *({0: one} if isinstance(one, bytes) else one for one in buffers)]
    found: Fields = {0: ("I", 3), 1: list(codes), 2: graphs, 4: told}
    return found | {int(slot[1:]): value for slot, value in more.items()}


def operator(code: int, ins: list[int], outs: list[int], **more: Any) -> Fields:  # noqa: ANN401 - likewise
    found: Fields = {0: ("I", code), 1: ("i", ins), 2: ("i", outs)}
    return found | {int(slot[1:]): value for slot, value in more.items()}


def joined(
    *, stride: int = 1, shape: tuple[int, ...] = (4,), swap: bool = False, scale: float = 0.5, name: str = "w"
) -> bytes:
    """A convolution, and a reshape."""
    scaled = {2: ("f", [scale]), 3: ("q", [0])}
    tensors = [
        tensor("x", [2, 2]),
        tensor(name, [2, 2], 9, 1, s4=scaled),
        tensor("v", [2, 2], 9, 2, s4=scaled),
        tensor("y", [2, 2]),
        tensor("z", [4]),
    ]
    first = operator(0, [0, 2, 1] if swap else [0, 1, 2], [3], s3=("B", 1), s4={1: ("i", stride), 3: ("b", 2)})
    second = operator(1, [3, -1], [4], s3=("B", 17), s4={0: ("i", list(shape))})
    codes: list[Fields] = [{0: ("b", 3), 3: ("i", 3)}, {0: ("b", 22)}]
    return built(model([graph(tensors, [first, second], [0], [4])], [b"abcd", b"efgh"], codes))


RAMP = struct.pack("<6f", *range(6))
ONE = model([graph([tensor("w", [2, 3], 0, 1)])], [RAMP])
VALID = {
    "sample": SAMPLE,
    "one": built(ONE),
    "joined": joined(),
    "two": built(
        model(
            [graph([tensor("w", [2, 3], 0, 1)]), graph([tensor("w", [2, 3], 0, 1), tensor("", [1], 0)])],
            [RAMP, b"1.2"],
            s3="what it is",
            s6=[{0: "min_runtime_version", 1: ("I", 2)}],
        )
    ),
}


def test_what_the_generated_code_wrote_is_read() -> None:
    facts = read(SAMPLE)
    assert {name: (one.dtype, one.shape) for name, one in facts.tensors.items()} == {
        "dense/kernel": ("F32", (3, 4)),
        "dense/bias": ("F32", (3,)),
        "shape": ("I32", (2,)),
    }
    kernel = facts.tensors["dense/kernel"]
    assert decode(SAMPLE[kernel.start : kernel.stop], "F32").tolist() == [number / 8 for number in range(12)]
    shape = facts.tensors["shape"]
    assert decode(SAMPLE[shape.start : shape.stop], "I32").tolist() == [3, 1]
    assert facts.metadata == {"description": "tiny", "min_runtime_version": "1.5.0"}
    assert facts.settings == {}
    told = facts.graph
    assert told is not None
    assert told.inputs == (Port("x", "float32[?, 4]"),)
    assert told.outputs == (Port("y", "float32[3, 1]"),)
    assert told.steps == {"FULLY_CONNECTED": 1, "RESHAPE": 1}
    assert told.version == 3
    assert told.roles == {
        "dense/kernel": "FULLY_CONNECTED[0].1",
        "dense/bias": "FULLY_CONNECTED[0].2",
        "shape": "RESHAPE[0].1",
    }


@pytest.mark.parametrize(("kind", "dtype"), _TYPES.items())
def test_every_type_is_known_by_its_size(kind: int, dtype: str) -> None:
    content = built(model([graph([tensor("w", [2, 3], kind, 1)])], [bytes(bytes_of(dtype, 6))]))
    one = read(content).tensors["w"]
    assert one.dtype == dtype in LAYOUTS
    assert one.stop - one.start == bytes_of(dtype, 6)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("I4", [-1, -8, 7, 0]),
        ("U4", [15, 8, 7, 0]),
        ("I2", [-1, -1, 0, -2, -1, 1, 0, 0]),
        ("U2", [3, 3, 0, 2, 3, 1, 0, 0]),
    ],
)
def test_values_of_few_bits_lie_lowest_first(dtype: str, values: list[int]) -> None:
    assert decode(b"\x8f\x07", dtype).tolist() == values


def test_values_behind_the_tables_are_found() -> None:
    content = built(model([graph([tensor("w", [2, 3], 0, 1)])], [{1: ("Q", 4096), 2: ("Q", 24)}])).ljust(4096) + RAMP
    one = read(content).tensors["w"]
    assert content[one.start : one.stop] == RAMP


def test_the_values_are_never_read() -> None:
    file = Held(built(model([graph([tensor("w", [2_000_000], 0, 1)])], [bytes(8_000_000)])), "model.tflite")
    assert list(read_tflite(file).tensors) == ["w"]
    assert file.length < 100_000


def test_further_graphs_have_their_number_in_front() -> None:
    facts = read(VALID["two"])
    assert list(facts.tensors) == ["w", "1/w"]
    assert facts.metadata == {"description": "what it is", "min_runtime_version": "1.2"}


def test_a_name_that_stands_twice_is_told_apart() -> None:
    tensors = [tensor("w", [2, 3], 0, 1), tensor("w", [2, 3], 0, 1)]
    assert list(read(built(model([graph(tensors)], [RAMP]))).tensors) == ["w", "w#1"]


def test_what_is_no_plain_tensor_is_left_out() -> None:
    tensors = [
        tensor("text", [1], 5, 1),
        tensor("sparse", [2, 3], 0, 1, s6={}),
        tensor("outside", [2, 3], 0, 0, s10=("I", 1)),
        tensor("open", [2, 3], 0, 0),
    ]
    facts = read(built(model([graph(tensors)], [RAMP])))
    assert facts.tensors == {}
    assert facts.left_out == (
        "the tensor text, which holds no numbers (string)",
        "the tensor sparse, which is sparse",
        "the tensor outside, whose values lie in another file",
    )


def test_the_digest_tells_what_is_computed_and_not_how_it_is_named() -> None:
    def digest(content: bytes) -> str:
        told = read(content).graph
        assert told is not None
        return told.digest

    same = digest(joined())
    assert digest(joined(name="another")) == same
    for other in (joined(stride=2), joined(shape=(2, 2)), joined(scale=0.25)):
        assert digest(other) != same
    assert read(joined(scale=0.25)).settings != read(joined()).settings
    assert list(read(joined()).settings) == ["quantization"]


def test_operators_are_counted_by_name_and_custom_ones_by_their_own() -> None:
    codes: list[Fields] = [{0: ("b", 32), 1: "Mine"}, {0: ("b", 127), 3: ("i", 150)}, {0: ("b", 3)}]
    steps = [operator(code, [0], [0]) for code in (0, 1, 2, 2)]
    told = read(built(model([graph([tensor("x", [1])], steps)], [], codes))).graph
    assert told is not None
    assert told.steps == {"custom:Mine": 1, "GELU": 1, "CONV_2D": 2}
    assert OPERATORS[150] == "GELU"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x10\0\0\0TFL2" + bytes(40), "does not begin"),
        (b"\x10\0\0\0TFL3", "points to the bytes"),
        (b"\xff\xff\xff\xffTFL3" + bytes(40), "points to the bytes"),
        (b"\x10\0\0\0TFL3" + bytes(40), "is none"),
        (b"\x10\0\0\0TFL3" + bytes(8) + struct.pack("<i", 2**31 - 1) + bytes(40), "points to the bytes"),
        (built({}), "schema version 0"),
        (built({0: ("I", 2)}), "schema version 2"),
        (VALID["one"][:-16], "claims a vector of 24 entries"),
        (built(model([graph([tensor("w", [2, 3], 0, 2)])], [RAMP])), "has the buffer 2 of 2"),
        (built(model([graph([tensor("w", [2, 4], 0, 1)])], [RAMP])), "float32[2, 4], but has 24 bytes"),
        (built(model([graph([tensor("w", [-2, -3], 0, 1)])], [RAMP])), "but has 24 bytes"),
        (built(model([graph([tensor("w", [1] * 33, 0, 1)])], [RAMP])), "vector of 33 entries"),
        (built(model([graph([tensor("w", [2, 3], 99, 1)])], [RAMP])), "type 99, which is not known"),
        (built(model([graph([tensor("w", [2, 3], -1, 1)])], [RAMP])), "type -1, which is not known"),
        (built(model([graph([tensor("w" * 70_000, [1])])])), "text of 70,000 bytes"),
        (built(model([graph([tensor("w", [6], 0, 1)])], [{1: ("Q", 9999), 2: ("Q", 24)}])), "claims the bytes"),
        (built(model([graph([tensor("w", [1])], [], [1])])), "beyond its 1"),
        (built(model([graph([tensor("w", [1])], [], [], [-1])])), "beyond its 1"),
        (built(model([graph([], [operator(0, [], [])])])), "operator code 0 of 0"),
        (built(model([], [], [{0: ("b", 127), 3: ("i", 9999)}])), "operator 9999, which is not known"),
        (built(model([], [], [{0: ("b", -1), 3: ("i", -7)}])), "operator -1"),
        (built(model([graph([tensor("w\x1b[31m", [7], 0, 1)])], [RAMP])), r"w\x1b[31m"),
        (joined().replace(struct.pack("<I4s", 4, b"abcd"), struct.pack("<I4s", 2**31, b"abcd")), "claims a vector"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(content)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.remedy


def test_entries_that_share_what_they_point_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(built(model([graph([tensor("w", [2, 3], 0, 1)] * 3)], [RAMP])))
    monkeypatch.setattr("semverlint.formats.weights.tflite.flatbuffer._MOST_READS", 50)
    with pytest.raises(FileError, match="without end"):
        read(bytes(content))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    edits([b"\xff" * 4, bytes(4), b"\x04\0\0\0"]),
)
def test_a_damaged_file_is_read_within_its_bounds_or_refused(name: str, wrong: Edits) -> None:
    content = damaged(VALID[name], wrong, 8)
    try:
        facts = read_weights(Held(content, "model.tflite"))
    except FileError:
        return
    assert facts is not None
    for one in facts.tensors.values():
        assert 8 <= one.start <= one.stop <= len(content)
        assert one.stop - one.start == bytes_of(one.dtype, one.count)
