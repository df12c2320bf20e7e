"""config.json in canonical form: what changes nothing says so; what changes something is told by what it acts on."""

from pathlib import Path
from typing import Any

import pytest
from support import Content, changes

from semverlint.changes import Change
from semverlint.changes.config import (
    ArchitecturesChanged,
    CodeEntryChanged,
    ConfigChanged,
    ConfigFileAdded,
    ConfigFileRemoved,
    ConfigRewritten,
    ContextLengthChanged,
    DefaultWritten,
    EndTokensChanged,
    GenerationSettingMoved,
    HeadSizeChanged,
    KeyRenamed,
    LabelChanged,
    NullWritten,
    QuantizationChanged,
    QuantizationDeclared,
    QuantizationDropped,
    VocabularySizeChanged,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

LLAMA: dict[str, Any] = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_attention_heads": 32,
    "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "vocab_size": 128256, "torch_dtype": "bfloat16",
    "eos_token_id": 128001, "max_position_embeddings": 8192,
}  # fmt: skip
GEMMA: dict[str, Any] = {"model_type": "gemma3_text", "num_hidden_layers": 12, "rope_scaling": None}
SLIDING = ["sliding_attention"] * 5 + ["full_attention"]


def between(tmp_path: Path, old: Content, new: Content, name: str = "config.json") -> list[Change]:
    return changes(tmp_path, {name: old}, {name: new})


def needs(tmp_path: Path, new: dict[str, Any], old: dict[str, Any] = LLAMA) -> Bump:
    findings = load_rulebook().judge(between(tmp_path, old, new))
    return max((finding.bump for finding in findings), default=Bump.NONE)


def without(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in keys}


def v5() -> dict[str, Any]:
    rope = {"rope_theta": 500000, "rope_type": "default"}
    return {**without(LLAMA, "rope_theta", "torch_dtype"), "dtype": "bfloat16", "rope_parameters": rope}


def test_a_newer_layout_of_the_same_model_only_raises_the_floor(tmp_path: Path) -> None:
    assert between(tmp_path / "there", LLAMA, v5()) == [
        ReaderFloorRaised(
            path="config.json", form="rope_parameters", reader="transformers", since="5.0", older="misread"
        ),
        ReaderFloorRaised(path="config.json", form="dtype", reader="transformers", since="4.56", older="nothing"),
    ]
    assert between(tmp_path / "back", v5(), LLAMA) == [ConfigRewritten(path="config.json")]


def test_older_readers_lose_nothing_where_both_layouts_are_written_or_the_base_is_their_default(tmp_path: Path) -> None:
    both = {**v5(), "rope_theta": 500000.0, "torch_dtype": "bfloat16"}
    assert between(tmp_path / "a", LLAMA, both) == [ConfigRewritten(path="config.json")]
    plain = without(LLAMA, "rope_theta")
    newer = {**plain, "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}}
    (floor,) = between(tmp_path / "b", plain, newer)
    assert isinstance(floor, ReaderFloorRaised)
    assert floor.older == "nothing"


def test_another_base_is_no_mere_form(tmp_path: Path) -> None:
    (found,) = between(tmp_path, LLAMA, {**v5(), "torch_dtype": "bfloat16", "rope_parameters": {"rope_theta": 1e6}})
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.before, found.after) == ("rope.rope_theta", 500000, 1000000)


