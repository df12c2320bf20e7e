"""Tokenizers, compared in whichever forms they are kept."""

import base64
import copy
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from support import Content, changes, pair, snapshot

from semverlint.changes import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import (
    EncodingChanged,
    ExtraTokenListed,
    ExtraTokenUnlisted,
    MaxLengthChanged,
    MergesChanged,
    PadIsEos,
    SourcesDisagree,
    SpecialTokenChanged,
    SpecialTokensDisagree,
    SpecialTokenUnknown,
    TokenAdded,
    TokenFlagsChanged,
    TokenizerClassChanged,
    TokenizerFileAdded,
    TokenizerFileRemoved,
    TokenizerPartChanged,
    TokenizerReplaced,
    TokenizerRewritten,
    TokenizerSettingChanged,
    TokenMoved,
    TokenRemoved,
    TruncationDisagrees,
    VocabularyExceedsConfig,
)
from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair
from semverlint.files import File
from semverlint.probes import ProbeFailed
from semverlint.snapshot import Snapshot

END = {"id": 9, "content": "</s>", "special": True, "lstrip": False, "rstrip": False, "normalized": False}
END |= {"single_word": False}
LETTERS: dict[str, Any] = {"a": 0, "b": 1, "c": 2, "d": 3, "ab": 4, "cd": 5, "abcd": 6, " ": 7, "A": 8}
BPE: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [END],
    "normalizer": None,
    "pre_tokenizer": None,
    "post_processor": None,
    "decoder": None,
    "model": {"type": "BPE", "vocab": LETTERS, "merges": ["a b", "c d", "ab cd"]},
}


def bpe(**model: object) -> dict[str, Any]:
    changed = copy.deepcopy(BPE)
    changed["model"] |= model
    return changed


def between(
    tmp_path: Path, old: dict[str, object], new: dict[str, object], name: str = "tokenizer.json"
) -> list[Change]:
    return changes(tmp_path, {name: old}, {name: new})


def kinds(found: list[Change]) -> list[str]:
    return [change.kind for change in found]


def test_a_token_with_another_id_has_moved(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BPE, bpe(vocab={**LETTERS, "c": 3, "d": 2}))[:1]
    assert found == TokenMoved(path="tokenizer.json", token="c", before=2, after=3, special=False)


def test_special_tokens_come_first_among_the_worst() -> None:
    moved = TokenMoved(path="", token="</s>", before=1, after=2, special=True)
    assert moved.magnitude > TokenMoved(path="", token="a", before=0, after=100_000, special=False).magnitude
    assert TokenRemoved(path="", token="a", before=1, special=True).magnitude > 0
    assert TokenAdded(path="", token="a", after=1, special=True, appended=True).magnitude > 0


def test_tokens_behind_the_old_ones_are_appended_and_others_inserted(tmp_path: Path) -> None:
    gap = {**LETTERS, "e": 12}
    found = between(tmp_path, bpe(vocab=gap), bpe(vocab={**gap, "f": 10, "g": 13}))
    assert [(c.token, c.appended) for c in found if isinstance(c, TokenAdded)] == [("f", False), ("g", True)]


def test_a_token_that_is_gone_is_removed(tmp_path: Path) -> None:
    (found,) = between(tmp_path, bpe(vocab={**LETTERS, "e": 10}), BPE)
    assert found == TokenRemoved(path="tokenizer.json", token="e", before=10, special=False)


def test_a_flag_of_an_added_token_decides_how_it_is_matched(tmp_path: Path) -> None:
    new = {**BPE, "added_tokens": [{**END, "lstrip": True}]}
    found = between(tmp_path, BPE, new)
    assert [(c.token, c.flag, c.after) for c in found if isinstance(c, TokenFlagsChanged)] == [("</s>", "lstrip", True)]


