"""Headers of safetensors files: true ones are read, lying ones are refused by name."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from support import safetensors, snapshot, write
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import WeightFile
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.formats.weights.safetensors import TYPES

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def read(tmp_path: Path, content: bytes) -> WeightFile:
    facts = snapshot(write(tmp_path, {"model.safetensors": content})).facts(read_weights, "model.safetensors")
    assert facts is not None
    return facts


def made(header: object, values: int = 8) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(values)


def test_names_types_shapes_and_metadata_are_read(tmp_path: Path) -> None:
    content = safetensors({"a": ("F32", [2, 3], bytes(24)), "b": ("BF16", [], bytes(2))}, {"format": "pt"})
    facts = read(tmp_path, content)
    assert {name: (one.dtype, one.shape, one.count) for name, one in facts.tensors.items()} == {
        "a": ("F32", (2, 3), 6),
        "b": ("BF16", (), 1),
    }
    assert facts.metadata == {"format": "pt"}
    assert facts.tensors["b"].stop == len(content)


@pytest.mark.parametrize("dtype", sorted(TYPES))
def test_every_type_is_known_by_its_size(tmp_path: Path, dtype: str) -> None:
    facts = read(tmp_path, safetensors({"x": (dtype, [8], bytes(bytes_of(dtype, 8)))}))
    assert facts.tensors["x"].dtype == dtype


def test_a_file_without_tensors_is_fine(tmp_path: Path) -> None:
    assert read(tmp_path, made({}, 0)).tensors == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x01\x02", "no safetensors"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
        (struct.pack("<Q", 2**63) + bytes(40), "claims a header"),
        (struct.pack("<Q", 41) + bytes(40), "claims a header"),
        (made(b"[]", 0), "no JSON object"),
        (made(b"{", 0), "cannot be read"),
        (made(b"\xff\xfe", 0), "cannot be read"),
        (made(b"[" * 100_000, 0), "cannot be read"),
        (made(b'{"a": 1, "a": 2}', 0), "twice"),
        (made({"__metadata__": {"k": 1}}, 0), "__metadata__"),
        (made({"__metadata__": []}, 0), "__metadata__"),
        (made({"w": 3}), "tensor w lacks"),
        (made({"w": {"dtype": "F32", "shape": [2]}}), "tensor w lacks"),
        (made({"w": {**F32, "dtype": "F31"}}), "unknown type F31"),
        (made({"w": {**F32, "shape": [-2]}}), "no list of whole numbers"),
        (made({"w": {**F32, "shape": [2.0]}}), "no list of whole numbers"),
        (made({"w": {**F32, "shape": [True, 2]}}), "no list of whole numbers"),
        (made({"w": {**F32, "shape": [1] * 33}}), "no list of whole numbers"),
        (made({"w": {**F32, "shape": [2**62, 2**62]}}), "claims the bytes"),
        (made({"w": {**F32, "shape": [3]}}), "claims the bytes"),
        (made({"w": {**F32, "data_offsets": [8, 0]}}), "claims the bytes"),
        (made({"w": {**F32, "data_offsets": [-8, 0]}}), "claims the bytes"),
        (made({"w": {**F32, "data_offsets": [False, 8]}}), "no numbers"),
        (made({"w": {**F32, "data_offsets": [0, 2**70]}}), "claims the bytes"),
        (made({"w": {**F32, "data_offsets": [8, 16]}}, 16), "gap or overlap"),
        (made({"a": F32, "b": F32}), "gap or overlap"),
        (made({"w": F32}, 9), "end at byte"),
        (made({"w": F32}, 7), "claims the bytes"),
        (made({"w\u001b[31m\n": {**F32, "shape": [3]}}), r"tensor w\x1b[31m\n"),
    ],
)
def test_a_header_that_lies_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path, content)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.remedy


VALID = safetensors(
    {"a.0.w": ("F32", [2, 3], bytes(24)), "b": ("BF16", [], bytes(2)), "c": ("F4", [4], b"\x01\x02")}, {"format": "pt"}
)
PIECES = [
    b'"a"',
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"-1",
    b"1e9",
    b"NaN",
    b"9" * 30,
    b"null",
    b"\xff",
    b'"F64"',
    b"\0",
]


@settings(max_examples=400, deadline=None)
@given(edits(PIECES, len(VALID) - 1, 6, 3))
def test_a_damaged_file_is_read_within_its_bounds_or_refused(wrong: Edits) -> None:
    content = damaged(VALID, wrong)
    try:
        facts = read_weights(Held(content, "model.safetensors"))
    except FileError:
        return
    assert facts is not None
    for tensor in facts.tensors.values():
        assert 8 <= tensor.start <= tensor.stop <= len(content)
        assert tensor.stop - tensor.start == bytes_of(tensor.dtype, tensor.count)


def test_metadata_may_be_null(tmp_path: Path) -> None:
    assert read(tmp_path, made({"__metadata__": None, "w": F32})).metadata == {}
