"""`config.json` of the model and of each of its components, compared in canonical form."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from semverlint.changes.base import Change, Value
from semverlint.changes.config import (
    ConfigChanged,
    ConfigFileAdded,
    ConfigFileRemoved,
    ConfigRewritten,
    ContextLengthChanged,
    Direction,
    QuantizationChanged,
    VocabularySizeChanged,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.end_tokens import compare_end_tokens
from semverlint.compare.json_values import is_number, shown
from semverlint.compare.model_config.canonical import Canonical, canonical
from semverlint.compare.model_config.coherence import contradictions
from semverlint.compare.model_config.keys import effect_of
from semverlint.compare.model_config.labels import compare_labels
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.text_files import Json, read_json_object

_TINY = 1e-6
"""Relative difference below which two numbers are one number written by two programs."""
_LEARNED_POSITIONS = frozenset({"absolute", "relative_key", "relative_key_query"})
_WITH_LEARNED_POSITIONS = frozenset(
    {"gpt2", "opt", "bart", "mbart", "marian", "clip", "distilbert", "mpnet", "gpt_neo", "xglm"}
)
_LENGTHS = frozenset(
    {"max_position_embeddings", "max_sequence_length", "max_seq_len", "seq_length", "max_target_positions"}
)


@comparer
def compare_model_configs(pair: Pair) -> Iterator[Change]:
    """Changes of every `config.json` that was touched, and contradictions that a touched file may be part of."""
    for path in pair.paths("config"):
        with pair.attempt(path):
            yield from _file(pair, path)
    for place in pair.folders("config", "generation", "tokenizer"):
        with pair.attempt(f"{place}/config.json" if place else "config.json"):
            yield from contradictions(pair, place)


def _file(pair: Pair, path: str) -> Iterator[Change]:
    before, after = pair.facts(read_json_object, path)
    if before is None or after is None:
        yield ConfigFileAdded(path=path) if before is None else ConfigFileRemoved(path=path)
        return
    if not path.endswith("/config.json") and path != "config.json":  # a file that holds nothing but the packing
        yield from list(_quantization(path, before, after)) or [ConfigRewritten(path=path)]
        return
    old, new = canonical(before), canonical(after)
    code = "auto_map" in before or "auto_map" in after
    changes = [
        *_keys(path, old, new, code=code),
        *compare_labels(path, old.labels, new.labels),
        *compare_end_tokens(path, old.values.get("eos_token_id"), new.values.get("eos_token_id")),
        *_quantization(path, _packing(before), _packing(after)),
        *_floor(path, old, new),
    ]
    yield from changes or [ConfigRewritten(path=path)]


def _keys(path: str, old: Canonical, new: Canonical, *, code: bool) -> Iterator[Change]:
    same_positions = all(
        old.values.get(key) == new.values.get(key) for key in old.values.keys() | new.values if key.endswith("rope")
    )
    for key in sorted(old.values.keys() | new.values.keys()):
        before, after = old.values.get(key), new.values.get(key)
        name = key.rpartition(".")[2]
        if before == after or key == "eos_token_id" or name in {"quantization_config", "compression_config"}:
            continue
        lengths = (before, after) if isinstance(before, int) and isinstance(after, int) else None
        if lengths and name in _LENGTHS:
            yield ContextLengthChanged(
                path=path,
                key=key,
                before=lengths[0],
                after=lengths[1],
                direction="raised" if lengths[1] > lengths[0] else "lowered",
                learned=_positions_are_learned(new),
                same_positions=same_positions,
            )
        elif lengths and name == "vocab_size":
            yield VocabularySizeChanged(
                path=path,
                key=key,
                before=lengths[0],
                after=lengths[1],
                direction="raised" if lengths[1] > lengths[0] else "lowered",
            )
        else:
            written = replace(
                _changed(path, key, before, after, code=code), before=_told(old, key), after=_told(new, key)
            )
            yield written


def _told(side: Canonical, key: str) -> Value:
    """A value as the report tells it: null where it is written as null, nothing where it is absent."""
    value = side.values.get(key)
    return "null" if value is None and key in side.values else shown(value)


def _changed(path: str, key: str, before: Json, after: Json, *, code: bool) -> ConfigChanged:
    numbers = (before, after) if is_number(before) and is_number(after) else None
    direction: Direction = "changed"
    tiny = False
    if before is None or after is None:
        direction = "added" if before is None else "removed"
    elif numbers:
        direction = "raised" if numbers[1] > numbers[0] else "lowered"  # type: ignore[operator]  # both are numbers
        tiny = abs(numbers[1] - numbers[0]) <= _TINY * max(abs(numbers[0]), abs(numbers[1]))  # type: ignore[operator, arg-type]  # likewise
    return ConfigChanged(
        path=path,
        key=key,
        effect=effect_of(key),
        before=shown(before),
        after=shown(after),
        direction=direction,
        tiny=tiny,
        remote_code=code,
    )


def _positions_are_learned(config: Canonical) -> bool:
    kind = config.values.get("model_type")
    embedding = config.values.get("position_embedding_type")
    return kind in _WITH_LEARNED_POSITIONS or (embedding in _LEARNED_POSITIONS and "rope" not in config.values)


def _packing(config: Mapping[str, Json]) -> Json:
    """How the weights are packed, from any of the places in which writers put it."""
    text = config.get("text_config")
    inner = text.get("quantization_config") if isinstance(text, dict) else None
    return config.get("quantization_config") or config.get("compression_config") or inner


def _quantization(path: str, before: Json, after: Json) -> Iterator[Change]:
    old: Mapping[str, Json] = before if isinstance(before, dict) else {}
    new: Mapping[str, Json] = after if isinstance(after, dict) else {}
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key) and not key.startswith("_"):
            yield QuantizationChanged(path=path, key=key, before=shown(old.get(key)), after=shown(new.get(key)))


def _floor(path: str, old: Canonical, new: Canonical) -> Iterator[Change]:
    """Forms that only newer readers understand, where the meaning is the same."""
    if old.rope_layout == "rope_scaling" and new.rope_layout == "rope_parameters":
        # transformers 4 finds no rope_theta there and takes its default of 10000 (vllm#28542).
        yield ReaderFloorRaised(path=path, form="rope_parameters", reader="transformers", since="5.0", older="misread")
    if old.dtype_key == "torch_dtype" and new.dtype_key == "dtype":
        # Readers before 4.56 take the type the weights are stored in, which is what nearly all files say.
        yield ReaderFloorRaised(path=path, form="dtype", reader="transformers", since="4.56", older="nothing")