@pytest.mark.parametrize(
    "same",
    [
        {**BPE, "version": "2.0"},
        dict(reversed(BPE.items())),
        {key: value for key, value in BPE.items() if value is not None},
        bpe(dropout=None, fuse_unk=False, byte_fallback=False, continuing_subword_prefix=""),
    ],
)
def test_the_same_tokenizer_in_other_bytes_is_only_rewritten(tmp_path: Path, same: dict[str, object]) -> None:
    assert between(tmp_path / "a", BPE, same) == [TokenizerRewritten(path="tokenizer.json")]
    assert between(tmp_path / "b", same, BPE) == [TokenizerRewritten(path="tokenizer.json")]


def test_merges_written_as_pairs_raise_the_floor_and_nothing_else(tmp_path: Path) -> None:
    pairs = bpe(merges=[["a", "b"], ["c", "d"], ["ab", "cd"]])
    (found,) = between(tmp_path / "a", BPE, pairs)
    assert isinstance(found, ReaderFloorRaised)
    assert (found.reader, found.since, found.older) == ("tokenizers", "0.20", "refuse")
    assert between(tmp_path / "b", pairs, BPE) == [TokenizerRewritten(path="tokenizer.json")]


def test_merges_that_cut_texts_otherwise_are_shown_by_a_text(tmp_path: Path) -> None:
    found = between(tmp_path, BPE, bpe(merges=["a b", "c d"]))
    (merges,) = (c for c in found if isinstance(c, MergesChanged))
    assert (merges.added, merges.removed, merges.encodings) == (0, 1, "differ")
    (shown,) = (c for c in found if isinstance(c, EncodingChanged))
    assert 0 < shown.differ < shown.texts
    assert shown.before != shown.after


def test_merges_in_an_order_that_no_text_shows_are_told_as_equal_and_only_sampled(tmp_path: Path) -> None:
    (found,) = between(tmp_path, BPE, bpe(merges=["c d", "a b", "ab cd"]))
    assert isinstance(found, MergesChanged)
    assert (found.encodings, found.evidence) == ("equal", "sampled")


def test_an_order_of_merges_that_want_the_same_piece_is_found(tmp_path: Path) -> None:
    vocab = {**LETTERS, "bc": 10}
    old, new = bpe(vocab=vocab, merges=["a b", "b c"]), bpe(vocab=vocab, merges=["b c", "a b"])
    (shown,) = (c for c in between(tmp_path, old, new) if isinstance(c, EncodingChanged))
    assert 0 < shown.differ < shown.texts


def test_a_normaliser_that_changes_ids_is_told_from_one_that_does_not(tmp_path: Path) -> None:
    lower = {**BPE, "normalizer": {"type": "Lowercase"}}
    found = between(tmp_path / "a", BPE, lower)
    assert kinds(found) == ["tokenizer-part-changed", "encoding-changed"]
    wrapped = {**BPE, "normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}}
    (part,) = between(tmp_path / "b", lower, wrapped)
    assert isinstance(part, TokenizerPartChanged)
    assert (part.part, part.encodings) == ("normalizer", "equal")


def test_a_decoder_is_decided_by_decoding(tmp_path: Path) -> None:
    fuse, twice = {"type": "Fuse"}, {"type": "Sequence", "decoders": [{"type": "Fuse"}]}
    strip = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "a"}, "content": "x"}]}
    (same,) = between(tmp_path / "a", {**BPE, "decoder": fuse}, {**BPE, "decoder": twice})
    assert isinstance(same, TokenizerPartChanged)
    assert same.encodings == "equal"
    (other,) = between(tmp_path / "b", {**BPE, "decoder": fuse}, {**BPE, "decoder": strip})
    assert isinstance(other, TokenizerPartChanged)
    assert other.encodings == "differ"


