"""NumPy's files as NumPy writes them are read; every lie is refused by name, and nothing is unpickled."""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import weights_support
from far_support import Far, FarStore
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.weights import numpy_files, read_weights
from semverlint.formats.weights.base import Tensor, WeightFile
from semverlint.formats.weights.dtypes import bytes_of, decode


def read(content: bytes, path: str = "model.npy") -> WeightFile:
    return weights_support.read(content, path)


def npy(array: Any) -> bytes:  # noqa: ANN401 - whatever NumPy saves
    target = io.BytesIO()
    np.save(target, array, allow_pickle=True)
    return target.getvalue()


def npz(arrays: Mapping[str, Any], *, compressed: bool = False) -> bytes:
    target = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(target, **arrays)
    return target.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def header(text: str, values: int = 24, version: bytes = b"\x01\0") -> bytes:
    return (
        b"\x93NUMPY"
        + version
        + struct.pack("<H" if version[0] == 1 else "<I", len(text))
        + text.encode()
        + bytes(values)
    )


def values(content: bytes, tensor: Tensor) -> list[float]:
    data = (tensor.held or content)[tensor.start : tensor.stop]
    return [float(value) for value in decode(data, tensor.dtype)]


RAMP = np.arange(6, dtype=np.float32).reshape(2, 3)
GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
VALID = {
    "npy": npy(RAMP),
    "fortran": npy(np.asfortranarray(RAMP)),
    "pickled": npy(np.array([None])),
    "structured": npy(np.zeros(3, [("a", "f4"), ("b", "i8", (2,))])),
    "npz": npz({"a": RAMP, "b": np.float64(3)}),
    "deflated": npz({"a": np.zeros((40, 50)), "b": RAMP}, compressed=True),
    "mixed": zipped({"a.npy": npy(RAMP), "notes.txt": b"x", "o.npy": npy(np.array([None]))}),
}
ENDINGS = {name: ".npy" if name in {"npy", "fortran", "pickled", "structured"} else ".npz" for name in VALID}


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("?", "BOOL"), ("i1", "I8"), ("u1", "U8"), ("i2", "I16"), ("u2", "U16"), ("i4", "I32"), ("u4", "U32"),
        ("i8", "I64"), ("u8", "U64"), ("f2", "F16"), ("f4", "F32"), ("f8", "F64"), ("c8", "C64"), ("c16", "C128"),
    ],
)  # fmt: skip
def test_every_type_is_read(kind: str, dtype: str) -> None:
    content = npy(np.array([0, 1, 1], kind))
    tensor = read(content).tensors["array"]
    assert (tensor.dtype, tensor.shape, tensor.order) == (dtype, (3,), None)
    assert tensor.stop == len(content)
    assert tensor.stop - tensor.start == bytes_of(dtype, 3)


def test_shape_and_order_are_read() -> None:
    content = npy(np.asfortranarray(RAMP))
    tensor = read(content).tensors["array"]
    assert (tensor.shape, tensor.order) == ((2, 3), (1, 0))
    assert values(content, tensor) == [0, 3, 1, 4, 2, 5]
    assert read(npy(RAMP)).tensors["array"].order is None
    assert read(npy(np.asfortranarray(RAMP[0]))).tensors["array"].order is None
    assert read(npy(np.float32(3))).tensors["array"].shape == ()


