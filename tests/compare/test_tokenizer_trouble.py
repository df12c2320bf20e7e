"""Tokenizers that contradict themselves, and files that are broken or hostile."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support import Content, changes, pair, snapshot
from tokenizer_support import BPE, LETTERS, PIECES, between, bpe, kinds, ranks, sentencepiece

from semverlint.changes.tokenizer import (
    PadIsEos,
    SpecialTokensDisagree,
    SpecialTokenUnknown,
    TruncationDisagrees,
    VocabularyExceedsConfig,
)
from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair
from semverlint.files import File
from semverlint.snapshot import Snapshot


def test_contradictions_of_the_new_revision_are_found_and_old_ones_marked(tmp_path: Path) -> None:
    cut = {"max_length": 128, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    old: dict[str, Content] = {
        "tokenizer.json": {**BPE, "truncation": cut},
        "config.json": {"vocab_size": 9},
        "special_tokens_map.json": {"eos_token": "<other>"},
        "tokenizer_config.json": {
            "eos_token": "</s>",
            "pad_token": "</s>",
            "unk_token": "<gone>",
            "model_max_length": 512,
        },
    }
    found = changes(tmp_path / "a", {}, old)
    assert VocabularyExceedsConfig(path="tokenizer.json", largest=9, token="</s>", vocab_size=9, already=False) in found
    where = "tokenizer_config.json"
    assert SpecialTokensDisagree(path=where, role="eos", config="</s>", map="<other>", already=False) in found
    assert SpecialTokenUnknown(path=where, role="unk", token="<gone>", already=False) in found
    assert PadIsEos(path=where, token="</s>", already=False) in found
    told = TruncationDisagrees(
        path="tokenizer.json", truncation=128, declared=512, other=where, shorter=True, already=False
    )
    assert told in found
    new: dict[str, Content] = {**old, "merges.txt": "a b"}
    again = changes(tmp_path / "b", old, new, Options(full=True))
    assert [c.already for c in again if isinstance(c, PadIsEos | TruncationDisagrees)] == [True, True]


def test_a_tokenizer_that_agrees_with_itself_says_nothing(tmp_path: Path) -> None:
    model: dict[str, Content] = {
        "tokenizer.json": BPE,
        "vocab.json": LETTERS,
        "merges.txt": "#version: 0.2\na b\nc d\nab cd\n",
        "tokenizer_config.json": {"eos_token": "</s>", "model_max_length": 1e30},
        "special_tokens_map.json": {"eos_token": {"content": "</s>"}},
        "config.json": {"vocab_size": 16},
    }
    assert changes(tmp_path, model, model, Options(full=True)) == []


class Remote(File):
    """A file that costs a download."""

    def __init__(self, path: str, content: object, downloads: list[str]) -> None:
        self.content = json.dumps(content).encode() if not isinstance(content, str) else content.encode()
        super().__init__(path, len(self.content), {"sha256": hashlib.sha256(self.content).hexdigest()})
        self.downloads = downloads

    @property
    def remote(self) -> bool:
        return True

    def _read(self, start: int, stop: int) -> bytes:
        self.downloads.append(self.path)
        return self.content[start:stop]


def test_a_tokenizer_that_is_the_same_is_not_downloaded_for_a_setting_or_a_template() -> None:
    downloads: list[str] = []

    def revision(padding: str, template: str) -> Snapshot:
        files = {"tokenizer.json": BPE, "tokenizer_config.json": {"padding_side": padding, "eos_token": "</s>"}}
        named: dict[str, object] = {**files, "chat_template.jinja": template}
        return Snapshot("org/name", [Remote(path, content, downloads) for path, content in named.items()])

    found = list(compare(Pair(revision("right", "{{ 1 }}"), revision("left", "{{ 2 }}"))))
    assert kinds(found) == ["prompt-changed", "tokenizer-setting-changed"]
    assert "tokenizer.json" not in downloads


BROKEN: dict[str, tuple[str, Content]] = {
    "a list": ("tokenizer.json", []),
    "no model": ("tokenizer.json", {"version": "1.0"}),
    "a vocabulary that is a number": ("tokenizer.json", {"model": {"vocab": 5}}),
    "an id that is a text": ("tokenizer.json", {"model": {"vocab": {"a\n\x1b[2J": "0"}}}),
    "an id below nought": ("tokenizer.json", {"model": {"vocab": {"a": -1}}}),
    "a merge of three": ("tokenizer.json", {"model": {"vocab": {"a": 0}, "merges": [["a", "b", "c"]]}}),
    "merges that are a text": ("tokenizer.json", {"model": {"vocab": {"a": 0}, "merges": "a b"}}),
    "a score beyond every float": ("tokenizer.json", {"model": {"type": "Unigram", "vocab": [["a", 10**400]]}}),
    "an added token without an id": ("tokenizer.json", {"model": {"vocab": {}}, "added_tokens": [{"content": "a"}]}),
    "JSON nested too deeply": ("tokenizer.json", "[" * 100_000),
    "no JSON": ("tokenizer_config.json", "{"),
    "a configuration that is a list": ("tokenizer_config.json", []),
    "roles that are a text": ("special_tokens_map.json", '"eos"'),
    "no UTF-8": ("vocab.txt", b"\xff\xfe"),
    "a vocabulary of lists": ("vocab.json", {"a": []}),
    "no SentencePiece model": ("tokenizer.model", b"\x08\x80"),
    "an empty SentencePiece model": ("tokenizer.model", b""),
    "a rank that is none": ("a.tiktoken", b"YQ== x\n"),
    "a token that is no base64": ("a.tiktoken", b"!!!! 0\n"),
    "ranks without tokens": ("tekken.json", {"config": {}, "vocab": 5}),
    "a pointer": ("tokenizer.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
}
GOOD: dict[str, Content] = {
    "tokenizer.json": BPE,
    "tokenizer_config.json": {},
    "special_tokens_map.json": {},
    "vocab.txt": "a\n",
    "vocab.json": LETTERS,
    "tokenizer.model": sentencepiece(*PIECES),
    "a.tiktoken": ranks(b"a"),
    "tekken.json": {},
}


@pytest.mark.parametrize(("name", "content"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_undecided_and_named(tmp_path: Path, name: str, content: Content) -> None:
    good: dict[str, Content] = {name: GOOD[name]}
    for folder, old, new in (("there", good, {name: content}), ("back", {name: content}, good)):
        both = pair(tmp_path / folder, old, new)
        list(compare(both))
        assert {doubt.path for doubt in both.undecided} == {name}
        assert all(doubt.failed for doubt in both.undecided)
        assert all("\x1b" not in doubt.reason for doubt in both.undecided)


def test_a_tokenizer_of_two_hundred_megabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    both = pair(tmp_path, {"tokenizer.json": BPE}, {"tokenizer.json": BPE})
    with (tmp_path / "new" / "tokenizer.json").open("r+b") as file:
        file.truncate(200_000_000)
    both = Pair(both.old, snapshot(tmp_path / "new"))
    list(compare(both))
    assert [doubt.reason for doubt in both.undecided] == ["200.0 MB is more than the 100.0 MB read of such a file"]


def test_one_broken_form_does_not_hide_what_another_says(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer.json": BPE, "vocab.json": LETTERS}
    both = pair(tmp_path, old, {"tokenizer.json": bpe(vocab={**LETTERS, "e": 10}), "vocab.json": "{"})
    assert "token-added" in kinds(list(compare(both)))
    assert {doubt.path for doubt in both.undecided} == {"vocab.json"}


def test_a_vocabulary_turned_round_is_one_change_a_token(tmp_path: Path) -> None:
    def words(*tokens: str) -> dict[str, Any]:
        return {"model": {"type": "WordLevel", "vocab": {t: n for n, t in enumerate(tokens)}, "unk_token": tokens[0]}}

    tokens = [f"token{number}" for number in range(50_000)]
    assert len(between(tmp_path, words(*tokens), words(*reversed(tokens)))) == 50_001
