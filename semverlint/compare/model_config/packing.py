"""`quantization_config`: how the numbers of the weights are packed.

The keys are those of transformers' `utils/quantization_config.py` and of the quantisers themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.config import QuantizationChanged, QuantizationDeclared, QuantizationDropped
from semverlint.compare.json_values import shown
from semverlint.formats.text_files import Json

Effect = Literal["method", "packing", "whole", "computed", "made", "unknown"]

_TABLE: Mapping[Effect, str] = {
    "method": "quant_method quant_algo load_in_4bit load_in_8bit format fmt",
    "packing": """
        bits w_bit wbits group_size q_group_size desc_act sym zero_point true_sequential static_groups checkpoint_format
        weight_block_size config_groups bnb_4bit_quant_type bnb_4bit_use_double_quant bnb_4bit_quant_storage weights
        activations activation_scheme quantization_status kv_cache_scheme sparsity_config pack_dtype
        in_group_size out_group_size num_codebooks nbits_per_codebook quant_type quant_config linear_weights_config
        kv_cache_quant_algo version is_marlin_format packing_format scale_fmt weight_bits weight_dtype act_dtype
    """,
    "whole": """
        modules_to_not_convert ignore llm_int8_skip_modules lm_head exclude_modules ignored_layers
        modules_to_convert modules_in_block_to_quantize dynamic exclude linear_weights_not_to_quantize
    """,
    "computed": """
        bnb_4bit_compute_dtype llm_int8_threshold llm_int8_enable_fp32_cpu_offload llm_int8_has_fp16_weight backend
        use_exllama exllama_config disable_exllama max_input_length use_cuda_fp16 do_fuse fuse_max_seq_len
        modules_to_fuse use_kernel run_compressed
    """,
    "made": """
        dataset tokenizer damp_percent batch_size block_name_to_quantize model_seqlen model_name_or_path producer
        model_file_base_name cache_block_outputs pad_token_id global_compression_ratio quantizer meta autoround_version
        iters nsamples seqlen lr transformers_version _commit_hash provider data_type low_gpu_mem_usage
    """,
}
_EFFECTS: Mapping[str, Effect] = {key: effect for effect, keys in _TABLE.items() for key in keys.split()}

_OFF: Mapping[str, Json] = {
    "desc_act": False,
    "sym": True,
    "true_sequential": True,
    "static_groups": False,
    "zero_point": True,
    "bnb_4bit_use_double_quant": False,
    "load_in_4bit": False,
    "load_in_8bit": False,
    "lm_head": False,
    "llm_int8_threshold": 6.0,
    "llm_int8_has_fp16_weight": False,
    "llm_int8_enable_fp32_cpu_offload": False,
}
"""What an absent key means (transformers 4.57, `GPTQConfig`, `AwqConfig`, `BitsAndBytesConfig`)."""
_SETS = frozenset({"modules_to_not_convert", "ignore", "llm_int8_skip_modules", "ignored_layers", "exclude_modules"})


def compare_packing(path: str, place: str, before: Json, after: Json) -> Iterator[Change]:
    """Changes of one `quantization_config`.

    Args:
        path: The file.
        place: The nested configuration it stands in, with its dot; empty for the outermost.
        before: The packing, as written; anything but an object is none.
        after: Likewise.
    """
    old, new = _whole(before), _whole(after)
    if not old and new:
        yield QuantizationDeclared(path=path, key=f"{place}quantization_config", method=method(new))
    elif old and not new:
        yield QuantizationDropped(path=path, key=f"{place}quantization_config", method=method(old))
    else:
        for name in sorted(old.keys() | new.keys()):
            one, other = (_canonical(name, side.get(name, _OFF.get(name))) for side in (old, new))
            if one != other:
                effect = _EFFECTS.get(name, "unknown")
                yield QuantizationChanged(
                    path=path, key=f"{place}{name}", effect=effect, before=shown(one), after=shown(other)
                )


def _whole(value: Json) -> dict[str, Json]:
    """The object, with the method that bitsandbytes once left to be guessed."""
    config = {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else {}
    if "quant_method" not in config and config.keys() & {"load_in_4bit", "load_in_8bit"}:
        config["quant_method"] = "bitsandbytes"
    return {key: one for key, one in config.items() if not key.startswith("_load_in")}


def method(config: Mapping[str, Json]) -> str:
    """What the packing calls itself."""
    return str(config.get("quant_method") or config.get("quant_algo") or "unnamed")


def _canonical(name: str, value: Json) -> Json:
    if name in _SETS and isinstance(value, list):
        return sorted(value, key=str) or None
    if isinstance(value, str) and name.endswith(("dtype", "storage")):
        return value.removeprefix("torch.")
    return value