def test_another_scaling_is_one_cause(tmp_path: Path) -> None:
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    (found,) = between(tmp_path, LLAMA, {**LLAMA, "rope_scaling": scaling})
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.before, found.after) == ("rope.rope_type", "default", "llama3")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"rope_theta": 1e6, "rope_local_base_freq": 1e4, "rope_scaling": {"rope_type": "linear", "factor": 8.0}},
            {
                "rope_parameters": {
                    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000},
                    "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                }
            },
        ),
        ({"sliding_window_pattern": 6}, {"layer_types": SLIDING * 2}),
        ({}, {"layer_types": SLIDING * 2}),
    ],
)
def test_layers_of_two_kinds_are_folded(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    found = between(tmp_path, {**GEMMA, **old}, {**GEMMA, **new})
    assert found
    assert all(isinstance(change, ReaderFloorRaised | ConfigRewritten) for change in found)


def test_dropping_the_pattern_that_layer_types_spell_out_misleads_older_readers(tmp_path: Path) -> None:
    thirds = ["sliding_attention", "sliding_attention", "full_attention"] * 4
    old = {**GEMMA, "sliding_window_pattern": 3}
    (floor,) = between(tmp_path / "a", old, {**GEMMA, "layer_types": thirds})
    assert isinstance(floor, ReaderFloorRaised)
    assert (floor.form, floor.since, floor.older) == ("layer_types", "4.53", "misread")
    (kept,) = between(tmp_path / "b", old, {**old, "layer_types": thirds})
    assert isinstance(kept, ReaderFloorRaised)
    assert kept.older == "nothing"
    (other,) = between(tmp_path / "c", old, {**GEMMA, "layer_types": SLIDING * 2})
    assert isinstance(other, ConfigChanged)
    assert (other.key, other.effect) == ("layer_types", "window")
    assert other.before == '{"2":"full_attention","8":"full_attention"}'


def test_a_window_that_is_switched_off_has_no_size(tmp_path: Path) -> None:
    old: dict[str, Any] = {
        "model_type": "qwen2",
        "use_sliding_window": False,
        "sliding_window": 131072,
        "max_window_layers": 21,
    }
    new: dict[str, Any] = {
        "model_type": "qwen2",
        "use_sliding_window": False,
        "sliding_window": None,
        "max_window_layers": 28,
    }
    assert between(tmp_path, old, new) == [ConfigRewritten(path="config.json")]


@pytest.mark.parametrize(
    ("old", "new", "form", "older"),
    [
        (
            {"model_type": "llama", "rope_scaling": {"type": "linear", "factor": 2}},
            {"model_type": "llama", "rope_scaling": {"rope_type": "linear", "factor": 2.0}},
            "rope_type for type",
            "refuse",
        ),
        (
            {"model_type": "llama4_text", "attn_temperature_tuning": 4},
            {"model_type": "llama4_text", "attn_temperature_tuning": True},
            "attn_temperature_tuning as a flag",
            "nothing",
        ),
        (
            {
                "model_type": "bert",
                "num_labels": 1,
                "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity",
            },
            {"model_type": "bert", "num_labels": 1, "sentence_transformers": {"activation_fn": "torch.nn.Identity"}},
            "sentence_transformers.activation_fn",
            "misread",
        ),
    ],
)
def test_newer_forms_of_one_key_raise_the_floor(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], form: str, older: str
) -> None:
    (floor,) = between(tmp_path / "there", old, new)
    assert isinstance(floor, ReaderFloorRaised)
    assert (floor.form, floor.older) == (form, older)
    assert between(tmp_path / "back", new, old) == [ConfigRewritten(path="config.json")]


def test_longrope_was_called_su(tmp_path: Path) -> None:
    scaling: dict[str, Any] = {"type": "su", "short_factor": [1.0], "long_factor": [2.0]}
    old: dict[str, Any] = {"model_type": "phi3", "rope_scaling": scaling}
    (floor,) = between(tmp_path / "a", old, {"model_type": "phi3", "rope_scaling": {**scaling, "type": "longrope"}})
    assert isinstance(floor, ReaderFloorRaised)
    assert (floor.since, floor.older) == ("4.43", "refuse")
    other = {**scaling, "type": "longrope", "long_factor": [3.0]}
    (found,) = between(tmp_path / "b", old, {"model_type": "phi3", "rope_scaling": other})
    assert isinstance(found, ConfigChanged)
    assert found.key == "rope.long_factor"


