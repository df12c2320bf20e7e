"""Tokenizers: tokens, merges and the parts a text passes through, decided by encoding."""

from pathlib import Path

import pytest
from support import pair
from tokenizer_support import BPE, END, LETTERS, between, bpe, kinds

from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import (
    EncodingChanged,
    MergesChanged,
    TokenAdded,
    TokenFlagsChanged,
    TokenizerPartChanged,
    TokenizerReplaced,
    TokenizerRewritten,
    TokenMoved,
    TokenRemoved,
)
from semverlint.compare import compare
from semverlint.probes import ProbeFailed


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
