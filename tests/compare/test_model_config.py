"""config.json in canonical form: what changes nothing says so; what changes something is told by what it acts on."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Content, changes

from semverlint.changes import Change
from semverlint.changes.config import (
    ConfigChanged,
    ConfigRewritten,
    ContextLengthChanged,
    EndTokensChanged,
    LabelChanged,
    QuantizationChanged,
    TokenIdOutsideVocabulary,
    VocabularySizeChanged,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.generation import GenerationChanged, GenerationFileRemoved, GenerationLengthChanged
from semverlint.compare.model_config.canonical import canonical
from semverlint.compare.model_config.keys import EFFECTS
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

LLAMA: dict[str, Any] = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_attention_heads": 32,
    "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "vocab_size": 128256, "torch_dtype": "bfloat16",
    "eos_token_id": 128001, "max_position_embeddings": 8192,
}  # fmt: skip


def between(tmp_path: Path, old: Content, new: Content, name: str = "config.json") -> list[Change]:
    return changes(tmp_path, {name: old}, {name: new})


def needs(tmp_path: Path, new: dict[str, Any], old: dict[str, Any] = LLAMA) -> Bump:
    findings = load_rulebook().judge(between(tmp_path, old, new))
    return max((finding.bump for finding in findings), default=Bump.NONE)


def v5() -> dict[str, Any]:
    kept = {key: value for key, value in LLAMA.items() if key not in {"rope_theta", "torch_dtype"}}
    return {**kept, "dtype": "bfloat16", "rope_parameters": {"rope_theta": 500000, "rope_type": "default"}}


def test_a_newer_layout_of_the_same_model_only_raises_the_floor(tmp_path: Path) -> None:
    found = between(tmp_path / "there", LLAMA, v5())
    assert {(c.form, c.older) for c in found if isinstance(c, ReaderFloorRaised)} == {
        ("rope_parameters", "misread"),
        ("dtype", "nothing"),
    }
    assert all(isinstance(change, ReaderFloorRaised) for change in found)
    assert [type(change) for change in between(tmp_path / "back", v5(), LLAMA)] == [ConfigRewritten]


@pytest.mark.parametrize(
    ("changed", "bump"),
    [
        ({"num_key_value_heads": 32, "attention_bias": False, "hidden_act": "silu"}, Bump.PATCH),
        ({"transformers_version": "4.50.0", "_name_or_path": "x"}, Bump.PATCH),
        ({"rms_norm_eps": 0.00001}, Bump.NONE),
        ({"attention_dropout": 0.1}, Bump.PATCH),
        ({"torch_dtype": "float32"}, Bump.MINOR),
        ({"max_position_embeddings": 131072}, Bump.MINOR),
        ({"max_position_embeddings": 4096}, Bump.MAJOR),
        ({"max_position_embeddings": 131072, "rope_theta": 1e6}, Bump.MAJOR),
        ({"rope_theta": 10000.0}, Bump.MAJOR),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, Bump.MAJOR),
        ({"hidden_size": 2048}, Bump.MAJOR),
        ({"num_key_value_heads": 8}, Bump.MAJOR),
        ({"hidden_act": "gelu"}, Bump.MAJOR),
        ({"rms_norm_eps": 1e-6}, Bump.MAJOR),
        ({"sliding_window": 4096}, Bump.MAJOR),
        ({"tie_word_embeddings": True}, Bump.MAJOR),
        ({"architectures": ["LlamaForSequenceClassification"]}, Bump.MAJOR),
        ({"model_type": "mistral"}, Bump.MAJOR),
        ({"auto_map": {"AutoModel": "modeling.M"}}, Bump.MAJOR),
        ({"eos_token_id": [128001, 128009]}, Bump.MINOR),
        ({"eos_token_id": 128009}, Bump.MAJOR),
        ({"bos_token_id": 7}, Bump.MAJOR),
        ({"vocab_size": 128264}, Bump.MINOR),
        ({"vocab_size": 128000}, Bump.MAJOR),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, Bump.MAJOR),
        ({"unheard_of": 1}, Bump.MINOR),
    ],
)
def test_a_change_needs_what_the_key_acts_on(tmp_path: Path, changed: dict[str, Any], bump: Bump) -> None:
    assert needs(tmp_path, {**LLAMA, **changed}) is bump


def test_an_unknown_key_of_a_model_with_code_may_be_read_by_it(tmp_path: Path) -> None:
    coded = {**LLAMA, "auto_map": {"AutoModel": "modeling.M"}}
    assert needs(tmp_path, {**coded, "unheard_of": 1}, coded) is Bump.MAJOR


def test_sub_configurations_are_looked_into(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "llava", "text_config": {"model_type": "llama", "rope_theta": 1e6}}
    new: dict[str, Any] = {"model_type": "llava", "text_config": {"model_type": "llama", "rope_theta": 1e4}}
    (found,) = between(tmp_path, old, new)
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.effect) == ("text_config.rope", "position")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ({"0": "NEG", "1": "POS"}, {"0": "POS", "1": "NEG"}, ["moved", "moved"]),
        ({"0": "NEG", "1": "POS"}, {"0": "negative", "1": "POS"}, ["renamed"]),
        (None, {"0": "NEG", "1": "POS"}, ["named", "named"]),
        ({"0": "A", "1": "B"}, {"0": "A", "1": "B", "2": "C"}, ["added"]),
        ({"0": "A", "1": "B", "2": "C"}, {"0": "A", "1": "B"}, ["removed"]),
        ({"0": "LABEL_0", "1": "LABEL_1"}, None, []),
    ],
)
def test_labels_are_an_interface(tmp_path: Path, old: Any, new: Any, what: list[str]) -> None:  # noqa: ANN401 - JSON
    base: dict[str, Any] = {"model_type": "bert", "architectures": ["BertForSequenceClassification"]}
    before, after = ({**base, **({"id2label": labels} if labels else {})} for labels in (old, new))
    found = between(tmp_path, before, after)
    assert [change.what for change in found if isinstance(change, LabelChanged)] == what


def test_label2id_that_contradicts_id2label_is_told(tmp_path: Path) -> None:
    base: dict[str, Any] = {"model_type": "bert", "id2label": {"0": "A", "1": "B"}}
    found = between(tmp_path, {**base, "label2id": {"A": 0, "B": 1}}, {**base, "label2id": {"A": 1, "B": 0}})
    assert [(c.key, c.effect) for c in found if isinstance(c, ConfigChanged)] == [("label2id", "head")]


def test_null_is_told_from_absent(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "mistral", "sliding_window": 4096}
    (found,) = between(tmp_path / "a", old, {**old, "sliding_window": None})
    assert isinstance(found, ConfigChanged)
    assert (found.before, found.after, found.direction) == (4096, "null", "removed")
    assert isinstance(between(tmp_path / "b", old, {"model_type": "mistral"})[0], ConfigRewritten)


def test_packing_is_found_wherever_it_is_written(tmp_path: Path) -> None:
    for name, key in (("a", "quantization_config"), ("b", "compression_config")):
        found = between(tmp_path / name, {**LLAMA, key: {"bits": 8}}, {**LLAMA, key: {"bits": 4}})
        assert [(c.key, c.before, c.after) for c in found if isinstance(c, QuantizationChanged)] == [("bits", 8, 4)]
    (found_alone,) = between(tmp_path / "c", {"bits": 8}, {"bits": 4}, "quantize_config.json")
    assert isinstance(found_alone, QuantizationChanged)


def test_lengths_and_vocabularies_say_which_way_they_went(tmp_path: Path) -> None:
    (context,) = between(tmp_path / "a", LLAMA, {**LLAMA, "max_position_embeddings": 4096})
    (size,) = between(tmp_path / "b", LLAMA, {**LLAMA, "vocab_size": 128264})
    assert isinstance(context, ContextLengthChanged)
    assert isinstance(size, VocabularySizeChanged)
    assert (context.direction, size.direction) == ("lowered", "raised")


def test_a_token_without_a_row_contradicts_the_vocabulary(tmp_path: Path) -> None:
    found = between(tmp_path, LLAMA, {**LLAMA, "pad_token_id": 128256})
    assert [c.key for c in found if isinstance(c, TokenIdOutsideVocabulary)] == ["pad_token_id"]


GENERATION: dict[str, Any] = {"eos_token_id": 2, "do_sample": True, "temperature": 0.7, "max_length": 512}


def test_generation_settings_are_told_by_what_they_act_on(tmp_path: Path) -> None:
    new = {**GENERATION, "temperature": 0.6, "forced_bos_token_id": 5, "max_length": 100, "eos_token_id": [2, 3]}
    found = between(tmp_path, GENERATION, new, "generation_config.json")
    assert {c.key: c.effect for c in found if isinstance(c, GenerationChanged)} == {
        "temperature": "sampling",
        "forced_bos_token_id": "forced",
    }
    assert [c.direction for c in found if isinstance(c, GenerationLengthChanged)] == ["lowered"]
    assert [c.what for c in found if isinstance(c, EndTokensChanged)] == ["extended"]


def test_a_generation_file_that_goes_takes_its_end_with_it_unless_config_says_the_same(tmp_path: Path) -> None:
    cases: list[tuple[str, dict[str, Any], bool]] = [("a", {"eos_token_id": 2}, False), ("b", {}, True)]
    for name, config, carried in cases:
        old: dict[str, Content] = {"config.json": config, "generation_config.json": GENERATION}
        found = changes(tmp_path / name, old, {"config.json": config})
        assert [c.carried_end for c in found if isinstance(c, GenerationFileRemoved)] == [carried]


values = st.none() | st.booleans() | st.integers(-9, 9_999) | st.floats(allow_nan=False) | st.text(max_size=5)
nested = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
configs = st.dictionaries(st.sampled_from(sorted(EFFECTS)) | st.text(max_size=8), nested, max_size=12)


@given(configs)
def test_any_configuration_has_one_canonical_form(config: dict[str, Any]) -> None:
    assert canonical(config) == canonical(dict(reversed(config.items())))