@pytest.mark.parametrize("version", [b"\x01\0", b"\x02\0", b"\x03\0"])
def test_every_version_is_read(version: bytes) -> None:
    content = header(GOOD, version=version)
    assert np.load(io.BytesIO(content)).shape == (2, 3)
    assert read(content).tensors["array"].shape == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "{'shape': (2L, 3L), 'fortran_order': False, 'descr': '<f4'}",
        "{ 'descr' : \"<f4\",'fortran_order':False,'shape':(2,3)}   \n",
    ],
)
def test_other_writers_order_and_blanks_will_do(text: str) -> None:
    assert read(header(text)).tensors["array"].shape == (2, 3)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([None]), "pickled objects"),
        (np.zeros(3, [("a", "f4"), ("b", "i8", (2,))]), "structured type"),
        (np.zeros(3, ">f4"), "big-endian (>f4)"),
        (np.array(["text"]), "<U4"),
        (np.array([b"text"]), "|S4"),
        (np.zeros(2, "V2"), "|V2"),
        (np.zeros(2, "M8[s]"), "<M8[s]"),
    ],
)
def test_what_is_no_plain_number_is_left_out(array: Any, said: str) -> None:  # noqa: ANN401 - whatever NumPy saves
    for facts in (
        read(npy(array)),
        read(npz({"array": array}), "model.npz"),
        read(npz({"array": array}, compressed=True), "m.npz"),
    ):
        assert facts.tensors == {}
        assert said in facts.left_out[0]


def test_a_second_array_in_a_file_is_left_out() -> None:
    facts = read(npy(RAMP) + npy(RAMP))
    assert list(facts.tensors) == ["array"]
    assert "behind its array" in facts.left_out[0]


def test_stored_arrays_are_read_in_place() -> None:
    content = npz({"a/kernel": RAMP, "b": np.asfortranarray(RAMP), "c": np.float64(3)})
    facts = read(content, "model.npz")
    assert {name: (one.dtype, one.shape, one.order, one.held) for name, one in facts.tensors.items()} == {
        "a/kernel": ("F32", (2, 3), None, None),
        "b": ("F32", (2, 3), (1, 0), None),
        "c": ("F64", (), None, None),
    }
    assert values(content, facts.tensors["a/kernel"]) == [0, 1, 2, 3, 4, 5]
    assert values(content, facts.tensors["c"]) == [3]
    assert facts.left_out == ()


def test_deflated_arrays_are_held() -> None:
    content = npz({"a": RAMP, "b": np.zeros((40, 50))}, compressed=True)
    facts = read(content, "model.npz")
    assert values(content, facts.tensors["a"]) == [0, 1, 2, 3, 4, 5]
    assert values(content, facts.tensors["b"]) == [0] * 2000


def test_deflated_arrays_beyond_the_limit_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_files, "MOST_HELD", 200)
    facts = read(npz({"a": RAMP, "b": RAMP, "c": np.zeros(0)}, compressed=True), "model.npz")
    assert list(facts.tensors) == ["a"]
    assert facts.left_out == (
        "the array b, deflated: saved with `numpy.savez` it could be read in place",
        "the array c, deflated: saved with `numpy.savez` it could be read in place",
    )


def test_other_members_and_packings_are_left_out() -> None:
    facts = read(zipped({"notes.txt": b"x", "a.npy": npy(RAMP)}, zipfile.ZIP_BZIP2), "model.npz")
    assert facts.tensors == {}
    assert facts.left_out == (
        "the member notes.txt, which is no array",
        "the array a, packed by method 12: saved with `numpy.savez` it could be read in place",
    )


def test_an_empty_archive_is_fine() -> None:
    assert read(npz({}), "model.npz").tensors == {}


def test_many_small_arrays_cost_few_requests() -> None:
    file = Held(npz({f"a{number}": RAMP for number in range(200)}), "model.npz")
    read_weights(file)
    assert file.reads < 10


def patched(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new)


