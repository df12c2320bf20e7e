"""`generation_config.json`, defaults filled in: what `generate` does when nobody says otherwise.

Where the file is not there, `generate` takes the settings of the older form out of `config.json`
(transformers 4.57, `GenerationConfig.from_model_config`).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.generation import (
    Effect,
    GenerationChanged,
    GenerationFileAdded,
    GenerationFileRemoved,
    GenerationLengthChanged,
    GenerationRewritten,
    StopStringsChanged,
)
from semverlint.compare.end_tokens import compare_end_tokens
from semverlint.compare.json_values import is_number, shown, token_ids
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, compact, read_json_object
from semverlint.roles import folder
from semverlint.snapshot import Snapshot

_TABLE: Mapping[Effect, str] = {
    "forced": """
        forced_bos_token_id forced_eos_token_id forced_decoder_ids suppress_tokens begin_suppress_tokens bad_words_ids
        sequence_bias force_words_ids constraints watermarking_config
    """,
    "start": "bos_token_id decoder_start_token_id",
    "padding": "pad_token_id",
    "mode": """
        do_sample num_beams num_beam_groups penalty_alpha dola_layers early_stopping num_return_sequences low_memory
        custom_generate max_time
    """,
    "sampling": """
        temperature top_k top_p min_p top_h typical_p epsilon_cutoff eta_cutoff guidance_scale renormalize_logits
        remove_invalid_values token_healing
    """,
    "penalty": """
        repetition_penalty encoder_repetition_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size length_penalty
        diversity_penalty presence_penalty frequency_penalty exponential_decay_length_penalty
    """,
    "shortest": "min_length min_new_tokens",
    "speech": """
        lang_to_id task_to_id alignment_heads no_timestamps_token_id is_multilingual language task return_timestamps
        max_initial_timestamp_index prev_sot_token_id median_filter_width
    """,
    "speed": """
        cache_implementation cache_config compile_config use_cache disable_compile return_legacy_cache
        prefill_chunk_size num_assistant_tokens num_assistant_tokens_schedule assistant_confidence_threshold
        prompt_lookup_num_tokens max_matching_ngram_size assistant_early_exit assistant_lookbehind target_lookbehind
        is_assistant
    """,
    "form": """
        output_attentions output_hidden_states output_scores output_logits return_dict_in_generate
    """,
    "provenance": "transformers_version _from_model_config _commit_hash trust_remote_code _name_or_path chat_format",
}
_EFFECTS = {key: effect for effect, keys in _TABLE.items() for key in keys.split()}

_DEFAULTS: Mapping[str, Json] = {
    "do_sample": False, "temperature": 1.0, "top_k": 50, "top_p": 1.0, "typical_p": 1.0, "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0, "repetition_penalty": 1.0, "encoder_repetition_penalty": 1.0, "length_penalty": 1.0,
    "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0, "num_beams": 1, "num_beam_groups": 1,
    "diversity_penalty": 0.0, "early_stopping": False, "num_return_sequences": 1, "min_length": 0, "max_length": 20,
    "use_cache": True, "renormalize_logits": False, "remove_invalid_values": False, "output_attentions": False,
    "output_hidden_states": False, "output_scores": False, "output_logits": False, "return_dict_in_generate": False,
    "token_healing": False, "low_memory": False, "is_assistant": False, "num_assistant_tokens": 20,
    "num_assistant_tokens_schedule": "constant", "assistant_confidence_threshold": 0.4, "assistant_lookbehind": 10,
    "target_lookbehind": 10, "disable_compile": False, "return_legacy_cache": True,
}  # fmt: skip
"""What `GenerationConfig` means by an absent key (transformers 4.57, generation/configuration_utils.py)."""

_LENGTHS = ("max_length", "max_new_tokens")
_SETS = frozenset({"suppress_tokens", "begin_suppress_tokens", "bad_words_ids"})
"""Lists whose order means nothing."""
_BY_THEMSELVES = frozenset({"eos_token_id", "stop_strings", *_LENGTHS})
_NEVER_IN_CONFIG = frozenset(
    {"transformers_version", "_name_or_path", "_commit_hash", "use_cache", *(_TABLE["form"].split())}
)


@comparer
def compare_generation(pair: Pair) -> Iterator[Change]:
    """Changes of every `generation_config.json` that was touched."""
    for path in pair.paths("generation"):
        with pair.attempt(path):
            yield from _file(pair, path)


def _file(pair: Pair, path: str) -> Iterator[Change]:
    before, after = pair.facts(read_json_object, path)
    if before is not None and after is not None:
        changes = list(_settings(path, before, after))
        yield from changes or [GenerationRewritten(path=path)]
    elif after is not None:
        yield GenerationFileAdded(path=path)
        older = _older(pair.old, path)
        yield from (change for change in _settings(path, older, after) if not _mere_news(change, older))
    elif before is not None:
        yield GenerationFileRemoved(path=path, carried=_carried(path, before, _older(pair.new, path)))


def _older(snapshot: Snapshot, path: str) -> dict[str, Json]:
    """The settings of the older form, out of `config.json` beside the file."""
    place = folder(path)
    try:
        config = snapshot.facts(read_json_object, f"{place}/config.json" if place else "config.json") or {}
    except FileError:
        return {}  # whoever compares that file says so
    known = {*_EFFECTS, *_BY_THEMSELVES} - _NEVER_IN_CONFIG
    return {key: value for key, value in config.items() if key in known}


def _mere_news(change: Change, older: Mapping[str, Json]) -> bool:
    """Whether a change says no more than that the file is new: nobody said anything about the key before."""
    key = getattr(change, "key", "")
    return key not in older


def _carried(
    path: str, before: Mapping[str, Json], older: Mapping[str, Json]
) -> Literal["end", "forced", "defaults", "nothing"]:
    if token_ids(before.get("eos_token_id")) - token_ids(older.get("eos_token_id")) or before.get("stop_strings"):
        return "end"
    changes = [change for change in _settings(path, before, older) if isinstance(change, GenerationChanged)]
    effects = {change.effect for change in changes}
    if effects & {"forced", "start", "speech"}:
        return "forced"
    shorter = _longest(before) != _longest(older)
    return "defaults" if shorter or effects - {"provenance", "speed"} else "nothing"


def _settings(path: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    yield from compare_end_tokens(path, before.get("eos_token_id"), after.get("eos_token_id"))
    yield from _stops(path, before.get("stop_strings"), after.get("stop_strings"))
    yield from _limit(path, before, after)
    for key in sorted((before.keys() | after.keys()) - _BY_THEMSELVES):
        old, new = (_canonical(key, side.get(key, _DEFAULTS.get(key))) for side in (before, after))
        if old != new and compact(old) != compact(new):  # NaN is no other NaN
            effect = _EFFECTS.get(key, "unknown")
            yield GenerationChanged(path=path, key=key, effect=effect, before=shown(old), after=shown(new))


def _stops(path: str, before: Json, after: Json) -> Iterator[Change]:
    old, new = (
        {one for one in (side if isinstance(side, list) else [side]) if isinstance(one, str)}
        for side in (before, after)
    )
    if old != new:
        what: Literal["extended", "reduced"] = "extended" if old < new else "reduced"
        yield StopStringsChanged(path=path, before=shown(before), after=shown(after), what=what)


def _limit(path: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
    """The longest answer: `max_new_tokens`, and where that is not given `max_length`, which counts the prompt too."""
    (_, old), (key, new) = _longest(before), _longest(after)
    if old == new or compact(old) == compact(new):
        return
    if not all(one is None or is_number(one) for one in (old, new)):
        yield GenerationChanged(path=path, key=key, effect="unknown", before=shown(old), after=shown(new))
        return
    raised = new is None or (old is not None and new > old)  # type: ignore[operator]  # both are numbers
    direction: Literal["raised", "lowered"] = "raised" if raised else "lowered"
    yield GenerationLengthChanged(path=path, key=key, before=_tokens(old), after=_tokens(new), direction=direction)


def _longest(side: Mapping[str, Json]) -> tuple[str, Json]:
    if side.get("max_new_tokens") is not None:
        return "max_new_tokens", side["max_new_tokens"]
    return "max_length", side.get("max_length", _DEFAULTS["max_length"])


def _tokens(length: Json) -> int | None:
    return int(length) if is_number(length) and math.isfinite(length) else None  # type: ignore[arg-type]  # it is a number


def _canonical(key: str, value: Json) -> Json:
    return sorted(value, key=compact) if key in _SETS and isinstance(value, list) else value
