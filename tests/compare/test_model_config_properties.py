"""What holds of every configuration, however odd: drawn from the table of keys and from real classes."""

import json
from dataclasses import fields
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Content, pair

from semverlint.changes import Change
from semverlint.changes.config import (
    ArchitecturesChanged,
    CodeEntryChanged,
    ConfigChanged,
    ContextLengthChanged,
    Direction,
    Effect,
    LabelChanged,
    QuantizationChanged,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.generation import Effect as GenerationEffect
from semverlint.changes.generation import GenerationChanged
from semverlint.compare import compare
from semverlint.compare.class_defaults import DIFFERS, class_defaults
from semverlint.compare.model_config import difference
from semverlint.compare.model_config.canonical import canonical
from semverlint.compare.model_config.keys import EFFECTS
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

BOOK = load_rulebook()
KINDS = (
    *("albert", "bart", "bert", "bloom", "cohere", "deberta-v2", "deepseek_v2", "deepseek_v3", "distilbert", "electra"),
    *("falcon", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "llama", "mamba", "marian", "mistral", "mixtral"),
    *("mpnet", "mt5", "olmo", "olmo2", "opt", "phi", "phi3", "qwen2", "qwen2_moe", "qwen3", "roberta", "starcoder2"),
    *("t5", "vit", "wav2vec2", "whisper", "xlm-roberta"),
)

values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
nested = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
names = st.sampled_from([*sorted(EFFECTS), "text_config", "quantization_config", "layer_types", "num_labels"])
configs = st.dictionaries(names | st.text(max_size=8), nested, max_size=12).flatmap(
    lambda config: st.sampled_from([config, *({**config, "model_type": kind} for kind in KINDS)])
)


def bump(changes: list[Change]) -> Bump:
    return max((finding.bump for finding in BOOK.judge(changes)), default=Bump.NONE)


@given(configs)
@settings(deadline=None)
def test_a_configuration_does_not_differ_from_itself(config: dict[str, Any]) -> None:
    assert canonical(config).levels.keys() == canonical(dict(reversed(config.items()))).levels.keys()
    assert list(difference("config.json", config, dict(reversed(config.items())), {})) == []


@given(configs, configs)
@settings(deadline=None)
def test_any_two_configurations_can_be_compared_and_judged(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = list(difference("config.json", old, new, {}))
    findings = BOOK.judge(found)
    assert sum(finding.count for finding in findings) >= len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_of_a_class_may_be_written_out(kind: str) -> None:
    defaults = class_defaults("config", kind)
    assert defaults
    bare: dict[str, Any] = {"model_type": kind}
    written = {**bare, **{key: value for key, value in defaults.items() if value != DIFFERS}}
    for old, new in ((bare, written), (written, bare)):
        assert bump(list(difference("config.json", old, new, {}))) <= Bump.PATCH


@pytest.mark.parametrize("kind", KINDS)
def test_aliases_of_a_class_may_be_used(kind: str) -> None:
    layout = class_defaults("config_layout", kind) or {}
    aliases, defaults = layout.get("aliases"), class_defaults("config", kind) or {}
    for stored, shared in aliases.items() if isinstance(aliases, dict) else ():
        if stored in defaults and isinstance(shared, str):
            one: dict[str, Any] = {"model_type": kind, stored: 7}
            other: dict[str, Any] = {"model_type": kind, shared: 7}
            assert bump(list(difference("config.json", one, other, {}))) <= Bump.PATCH, stored


def test_the_table_knows_the_classes_people_publish() -> None:
    known = [kind for kind in KINDS if class_defaults("config", kind)]
    assert known == list(KINDS)
    assert class_defaults("config", "UNet2DConditionModel")


def every(kind: type[Change], **choices: tuple[Any, ...]) -> list[Change]:
    usual: dict[str, Any] = {"path": "config.json", "before": 1, "after": 2}
    allowed = {field.name for field in fields(kind)}
    return [
        kind(
            **{
                key: value
                for key, value in {**usual, **dict(zip(choices, chosen, strict=True))}.items()
                if key in allowed
            }
        )
        for chosen in product(*choices.values())
    ]


KEYS = ("model_type", "a", "rope.rope_theta", "text_config.rope.factor", "sliding_window", "text_config.image_token_id")
FLAGS = (True, False)
CASES: list[Change] = [
    *every(
        ConfigChanged,
        effect=get_args(Effect),
        direction=get_args(Direction),
        key=KEYS,
        after=(None, "null", 2),
        tiny=FLAGS,
        remote_code=FLAGS,
        known=FLAGS,
    ),
    *every(ContextLengthChanged, key=("n",), direction=("raised", "lowered"), learned=FLAGS, same_positions=FLAGS),
    *every(
        CodeEntryChanged,
        entry=("AutoModel",),
        before=(None, "a.A"),
        after=(None, "b.B"),
        alone=FLAGS,
        outside=FLAGS,
        replaceable=FLAGS,
    ),
    *every(ArchitecturesChanged, what=("appended", "reordered", "named", "unnamed", "replaced")),
    *every(LabelChanged, index=(0,), what=("renamed", "moved", "named", "unnamed", "added", "removed")),
    *every(QuantizationChanged, key=("k",), effect=("method", "packing", "whole", "computed", "made", "unknown")),
    *every(GenerationChanged, key=("k",), effect=get_args(GenerationEffect)),
]


def test_every_change_is_judged_by_exactly_one_rule() -> None:
    for case in CASES:
        if isinstance(case, CodeEntryChanged) and case.before is None and case.after is None:
            continue
        assert len(BOOK.judge([case])) == 1, case


@pytest.mark.parametrize(
    "content", ["[1]", "[" * 100_000, '{"a":' * 100_000, "{", "null", b"\xff", '{"a": 1' + "0" * 5000]
)
def test_a_damaged_file_is_undecided(tmp_path: Path, content: Content) -> None:
    both = pair(tmp_path, {"config.json": {"model_type": "bert"}}, {"config.json": content})
    assert list(compare(both)) == []
    assert [(one.path, one.failed) for one in both.undecided] == [("config.json", True)]


def test_hostile_figures_take_no_memory(tmp_path: Path) -> None:
    huge: dict[str, Any] = {
        "model_type": "gemma3_text",
        "num_hidden_layers": 10**18,
        "num_labels": 10**18,
        "rms_norm_eps": 10**400,
        "vocab_size": 10**400,
        "id2label": {"--3": "A", "9" * 5000: "B", "٣": "C"},
        "layer_types": {},
    }
    both = pair(tmp_path, {"config.json": huge}, {"config.json": {**huge, "rms_norm_eps": 1e-300, "vocab_size": 5.5}})
    assert len(list(compare(both))) >= 2
    assert both.undecided == []


RESAVED = Path(__file__).parent / "resaved_configs.jsonl"
"""What transformers 4.57.6 writes for a class, and what 5.23.0 writes after reading that."""


@pytest.mark.parametrize(
    "line", RESAVED.read_text(encoding="utf-8").splitlines(), ids=lambda line: json.loads(line)["model_type"]
)
def test_saving_a_configuration_again_by_a_newer_library_changes_nothing_but_the_form(line: str) -> None:
    saved = json.loads(line)
    for old, new in ((saved["four"], saved["five"]), (saved["five"], saved["four"])):
        found = list(difference("config.json", old, new, {}))
        assert bump([change for change in found if not isinstance(change, ReaderFloorRaised)]) <= Bump.PATCH
