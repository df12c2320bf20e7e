"""Flax's msgpack: what Flax wrote and what is packed here is read; every lie is refused by name."""

import struct
from pathlib import Path

import numpy as np
import pytest
import weights_support
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.weights import flax, read_weights
from semverlint.formats.weights.base import WeightFile
from semverlint.formats.weights.dtypes import bytes_of, decode

SAMPLE = (Path(__file__).parent / "samples" / "flax_model.msgpack").read_bytes()


class Raw(bytes):
    """Bytes that are already packed."""

    __slots__ = ()


def packed(value: object) -> bytes:  # noqa: PLR0911 - a form a line
    """MessagePack of a value: long forms where there are two, so that both are tried beside the sample's."""
    match value:
        case Raw():
            return bytes(value)
        case None | bool():
            return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
        case int():
            return struct.pack(">Bq", 0xD3, value) if value < 0 else struct.pack(">BI", 0xCE, value)
        case float():
            return struct.pack(">Bd", 0xCB, value)
        case str():
            return struct.pack(">BH", 0xDA, len(value.encode())) + value.encode()
        case bytes():
            return struct.pack(">BI", 0xC6, len(value)) + value
        case list() | tuple():
            return struct.pack(">BB", 0x90 | len(value), 0)[:1] + b"".join(map(packed, value))
        case dict():
            return struct.pack(">BH", 0xDE, len(value)) + b"".join(
                packed(key) + packed(inner) for key, inner in value.items()
            )
        case _:
            raise AssertionError(value)


def extension(code: int, content: bytes) -> Raw:
    return Raw(struct.pack(">BIb", 0xC9, len(content), code) + content)


def array(values: object, dtype: str = "float32", shape: object = None, code: int = 1) -> Raw:
    true = np.asarray(values, np.float32)
    return extension(code, packed([list(true.shape) if shape is None else shape, dtype, true.tobytes()]))


def read(content: bytes) -> WeightFile:
    return weights_support.read(content, "model.msgpack")


RAMP = [[0, 1, 2], [3, 4, 5]]
VALID = {
    "sample": SAMPLE,
    "nested": packed(
        {"a": {"b": {"kernel": array(RAMP), "n": 3}, "list": [array([1]), "x"]}, "lone": array(3, code=3)}
    ),
    "plain": packed({"n": None, "t": True, "f": 1.5, "i": -5, "raw": b"xyz", "c": extension(2, packed([1.0, 2.0]))}),
}


def test_what_flax_wrote_is_read() -> None:
    facts = read(SAMPLE)
    assert {name: (one.dtype, one.shape) for name, one in facts.tensors.items()} == {
        "params.dense.bias": ("F16", (3,)),
        "params.dense.kernel": ("F32", (2, 3)),
        "params.embed": ("BF16", (2, 2)),
        "params.flags": ("BOOL", (2,)),
        "params.ids": ("I32", (3,)),
        "params.large.chunks.0": ("F32", (4,)),
        "params.large.chunks.1": ("F32", (2,)),
        "scale": ("F32", ()),
    }
    numbers = {name: decode(SAMPLE[one.start : one.stop], one.dtype).tolist() for name, one in facts.tensors.items()}
    assert numbers["params.dense.kernel"] == [0, 1, 2, 3, 4, 5]
    assert numbers["params.dense.bias"] == [0, 1, 2]
    assert numbers["params.embed"] == [1, 2, 3, 4]
    assert numbers["params.flags"] == [1, 0]
    assert numbers["params.ids"] == [7, 8, 9]
    assert numbers["params.large.chunks.1"] == [4, 5]
    assert numbers["scale"] == [0.5]
    assert facts.settings == {
        "params.large.__msgpack_chunked_array__": True,
        "params.large.shape.0": 2,
        "params.large.shape.1": 3,
        "step": 1000,
        "note": "é",
    }


def test_nested_maps_and_lists_become_dotted_names() -> None:
    content = VALID["nested"]
    facts = read(content)
    assert list(facts.tensors) == ["a.b.kernel", "a.list.0", "lone"]
    kernel = facts.tensors["a.b.kernel"]
    assert (kernel.dtype, kernel.shape) == ("F32", (2, 3))
    assert decode(content[kernel.start : kernel.stop], "F32").tolist() == [0, 1, 2, 3, 4, 5]
    assert facts.tensors["lone"].shape == ()
    assert facts.settings == {"a.b.n": 3, "a.list.1": "x"}


