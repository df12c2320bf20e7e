"""What the configurations of one revision say against each other."""

from pathlib import Path
from typing import Any

import pytest
from support import Content, Model, changes, pair

from semverlint.changes import Incoherence
from semverlint.changes.config_coherence import (
    DtypesDisagree,
    EndTokensDisagree,
    ExpertsDoNotSuffice,
    GenerationIdsDisagree,
    HeadsDoNotDivide,
    LabelCountDisagrees,
    LabelTablesDisagree,
    LayerCountDisagrees,
    MaxLengthExceedsPositions,
    PadEndsGeneration,
    QuantizationsDisagree,
    TokenIdOutsideVocabulary,
)
from semverlint.compare import compare
from semverlint.compare.pair import Options

CONFIG: dict[str, Any] = {"model_type": "llama", "vocab_size": 100}
OURS = "semverlint.changes.config_coherence"


def found(tmp_path: Path, old: Model, new: Model, options: Options | None = None) -> list[Incoherence]:
    listed = list(compare(pair(tmp_path, old, new, options)))
    return [one for one in listed if isinstance(one, Incoherence) and type(one).__module__ == OURS]


@pytest.mark.parametrize(
    ("added", "kind"),
    [
        ({"pad_token_id": 100}, TokenIdOutsideVocabulary),
        ({"eos_token_id": [2, 100]}, TokenIdOutsideVocabulary),
        ({"num_hidden_layers": 3, "layer_types": ["full_attention"] * 2}, LayerCountDisagrees),
        ({"hidden_size": 770, "num_attention_heads": 12}, HeadsDoNotDivide),
        ({"num_attention_heads": 12, "num_key_value_heads": 5, "hidden_size": 120}, HeadsDoNotDivide),
        ({"num_local_experts": 4, "num_experts_per_tok": 8}, ExpertsDoNotSuffice),
        ({"dtype": "float16", "torch_dtype": "float32"}, DtypesDisagree),
        ({"num_labels": 3, "id2label": {"0": "A", "1": "B"}}, LabelCountDisagrees),
        ({"id2label": {"0": "A", "1": "B"}, "label2id": {"A": 1, "B": 0}}, LabelTablesDisagree),
    ],
)
def test_a_configuration_may_contradict_itself(tmp_path: Path, added: dict[str, Any], kind: type[Incoherence]) -> None:
    (one,) = found(tmp_path / "new", {"config.json": CONFIG}, {"config.json": {**CONFIG, **added}})
    assert isinstance(one, kind)
    assert not one.already
    before: Model = {"config.json": {**CONFIG, **added}}
    (again,) = found(tmp_path / "old", before, {"config.json": {**CONFIG, **added, "use_cache": False}})
    assert again.already


@pytest.mark.parametrize(
    "config",
    [
        {"pad_token_id": -1},
        {"pad_token_id": None, "eos_token_id": [1, 99]},
        {"hidden_size": 770, "num_attention_heads": 12, "head_dim": 64},
        {"model_type": "t5", "d_model": 512, "num_heads": 6},
        {"id2label": {"0": "A", "1": "B"}, "label2id": {"A": 0, "B": "1"}, "num_labels": 2},
        {"id2label": {"0": "A", "1": "A"}, "label2id": {"A": 1}},
        {"dtype": "torch.float16", "torch_dtype": "float16"},
    ],
)
def test_what_fits_together_is_let_pass(tmp_path: Path, config: dict[str, Any]) -> None:
    assert found(tmp_path, {"config.json": CONFIG}, {"config.json": {**CONFIG, **config}}) == []


EMPTY: Content = {"type": "BPE", "vocab": {}, "merges": []}
DECODER: Content = {"eos_token": {"content": "<e>"}, "added_tokens_decoder": {"7": {"content": "<e>"}}}


def test_end_tokens_are_compared_across_files(tmp_path: Path) -> None:
    new: dict[str, Content] = {
        "config.json": {**CONFIG, "eos_token_id": 7},
        "generation_config.json": {"eos_token_id": [7, 9]},
        "tokenizer_config.json": {"eos_token": "</s>"},
        "tokenizer.json": {"added_tokens": [{"id": 8, "content": "</s>"}], "model": EMPTY},
    }
    ends = [one for one in found(tmp_path / "a", {}, new) if isinstance(one, EndTokensDisagree)]
    assert [(one.file, one.ids, one.other, one.other_ids, one.shared) for one in ends] == [
        ("config.json", "[7]", "generation_config.json", "[7,9]", True),
        ("tokenizer_config.json", "[8]", "generation_config.json", "[7,9]", False),
    ]
    agreed: Model = {"config.json": {**CONFIG, "eos_token_id": [7]}, "tokenizer_config.json": DECODER}
    assert found(tmp_path / "b", {}, agreed) == []


def test_ids_that_two_files_give_must_agree(tmp_path: Path) -> None:
    new: Model = {
        "config.json": {**CONFIG, "pad_token_id": 0, "bos_token_id": 1},
        "generation_config.json": {"pad_token_id": 2, "bos_token_id": 1, "eos_token_id": 2},
    }
    listed = found(tmp_path, {}, new)
    assert [type(one) for one in listed] == [GenerationIdsDisagree, PadEndsGeneration]


def test_a_tokenizer_may_let_through_too_much(tmp_path: Path) -> None:
    def model(kind: str, length: float) -> Model:
        config = {"model_type": kind, "max_position_embeddings": 512}
        return {"config.json": config, "tokenizer_config.json": {"model_max_length": length}}

    (learned,) = found(tmp_path / "a", {}, model("bert", 1024))
    assert isinstance(learned, MaxLengthExceedsPositions)
    assert learned.learned
    (rotary,) = found(tmp_path / "b", {}, model("llama", 1024))
    assert isinstance(rotary, MaxLengthExceedsPositions)
    assert not rotary.learned
    for name, length in (("c", 512), ("d", 1e30), ("e", 10**30)):
        assert found(tmp_path / name, {}, model("bert", length)) == []


def test_two_files_of_the_packing_must_agree(tmp_path: Path) -> None:
    config: Content = {**CONFIG, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128}}
    new: Model = {"config.json": config, "quantize_config.json": {"w_bit": 8, "group_size": 128, "desc_act": True}}
    assert found(tmp_path, {}, new) == [
        QuantizationsDisagree(
            path="config.json", already=False, other="quantize_config.json", key="bits", config=4, value=8
        )
    ]


def test_only_relations_of_touched_files_are_checked_unless_all_are_asked_for(tmp_path: Path) -> None:
    wrong: dict[str, Content] = {"config.json": {**CONFIG, "pad_token_id": 100}}
    new: Model = {**wrong, "tokenizer_config.json": {"eos_token": "</s>"}}
    assert found(tmp_path / "a", wrong, new) == []
    (one,) = found(tmp_path / "b", wrong, new, Options(full=True))
    assert one.already


def test_parts_and_components_are_looked_into(tmp_path: Path) -> None:
    config: Content = {"model_type": "llava", "text_config": {"vocab_size": 10, "eos_token_id": 10}}
    listed = found(tmp_path, {}, {"text_encoder/config.json": config})
    assert [(one.path, one.subject) for one in listed] == [("text_encoder/config.json", "text_config.eos_token_id")]


def test_a_neighbour_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    both = pair(tmp_path, {"config.json": CONFIG}, {"config.json": {**CONFIG, "x": 1}, "generation_config.json": "["})
    list(compare(both))
    assert [doubt.path for doubt in both.undecided] == ["generation_config.json"]
    assert changes(tmp_path / "fine", {"config.json": CONFIG}, {"config.json": CONFIG}) == []