def test_truncation_is_never_decided_by_short_texts(tmp_path: Path) -> None:
    cut = {"max_length": 128, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    (found,) = between(tmp_path, BPE, {**BPE, "truncation": cut})
    assert isinstance(found, TokenizerPartChanged)
    assert (found.part, found.encodings) == ("truncation", "unknown")


def test_a_model_that_drops_merges_at_random_is_not_tried(tmp_path: Path) -> None:
    found = between(tmp_path, bpe(dropout=0.1), bpe(dropout=0.2))
    assert [c.encodings for c in found if isinstance(c, TokenizerPartChanged)] == ["unknown"]


def test_without_the_library_structure_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ProbeFailed("needs a library that is not installed", missing=True)

    monkeypatch.setattr("semverlint.compare.tokenizer.encodings.ask", missing)
    (found,) = between(tmp_path, BPE, {**BPE, "normalizer": {"type": "Lowercase"}})
    assert isinstance(found, TokenizerPartChanged)
    assert (found.encodings, found.evidence) == ("unknown", "metadata")


def test_a_trial_that_goes_wrong_is_said(tmp_path: Path) -> None:
    both = pair(tmp_path, {"tokenizer.json": BPE}, {"tokenizer.json": {**BPE, "normalizer": {"type": "Unheard"}}})
    assert kinds(list(compare(both))) == ["tokenizer-part-changed"]
    assert "judged by their structure" in both.undecided[0].reason


def test_another_algorithm_replaces_the_tokenizer(tmp_path: Path) -> None:
    words = {**BPE, "model": {"type": "WordLevel", "vocab": LETTERS, "unk_token": "a"}}
    assert [(c.before, c.after) for c in between(tmp_path, BPE, words) if isinstance(c, TokenizerReplaced)] == [
        ("BPE", "WordLevel")
    ]


def test_scores_of_a_unigram_model_are_held_against_each_other(tmp_path: Path) -> None:
    def unigram(score: float) -> dict[str, object]:
        vocab = [["<unk>", 0.0], ["a", -1.0], ["b", -2.0], ["ab", score]]
        return {**BPE, "added_tokens": [], "model": {"type": "Unigram", "unk_id": 0, "vocab": vocab}}

    found = between(tmp_path, unigram(-1.0), unigram(-9.0))
    assert [(c.part, c.after, c.encodings) for c in found if isinstance(c, TokenizerPartChanged)] == [
        ("scores", "1 of 4", "differ")
    ]


# ----- settings


def settings(tmp_path: Path, old: dict[str, object], new: dict[str, object]) -> list[Change]:
    base: dict[str, object] = {"tokenizer_class": "LlamaTokenizer"}
    return between(tmp_path, {**base, **old}, {**base, **new}, "tokenizer_config.json")


@pytest.mark.parametrize(
    ("key", "before", "after", "effect"),
    [
        ("add_bos_token", True, False, "ids"),
        ("legacy", True, False, "ids"),
        ("do_lower_case", True, False, "ids"),
        ("split_special_tokens", None, True, "ids"),
        ("padding_side", None, "left", "batch"),
        ("clean_up_tokenization_spaces", True, False, "decode"),
        ("model_input_names", ["input_ids"], ["input_ids", "attention_mask"], "inputs"),
        ("auto_map", None, {"AutoTokenizer": ["t.T", None]}, "code"),
        ("name_or_path", "a", "b", "nothing"),
        ("use_fast", None, True, "nothing"),
        ("my_own", 1, 2, "unknown"),
    ],
)
def test_a_setting_is_told_by_what_it_acts_on(
    tmp_path: Path, key: str, before: object, after: object, effect: str
) -> None:
    old = {key: before} if before is not None else {}
    for folder, one, other in (("there", old, {key: after}), ("back", {key: after}, old)):
        (found,) = settings(tmp_path / folder, one, other)
        assert isinstance(found, TokenizerSettingChanged)
        assert (found.key, found.effect) == (key, effect)


@pytest.mark.parametrize(
    "written",
    [
        {"padding_side": "right"},
        {"truncation_side": "right"},
        {"add_prefix_space": False},
        {"strip_accents": None},
        {"tokenize_chinese_chars": True},
        {"tokenizer_class": "LlamaTokenizerFast"},
        {"model_max_length": 1e30},
        {"added_tokens_decoder": {}},
        {"additional_special_tokens": []},
    ],
)
def test_a_default_written_out_changes_nothing(tmp_path: Path, written: dict[str, object]) -> None:
    for folder, old, new in (("there", {}, written), ("back", written, {})):
        assert settings(tmp_path / folder, old, new) == [TokenizerRewritten(path="tokenizer_config.json")]


def test_the_longest_input_is_raised_or_lowered_and_1e30_is_no_limit(tmp_path: Path) -> None:
    def directions(folder: str, old: object, new: object) -> list[str]:
        found = settings(tmp_path / folder, {"model_max_length": old}, {"model_max_length": new})
        return [c.direction for c in found if isinstance(c, MaxLengthChanged)]

    assert directions("a", 512, 256) == ["lowered"]
    assert directions("b", 512, 1e30) == ["raised"]
    assert directions("c", 1000000000000000019884624838656, 512) == ["lowered"]


def test_roles_are_read_from_text_and_object_and_from_both_files(tmp_path: Path) -> None:
    old: dict[str, Content] = {"special_tokens_map.json": {"eos_token": {"content": "</s>", "lstrip": False}}}
    assert changes(tmp_path / "a", old, {"special_tokens_map.json": {"eos_token": "</s>"}}) == [
        TokenizerRewritten(path="special_tokens_map.json")
    ]
    (found,) = changes(tmp_path / "b", old, {"special_tokens_map.json": {"eos_token": "<|eot|>"}})
    assert found == SpecialTokenChanged(path="special_tokens_map.json", role="eos", before="</s>", after="<|eot|>")


def test_the_backend_class_of_transformers_5_only_raises_the_floor(tmp_path: Path) -> None:
    (found,) = settings(tmp_path / "a", {}, {"tokenizer_class": "TokenizersBackend"})
    assert isinstance(found, ReaderFloorRaised)
    (back,) = settings(tmp_path / "b", {"tokenizer_class": "TokenizersBackend"}, {})
    assert isinstance(back, TokenizerSettingChanged)
    assert back.effect == "nothing"


def test_another_class_and_one_named_for_the_first_time_are_told_apart(tmp_path: Path) -> None:
    (found,) = settings(tmp_path / "a", {}, {"tokenizer_class": "GPT2Tokenizer"})
    assert isinstance(found, TokenizerClassChanged)
    (named,) = settings(tmp_path / "b", {"tokenizer_class": None}, {})
    assert isinstance(named, TokenizerClassChanged)
    assert named.before is None


def test_special_tokens_as_a_list_raise_the_floor(tmp_path: Path) -> None:
    found = settings(tmp_path, {"extra_special_tokens": {"image": "<i>"}}, {"extra_special_tokens": ["<i>"]})
    assert [c.form for c in found if isinstance(c, ReaderFloorRaised)] == ["extra_special_tokens as a list"]
    assert len(found) == 1


def test_a_token_listed_as_special_keeps_its_id_and_loses_its_place_in_answers(tmp_path: Path) -> None:
    plain: dict[str, Content] = {"tokenizer.json": BPE, "tokenizer_config.json": {"additional_special_tokens": []}}
    listed: dict[str, Content] = {**plain, "tokenizer_config.json": {"additional_special_tokens": ["ab", "new"]}}
    assert changes(tmp_path / "a", plain, listed) == [ExtraTokenListed(path="tokenizer_config.json", token="ab")]
    assert changes(tmp_path / "b", listed, plain) == [ExtraTokenUnlisted(path="tokenizer_config.json", token="ab")]


# ----- other forms


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


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def message(*fields: tuple[int, int | float | bytes]) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif isinstance(value, float):
            out += varint(number << 3 | 5) + struct.pack("<f", value)
        else:
            out += varint(number << 3) + varint(value)
    return out


def sentencepiece(*pieces: tuple[str, float, int], dummy_prefix: int = 1, pad: int = -1) -> bytes:
    listed = [(1, message((1, piece.encode()), (2, score), (3, kind))) for piece, score, kind in pieces]
    return message(*listed, (2, message((3, 2), (43, pad))), (3, message((1, b"nmt_nfkc"), (3, dummy_prefix))))


PIECES = (("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("▁a", -1.0, 1), ("b", -2.0, 1))


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


def ranks(*tokens: bytes) -> bytes:
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))


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


# ----- contradictions


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


# ----- hostile files

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
