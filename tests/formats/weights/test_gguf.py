"""GGUF files: one the package `gguf` wrote and ones made here are read; every lie is refused by name."""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import weights_support
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import WeightFile
from semverlint.formats.weights.dtypes import LAYOUTS, bytes_of, decode
from semverlint.formats.weights.gguf import TYPES

SAMPLE = (Path(__file__).parent / "samples" / "gguf_model.gguf").read_bytes()
CODES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9

Info = tuple[str, Sequence[int], int, int]
"""Name, shape (fastest first), type and offset."""


def read(content: bytes) -> WeightFile:
    return weights_support.read(content, "model.gguf")


def number(value: int, version: int) -> bytes:
    return struct.pack("<I" if version == 1 else "<Q", value)


def text(value: bytes | str, version: int = 3) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return number(len(data), version) + data


def value(kind: int, content: object, version: int = 3) -> bytes:
    """A typed value; of an array, its type and its entries."""
    if kind == STRING:
        assert isinstance(content, str | bytes)
        return text(content, version)
    if kind == ARRAY:
        assert isinstance(content, tuple)
        inner, entries = content
        return (
            struct.pack("<I", inner)
            + number(len(entries), version)
            + b"".join(value(inner, entry, version) for entry in entries)
        )
    return struct.pack(f"<{CODES[kind]}", content)


def made(
    keys: Mapping[str | bytes, tuple[int, object]] | Sequence[tuple[str, tuple[int, object]]] = (),
    tensors: Sequence[Info] = (),
    values: int = 0,
    version: int = 3,
    alignment: int = 32,
    counts: tuple[int, int] | None = None,
) -> bytes:
    pairs = list(keys.items()) if isinstance(keys, Mapping) else list(keys)
    tensor_count, key_count = counts or (len(tensors), len(pairs))
    data = b"GGUF" + struct.pack("<I", version) + number(tensor_count, version) + number(key_count, version)
    for key, (kind, content) in pairs:
        data += text(key, version) + struct.pack("<I", kind)
        data += content if isinstance(content, bytes) and kind != STRING else value(kind, content, version)
    for name, shape, dtype, offset in tensors:
        data += text(name, version) + struct.pack("<I", len(shape))
        data += b"".join(number(size, version) for size in shape) + struct.pack("<IQ", dtype, offset)
    return data + bytes(-len(data) % alignment) + bytes(values)


ONE: list[Info] = [("w", [2, 3], 0, 0)]
VALID = {
    "sample": SAMPLE,
    "v1": made({"a": (STRING, "x"), "b": (ARRAY, (STRING, ["y", "zz"]))}, ONE, 24, version=1),
    "v2": made({"a": (ARRAY, (6, [1.0] * 3)), "general.alignment": (4, 64)}, ONE, 24, version=2, alignment=64),
    "long": made({"tokens": (ARRAY, (STRING, [f"t{i}" for i in range(70)])), "k": (ARRAY, (5, range(70)))}, ONE, 24),
    "blocks": made({}, [("a", [256, 2], 12, 0), ("b", [32], 8, 288)], 288 + 34),
    "empty": made(),
}


