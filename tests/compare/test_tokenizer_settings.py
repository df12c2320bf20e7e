"""Settings of a tokenizer, in canonical form."""

from pathlib import Path

import pytest
from support import Content, changes
from tokenizer_support import BPE, between

from semverlint.changes import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import (
    ExtraTokenListed,
    ExtraTokenUnlisted,
    MaxLengthChanged,
    SpecialTokenChanged,
    TokenizerClassChanged,
    TokenizerRewritten,
    TokenizerSettingChanged,
)


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
