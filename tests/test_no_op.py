"""Differences that change nothing for anyone need at most a patch; and equal models need nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Content, Model, pair, safetensors

from semverlint.compare import compare
from semverlint.compare.pair import Options
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "intermediate_size": 16,
    "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 4, "max_position_embeddings": 128,
    "rms_norm_eps": 1e-05, "torch_dtype": "float32", "eos_token_id": 2, "bos_token_id": 1, "tie_word_embeddings": False,
    "rope_theta": 10000.0, "transformers_version": "4.40.0",
}  # fmt: skip
TOKENIZER: dict[str, Any] = {
    "version": "1.0",
    "added_tokens": [
        {"id": 2, "content": "</s>", "special": True, "lstrip": False, "rstrip": False, "normalized": False}
    ],
    "normalizer": None, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
    "truncation": None, "padding": None,
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "</s>": 2, "ab": 3}, "merges": ["a b"]},
}  # fmt: skip
TENSORS = {
    "model.embed_tokens.weight": ("F32", [4, 8], bytes(range(128))),
    "model.layers.0.mlp.weight": ("F32", [8, 8], bytes(range(256))),
    "lm_head.weight": ("F32", [4, 8], bytes(range(128, 256))),
}
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
MODEL: dict[str, Content] = {
    "config.json": CONFIG,
    "generation_config.json": {"eos_token_id": 2, "temperature": 0.7, "do_sample": True},
    "tokenizer.json": TOKENIZER,
    "tokenizer_config.json": {
        "tokenizer_class": "LlamaTokenizer",
        "eos_token": "</s>",
        "model_max_length": 128,
        "chat_template": TEMPLATE,
    },
    "model.safetensors": safetensors(TENSORS, {"format": "pt"}),
    "preprocessor_config.json": {"image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 224}},
    "adapter_config.json": {
        "peft_type": "LORA",
        "r": 8,
        "target_modules": ["q_proj", "v_proj"],
        "base_model_name_or_path": "o/m",
    },
    "adapter_model.safetensors": safetensors({"a": ("F32", [2], b"\0" * 8)}),
    "modules.json": [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}],
    "thresholds.json": {"a": 1, "b": [1, 2]},
    "README.md": "---\nlicense: mit\ntags: [a, b]\n---\n# A model\n",
    "modeling_x.py": "import os\n\n\ndef f(x, y=1):\n    return x\n",
}


def turned(content: Content) -> Content:
    """The same JSON with every object's keys the other way round, and other white space."""

    def turn(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: turn(value[key]) for key in reversed(value)}
        return [turn(one) for one in value] if isinstance(value, list) else value

    return json.dumps(turn(content), indent=7, ensure_ascii=False) + "\n\n"


def sharded() -> dict[str, Content]:
    parts = {f"model-0000{n}-of-00003.safetensors": name for n, name in enumerate(TENSORS, start=1)}
    files: dict[str, Content] = {part: safetensors({name: TENSORS[name]}) for part, name in parts.items()}
    return {**files, "model.safetensors.index.json": {"weight_map": {name: part for part, name in parts.items()}}}


def rope_renamed() -> dict[str, Any]:
    return {("dtype" if key == "torch_dtype" else key): value for key, value in CONFIG.items()}


def with_defaults() -> dict[str, Any]:
    return {
        **CONFIG,
        "num_key_value_heads": 2,
        "hidden_act": "silu",
        "attention_bias": False,
        "use_cache": True,
        "head_dim": 4,
    }


def given(path: str, content: Content) -> Model:
    """The model with one file written otherwise."""
    return {**MODEL, path: content}


GENERATION = {"eos_token_id": 2, "temperature": 0.7, "do_sample": True}
ADAPTER = {"peft_type": "LORA", "r": 8, "target_modules": ["v_proj", "q_proj"], "base_model_name_or_path": "o/m"}
SETTINGS = {"tokenizer_class": "LlamaTokenizer", "eos_token": "</s>", "model_max_length": 128}
WITHOUT_WEIGHTS = {path: content for path, content in MODEL.items() if path != "model.safetensors"}
NO_OPS: dict[str, Model] = {
    "key order and white space": {
        path: turned(content) if path.endswith(".json") and path != "modules.json" else content
        for path, content in MODEL.items()
    },
    "line endings of the card": given("README.md", str(MODEL["README.md"]).replace("\n", "\r\n")),
    "the order of the card's keys": given("README.md", "---\ntags: [a, b]\nlicense: mit\n---\n# A model\n"),
    "the weights re-sharded": {**WITHOUT_WEIGHTS, **sharded()},
    "the weights in another order": given("model.safetensors", safetensors(dict(reversed(TENSORS.items())))),
    "other metadata in the weights": given("model.safetensors", safetensors(TENSORS, {"format": "pt", "by": "me"})),
    "torch_dtype as dtype": given("config.json", rope_renamed()),
    "defaults written out": given("config.json", with_defaults()),
    "another writer": given("config.json", {**CONFIG, "transformers_version": "4.50.0", "_name_or_path": "out/x"}),
    "other notation of numbers": given(
        "config.json", json.dumps(CONFIG).replace("1e-05", "0.00001").replace("10000.0", "10000")
    ),
    "an end token as a list": given("generation_config.json", {**GENERATION, "eos_token_id": [2]}),
    "generation defaults written out": given("generation_config.json", {**GENERATION, "top_k": 50}),
    "adapter modules in another order": given("adapter_config.json", ADAPTER),
    "a template written otherwise": given(
        "tokenizer_config.json", {**SETTINGS, "chat_template": "{# hi #}" + TEMPLATE}
    ),
    "comments in the code": given("modeling_x.py", "import os  # always\n\ndef f(x, y=1):\n    'Doc.'\n    return x\n"),
    "a training leftover": {**MODEL, "training_args.bin": b"\x80\x04", "runs/events.out.tfevents.1": b"x"},
    "a picture": given("figure.png", b"\x89PNG"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(NO_OPS))
@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
def test_what_changes_nothing_needs_at_most_a_patch(tmp_path: Path, name: str, back: bool) -> None:  # noqa: FBT001 - a case
    old, new = (NO_OPS[name], MODEL) if back else (MODEL, NO_OPS[name])
    both = pair(tmp_path, old, new)
    findings = load_rulebook().judge(list(compare(both)))
    assert [f"{f.rule}: {f.message}" for f in findings if f.bump > Bump.PATCH] == []
    assert both.undecided == []


@pytest.mark.parametrize("full", [False, True])
def test_equal_models_need_nothing(tmp_path: Path, full: bool) -> None:  # noqa: FBT001 - a case
    both = pair(tmp_path, MODEL, MODEL, Options(full=full))
    findings = load_rulebook().judge(list(compare(both)))
    assert [f.rule for f in findings if f.bump] == []
    assert both.undecided == []