def test_plain_values_are_settings_and_bytes_are_left_out() -> None:
    facts = read(VALID["plain"])
    assert facts.settings == {"n": None, "t": True, "f": 1.5, "i": -5}
    assert facts.left_out == ("raw, which is 3 bytes", "c, which is a complex number")
    assert read(packed({"f": float("nan")})).settings == {"f": "nan"}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x7f", 127), (b"\xff", -1), (b"\xe0", -32), (b"\xcc\xff", 255), (b"\xcd\x01\0", 256),
        (b"\xcf" + b"\xff" * 8, 2**64 - 1),
        (b"\xd0\x80", -128), (b"\xd1\x80\0", -32768), (b"\xd2\x80\0\0\0", -(2**31)), (b"\xca\x3f\x80\0\0", 1.0),
        (b"\xa1x", "x"), (b"\xd9\x01x", "x"), (b"\xdb\0\0\0\x01x", "x"),
    ],
)  # fmt: skip
def test_every_form_of_a_value_is_read(data: bytes, value: object) -> None:
    assert read(b"\x81\xa1k" + data).settings == {"k": value}


@pytest.mark.parametrize("head", [b"\x81\x01", b"\xde\0\x01\xcc\x01", b"\xdf\0\0\0\x01\xd9\x011"])
def test_every_form_of_a_map_is_read(head: bytes) -> None:
    assert read(head + b"\xdd\0\0\0\x02\x05\xdc\0\x01\x06").settings == {"1.0": 5, "1.1.0": 6}


def test_the_values_are_never_read() -> None:
    big = np.zeros(2_000_000, np.float32)
    file = Held(packed({"a": array(big), "b": array(big)}), "model.msgpack")
    facts = read_weights(file)
    assert facts is not None
    assert list(facts.tensors) == ["a", "b"]
    assert file.length < 100_000


def test_types_nobody_knows_are_left_out() -> None:
    assert read(packed({"w": array(RAMP, "float31")})).left_out == (
        "the array w, whose type float31 is not known here",
    )


DEEP = b"\x81\xa1k" * 65


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x05", "does not begin with a map"),
        (packed([1]), "does not begin with a map"),
        (b"\x81", "claims 1 bytes at byte 1 of 1"),
        (b"\x82\xa1k\x01", "claims 1 bytes"),
        (b"\x81\xa1k\xc1", "0xc1"),
        (b"\x81\xa1k\x01\x02", "ends at byte 4 of 5"),
        (b"\x82\xa1k\x01\xa1k\x02", "k stands in it twice"),
        (b"\x82\xa3a.b\x01\xa1a\x81\xa1b\x02", "a.b stands in it twice"),
        (b"\x81\xc0\x01", "a name in it is no text"),
        (b"\x81\xa1\xff\x01", "not UTF-8"),
        (b"\x81\xdb\xff\xff\xff\xff", "claims 4,294,967,295"),
        (b"\x81\xa1k\xc6\xff\xff\xff\xff", "k claims 4,294,967,295"),
        (b"\xdf\xff\xff\xff\xff", "claims 1 bytes"),
        (DEEP + b"\x01", "nested too deeply"),
        (packed({"w": extension(1, b"")}), "claims 1 bytes"),
        (packed({"w": extension(1, b"\x01")}), "the array w"),
        (packed({"w": extension(1, packed([3, "float32", b""]))}), "the array w"),
        (packed({"w": array(RAMP, shape=[2, 4])}), "the array w"),
        (packed({"w": array(RAMP, shape=[-2, -3])}), "the array w"),
        (packed({"w": array(RAMP, shape=[2.0, 3.0])}), "the array w"),
        (packed({"w": array(RAMP, shape=[True, 6])}), "the array w"),
        (packed({"w": array(RAMP, shape=Raw(b"\xdc\0\x21" + b"\x01" * 33))}), "the array w"),
        (packed({"w": array(RAMP, "float64")}), "the array w"),
        (packed({"w": extension(1, packed([[1], 5, bytes(4)]))}), "the array w"),
        (packed({"w": extension(1, packed([[1], "float32", "xxxx"]))}), "the array w"),
        (packed({"w": extension(1, packed([[1], "float32", bytes(4)]) + b"\0")}), "the array w"),
        (packed({"w\x1b[31m": array(RAMP, shape=[1])}), r"w\x1b[31m"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(content)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.remedy


def test_more_than_a_model_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flax, "_MOST_VALUES", 3)
    with pytest.raises(FileError, match="more than a model has"):
        read(packed({"a": [1, 2, 3]}))
    monkeypatch.setattr(flax, "_MOST_VALUES", 30)
    monkeypatch.setattr(flax, "_MOST_NAMES", 30)
    with pytest.raises(FileError, match="more than a model has"):
        read(packed({"a" * 10: [1, 2, 3]}))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    edits([b"\xff" * 4, b"\xdf", b"\xc9", b"\x93"]),
)
def test_a_damaged_file_is_read_within_its_bounds_or_refused(name: str, wrong: Edits) -> None:
    content = damaged(VALID[name], wrong)
    try:
        facts = read_weights(Held(content, "model.msgpack"))
    except FileError:
        return
    assert facts is not None
    for tensor in facts.tensors.values():
        assert 0 <= tensor.start <= tensor.stop <= len(content)
        assert tensor.stop - tensor.start == bytes_of(tensor.dtype, tensor.count)
