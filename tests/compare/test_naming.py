"""What a repository's name says that its card and configuration deny."""

from pathlib import Path
from typing import Any

import pytest
from support import snapshot, write

from semverlint.changes import Incoherence
from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair

Told = tuple[str, ...]


def told(tmp_path: Path, name: str, files: dict[str, Any], before: dict[str, Any] | None = None) -> list[Told]:
    """Contradictions of the name, where the folder `name` follows one that is called the same and has `before`."""
    old = write(tmp_path / "before" / name, before or {"notes.txt": "first"})
    both = Pair(snapshot(old), snapshot(write(tmp_path / "after" / name, files)))
    found = [one for one in compare(both) if one.kind in {"name-contradicts-base", "name-contradicts-packing"}]
    assert both.undecided == []
    return [
        tuple(str(value) for key, value in vars(one).items() if key not in {"path", "already"})
        for one in found
        if isinstance(one, Incoherence) and not one.already
    ]


def card(*bases: str) -> dict[str, str]:
    listed = "".join(f"\n- {base}" for base in bases)
    return {"README.md": f"---\nlicense: mit\nbase_model:{listed}\n---\n\n# Model\n"}


@pytest.mark.parametrize(
    ("name", "bases", "found"),
    [
        ("llama-3-8b-local", ["meta-llama/Llama-2-7b-hf"], [("llama-3", "meta-llama/Llama-2-7b-hf")]),
        ("medical-phi3", ["unsloth/mistral-7b-v0.3"], [("phi", "unsloth/mistral-7b-v0.3")]),
        ("Hermes-3-Llama-3.1-8B", ["meta-llama/Meta-Llama-3.1-8B"], []),
        ("Hermes-3-Llama-3.1-8B", ["NousResearch/Llama-3.1-8B"], []),
        ("my-llama-7b", ["codellama/CodeLlama-7b-hf"], []),
        ("my-Mistral-7B-ft", ["HuggingFaceH4/zephyr-7b-beta"], []),  # which is a Mistral, and does not say so
        ("Llama-3-Qwen2-merge", ["google/gemma-2b"], []),
        ("my-Mistral-7B-merge", ["google/gemma-2b", "mistralai/Mistral-7B-v0.1"], []),
        ("bert-base-uncased-ft", ["FacebookAI/roberta-base"], []),
        ("Qwen2.5-7B-sft", ["Qwen/Qwen2.5-7B"], []),
        ("gpt4all-13b-snoozy", ["huggyllama/llama-13b"], []),
        ("my-sd15-lora", ["runwayml/stable-diffusion-v1-5"], []),
        ("L3.3-70B-Euryale-v2.3", ["meta-llama/Llama-3.3-70B-Instruct"], []),
        ("L3.3-70B-Euryale-v2.3", ["mistralai/Mistral-7B-v0.3"], [("L3.3", "mistralai/Mistral-7B-v0.3")]),
    ],
)
def test_a_base_of_another_family_is_told(
    tmp_path: Path, name: str, bases: list[str], found: list[tuple[str, str]]
) -> None:
    assert told(tmp_path, name, card(*bases)) == found


@pytest.mark.parametrize(
    ("name", "packing", "found"),
    [
        ("Model-7B-GPTQ", {"quant_method": "awq", "bits": 4}, [("GPTQ", "awq")]),
        ("Model-7B-GPTQ-Int4", {"quant_method": "gptq", "bits": 8}, [("Int4", "8 bits")]),
        ("Model-7B-GPTQ-Int4", {"quant_method": "gptq", "bits": 4}, []),
        ("Model-7B-bnb-4bit", {"quant_method": "bitsandbytes", "load_in_4bit": True}, []),
        ("Model-7B-bnb-4bit", {"quant_method": "bitsandbytes", "load_in_8bit": True}, [("4bit", "8 bits")]),
        ("Model-7B-4.0bpw-h6-exl2", {"quant_method": "exl2", "bits": 4.25}, []),
        ("Model-7B-AWQ", {"quant_method": "compressed-tensors"}, []),
        ("Model-7B-FP8", {"quant_method": "fbgemm_fp8"}, []),
        ("Model-7B", {"quant_method": "awq", "bits": 4}, []),
        ("Model-7B-AWQ", "awq", []),
    ],
)
def test_another_quantisation_is_told(tmp_path: Path, name: str, packing: object, found: list[tuple[str, str]]) -> None:
    assert told(tmp_path, name, {"config.json": {"model_type": "llama", "quantization_config": packing}}) == found


def test_what_was_so_before_is_no_news(tmp_path: Path) -> None:
    wrong = {"config.json": {"model_type": "llama", "quantization_config": {"quant_method": "awq"}, "vocab_size": 9}}
    before = {"config.json": {"model_type": "llama", "quantization_config": {"quant_method": "awq"}, "vocab_size": 8}}
    assert told(tmp_path, "Model-7B-GPTQ", wrong, before) == []


def test_a_name_that_was_right_is_looked_at_again_where_asked(tmp_path: Path) -> None:
    files = card("google/gemma-2b")
    old = snapshot(write(tmp_path / "before" / "llama-7b", files))
    new = snapshot(write(tmp_path / "after" / "llama-7b", {**files, "notes.txt": "new"}))
    assert not [one for one in compare(Pair(old, new)) if one.kind == "name-contradicts-base"]
    found = [one for one in compare(Pair(old, new, Options(full=True))) if one.kind == "name-contradicts-base"]
    assert [isinstance(one, Incoherence) and one.already for one in found] == [True]
