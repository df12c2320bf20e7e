"""generation_config.json, defaults filled in, and config.json where there is none."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Content, Model, changes, pair

from semverlint.changes import Change, Incoherence
from semverlint.changes.config import EndTokensChanged
from semverlint.changes.generation import (
    GenerationChanged,
    GenerationFileAdded,
    GenerationFileRemoved,
    GenerationLengthChanged,
    GenerationRewritten,
    StopStringsChanged,
)
from semverlint.compare import compare
from semverlint.compare.generation import _settings
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

PATH = "generation_config.json"
SETTINGS: dict[str, Any] = {"eos_token_id": 2, "do_sample": True, "temperature": 0.7, "max_length": 512}
REWRITTEN = [GenerationRewritten(path=PATH)]


def between(tmp_path: Path, old: Content, new: Content) -> list[Change]:
    return changes(tmp_path, {PATH: old}, {PATH: new})


@pytest.mark.parametrize(
    ("changed", "bump"),
    [
        ({"eos_token_id": [2], "top_k": 50, "num_beams": 1, "transformers_version": "5.0"}, Bump.PATCH),
        ({"_from_model_config": True}, Bump.PATCH),
        ({"cache_implementation": "hybrid"}, Bump.PATCH),
        ({"eos_token_id": [2, 3]}, Bump.MINOR),
        ({"eos_token_id": 3}, Bump.MAJOR),
        ({"eos_token_id": None}, Bump.MAJOR),
        ({"stop_strings": ["###"]}, Bump.MINOR),
        ({"pad_token_id": 2}, Bump.MINOR),
        ({"temperature": 0.6}, Bump.MINOR),
        ({"do_sample": False}, Bump.MINOR),
        ({"repetition_penalty": 1.1}, Bump.MINOR),
        ({"min_new_tokens": 5}, Bump.MINOR),
        ({"return_dict_in_generate": True}, Bump.MINOR),
        ({"top_k": "many"}, Bump.MINOR),
        ({"max_length": 4096}, Bump.MINOR),
        ({"max_length": None}, Bump.MINOR),
        ({"max_length": 100}, Bump.MAJOR),
        ({"max_new_tokens": 2048}, Bump.MINOR),
        ({"max_new_tokens": 64}, Bump.MAJOR),
        ({"bos_token_id": 1}, Bump.MAJOR),
        ({"decoder_start_token_id": 1}, Bump.MAJOR),
        ({"forced_bos_token_id": 1}, Bump.MAJOR),
        ({"suppress_tokens": [5]}, Bump.MAJOR),
        ({"lang_to_id": {"<|en|>": 5}}, Bump.MAJOR),
        ({"unheard_of": 5}, Bump.MINOR),
    ],
)
def test_a_setting_needs_what_it_acts_on(tmp_path: Path, changed: dict[str, Any], bump: Bump) -> None:
    found = between(tmp_path, SETTINGS, {**SETTINGS, **changed})
    assert max(finding.bump for finding in load_rulebook().judge(found)) is bump


def test_settings_are_told_by_what_they_act_on(tmp_path: Path) -> None:
    new = {**SETTINGS, "temperature": 0.6, "forced_bos_token_id": 5, "max_length": 100, "eos_token_id": [2, 3]}
    found = between(tmp_path, SETTINGS, new)
    assert {c.key: c.effect for c in found if isinstance(c, GenerationChanged)} == {
        "temperature": "sampling",
        "forced_bos_token_id": "forced",
    }
    assert [c.direction for c in found if isinstance(c, GenerationLengthChanged)] == ["lowered"]
    assert [c.what for c in found if isinstance(c, EndTokensChanged)] == ["extended"]


def test_the_order_of_a_set_means_nothing(tmp_path: Path) -> None:
    old = {"suppress_tokens": [3, 1], "stop_strings": ["a", "b"], "eos_token_id": [1, 2]}
    new = {"suppress_tokens": [1, 3], "stop_strings": ["b", "a"], "eos_token_id": [2, 1]}
    assert between(tmp_path / "a", old, new) == REWRITTEN
    assert between(tmp_path / "b", {"stop_strings": "a"}, {"stop_strings": ["a"]}) == REWRITTEN
    (fewer,) = between(tmp_path / "c", old, {**old, "stop_strings": ["a"]})
    assert isinstance(fewer, StopStringsChanged)
    assert fewer.what == "reduced"


def test_max_length_is_not_asked_where_new_tokens_are_counted(tmp_path: Path) -> None:
    old: dict[str, Any] = {"max_new_tokens": 64, "max_length": 20}
    assert between(tmp_path, old, {"max_new_tokens": 64, "max_length": 9}) == REWRITTEN


def test_a_new_file_is_held_against_what_config_said(tmp_path: Path) -> None:
    config: Content = {"model_type": "nobodys", "eos_token_id": 2, "num_beams": 4}
    old: Model = {"config.json": config}
    new: Model = {"config.json": config, PATH: {"eos_token_id": 3, "num_beams": 4, "temperature": 0.6}}
    found = [one for one in changes(tmp_path / "a", old, new) if not isinstance(one, Incoherence)]
    assert [type(change) for change in found] == [GenerationFileAdded, EndTokensChanged]
    same: Model = {"config.json": config, PATH: {"eos_token_id": 2, "num_beams": 4}}
    assert changes(tmp_path / "b", old, same) == [GenerationFileAdded(path=PATH)]


@pytest.mark.parametrize(
    ("settings", "config", "carried"),
    [
        (SETTINGS, {}, "end"),
        ({"eos_token_id": [2, 3]}, {"eos_token_id": 2}, "end"),
        ({"eos_token_id": 2, "stop_strings": "x"}, {"eos_token_id": 2}, "end"),
        ({"forced_bos_token_id": 2}, {}, "forced"),
        (SETTINGS, {"eos_token_id": 2}, "defaults"),
        ({"max_new_tokens": 20}, {}, "defaults"),
        (
            {"eos_token_id": 2, "num_beams": 4, "transformers_version": "5"},
            {"eos_token_id": [2], "num_beams": 4},
            "nothing",
        ),
    ],
)
def test_a_file_that_goes_takes_with_it_what_config_does_not_say(
    tmp_path: Path, settings: dict[str, Any], config: dict[str, Any], carried: str
) -> None:
    found = changes(tmp_path, {"config.json": config, PATH: settings}, {"config.json": config})
    assert [one.carried for one in found if isinstance(one, GenerationFileRemoved)] == [carried]


@pytest.mark.parametrize("content", ["[1]", "[" * 100_000, "{", "null", b"\xff"])
def test_a_damaged_file_is_undecided(tmp_path: Path, content: Content) -> None:
    both = pair(tmp_path, {PATH: SETTINGS}, {PATH: content})
    assert list(compare(both)) == []
    assert [(one.path, one.failed) for one in both.undecided] == [(PATH, True)]


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.integers())
settings = st.dictionaries(
    st.sampled_from(["eos_token_id", "max_length", "max_new_tokens", "stop_strings", "suppress_tokens", "top_k", "x"]),
    values,
)


@given(settings, settings)
def test_any_two_settings_can_be_compared_and_equal_ones_are_equal(old: dict[str, Any], new: dict[str, Any]) -> None:
    list(_settings(PATH, old, new))
    assert list(_settings(PATH, old, dict(reversed(old.items())))) == []
