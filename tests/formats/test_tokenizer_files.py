"""The files of a tokenizer, read: what they say, and what becomes of damaged ones."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats import sentencepiece as spm
from semverlint.formats.chat_template import read_templates
from semverlint.formats.ranks import read_ranks
from semverlint.formats.sentencepiece import read_sentencepiece
from semverlint.formats.tokenizer import read_merges, read_tokenizer, read_vocabulary


class Held(File):
    """A file whose content is at hand."""

    def __init__(self, path: str, content: bytes) -> None:
        super().__init__(path, len(content), {})
        self.content = content

    def _read(self, start: int, stop: int) -> bytes:
        return self.content[start:stop]


def held(path: str, content: object) -> Held:
    if isinstance(content, bytes):
        return Held(path, content)
    return Held(path, (content if isinstance(content, str) else json.dumps(content)).encode())


MODEL = b"".join(
    (
        b"\x0a\x0c\x0a\x03\xe2\x96\x81\x15\x00\x00\x80\xbf\x18\x03",  # a piece of its own kind
        b"\x0a\x03\x0a\x01a",  # a piece with nothing but its text
        b"\x12\x02\x18\x02",  # the trainer's settings
        b"\x1a\x02\x18\x01",  # the normaliser's
    )
)


def complaint(read: Callable[[File], object], file: File) -> str:
    """What a reader says is wrong with a file; empty where it reads it."""
    try:
        read(file)
    except FileError as error:
        return str(error)
    return ""


TOKENIZER: dict[str, Any] = {
    "added_tokens": [{"id": 3, "content": "<s>", "special": True, "lstrip": False}],
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"], "unk_token": None},
}


def test_a_sentencepiece_model_gives_pieces_scores_kinds_and_settings() -> None:
    facts = read_sentencepiece(held("tokenizer.model", MODEL))
    assert facts.vocabulary == {"▁": 0, "a": 1}
    assert facts.scores == {"▁": -1.0, "a": 0.0}
    assert facts.special == {"▁"}
    assert facts.trainer == {"model_type": 2}
    assert facts.normaliser == {"add_dummy_prefix": 1}


def test_a_negative_number_of_the_trainer_keeps_its_sign() -> None:
    pad = b"\x12\x0c\xd8\x02" + b"\xff" * 9 + b"\x01"
    assert read_sentencepiece(held("m.model", MODEL + pad)).trainer == {"pad_id": -1}


def test_no_more_fields_are_read_than_a_vocabulary_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spm, "_MOST_PIECES", 5)
    many = b"".join(b"\x0a\x03\x0a\x01" + bytes([97 + n]) for n in range(20))
    assert len(read_sentencepiece(held("m.model", many)).vocabulary) == 5


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_pieces_or_a_file_error(data: bytes) -> None:
    said = complaint(read_sentencepiece, held("m.model", data))
    assert not said or said.startswith("m.model: no SentencePiece model")


@given(st.integers(0, len(MODEL) - 1), st.integers(0, 255), st.integers(0, len(MODEL)))
def test_a_damaged_model_is_pieces_or_a_file_error(place: int, byte: int, length: int) -> None:
    damaged = (MODEL[:place] + bytes([byte]) + MODEL[place + 1 :])[:length]
    said = complaint(read_sentencepiece, held("m.model", damaged))
    assert not said or said.startswith("m.model: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
READERS: list[tuple[str, Callable[[File], object]]] = [
    ("tokenizer.json", read_tokenizer),
    ("vocab.json", read_vocabulary),
    ("tekken.json", read_ranks),
    ("tokenizer_config.json", read_templates),
]


@given(JSON, st.sampled_from(["model", "added_tokens", "truncation", "normalizer", "vocab", "config", "chat_template"]))
def test_json_of_any_shape_is_facts_or_a_file_error(value: object, key: str) -> None:
    for path, read in READERS:
        for content in (value, {**TOKENIZER, key: value}, {"model": {**TOKENIZER["model"], key: value}}):
            said = complaint(read, held(path, content))
            assert not said or said.startswith(path)


@given(JSON, st.sampled_from(["vocab", "merges", "type", "unk_token", "dropout"]))
def test_a_model_of_any_shape_is_facts_or_a_file_error(value: object, key: str) -> None:
    said = complaint(read_tokenizer, held("tokenizer.json", {**TOKENIZER, "model": {**TOKENIZER["model"], key: value}}))
    assert not said or said.startswith("tokenizer.json: ")


def test_a_token_in_an_error_is_cleaned() -> None:
    with pytest.raises(FileError) as caught:
        read_tokenizer(held("tokenizer.json", {"model": {"vocab": {"\x1b[2J\n" + "x" * 999: None}}}))
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_an_old_file_without_a_type_is_known_by_what_its_model_holds() -> None:
    def algorithm(**model: object) -> str:
        return read_tokenizer(held("tokenizer.json", {"model": model})).algorithm

    assert algorithm(vocab={"a": 0, "b": 1, "ab": 2}, merges=["a b"]) == "BPE"
    assert algorithm(vocab=[["a", -1.0]]) == "Unigram"
    assert algorithm(vocab={"a": 0}, max_input_chars_per_word=100) == "WordPiece"
    assert algorithm(vocab={"a": 0}) == "WordLevel"


def test_merges_may_hold_characters_that_end_lines_elsewhere() -> None:
    assert read_merges(held("merges.txt", "#version: 0.2\na \u2028\n\x85 b\r\n")) == (("a", "\u2028"), ("\x85", "b"))


def test_ranks_are_ids_and_bytes_that_are_no_text_are_shown_as_bytes() -> None:
    lines = b"".join(base64.b64encode(token) + b" %d\n" % number for number, token in enumerate([b"a", b"\xff"]))
    assert read_ranks(held("a.tiktoken", lines)) == {"a": 0, "b'\\xff'": 1}


@pytest.mark.parametrize("content", [b"", b"YQ==", b"YQ== -1", b"YQ== 1 2", b"\xff 0", b"a 0"])
def test_lines_that_are_no_ranks_are_a_file_error(content: bytes) -> None:
    with pytest.raises(FileError):
        read_ranks(held("a.tiktoken", content))


def test_templates_are_read_from_every_form() -> None:
    assert read_templates(held("chat_template.jinja", "{{ a }}")) == {"default": "{{ a }}"}
    assert read_templates(held("tokenizer_config.json", {"chat_template": "x"})) == {"default": "x"}
    assert read_templates(held("tokenizer_config.json", {"chat_template": None})) == {}
    assert read_templates(held("tokenizer_config.json", {"chat_template": []})) == {}
    named = [{"name": "default", "template": "x"}, {"name": "rag", "template": "y"}, "odd"]
    assert read_templates(held("tokenizer_config.json", {"chat_template": named})) == {"default": "x", "rag": "y"}
    assert read_templates(held("chat_template.json", {"chat_template": {"default": "x"}})) == {"default": "x"}


def test_a_template_of_many_megabytes_is_refused_by_its_size() -> None:
    with pytest.raises(FileError, match=r"2\.0 MB"):
        read_templates(held("chat_template.jinja", b"x" * 2_000_001))