def test_what_the_package_wrote_is_read() -> None:
    facts = read(SAMPLE)
    assert {name: (one.dtype, one.shape) for name, one in facts.tensors.items()} == {
        "token_embd.weight": ("F32", (4, 32)),
        "blk.0.attn_norm.weight": ("F16", (5,)),
        "blk.0.ffn_up.weight": ("Q8_0", (2, 64)),
        "blk.0.ffn_down.weight": ("Q4_0", (3, 32)),
        "ids": ("I32", (1, 2, 3)),
    }
    values = {name: decode(SAMPLE[one.start : one.stop], one.dtype)[: one.count] for name, one in facts.tensors.items()}
    random = np.random.default_rng(3)  # as the sample was made
    assert np.array_equal(values["token_embd.weight"], random.standard_normal((4, 32), dtype=np.float32).reshape(-1))
    assert values["blk.0.attn_norm.weight"].tolist() == [0, 1, 2, 3, 4]
    assert values["ids"].tolist() == [0, 1, 2, 3, 4, 5]
    true = random.standard_normal((2, 64), dtype=np.float32).reshape(-1)
    assert np.abs(values["blk.0.ffn_up.weight"] - true).max() < 0.02
    assert facts.metadata == {
        "GGUF.version": "3",
        "general.name": "Tiny",
        "general.license": "apache-2.0",
        "general.tags": '["test","tiny"]',
        "general.source.repo_url": "some/where",
    }
    tokens = b"".join(text(f"token{number}") for number in range(100))
    assert facts.settings == {
        "general.architecture": "llama",
        "general.file_type": 7,
        "general.quantization_version": 2,
        "llama.context_length": 128,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.freq_base": 10000.0,
        "t.u8": 255,
        "t.i8": -1,
        "t.u16": 65535,
        "t.i16": -2,
        "t.i32": -3,
        "t.u64": 2**64 - 1,
        "t.i64": -(2**63),
        "t.f64": 0.1,
        "t.bool": True,
        "t.few": [1, 2, 3],
        "t.texts": ["a", "é"],
        "t.floats": [0.5, 1.5],
        "tokenizer.ggml.tokens": {"length": 100, "type": "string", "sha256": hashlib.sha256(tokens).hexdigest()},
        "tokenizer.ggml.token_type": {
            "length": 100,
            "type": "int32",
            "sha256": hashlib.sha256(struct.pack("<100i", *[1] * 100)).hexdigest(),
        },
        "tokenizer.chat_template": "{{ messages }}",
    }


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_is_read(version: int) -> None:
    facts = read(made({"a": (STRING, "x"), "b": (ARRAY, (STRING, ["y", "zz"]))}, ONE, 24, version))
    assert facts.settings == {"a": "x", "b": ["y", "zz"]}
    assert facts.tensors["w"].shape == (3, 2)
    assert facts.metadata["GGUF.version"] == str(version)


@pytest.mark.parametrize(("kind", "dtype"), TYPES.items())
def test_every_type_is_known_by_its_size(kind: int, dtype: str) -> None:
    together, length = LAYOUTS[dtype]
    tensor = read(made({}, [("w", [together, 2], kind, 0)], length * 2)).tensors["w"]
    assert (tensor.dtype, tensor.stop - tensor.start) == (dtype, bytes_of(dtype, together * 2))


def test_split_files_and_the_alignment_are_remarks() -> None:
    keys: dict[str | bytes, tuple[int, object]] = {
        "split.no": (2, 1),
        "split.count": (2, 3),
        "split.tensors.count": (5, 9),
        "general.alignment": (4, 8),
    }
    facts = read(made(keys, [("w", [1], 0, 8)], 12, alignment=8))
    assert facts.settings == {}
    assert facts.metadata == {
        "GGUF.version": "3",
        "split.no": "1",
        "split.count": "3",
        "split.tensors.count": "9",
        "general.alignment": "8",
    }
    assert facts.tensors["w"].start % 8 == 0


def test_numbers_are_written_as_by_hand() -> None:
    numbers = [0.1, 1e-5, 3.4028234663852886e38, 1e-45, 0.0, float("nan"), float("-inf"), 1 / 3]
    told = read(made({"k": (ARRAY, (6, numbers))})).settings["k"]
    assert isinstance(told, list)
    assert told[:5] == [0.1, 1e-5, 3.4028234663852886e38, 1e-45, 0.0]
    assert told[5:7] == ["nan", "-inf"]
    assert told[7] == pytest.approx(0.33333334, abs=0)


def test_long_texts_stand_by_their_digest_but_templates_whole() -> None:
    long = "x" * 1_000_001
    facts = read(made({"a": (STRING, long), "tokenizer.chat_template": (STRING, long), "b": (ARRAY, (STRING, [long]))}))
    digest = hashlib.sha256(long.encode()).hexdigest()
    assert facts.settings["a"] == {"length": 1_000_001, "type": "string", "sha256": digest}
    assert facts.settings["tokenizer.chat_template"] == long
    assert isinstance(facts.settings["b"], dict)


def test_texts_are_digested_alike_wherever_the_window_ends() -> None:
    texts = ["x" * (number * 37 % 700) for number in range(2000)] + ["y" * 300_000, ""]
    told = read(made({"k": (ARRAY, (STRING, texts))})).settings["k"]
    data = b"".join(map(text, texts))
    assert told == {"length": 2002, "type": "string", "sha256": hashlib.sha256(data).hexdigest()}


def test_a_large_vocabulary_costs_few_requests_and_the_values_none() -> None:
    content = made({"tokens": (ARRAY, (STRING, [f"token number {i}" for i in range(50_000)]))}, ONE, 24 + 50_000_000)
    file = Held(content, "model.gguf")
    read_weights(file)
    assert file.reads < 10
    assert file.furthest < 8_000_000


