"""`config.json` in canonical form: what a reader of today builds from it, however it was written.

Nested configurations become dotted keys; aliases and older layouts are folded; defaults of the model's class are filled
in. `null`, absent and default are three states: a key that is absent means the class's default, and a key that is null
means null where the class's default is something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from semverlint.compare.class_defaults import DIFFERS, class_defaults
from semverlint.compare.model_config.layers import PATTERNS, fold_layers
from semverlint.compare.model_config.rope import KEYS as ROPE_KEYS
from semverlint.compare.model_config.rope import fold_rope
from semverlint.formats.text_files import Json

_ALIASES: Mapping[str, str] = {
    "torch_dtype": "dtype",
    "rotary_emb_base": "rope_theta",
    "rotary_pct": "partial_rotary_factor",
    "global_rope_theta": "rope_theta",
    "local_rope_theta": "rope_local_base_freq",
}
"""Names that mean the same whatever the class; those of one class are in its layout (`attribute_map`)."""
SCORES, OLDER_SCORES = "sentence_transformers.activation_fn", "sbert_ce_default_activation_function"
TUNING = "attn_temperature_tuning"
"""Llama 4 wrote a number of which only the truth was asked."""
_RESTATED = frozenset({"dense_act_fn", "is_gated_act"})
"""What T5 and its kin work out from `feed_forward_proj`, and write down all the same."""
_NOT_FINITE = frozenset({"Infinity", "-Infinity", "NaN"})
_NOT_PARTS = frozenset({"quantization_config", "compression_config"})
_APART = frozenset({"id2label", "label2id", "num_labels", "auto_map", "architectures"})
"""Keys that are compared by themselves."""


@dataclass(frozen=True)
class Level:
    """The configuration itself, or one nested in it.

    Attributes:
        name: The key it stands under, dotted; empty for the configuration itself.
        kind: Its model type, as written or as its surroundings give it; for a component of diffusers its class.
        known: Whether the defaults of its class are known.
        raw: As written.
        values: In canonical form: key → value, without nested configurations. `?` where the default depends on the
            version of the library.
        given: Canonical keys that are written, or that a written key was folded into.
        argument: Canonical keys the class is known to take.
    """

    name: str
    kind: str
    known: bool
    raw: Mapping[str, Json]
    values: Mapping[str, Json]
    given: frozenset[str]
    argument: frozenset[str]

    def key(self, name: str) -> str:
        """The dotted key of a name of this level."""
        return f"{self.name}.{name}" if self.name else name


@dataclass(frozen=True)
class Canonical:
    """A configuration as a reader understands it: its levels by name, the outermost first."""

    levels: dict[str, Level] = field(default_factory=dict)

    @property
    def top(self) -> Level:
        """The configuration itself."""
        return self.levels[""]

    @property
    def text(self) -> Level:
        """The level of the language model: the configuration itself, unless it holds one."""
        names = ("text_config", "llm_config", "language_config", "thinker_config.text_config", "decoder")
        return next((self.levels[name] for name in names if name in self.levels), self.top)


def canonical(config: Mapping[str, Json]) -> Canonical:
    """The canonical form of a configuration."""
    return Canonical({level.name: level for level in _levels("", config, "", None)})


def _levels(name: str, raw: Mapping[str, Json], expected: str, outer: Level | None) -> Iterator[Level]:
    """One level and those nested in it.

    Args:
        name: The dotted key it stands under.
        raw: As written.
        expected: The model type its surroundings give it.
        outer: What it is nested in.
    """
    written = next((one for key in ("model_type", "_class_name") if isinstance(one := raw.get(key), str)), "")
    misnamed = outer is not None and written == outer.kind  # as transformers 4 wrote parts of vision models
    kind = expected if expected and misnamed else written or expected
    layout = class_defaults("config_layout", kind) or {}
    level = _level(name, raw, kind, layout, outer.values.get("dtype") if outer else None)
    yield level
    parts = layout.get("parts")
    for key, value in raw.items():
        if isinstance(value, dict) and _is_part(key, value):
            given = parts.get(key) if isinstance(parts, dict) else None
            inner = given if isinstance(given, str) else ""
            yield from _levels(level.key(key), value, inner, level)


def _level(name: str, raw: Mapping[str, Json], kind: str, layout: Mapping[str, Json], dtype: Json) -> Level:
    table = class_defaults("config", kind) if kind else None
    shared = {} if "_class_name" in raw else class_defaults("config", "") or {}
    names = layout.get("aliases")
    aliases = {**_ALIASES, **{key: one for key, one in (names if isinstance(names, dict) else {}).items() if one}}
    written = _renamed({key: _plain(value) for key, value in raw.items() if not _is_part(key, value)}, aliases)
    defaults = _renamed({**shared, **(table or {})}, aliases)
    if "rope_parameters" not in written and any(key in written for key in ROPE_KEYS):
        newer = defaults.pop("rope_parameters", None)  # for readers of the older keys, only the base counts
        if isinstance(newer, dict) and "rope_theta" in newer:
            defaults.setdefault("rope_theta", newer["rope_theta"])
    level = {**{key: value for key, value in defaults.items() if key not in written}, **written}
    given = set(written)
    if given & {*PATTERNS, "max_window_layers", "use_sliding_window"}:
        given.add("layer_types")
    rope = fold_rope(level, kind)
    fold_layers(level, kind, layout.get("layers"))
    if any(key in given for key in ROPE_KEYS):
        given |= rope.keys()
    if dtype is not None and level.get("dtype") is None:
        level["dtype"] = dtype
    if isinstance(one := level.get("dtype"), str):
        level["dtype"] = one.removeprefix("torch.")
    scores = _fold_scores(level)
    given |= scores.keys()
    if isinstance(level.get(TUNING), int):
        level[TUNING] = bool(level[TUNING])
    if "feed_forward_proj" in level:
        level = {key: value for key, value in level.items() if key not in _RESTATED}
    if kind and "_class_name" not in raw:
        level["model_type"] = kind
    values = {key: value for key, value in {**level, **rope, **scores}.items() if key not in _APART}
    return Level(
        name=name,
        kind=kind,
        known=table is not None,
        raw=raw,
        values=values,
        given=frozenset(given & values.keys()),
        argument=frozenset(defaults) if table is not None else frozenset(),
    )


def _fold_scores(level: dict[str, Json]) -> dict[str, Json]:
    """What a CrossEncoder puts on top, under the keys of sentence-transformers 4; the version it notes is left out."""
    written, older = level.pop("sentence_transformers", None), level.pop(OLDER_SCORES, None)
    found = written if isinstance(written, dict) else {}
    scores = {f"sentence_transformers.{key}": value for key, value in found.items() if key != "version"}
    if older is not None:
        scores.setdefault(SCORES, older)
    if isinstance(name := scores.get(SCORES), str) and name.startswith("torch.nn."):
        scores[SCORES] = f"torch.nn.{name.rpartition('.')[2]}"
    return scores


def _renamed(config: Mapping[str, Json], aliases: Mapping[str, Json]) -> dict[str, Json]:
    """Every key by its canonical name; where both names are written and disagree, both are kept."""
    renamed: dict[str, Json] = {}
    for key, value in config.items():
        name = aliases.get(key)
        if not isinstance(name, str) or (name in config and config[name] != value and key != "torch_dtype"):
            renamed[key] = value
        elif name not in config:
            renamed[name] = value
        # else the other name says it, and of dtype and torch_dtype readers take dtype
    return renamed


def _is_part(key: str, value: Json) -> bool:
    """Whether a value is a nested configuration."""
    return isinstance(value, dict) and key not in _NOT_PARTS and (key.endswith("_config") or "model_type" in value)


def _plain(value: Json) -> Json:
    """Infinity and its like as numbers: transformers 5 writes them as an object, other writers as they are."""
    if isinstance(value, dict) and value.keys() == {"__float__"} and str(value["__float__"]) in _NOT_FINITE:
        return float(str(value["__float__"]))
    return [_plain(one) for one in value] if isinstance(value, list) else value


def is_unsure(value: Json) -> bool:
    """Whether a filled-in value is a default on which versions of the library differ."""
    return value == DIFFERS


def label_names(level: Level) -> dict[int, str]:
    """Class → name: as written, or `LABEL_n` for as many as are written, two where nothing is."""
    names = level.raw.get("id2label")
    if isinstance(names, dict):
        return {int(key): str(value) for key, value in names.items() if key.isdecimal() and len(key) < 10}  # noqa: PLR2004 - digits; no class is a billion
    if isinstance(names, list):
        return {index: str(value) for index, value in enumerate(names)}
    return {index: f"LABEL_{index}" for index in range(min(label_count(level), 1000))}


def label_count(level: Level) -> int:
    """How many classes there are."""
    names, count = level.raw.get("id2label"), level.raw.get("num_labels")
    if isinstance(names, dict | list):
        return len(names)
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 2
