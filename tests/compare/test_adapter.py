from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Model, pair

from semverlint.changes import Change
from semverlint.changes.adapter import (
    AdapterAdded,
    AdapterBaseChanged,
    AdapterBaseDisagrees,
    AdapterBaseLocal,
    AdapterInitChanged,
    AdapterMethodChanged,
    AdapterModulesChanged,
    AdapterReformatted,
    AdapterRemoved,
    AdapterRevisionChanged,
    AdapterSettingChanged,
    AdapterWithoutWeights,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.adapter import compare_adapter
from semverlint.compare.class_defaults import class_defaults
from semverlint.compare.pair import Options, Pair

FILE = "adapter_config.json"
LORA: dict[str, object] = {
    "peft_type": "LORA",
    "base_model_name_or_path": "org/model-7b",
    "r": 16,
    "lora_alpha": 32,
    "target_modules": ["q_proj", "v_proj"],
    "task_type": "CAUSAL_LM",
}
WEIGHTS: Model = {"adapter_model.safetensors": b"x"}


def compared(tmp_path: Path, old: object, new: object, **more: str) -> tuple[list[Change], Pair]:
    models: list[Model] = [
        {**WEIGHTS, **more, **({} if content is None else {FILE: content})}  # type: ignore[dict-item]  # any content
        for content in (old, new)
    ]
    both = pair(tmp_path, models[0], models[1])
    return list(compare_adapter(both)), both


def found(tmp_path: Path, old: object, new: object, **more: str) -> list[Change]:
    changes, both = compared(tmp_path, old, new, **more)
    assert both.undecided == []
    return changes


def test_order_of_modules_and_written_out_defaults_change_nothing(tmp_path: Path) -> None:
    same = {
        **LORA,
        "target_modules": ["v_proj", "q_proj"],
        "bias": "none",
        "lora_dropout": 0.0,
        "inference_mode": False,
    }

    assert found(tmp_path, LORA, same) == [AdapterReformatted(path=FILE)]


def test_every_default_of_a_newer_release_is_one_raised_floor(tmp_path: Path) -> None:
    full = {**(class_defaults("adapter", "LORA") or {}), **LORA}

    for kind in found(tmp_path, LORA, full):
        assert isinstance(kind, ReaderFloorRaised)
        assert (kind.reader, kind.since, kind.older) == ("peft", "0.14.0", "refuse")
    assert len(found(tmp_path / "again", LORA, full)) == 1


def test_keys_that_go_again_are_no_news(tmp_path: Path) -> None:
    assert found(tmp_path, {**LORA, "eva_config": None, "lora_bias": False}, LORA) == [AdapterReformatted(path=FILE)]


def test_a_key_of_an_early_release_names_that_release(tmp_path: Path) -> None:
    floors = found(tmp_path, LORA, {**LORA, "use_dora": False, "rank_pattern": {}})

    assert [(floor.since, floor.form) for floor in floors if isinstance(floor, ReaderFloorRaised)] == [
        ("0.9.0", "rank_pattern, use_dora in the configuration")
    ]


@pytest.mark.parametrize(
    ("key", "value", "role", "new"),
    [
        ("r", 32, "rank", False),
        ("rank_pattern", {"q_proj": 4}, "rank", True),
        ("lora_alpha", 16, "scale", False),
        ("use_rslora", True, "scale", True),
        ("use_dora", True, "method", True),
        ("bias", "all", "method", False),
        ("layers_to_transform", [1, 2], "modules", True),
        ("trainable_token_indices", [5], "whole", True),
        ("task_type", "SEQ_CLS", "task", False),
        ("lora_dropout", 0.1, "training", False),
        ("inference_mode", True, "runtime", False),
        ("house_style", True, "unknown", True),
    ],
)
def test_each_setting_is_known_by_what_it_is_for(
    tmp_path: Path, key: str, value: object, role: str, *, new: bool
) -> None:
    for name, old, changed in (("there", LORA, {**LORA, key: value}), ("back", {**LORA, key: value}, LORA)):
        [change] = [c for c in found(tmp_path / name, old, changed) if isinstance(c, AdapterSettingChanged)]
        assert (change.key, change.role) == (key, role)
        assert change.new_key == (new and name == "there")


def test_modules_gained_and_lost_are_named(tmp_path: Path) -> None:
    other = {**LORA, "target_modules": ["q_proj", "k_proj"], "modules_to_save": ["lm_head"]}

    assert found(tmp_path, LORA, other) == [
        AdapterModulesChanged(path=FILE, key="target_modules", gained="k_proj", lost="v_proj", pattern=False),
        AdapterModulesChanged(path=FILE, key="modules_to_save", gained="lm_head", lost="", pattern=False),
    ]


def test_a_pattern_cannot_be_held_against_a_list(tmp_path: Path) -> None:
    [change] = found(tmp_path, LORA, {**LORA, "target_modules": "all-linear"})

    assert isinstance(change, AdapterModulesChanged)
    assert (change.pattern, change.gained, change.lost) == (True, "all-linear", "q_proj, v_proj")


@pytest.mark.parametrize(
    ("before", "after", "same_name", "before_local", "after_local"),
    [
        ("org/model-7b", "org/model-8b", False, False, False),
        ("org/Model-7b", "mirror/model-7b", True, False, False),
        ("/root/model-7b", "org/model-7b", True, True, False),
        ("org/model-7b", "./model-7b", True, False, True),
        ("org/model-7b", "C:\\models\\seven", False, False, True),
        (None, "org/model-7b", False, False, False),
        ("org/model-7b", None, False, False, False),
    ],
)
def test_the_base_changes_its_name_its_owner_or_its_place(
    tmp_path: Path, before: str | None, after: str | None, *, same_name: bool, before_local: bool, after_local: bool
) -> None:
    changes = found(tmp_path, {**LORA, "base_model_name_or_path": before}, {**LORA, "base_model_name_or_path": after})

    assert changes[0] == AdapterBaseChanged(
        path=FILE,
        before=before,
        after=after,
        same_name=same_name,
        before_local=before_local,
        after_local=after_local,
    )
    assert any(isinstance(change, AdapterBaseLocal) for change in changes) == after_local


def test_the_base_is_pinned_moved_and_let_go(tmp_path: Path) -> None:
    for index, (before, after) in enumerate(((None, "a1"), ("a1", "b2"), ("b2", None))):
        assert found(tmp_path / str(index), {**LORA, "revision": before}, {**LORA, "revision": after}) == [
            AdapterRevisionChanged(path=FILE, before=before, after=after)
        ]


def test_another_method_is_one_cause(tmp_path: Path) -> None:
    other = {key: value for key, value in LORA.items() if key not in {"r", "lora_alpha"}}

    assert found(tmp_path, LORA, {**other, "peft_type": "IA3", "feedforward_modules": ["down_proj"]}) == [
        AdapterMethodChanged(path=FILE, before="LORA", after="IA3")
    ]


def test_a_start_that_moves_the_base_is_told_apart(tmp_path: Path) -> None:
    for way, moves in (("gaussian", False), ("pissa_niter_16", True)):
        [change] = found(tmp_path / way, LORA, {**LORA, "init_lora_weights": way})
        assert change == AdapterInitChanged(path=FILE, before=True, after=way, moves_base=moves)


def test_adapters_come_and_go(tmp_path: Path) -> None:
    assert found(tmp_path / "there", None, LORA) == [AdapterAdded(path=FILE)]
    assert found(tmp_path / "back", LORA, None) == [AdapterRemoved(path=FILE)]


def test_a_card_that_names_another_base_disagrees(tmp_path: Path) -> None:
    card = "---\nbase_model: org/other\n---\n"
    changes = found(tmp_path, LORA, {**LORA, "inference_mode": True}, **{"README.md": card})

    assert AdapterBaseDisagrees(path=FILE, already=True, base="org/model-7b", card="org/other") in changes


def test_a_card_that_names_a_mirror_agrees(tmp_path: Path) -> None:
    card = "---\nbase_model: [mirror/Model-7b]\n---\n"

    assert found(tmp_path, LORA, {**LORA, "bias": "none"}, **{"README.md": card}) == [AdapterReformatted(path=FILE)]


def test_a_configuration_needs_weights_beside_it(tmp_path: Path) -> None:
    both = pair(tmp_path, {**WEIGHTS, FILE: LORA}, {FILE: LORA})

    assert list(compare_adapter(both)) == [AdapterWithoutWeights(path=FILE, already=False)]


def test_untouched_contradictions_are_told_only_when_everything_is_asked_for(tmp_path: Path) -> None:
    local: Model = {**WEIGHTS, FILE: {**LORA, "base_model_name_or_path": "/root/x"}, "LICENSE": "x"}
    both = pair(tmp_path, {"sub/a.txt": "1", **local}, {"sub/a.txt": "2", **local}, Options(full=True))

    assert list(compare_adapter(both)) == [AdapterBaseLocal(path=FILE, already=True, base="/root/x")]
    assert list(compare_adapter(Pair(both.old, both.new))) == []


@pytest.mark.parametrize(
    "content", ["[]", "3", "{", '{"peft_type": 3}', '{"target_modules": [1]}', '{"target_modules": 1}', "[" * 100_000]
)
def test_a_hostile_file_is_undecided_not_a_crash(tmp_path: Path, content: str) -> None:
    changes, both = compared(tmp_path, LORA, content)

    assert changes == []
    assert [doubt.failed for doubt in both.undecided] == [True]


KEYS = st.sampled_from(sorted(class_defaults("adapter", "LORA") or {})) | st.text(max_size=5)
VALUES = (
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=4) | st.lists(st.text(max_size=3), max_size=3)
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(KEYS, VALUES, max_size=8), other=st.dictionaries(KEYS, VALUES, max_size=8))
def test_no_values_crash_it_and_order_is_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], other: dict[str, object]
) -> None:
    old = {**LORA, **values}
    same, _ = compared(tmp_path_factory.mktemp("same"), old, dict(reversed(old.items())))

    assert [c for c in same if not isinstance(c, AdapterReformatted | AdapterBaseLocal)] == []
    compared(tmp_path_factory.mktemp("other"), old, {**LORA, **other})
