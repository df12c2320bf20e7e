"""`config.json` in canonical form: what a reader of today builds from it, however it was written.

Sub-configurations become dotted keys; aliases and older layouts are folded; defaults of the model's class are filled
in. `null`, absent and default are three states: a key that is absent means the class's default, and a key that is null
means null where the class's default is something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.compare.class_defaults import DIFFERS, class_defaults
from semverlint.formats.text_files import Json

ALIASES: Mapping[str, str] = {
    "torch_dtype": "dtype",
    "n_embd": "hidden_size",
    "n_layer": "num_hidden_layers",
    "n_layers": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_heads": "num_attention_heads",
    "n_inner": "intermediate_size",
    "n_positions": "max_position_embeddings",
    "d_model": "hidden_size",
    "dim": "hidden_size",
    "hidden_dim": "intermediate_size",
    "ffn_dim": "intermediate_size",
    "activation": "hidden_act",
    "num_attention_heads_kv": "num_key_value_heads",
    "num_kv_heads": "num_key_value_heads",
    "rotary_emb_base": "rope_theta",
    "rotary_pct": "partial_rotary_factor",
    "label_names": "id2label",
}
"""Names that one model family gives to what others call by the canonical name (`attribute_map` of the classes)."""

_KEPT_NAMES = frozenset({"dim", "hidden_dim", "d_model", "activation", "label_names"})
"""Aliases that mean something else elsewhere: folded only where `_OWNERS` names the model type."""
_OWNERS: Mapping[str, frozenset[str]] = {
    "dim": frozenset({"distilbert"}),
    "hidden_dim": frozenset({"distilbert"}),
    "d_model": frozenset({"t5", "mt5", "bart", "mbart", "marian", "pegasus", "whisper", "umt5"}),
    "activation": frozenset({"distilbert"}),
}

_ROPE_KEYS = ("rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor")


@dataclass(frozen=True)
class Canonical:
    """A configuration as a reader understands it.

    Attributes:
        values: Dotted key → value; no mappings but `rope`, `quantization_config` and those nobody knows.
        labels: Index → name of a classifier's classes; empty where the model is none.
        rope_layout: `rope_parameters` (transformers 5), `rope_scaling` (before), or empty.
        dtype_key: `dtype`, `torch_dtype` or empty: which name the file uses.
        known: Whether the defaults of its class are known.
    """

    values: dict[str, Json]
    labels: dict[int, str]
    rope_layout: str
    dtype_key: str
    known: bool


def canonical(config: Mapping[str, Json]) -> Canonical:
    """The canonical form of a configuration."""
    values: dict[str, Json] = {}
    known = _flatten("", config, values)
    text = next((part for key in ("text_config", "llm_config") if isinstance(part := config.get(key), dict)), {})
    layouts: tuple[Mapping[str, Json], ...] = (config, text)
    rope_layout = next((key for key in ("rope_parameters", "rope_scaling") for part in layouts if part.get(key)), "")
    if not rope_layout and any("rope_theta" in part for part in layouts):
        rope_layout = "rope_scaling"
    dtype_key = next((key for key in ("dtype", "torch_dtype") if key in config), "")
    return Canonical(values, _labels(config), rope_layout, dtype_key, known)


def _flatten(prefix: str, config: Mapping[str, Json], into: dict[str, Json]) -> bool:
    """Write one level of a configuration into the flat form; whether the class's defaults are known."""
    kind = config.get("model_type")
    table = class_defaults("config", kind) if isinstance(kind, str) else None
    name = kind if isinstance(kind, str) else ""
    defaults = _with_canonical_names({**(class_defaults("config", "") or {}), **(table or {})}, name)
    given = _with_canonical_names(config, name)
    level = {**{key: value for key, value in defaults.items() if value != DIFFERS and key not in given}, **given}
    _fold_rope(level)
    _derive(level)
    if _is_inverse(level.get("label2id"), level.get("id2label")):
        level.pop("label2id", None)
    for key in ("id2label", "num_labels"):
        level.pop(key, None)
    for key, value in level.items():
        if isinstance(value, dict) and (key.endswith("_config") and key != "quantization_config"):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[prefix + key] = _plain(value)
    return table is not None


