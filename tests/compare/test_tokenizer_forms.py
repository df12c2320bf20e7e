"""The forms a tokenizer is kept in, compared like with like."""

import base64
from pathlib import Path
from typing import Any

from support import Content, changes
from tokenizer_support import BPE, END, LETTERS, PIECES, between, bpe, kinds, message, ranks, sentencepiece

from semverlint.changes.tokenizer import (
    MergesChanged,
    SourcesDisagree,
    TokenAdded,
    TokenizerFileAdded,
    TokenizerFileChanged,
    TokenizerFileRemoved,
    TokenizerPartChanged,
    TokenizerRewritten,
    TokenMoved,
)


def test_added_tokens_written_out_in_the_configuration_say_nothing_new(tmp_path: Path) -> None:
    decoder = {"9": {key: value for key, value in END.items() if key != "id"}}
    old: dict[str, Content] = {"tokenizer.json": BPE, "tokenizer_config.json": {}}
    new: dict[str, Content] = {**old, "tokenizer_config.json": {"added_tokens_decoder": decoder}}
    assert changes(tmp_path / "a", old, new) == [TokenizerRewritten(path="tokenizer_config.json")]
    assert changes(tmp_path / "b", new, old) == [TokenizerRewritten(path="tokenizer_config.json")]


def test_a_token_that_only_the_configuration_adds_is_found_there(tmp_path: Path) -> None:
    decoder = {"10": {"content": "<new>", "special": True}}
    old: dict[str, Content] = {"tokenizer.json": BPE, "tokenizer_config.json": {}}
    new: dict[str, Content] = {**old, "tokenizer_config.json": {"added_tokens_decoder": decoder}}
    (found,) = changes(tmp_path, old, new)
    assert found == TokenAdded(path="tokenizer_config.json", token="<new>", after=10, special=True, appended=True)


def test_a_vocabulary_of_lines_is_numbered_by_line(tmp_path: Path) -> None:
    found = changes(tmp_path, {"vocab.txt": "a\nb\nc\n"}, {"vocab.txt": "a\nc\nb\nd"})
    assert [(c.token, c.before, c.after) for c in found if isinstance(c, TokenMoved)] == [("b", 1, 2), ("c", 2, 1)]
    assert [c.token for c in found if isinstance(c, TokenAdded)] == ["d"]


def test_line_ends_of_another_system_change_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, {"vocab.txt": "a\nb\n"}, {"vocab.txt": "a\r\nb"}) == [TokenizerRewritten(path="vocab.txt")]


def test_merges_beside_a_vocabulary_are_compared_in_their_own_file(tmp_path: Path) -> None:
    old: dict[str, Content] = {"vocab.json": dict[str, object](a=0, b=1, ab=2), "merges.txt": "#version: 0.2\na b\n"}
    found = changes(tmp_path, old, {**old, "merges.txt": "#version: 0.2\nb a\n"})
    assert found == [MergesChanged(path="merges.txt", added=1, removed=1, encodings="unknown")]