@pytest.mark.parametrize(
    ("changed", "bump"),
    [
        ({"num_key_value_heads": 32, "attention_bias": False, "hidden_act": "silu", "head_dim": 128}, Bump.PATCH),
        ({"transformers_version": "4.50.0", "_name_or_path": "x"}, Bump.PATCH),
        ({"rms_norm_eps": 0.00001}, Bump.NONE),
        ({"rms_norm_eps": 1.0000001e-5}, Bump.MINOR),
        ({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}, "num_labels": 2}, Bump.PATCH),
        ({"attention_dropout": 0.1}, Bump.PATCH),
        ({"use_cache": False}, Bump.PATCH),
        ({"torch_dtype": "torch.bfloat16"}, Bump.PATCH),
        ({"torch_dtype": "float32"}, Bump.MINOR),
        ({"max_position_embeddings": 131072}, Bump.MINOR),
        ({"max_position_embeddings": 4096}, Bump.MAJOR),
        ({"max_position_embeddings": 131072, "rope_theta": 1e6}, Bump.MAJOR),
        ({"rope_theta": 10000.0}, Bump.MAJOR),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, Bump.MAJOR),
        ({"rope_scaling": None}, Bump.PATCH),
        ({"rope_scaling": {"rope_type": "default"}}, Bump.PATCH),
        ({"hidden_size": 2048}, Bump.MAJOR),
        ({"num_key_value_heads": 8}, Bump.MAJOR),
        ({"hidden_act": "gelu"}, Bump.MAJOR),
        ({"rms_norm_eps": 1e-6}, Bump.MAJOR),
        ({"rms_norm_eps": "1e-5"}, Bump.MAJOR),
        ({"sliding_window": 4096}, Bump.MAJOR),
        ({"attention_bias": True}, Bump.MAJOR),
        ({"num_nextn_predict_layers": 1}, Bump.MINOR),
        ({"tie_word_embeddings": True}, Bump.MAJOR),
        ({"architectures": ["LlamaForSequenceClassification"]}, Bump.MAJOR),
        ({"architectures": ["LlamaForCausalLM", "LlamaModel"]}, Bump.MINOR),
        ({"architectures": None}, Bump.MAJOR),
        ({"model_type": "mistral"}, Bump.MAJOR),
        ({"auto_map": {"AutoModel": "modeling.M"}}, Bump.MAJOR),
        ({"eos_token_id": [128001]}, Bump.PATCH),
        ({"eos_token_id": [128001, 128009]}, Bump.MINOR),
        ({"eos_token_id": 128009}, Bump.MAJOR),
        ({"eos_token_id": None}, Bump.MAJOR),
        ({"bos_token_id": 7}, Bump.MAJOR),
        ({"pad_token_id": 7}, Bump.MAJOR),
        ({"vocab_size": 128264}, Bump.MINOR),
        ({"vocab_size": 128000}, Bump.MAJOR),
        ({"problem_type": "multi_label_classification"}, Bump.MAJOR),
        ({"temperature": 0.6}, Bump.MINOR),
        ({"temperature": 1.0, "top_k": 50, "max_length": 20}, Bump.PATCH),
        ({"output_attentions": True}, Bump.MINOR),
        ({"vision_config": {"model_type": "clip_vision_model"}}, Bump.MAJOR),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, Bump.MAJOR),
        ({"unheard_of": 1}, Bump.MINOR),
        ({"unheard_of": None}, Bump.PATCH),
    ],
)
def test_a_change_needs_what_the_key_acts_on(tmp_path: Path, changed: dict[str, Any], bump: Bump) -> None:
    assert needs(tmp_path, {**LLAMA, **changed}) is bump


def test_an_unknown_key_of_a_model_with_code_may_be_read_by_it(tmp_path: Path) -> None:
    coded = {**LLAMA, "auto_map": {"AutoModel": "modeling.M"}}
    assert needs(tmp_path, {**coded, "unheard_of": 1}, coded) is Bump.MAJOR