def _is_inverse(label2id: Json, id2label: Json) -> bool:
    """Whether label2id says nothing of its own: absent, the inverse of id2label, or of the names nobody gave."""
    if not isinstance(label2id, dict):
        return True
    if not isinstance(id2label, dict):
        return all(label == f"LABEL_{index}" for label, index in label2id.items())
    return {(str(label), str(index)) for index, label in id2label.items()} == {
        (label, str(index)) for label, index in label2id.items()
    }


def _with_canonical_names(config: Mapping[str, Json], kind: str) -> dict[str, Json]:
    renamed: dict[str, Json] = {}
    for key, value in config.items():
        foldable = key in ALIASES and (key not in _KEPT_NAMES or kind in _OWNERS.get(key, ()))
        name = ALIASES[key] if foldable and ALIASES[key] not in config else key
        if key == "torch_dtype" and "dtype" in config:
            continue  # where both are written, readers take dtype
        renamed[name] = value
    return renamed


def _fold_rope(level: dict[str, Json]) -> None:
    """Everything about rotary positions under the one key `rope`, in the layout of transformers 5."""
    if not any(key in level for key in _ROPE_KEYS):
        return
    theta = level.pop("rope_theta", None)
    partial = level.pop("partial_rotary_factor", None)
    scaling, parameters = level.pop("rope_scaling", None), level.pop("rope_parameters", None)
    source = parameters if isinstance(parameters, dict) and parameters else scaling
    rope: dict[str, Json] = dict(source) if isinstance(source, dict) else {}
    by_layer = rope and all(isinstance(part, dict) for part in rope.values())
    for part in [part for part in rope.values() if isinstance(part, dict)] if by_layer else [rope]:
        kind = part.pop("type", None)
        part.setdefault("rope_type", kind if kind is not None else "default")
        if part["rope_type"] == "su":  # the name longrope had until transformers 4.43
            part["rope_type"] = "longrope"
        if theta is not None:
            part.setdefault("rope_theta", theta)
        if partial is not None:
            part.setdefault("partial_rotary_factor", partial)
        if part.get("partial_rotary_factor") in {1, None}:
            part.pop("partial_rotary_factor", None)
    level["rope"] = _plain(rope)


def _derive(level: dict[str, Json]) -> None:
    """Keys whose default is another key's value."""
    heads, hidden = level.get("num_attention_heads"), level.get("hidden_size")
    if level.get("num_key_value_heads") is None and isinstance(heads, int):
        level["num_key_value_heads"] = heads
    if level.get("head_dim") is None:
        if isinstance(heads, int) and isinstance(hidden, int) and heads > 0 and hidden % heads == 0:
            level["head_dim"] = hidden // heads
        else:
            level.pop("head_dim", None)


def _labels(config: Mapping[str, Json]) -> dict[int, str]:
    """The names of the classes; `LABEL_n` where only their number is given, none where neither is."""
    names = config.get("id2label")
    if isinstance(names, dict):
        pairs = {int(key): value for key, value in names.items() if key.lstrip("-").isdecimal()}
        return {index: value if isinstance(value, str) else str(value) for index, value in sorted(pairs.items())}
    count = config.get("num_labels")
    if isinstance(count, int) and not isinstance(count, bool) and 0 < count <= 1_000_000:  # noqa: PLR2004 - bounds memory
        return {index: f"LABEL_{index}" for index in range(count)}
    kinds = config.get("architectures")
    classifies = any("Classification" in str(kind) for kind in kinds) if isinstance(kinds, list) else False
    return {0: "LABEL_0", 1: "LABEL_1"} if classifies else {}


def _plain(value: Json) -> Json:
    """Numbers of one kind: 1.0 is 1, so that notation never counts."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
