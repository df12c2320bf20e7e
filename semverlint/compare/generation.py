"""`generation_config.json`, defaults filled in: what `generate` does when nobody says otherwise."""

from collections.abc import Iterator, Mapping

from semverlint.changes.base import Change
from semverlint.changes.generation import (
    Effect,
    GenerationChanged,
    GenerationFileAdded,
    GenerationFileRemoved,
    GenerationLengthChanged,
    GenerationRewritten,
)
from semverlint.compare.end_tokens import compare_end_tokens
from semverlint.compare.json_values import shown, token_ids
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.text_files import Json, read_json_object
from semverlint.roles import folder

_TABLE: Mapping[Effect, str] = {
    "forced": """
        forced_bos_token_id forced_eos_token_id forced_decoder_ids suppress_tokens begin_suppress_tokens
        bad_words_ids sequence_bias force_words_ids constraints
    """,
    "stop": """
        stop_strings
    """,
    "start": """
        bos_token_id decoder_start_token_id
    """,
    "padding": """
        pad_token_id
    """,
    "sampling": """
        do_sample temperature top_k top_p min_p top_h typical_p epsilon_cutoff eta_cutoff repetition_penalty
        encoder_repetition_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size length_penalty
        num_beams num_beam_groups diversity_penalty early_stopping penalty_alpha guidance_scale
        num_return_sequences exponential_decay_length_penalty renormalize_logits remove_invalid_values
        min_length min_new_tokens low_memory watermarking_config token_healing max_time dola_layers
        presence_penalty
    """,
    "speech": """
        lang_to_id task_to_id alignment_heads no_timestamps_token_id is_multilingual language task
        return_timestamps max_initial_timestamp_index prev_sot_token_id median_filter_width
    """,
    "speed": """
        cache_implementation cache_config compile_config use_cache disable_compile return_legacy_cache
        prefill_chunk_size num_assistant_tokens num_assistant_tokens_schedule assistant_confidence_threshold
        prompt_lookup_num_tokens max_matching_ngram_size assistant_early_exit assistant_lookbehind
        target_lookbehind
    """,
    "provenance": """
        transformers_version _from_model_config _commit_hash output_attentions output_hidden_states
        output_scores output_logits return_dict_in_generate trust_remote_code generation_kwargs
    """,
}
_EFFECTS = {key: effect for effect, keys in _TABLE.items() for key in keys.split()}

_DEFAULTS: Mapping[str, Json] = {
    "do_sample": False, "temperature": 1.0, "top_k": 50, "top_p": 1.0, "typical_p": 1.0, "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0, "repetition_penalty": 1.0, "encoder_repetition_penalty": 1.0, "length_penalty": 1.0,
    "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0, "num_beams": 1, "num_beam_groups": 1,
    "diversity_penalty": 0.0, "early_stopping": False, "num_return_sequences": 1, "min_length": 0, "max_length": 20,
    "use_cache": True, "renormalize_logits": False, "remove_invalid_values": False, "output_attentions": False,
    "output_hidden_states": False, "output_scores": False, "return_dict_in_generate": False, "token_healing": False,
}  # fmt: skip
"""What `GenerationConfig` means by an absent key (transformers 4.57, generation/configuration_utils.py)."""

_LENGTHS = ("max_length", "max_new_tokens")


@comparer
def compare_generation(pair: Pair) -> Iterator[Change]:
    """Changes of every `generation_config.json` that was touched."""
    for path in pair.paths("generation"):
        with pair.attempt(path):
            yield from _file(pair, path)


def _file(pair: Pair, path: str) -> Iterator[Change]:
    before, after = pair.facts(read_json_object, path)
    if before is None:
        yield GenerationFileAdded(path=path)
    elif after is None:
        place = folder(path)
        config = pair.new.facts(read_json_object, f"{place}/config.json" if place else "config.json") or {}
        ends = token_ids(before.get("eos_token_id"))
        yield GenerationFileRemoved(path=path, carried_end=bool(ends - token_ids(config.get("eos_token_id"))))
    else:
        yield from list(_settings(path, {**_DEFAULTS, **before}, {**_DEFAULTS, **after})) or [
            GenerationRewritten(path=path)
        ]


def _settings(path: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    yield from compare_end_tokens(path, before.get("eos_token_id"), after.get("eos_token_id"))
    for key in sorted((before.keys() | after.keys()) - {"eos_token_id"}):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if key in _LENGTHS and isinstance(old, int) and isinstance(new, int):
            yield GenerationLengthChanged(
                path=path, key=key, before=old, after=new, direction="raised" if new > old else "lowered"
            )
        else:
            effect = "sampling" if key in _LENGTHS else _EFFECTS.get(key, "unknown")
            yield GenerationChanged(path=path, key=key, effect=effect, before=shown(old), after=shown(new))