def test_one_cause_is_told_once(tmp_path: Path) -> None:
    (found,) = between(tmp_path / "a", LLAMA, {**LLAMA, "num_attention_heads": 16})
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.effect, found.direction) == ("num_attention_heads", "heads", "lowered")
    (layers,) = between(tmp_path / "b", GEMMA, {**GEMMA, "num_hidden_layers": 18})
    assert isinstance(layers, ConfigChanged)
    assert layers.key == "num_hidden_layers"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"model_type": "gpt2", "n_embd": 768, "n_layer": 6},
            {"model_type": "gpt2", "hidden_size": 768, "num_hidden_layers": 6},
        ),
        ({"model_type": "gpt2", "n_embd": 768}, {"model_type": "gpt2"}),
        (
            {"model_type": "t5", "d_model": 512},
            {"model_type": "t5", "hidden_size": 512, "is_gated_act": False, "dense_act_fn": "relu"},
        ),
        (
            {"model_type": "bart", "encoder_layers": 12},
            {"model_type": "bart", "encoder_layers": 12, "num_hidden_layers": 12},
        ),
        ({"model_type": "gpt_neox", "rotary_pct": 0.25}, {"model_type": "gpt_neox", "partial_rotary_factor": 0.25}),
        (
            {"_class_name": "AutoencoderKL"},
            {"_class_name": "AutoencoderKL", "latent_channels": 4, "force_upcast": True},
        ),
        (
            {"model_type": "clip", "text_config": {"vocab_size": 49408}, "vision_config": {}},
            {
                "model_type": "clip",
                "text_config": {"model_type": "clip_text_model"},
                "vision_config": {"patch_size": 32},
            },
        ),
        (
            {"model_type": "llava", "torch_dtype": "float16", "text_config": {"rms_norm_eps": 1e-6}},
            {
                "model_type": "llava",
                "torch_dtype": "float16",
                "text_config": {"model_type": "llama", "torch_dtype": "float16"},
            },
        ),
    ],
)
@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
def test_aliases_and_defaults_of_the_class_change_nothing(
    tmp_path: Path,
    old: dict[str, Any],
    new: dict[str, Any],
    back: bool,  # noqa: FBT001 - a case
) -> None:
    one, other = (new, old) if back else (old, new)
    assert between(tmp_path, one, other) == [ConfigRewritten(path="config.json")]


def test_a_class_nobody_knows_is_not_guessed_at(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "nobodys", "n_layer": 12, "hidden_act": "silu"}
    assert between(tmp_path / "a", old, {**without(old, "n_layer"), "num_hidden_layers": 12}) == [
        KeyRenamed(path="config.json", before="n_layer", after="num_hidden_layers")
    ]
    (gone,) = between(tmp_path / "b", old, without(old, "hidden_act"))
    assert isinstance(gone, ConfigChanged)
    assert (gone.after, gone.known, gone.direction) == (None, False, "removed")
    assert between(tmp_path / "c", old, {**old, "my_window": None}) == [
        NullWritten(path="config.json", key="my_window", written=True, remote_code=False)
    ]
    assert between(tmp_path / "d", old, {**old, "rope_scaling": None}) == [ConfigRewritten(path="config.json")]


def test_a_default_on_which_readers_differ_is_told_as_that(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "llava"}
    assert between(tmp_path, old, {**old, "tie_word_embeddings": False}) == [
        DefaultWritten(path="config.json", key="tie_word_embeddings", value=False, written=True)
    ]


def test_null_is_told_from_absent(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "mistral", "sliding_window": 4096}
    (found,) = between(tmp_path / "a", old, {**old, "sliding_window": None})
    assert isinstance(found, ConfigChanged)
    assert (found.before, found.after, found.direction) == (4096, "null", "removed")
    assert between(tmp_path / "b", old, {"model_type": "mistral"}) == [ConfigRewritten(path="config.json")]


def test_sub_configurations_are_looked_into(tmp_path: Path) -> None:
    def nested(theta: float) -> dict[str, Any]:
        return {"model_type": "llava", "text_config": {"model_type": "llama", "rope_theta": theta}}

    (found,) = between(tmp_path, nested(1e6), nested(1e4))
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.effect) == ("text_config.rope.rope_theta", "position")


def test_a_value_of_another_type_is_shown_as_such(tmp_path: Path) -> None:
    (found,) = between(tmp_path, LLAMA, {**LLAMA, "hidden_size": "4096"})
    assert isinstance(found, ConfigChanged)
    assert (found.before, found.after, found.direction) == (4096, '"4096"', "retyped")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ({"0": "NEG", "1": "POS"}, {"0": "POS", "1": "NEG"}, ["moved", "moved"]),
        ({"0": "NEG", "1": "POS"}, {"0": "negative", "1": "POS"}, ["renamed"]),
        (None, {"0": "NEG", "1": "POS"}, ["named", "named"]),
        ({"0": "NEG", "1": "POS"}, None, ["unnamed", "unnamed"]),
        ({"0": "A", "1": "B"}, {"0": "A", "1": "B", "2": "C"}, ["added"]),
        ({"0": "A", "1": "B", "2": "C"}, {"0": "A", "1": "B"}, ["removed"]),
        ({"0": "LABEL_0", "1": "LABEL_1"}, None, []),
        ({"1": "B", "0": "A"}, {"0": "A", "1": "B"}, []),
    ],
)
def test_labels_are_an_interface(tmp_path: Path, old: Any, new: Any, what: list[str]) -> None:  # noqa: ANN401 - JSON
    base: dict[str, Any] = {"model_type": "bert", "architectures": ["BertForSequenceClassification"]}
    before, after = ({**base, **({"id2label": labels} if labels else {})} for labels in (old, new))
    found = between(tmp_path, before, after)
    assert [change.what for change in found if isinstance(change, LabelChanged)] == what


