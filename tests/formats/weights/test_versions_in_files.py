"""The version a GGUF or ONNX file gives itself, read from its beginning alone."""

import struct
from pathlib import Path

import pytest
from onnx_support import put

from semverlint.errors import FileError
from semverlint.files import File, Meter
from semverlint.formats.weights.gguf.remarks import read_remarks
from semverlint.formats.weights.onnx.version import read_model_version
from semverlint.sources.folder import LocalFile


def file(tmp_path: Path, data: bytes) -> tuple[File, Meter]:
    place, meter = tmp_path / "file", Meter()
    place.write_bytes(data)
    return LocalFile("file", place, len(data), meter), meter


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(*pairs: bytes, count: int | None = None) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs) if count is None else count) + b"".join(pairs)


def said(key: str, value: str) -> bytes:
    return text(key) + struct.pack("<I", 8) + text(value)


def test_remarks_end_where_the_vocabulary_begins(tmp_path: Path) -> None:
    tokens = text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 1 << 40)
    made, meter = file(
        tmp_path, gguf(said("general.version", "v0.3"), tokens, said("general.name", "x")) + bytes(9_000_000)
    )
    assert read_remarks(made) == {"general.version": "v0.3"}
    assert meter.bytes_read < 200_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGUF",
        b"GGML" + bytes(100),
        gguf(count=1 << 60),
        gguf(text("general.version") + struct.pack("<IQ", 8, 1 << 62)),
        gguf(text("general.tags") + struct.pack("<IIQ", 9, 0, 90_000_000)) + bytes(90_000_000),
    ],
    ids=["empty", "short", "another", "many keys", "long text", "long array"],
)
def test_remarks_that_do_not_fit_are_refused_without_reading_on(tmp_path: Path, data: bytes) -> None:
    made, meter = file(tmp_path, data)
    with pytest.raises(FileError):
        read_remarks(made)
    assert meter.bytes_read < 2_000_000


@pytest.mark.parametrize(
    ("number", "version"),
    [(0, None), (1, "1"), (345, "345"), (0x0001_0002_0000_0159, "1.2.345"), (-1, None), (1 << 32, "0.1.0")],
)
def test_a_model_version_is_unpacked_as_the_standard_packs_it(tmp_path: Path, number: int, version: str | None) -> None:
    made, _ = file(tmp_path, put(1, 8) + put(5, number) + put(7, put(2, "graph")))
    assert read_model_version(made) == version


def test_the_graph_is_not_read(tmp_path: Path) -> None:
    made, meter = file(tmp_path, put(5, 3) + put(7, bytes(20_000_000)))
    assert (read_model_version(made), meter.bytes_read < 200_000) == ("3", True)


def test_a_file_of_nothing_but_fields_is_given_up(tmp_path: Path) -> None:
    made, _ = file(tmp_path, put(9, 1) * 1_000_000 + put(5, 3))
    assert read_model_version(made) is None