STORED = zipped({"a.npy": npy(RAMP)})
DEFLATED = zipped({"a.npy": npy(RAMP)}, zipfile.ZIP_DEFLATED)
SIZE = struct.pack("<I", len(npy(RAMP)))
DIRECTORY = STORED.index(b"PK\x01\x02")


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        (b"\x93NUMPY", "a.npy", "does not begin"),
        (b"\x93NUMPY\x01\0", "a.npy", "claims a header"),
        (header(GOOD, version=b"\x04\0"), "a.npy", "version 4.0"),
        (header(GOOD, version=b"\x01\x01"), "a.npy", "version 1.1"),
        (b"\x93NUMPY\x01\0\xff\xff{}", "a.npy", "claims a header of 65,535"),
        (b"\x93NUMPY\x02\0\0\0\x01\0" + bytes(99999), "a.npy", "claims a header of 65,536"),
        (header(""), "a.npy", "does not write"),
        (header("{}"), "a.npy", "does not write"),
        (header("[1]"), "a.npy", "does not write"),
        (header("{'descr': '<f4', 'fortran_order': False}"), "a.npy", "does not write"),
        (header(GOOD.replace("}", "'shape': (1,)}")), "a.npy", "does not write"),
        (header(GOOD.replace("(2, 3)", "(2, -3)")), "a.npy", "does not write"),
        (header(GOOD.replace("(2, 3)", "(2, 2 3)")), "a.npy", "does not write"),
        (header(GOOD.replace("(2, 3)", "(2,, 3)")), "a.npy", "does not write"),
        (header(GOOD.replace("(2, 3)", "(" + "1," * 33 + ")")), "a.npy", "does not write"),
        (header(GOOD.replace("(2, 3)", "(" + "9" * 20 + ",)")), "a.npy", "does not write"),
        (header(GOOD.replace("False", "__import__('os')")), "a.npy", "does not write"),
        (header(GOOD.replace("False", "'no'")), "a.npy", "does not write"),
        (header(GOOD.replace("'<f4'", "(2,)")), "a.npy", "does not write"),
        (header(GOOD, 23), "a.npy", "claims the shape [2, 3] of <f4"),
        (header(GOOD.replace("(2, 3)", "(" + "9" * 19 + ",)")), "a.npy", "claims the shape"),
        (STORED[:-1], "a.npz", "zip directory is damaged"),
        (b"PK\x03\x04" + bytes(60), "a.npz", "zip directory is damaged"),
        (zipped({"a.npy": npy(RAMP), "b.npy": npy(RAMP)}).replace(b"b.npy", b"a.npy"), "a.npz", "stands twice"),
        (b"PK\x03\x04" + STORED[5:], "a.npz", "is not where it says"),
        (STORED[:DIRECTORY] + STORED[DIRECTORY:].replace(SIZE, b"\xff\xff\0\0"), "a.npz", "lie over each other"),
        (patched(STORED, b"\x93NUMPY", b"\x93NUMPX"), "a.npz", "the array a does not begin"),
        (patched(STORED, b"(2, 3)", b"(2, 9)"), "a.npz", "claims the shape [2, 9]"),
        (DEFLATED[:60] + b"\xff" + DEFLATED[61:], "a.npz", "does not unpack"),
    ],
)  # fmt: skip
def test_a_file_that_lies_is_refused_in_one_line(content: bytes, path: str, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(content, path)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.remedy


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    edits([b"\xff" * 4, bytes(4), b"(", b"9" * 20]),
)
def test_a_damaged_file_is_read_within_its_bounds_or_refused(name: str, wrong: Edits) -> None:
    content = damaged(VALID[name], wrong, 4)
    try:
        facts = read_weights(Held(content, f"model{ENDINGS[name]}"))
    except FileError:
        return
    for tensor in facts.tensors.values() if facts else ():
        inside = content if tensor.held is None else tensor.held
        assert 8 <= tensor.start <= tensor.stop <= len(inside)
        assert tensor.stop - tensor.start == bytes_of(tensor.dtype, tensor.count)


def test_headers_of_arrays_that_lie_far_apart_are_brought_side_by_side() -> None:
    store = FarStore()
    arrays = {str(number): np.zeros((200, 200), np.float32) for number in range(10)}
    file = Far(npz(arrays), "model.npz", store)
    facts = read_weights(file)
    assert facts is not None
    assert facts.tensors.keys() == arrays.keys()
    assert len(store.fetched) == 10
    brought = [(start, stop) for _, start, stop in store.fetched]
    assert file.length < 100_000
    for tensor in facts.tensors.values():
        assert any(start <= tensor.start - 1 < stop for start, stop in brought)