def test_label2id_counts_where_it_says_something_of_its_own(tmp_path: Path) -> None:
    base: dict[str, Any] = {"model_type": "bert", "id2label": {"0": "A", "1": "B"}}
    assert between(tmp_path / "a", base, {**base, "label2id": {"A": "0", "B": 1}}) == [
        ConfigRewritten(path="config.json")
    ]
    found = between(tmp_path / "b", base, {**base, "label2id": {"A": 1, "B": 0}})
    assert [(c.key, c.effect) for c in found if isinstance(c, ConfigChanged)] == [
        ("label2id.A", "head"),
        ("label2id.B", "head"),
    ]


def test_scores_of_a_cross_encoder_keep_their_scale(tmp_path: Path) -> None:
    def encoder(name: str, version: str = "4.0") -> dict[str, Any]:
        return {"num_labels": 1, "sentence_transformers": {"activation_fn": name, "version": version}}

    old = encoder("torch.nn.modules.activation.Sigmoid")
    assert between(tmp_path / "a", old, encoder("torch.nn.modules.activation.Sigmoid", "5.1")) == [
        ConfigRewritten(path="config.json")
    ]
    assert between(tmp_path / "b", {"num_labels": 1}, old) == [ConfigRewritten(path="config.json")]
    (found,) = between(tmp_path / "c", old, encoder("torch.nn.modules.linear.Identity"))
    assert isinstance(found, ConfigChanged)
    assert (found.key, found.effect) == ("sentence_transformers.activation_fn", "head")


def test_classes_without_names_are_counted(tmp_path: Path) -> None:
    base: dict[str, Any] = {"model_type": "bert", "num_labels": 2}
    assert between(tmp_path, base, {**base, "num_labels": 10**9}) == [
        HeadSizeChanged(path="config.json", before=2, after=10**9, direction="raised")
    ]


def test_packing_is_found_wherever_it_is_written(tmp_path: Path) -> None:
    for name, key in (("a", "quantization_config"), ("b", "compression_config")):
        found = between(tmp_path / name, {**LLAMA, key: {"bits": 8}}, {**LLAMA, key: {"bits": 4}})
        assert [(c.key, c.before, c.after) for c in found if isinstance(c, QuantizationChanged)] == [("bits", 8, 4)]
    (alone,) = between(tmp_path / "c", {"bits": 8}, {"bits": 4}, "quantize_config.json")
    assert isinstance(alone, QuantizationChanged)


def test_packing_is_told_by_what_it_acts_on(tmp_path: Path) -> None:
    old = {"quant_method": "gptq", "bits": 4, "dataset": "c4", "modules_to_not_convert": ["b", "a"]}
    new = {"quant_method": "awq", "bits": 4, "dataset": "x", "modules_to_not_convert": ["a", "b"], "desc_act": False}
    found = between(tmp_path / "a", {**LLAMA, "quantization_config": old}, {**LLAMA, "quantization_config": new})
    assert {c.key: c.effect for c in found if isinstance(c, QuantizationChanged)} == {
        "quant_method": "method",
        "dataset": "made",
    }
    (came,) = between(tmp_path / "b", LLAMA, {**LLAMA, "quantization_config": {"load_in_4bit": True}})
    assert came == QuantizationDeclared(path="config.json", key="quantization_config", method="bitsandbytes")
    (gone,) = between(tmp_path / "c", {**LLAMA, "quantization_config": old}, LLAMA)
    assert isinstance(gone, QuantizationDropped)


