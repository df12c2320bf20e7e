"""Blocks of ggml's quantised types: ours are held against what the formulas say, and against the package `gguf`."""

import struct
from typing import Any

import numpy as np
import pytest

from semverlint.formats.weights import ggml
from semverlint.formats.weights.dtypes import LAYOUTS, decode
from semverlint.formats.weights.ggml import BLOCKS, decodable, decode_blocks

SOME_BYTES = np.random.default_rng(7).integers(0, 256, 34 * 2 * 4096, np.uint8)


def half(value: float) -> bytes:
    return struct.pack("<e", value)


def blocks(dtype: str, count: int) -> bytes:
    """Blocks of any bytes with scales that are numbers."""
    data = np.resize(SOME_BYTES, (count, LAYOUTS[dtype][1])).copy()
    data[:, :4] = np.frombuffer(half(0.5) + half(-2.0), np.uint8)
    data[1::2, 1] ^= 0x80
    return data.tobytes()


NIBBLES = bytes(low | (15 - low) << 4 for low in range(16))


@pytest.mark.parametrize(
    ("dtype", "block", "first", "last"),
    [
        ("Q4_0", half(0.5) + NIBBLES, (0 - 8) * 0.5, (0 - 8) * 0.5),
        ("Q4_1", half(0.5) + half(3) + NIBBLES, 0 * 0.5 + 3, 0 * 0.5 + 3),
        ("Q5_0", half(0.5) + b"\x01\0\0\x80" + NIBBLES, (16 - 16) * 0.5, (16 - 16) * 0.5),
        ("Q5_1", half(0.5) + half(3) + b"\x01\0\0\0" + NIBBLES, 16 * 0.5 + 3, 0 * 0.5 + 3),
        ("Q8_0", half(0.25) + struct.pack("32b", -128, *[1] * 30, 127), -32.0, 127 / 4),
        ("Q8_1", half(0.25) + half(9) + struct.pack("32b", -128, *[1] * 30, 127), -32.0, 127 / 4),
    ],
)
def test_a_block_is_decoded_by_its_formula(dtype: str, block: bytes, first: float, last: float) -> None:
    assert len(block) == LAYOUTS[dtype][1]
    values = decode_blocks(block, dtype)
    assert values.dtype == np.float32
    assert values.shape == (32,)
    assert (values[0], values[-1]) == (first, last)


def test_nibbles_lie_low_halves_first() -> None:
    values = decode_blocks(half(1) + NIBBLES, "Q4_0")
    assert values.tolist() == [*range(-8, 8), *range(7, -9, -1)]


@pytest.mark.parametrize("dtype", [name for name in LAYOUTS if LAYOUTS[name][0] >= 32])
def test_every_type_gives_what_the_package_gguf_gives(dtype: str) -> None:
    gguf: Any = pytest.importorskip("gguf")
    data = blocks(dtype, 70)
    if not decodable(dtype):  # nobody does
        with pytest.raises(ValueError, match=dtype):
            decode(data, dtype)
        return
    with np.errstate(all="ignore"):
        try:
            rows = np.frombuffer(data, np.uint8).reshape(70, -1)
            theirs = gguf.quants.dequantize(rows, gguf.GGMLQuantizationType[dtype])
        except NotImplementedError:  # ours alone
            assert dtype in BLOCKS
            return
        assert np.array_equal(decode(data, dtype), theirs.reshape(-1), equal_nan=True)


@pytest.mark.parametrize("dtype", sorted(BLOCKS))
def test_a_memoryview_and_no_blocks_at_all_will_do(dtype: str) -> None:
    data = blocks(dtype, 4)
    assert np.array_equal(decode_blocks(memoryview(data), dtype), decode_blocks(data, dtype))
    assert decode_blocks(b"", dtype).shape == (0,)


def test_a_scale_that_is_no_number_is_no_warning() -> None:
    values = decode_blocks(half(float("inf")) + bytes(32), "Q8_0")
    assert np.isnan(values).all()


def test_without_the_package_only_the_plain_types_are_decodable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ggml, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    ggml._known_to_gguf.cache_clear()  # noqa: SLF001 - what is known is kept for the whole process
    try:
        assert decodable("Q8_0")
        assert not decodable("Q4_K")
        with pytest.raises(ValueError, match="Q4_K"):
            decode_blocks(bytes(144), "Q4_K")
    finally:
        ggml._known_to_gguf.cache_clear()  # noqa: SLF001 - likewise


def test_types_nobody_knows_are_not_decodable() -> None:
    assert not decodable("Q9_9")
    assert not decodable("F32")