def test_a_text_that_is_not_utf8_is_shown_escaped() -> None:
    assert read(made({"a": (STRING, b"\xff!")})).settings["a"] == "\\xff!"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GGUF", "no GGUF file"),
        (b"GGUF\x03\0\0\0\0\0", "claims 8 bytes at byte 8"),
        (b"GGUF" + struct.pack(">I", 3) + bytes(64), "big-endian"),
        (made(version=4), "GGUF version 4"),
        (made(version=0), "GGUF version 0"),
        (made(counts=(0, 1))[:24], "truncated"),
        (made(counts=(1, 0)), "truncated"),
        (made(counts=(1_000_001, 0)), "1,000,001 tensors"),
        (made(counts=(2**64 - 1, 0)), "more than a model has"),
        (made(counts=(0, 65_537)), "65,537 keys"),
        (made([("a", (4, 1)), ("a", (4, 1))]), "key a is empty or stands in it twice"),
        (made({"": (4, 1)}), "is empty"),
        (made({b"\xff": (4, 1)}), "not UTF-8"),
        (made({"a": (13, b"")}), "unknown type 13"),
        (made({"a": (ARRAY, struct.pack("<IQ", ARRAY, 1))}), "arrays inside an array"),
        (made({"a": (ARRAY, struct.pack("<IQ", 99, 1))}), "unknown type 99"),
        (made({"a": (ARRAY, struct.pack("<IQ", 0, 2**63))}), "truncated"),
        (made({"a": (ARRAY, struct.pack("<IQ", STRING, 2**61))}), "truncated"),
        (made({"a": (ARRAY, struct.pack("<IQQ", STRING, 100, 2**61))}, (), 999), "truncated"),
        (made({"a": (STRING, b"x" * 70_000)})[:60_000], "truncated"),
        (made({b"k" * 70_000: (4, 1)}), "name of a key claims 70,000"),
        (made({"general.alignment": (4, 0)}), "alignment 0"),
        (made({"general.alignment": (4, 24)}), "alignment 24"),
        (made({"general.alignment": (4, 1 << 21)}), "alignment 2097152"),
        (made({"general.alignment": (10, 32)}), "alignment 32 (uint64)"),
        (made({"general.alignment": (7, 1)}), "alignment True"),
        (made({}, [("w", [1] * 33, 0, 0)], 4), "33 dimensions"),
        (made({}, [("w", [2**32, 2**32], 0, 0)], 4), "no reader takes"),
        (made({}, [("w", [33], 8, 0)], 99), "no reader takes"),
        (made({}, [("w", [], 8, 0)], 99), "no reader takes"),
        (made({}, [("w", [32], 4, 0)], 99), "Q4_2, which ggml no longer reads"),
        (made({}, [("w", [32], 31, 0)], 99), "Q4_0_4_4"),
        (made({}, [("w", [32], 43, 0)], 99), "type 43, which is not known here"),
        (made({}, ONE, 23), "claims the bytes"),
        (made({}, [("w", [2], 0, 4)], 99), "alignment 32"),
        (made({}, [("w", [2], 0, 2**64 - 32)], 99), "claims the bytes"),
        (made({}, [("w", [0], 0, 0)])[:-1], "claims the bytes"),
        (made({}, [*ONE, *ONE], 64), "w stands in it twice"),
        (made({}, [*ONE, ("v", [2], 0, 0)], 64), "overlap"),
        (made({}, [("\u001b[31m\n", [2], 0, 4)], 99), r"\x1b[31m\n"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(content)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.remedy


def test_too_much_text_is_refused() -> None:
    keys = {f"tokenizer.chat_template.{number}": (STRING, "x" * 15_000_000) for number in range(5)}
    with pytest.raises(FileError, match="bytes of text"):
        read(made(list(keys.items())))


def test_what_begins_otherwise_is_no_gguf() -> None:
    assert read_weights(Held(b"ggjt" + bytes(60), "model.gguf")) is None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(VALID)),
    edits([b"\xff" * 8, bytes(8), b"\x09\0\0\0"], 4000),
)
def test_a_damaged_file_is_read_within_its_bounds_or_refused(name: str, wrong: Edits) -> None:
    content = damaged(VALID[name], wrong, 4)
    try:
        facts = read_weights(Held(content, "model.gguf"))
    except FileError:
        return
    assert facts is not None
    for tensor in facts.tensors.values():
        assert 8 <= tensor.start <= tensor.stop <= len(content)
        assert tensor.stop - tensor.start == bytes_of(tensor.dtype, tensor.count)