def test_lengths_and_vocabularies_say_which_way_they_went(tmp_path: Path) -> None:
    (context,) = between(tmp_path / "a", LLAMA, {**LLAMA, "max_position_embeddings": 4096})
    (size,) = between(tmp_path / "b", LLAMA, {**LLAMA, "vocab_size": 128264})
    assert isinstance(context, ContextLengthChanged)
    assert isinstance(size, VocabularySizeChanged)
    assert (context.direction, size.direction) == ("lowered", "raised")


@pytest.mark.parametrize(
    ("config", "learned", "same"),
    [
        ({"model_type": "bert"}, True, True),
        ({"model_type": "gpt2"}, True, True),
        ({"model_type": "llama"}, False, True),
        ({"model_type": "llama", "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, False, False),
        ({"model_type": "nobodys"}, False, True),
    ],
)
def test_a_longer_context_says_what_it_rests_on(
    tmp_path: Path,
    config: dict[str, Any],
    learned: bool,  # noqa: FBT001 - a case
    same: bool,  # noqa: FBT001 - a case
) -> None:
    short, long = ({**config, "max_position_embeddings": length} for length in (512, 1024))
    (found,) = [one for one in between(tmp_path, short, long) if isinstance(one, ContextLengthChanged)]
    assert (found.learned, found.same_positions) == (learned, same)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (["A"], ["A", "B"], "appended"),
        (["A", "B"], ["B", "A"], "reordered"),
        (["A", "B"], ["A"], "replaced"),
        (None, ["A"], "named"),
        (["A"], None, "unnamed"),
    ],
)
def test_classes_are_compared_in_their_order(tmp_path: Path, old: Any, new: Any, what: str) -> None:  # noqa: ANN401 - JSON
    before, after = ({"model_type": "bert", "architectures": names} for names in (old, new))
    found = between(tmp_path, before, after)
    assert [change.what for change in found if isinstance(change, ArchitecturesChanged)] == [what]


def test_entries_of_code_are_told_one_by_one(tmp_path: Path) -> None:
    one: dict[str, Any] = {**LLAMA, "auto_map": {"AutoModel": "m.M", "AutoConfig": "c.C"}}
    two: dict[str, Any] = {**LLAMA, "auto_map": {"AutoModel": "org/x--m.M", "AutoTokenizer": ["t.T", None]}}
    found = [change for change in between(tmp_path / "a", one, two) if isinstance(change, CodeEntryChanged)]
    assert [(c.entry, c.before, c.after, c.alone, c.outside) for c in found] == [
        ("AutoConfig", "c.C", None, False, False),
        ("AutoModel", "m.M", "org/x--m.M", False, True),
        ("AutoTokenizer", None, '["t.T",null]', False, False),
    ]
    lost = between(tmp_path / "b", {**one, "model_type": "nobodys"}, {**LLAMA, "model_type": "nobodys"})
    assert [(c.alone, c.replaceable) for c in lost if isinstance(c, CodeEntryChanged)] == [(True, False)] * 2


def test_end_tokens_may_be_named_for_the_first_time(tmp_path: Path) -> None:
    old: dict[str, Any] = {"model_type": "nobodys"}
    (found,) = between(tmp_path / "a", old, {**old, "eos_token_id": [2, 3]})
    assert isinstance(found, EndTokensChanged)
    assert found.what == "named"
    assert between(tmp_path / "b", {**old, "eos_token_id": [3, 2]}, {**old, "eos_token_id": [2, 3]}) == [
        ConfigRewritten(path="config.json")
    ]


def test_what_moved_to_the_generation_settings_is_not_gone(tmp_path: Path) -> None:
    old = {"model_type": "bart", "decoder_start_token_id": 7, "num_beams": 4}
    settings: Content = {"decoder_start_token_id": 7, "num_beams": 4}
    found = changes(
        tmp_path,
        {"config.json": old, "generation_config.json": settings},
        {"config.json": {"model_type": "bart"}, "generation_config.json": settings},
    )
    assert found == [
        GenerationSettingMoved(path="config.json", key="decoder_start_token_id"),
        GenerationSettingMoved(path="config.json", key="num_beams"),
    ]


def test_configurations_come_and_go(tmp_path: Path) -> None:
    assert changes(tmp_path / "a", {}, {"unet/config.json": {}}) == [ConfigFileAdded(path="unet/config.json")]
    assert changes(tmp_path / "b", {"config.json": {}}, {}) == [ConfigFileRemoved(path="config.json")]