def test_what_one_form_says_the_others_need_not_say_again(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer.json": {**BPE, "added_tokens": []}, "vocab.json": LETTERS}
    more: dict[str, Any] = {**LETTERS, "e": 9}
    longer = bpe(vocab=more)
    new: dict[str, Content] = {"tokenizer.json": {**longer, "added_tokens": []}, "vocab.json": more}
    assert [(c.path, c.kind) for c in changes(tmp_path, old, new)] == [("tokenizer.json", "token-added")]


def test_a_form_that_changes_alone_is_compared_by_itself_and_now_disagrees(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer.json": BPE, "vocab.json": LETTERS}
    found = changes(tmp_path, old, {**old, "vocab.json": {**LETTERS, "c": 3, "d": 2}})
    assert [c.path for c in found if isinstance(c, TokenMoved)] == ["vocab.json", "vocab.json"]
    (wrong,) = (c for c in found if isinstance(c, SourcesDisagree))
    assert (wrong.other, wrong.count, wrong.example, wrong.already) == ("vocab.json", 2, "c", False)


def test_added_tokens_are_read_beside_every_form(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer.json": BPE, "added_tokens.json": {"</s>": 9}}
    (found,) = changes(tmp_path / "a", old, {**old, "added_tokens.json": {"</s>": 9, "<new>": 10}})
    assert found == TokenAdded(path="added_tokens.json", token="<new>", after=10, special=False, appended=True)
    assert changes(tmp_path / "b", old, {**old, "added_tokens.json": '{"</s>": 9 }'}) == [
        TokenizerRewritten(path="added_tokens.json")
    ]


def test_merges_without_their_vocabulary_are_said_to_differ(tmp_path: Path) -> None:
    old: dict[str, Content] = {"tokenizer.json": BPE, "merges.txt": "a b\n"}
    assert changes(tmp_path, old, {**old, "merges.txt": "b a\n"}) == [TokenizerFileChanged(path="merges.txt")]


def test_forms_come_and_go(tmp_path: Path) -> None:
    one: dict[str, Content] = {"vocab.txt": "a\nb\n"}
    words: dict[str, Any] = {
        "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1}, "unk_token": "a"},
        "added_tokens": [],
    }
    both: dict[str, Content] = {**one, "tokenizer.json": words}
    assert changes(tmp_path / "a", one, both) == [
        TokenizerFileAdded(path="tokenizer.json", vocabulary=True, repeated=False)
    ]
    assert changes(tmp_path / "b", both, one) == [
        TokenizerFileRemoved(path="tokenizer.json", vocabulary=True, repeated=False)
    ]
    only: dict[str, Content] = {"tokenizer.json": words}
    assert kinds(changes(tmp_path / "c", one, only)) == ["tokenizer-file-added", "tokenizer-file-removed"]


def test_a_settings_file_that_only_repeats_another_is_told_apart(tmp_path: Path) -> None:
    one: dict[str, Content] = {"tokenizer.json": BPE, "tokenizer_config.json": {"eos_token": "</s>"}}
    both: dict[str, Content] = {**one, "special_tokens_map.json": {"eos_token": {"content": "</s>"}}}
    both |= {"added_tokens.json": {"</s>": 9}}
    for folder, old, new in (("there", one, both), ("back", both, one)):
        found = [
            c for c in changes(tmp_path / folder, old, new) if isinstance(c, TokenizerFileAdded | TokenizerFileRemoved)
        ]
        assert [(c.path, c.repeated) for c in found] == [("added_tokens.json", True), ("special_tokens_map.json", True)]
    other: dict[str, Content] = {**both, "special_tokens_map.json": {"eos_token": "</s>", "cls_token": "a"}}
    (gone, _) = (c for c in changes(tmp_path / "own", other, {**one, "added_tokens.json": {"</s>": 9}}))
    assert gone == TokenizerFileRemoved(path="special_tokens_map.json", vocabulary=False, repeated=False)


def test_a_vocabulary_that_numbers_pieces_by_itself_is_no_contradiction(tmp_path: Path) -> None:
    old: dict[str, Content] = {"vocab.json": {"b": 0, "▁a": 7, "<s>": 3}}
    assert kinds(changes(tmp_path, old, {**old, "source.spm": sentencepiece(*PIECES)})) == ["tokenizer-file-added"]


def test_sentencepiece_models_are_read_without_running_them(tmp_path: Path) -> None:
    old = sentencepiece(*PIECES)
    new = sentencepiece(*PIECES[:2], PIECES[3], PIECES[2], ("c", -3.0, 1), dummy_prefix=0)
    found = changes(tmp_path, {"tokenizer.model": old}, {"tokenizer.model": new})
    assert [c.token for c in found if isinstance(c, TokenMoved)] == ["▁a", "b"]
    assert [c.token for c in found if isinstance(c, TokenAdded)] == ["c"]
    (part,) = (c for c in found if isinstance(c, TokenizerPartChanged))
    assert part.part == "normalizer"
    assert part.after == '{"add_dummy_prefix":0}'


def test_a_sentencepiece_model_trained_under_another_name_is_the_same(tmp_path: Path) -> None:
    old = sentencepiece(*PIECES)
    trained = message((2, message((1, b"corpus.txt"), (3, 2), (43, -1))))
    new = message(*((1, message((1, p.encode()), (2, s), (3, k))) for p, s, k in PIECES)) + trained
    new += message((3, message((1, b"nfkc"), (3, 1))))
    assert changes(tmp_path, {"spiece.model": old}, {"spiece.model": new}) == [TokenizerRewritten(path="spiece.model")]


def test_a_class_that_numbers_pieces_otherwise_is_no_contradiction(tmp_path: Path) -> None:
    shifted = {"<s>": 0, "<unk>": 1, "▁a": 3, "b": 4}
    words: dict[str, Any] = {"model": {"type": "WordLevel", "vocab": shifted, "unk_token": "<unk>"}, "added_tokens": []}
    old: dict[str, Content] = {"tokenizer.json": words}
    found = changes(tmp_path, old, {**old, "sentencepiece.bpe.model": sentencepiece(*PIECES)})
    assert kinds(found) == ["tokenizer-file-added"]


def test_tiktoken_files_are_read_under_either_name(tmp_path: Path) -> None:
    for name in ("qwen.tiktoken", "tokenizer.model"):
        old, new = ranks(b"!", b"a", b"\xf0\x9f"), ranks(b"!", b"\xf0\x9f", b"a", b"b")
        found = changes(tmp_path / name, {name: old}, {name: new})
        assert [c.token for c in found if isinstance(c, TokenMoved)] == ["a", "b'\\xf0\\x9f'"]
        assert [c.token for c in found if isinstance(c, TokenAdded)] == ["b"]


def test_tekken_files_number_special_tokens_first(tmp_path: Path) -> None:
    def tekken(*tokens: bytes) -> dict[str, object]:
        vocab = [
            {"rank": n, "token_bytes": base64.b64encode(t).decode(), "token_str": None} for n, t in enumerate(tokens)
        ]
        special = [{"rank": 0, "token_str": "<s>", "is_control": True}]
        config = {"default_vocab_size": 1 + len(tokens), "default_num_special_tokens": 1}
        return {"config": config, "vocab": vocab, "special_tokens": special}

    (found,) = between(tmp_path, tekken(b"a"), tekken(b"a", b"b"), "tekken.json")
    assert found == TokenAdded(path="tekken.json", token="b", after=2, special=False, appended=True)
