"""Which layer attends how far: `layer_types`, worked out where a configuration does not write it.

transformers writes it out since 4.53, and works it out from older keys where it is absent
(`src/transformers/models/*/configuration_*.py`).
"""

from collections.abc import Mapping

from semverlint.formats.text_files import Json

PATTERNS = ("sliding_window_pattern", "_sliding_window_pattern")
_MOST = 10_000
"""Layers; the deepest model that anybody published has a few hundred."""
_OTHERWISE = frozenset({"qwen2_moe"})
"""Model types that have `max_window_layers` and read it in a way of their own."""


def fold_layers(level: dict[str, Json], kind: str, repeated: Json) -> None:
    """Make `layer_types` explicit, and drop the keys that it was worked out from.

    Args:
        level: One level of a configuration, defaults filled in.
        kind: The model type.
        repeated: The pattern that the class repeats by default, if it has one.
    """
    used = level.get("use_sliding_window")
    if used is False and "sliding_window" in level:
        level["sliding_window"] = None  # as the classes that have this switch read it
    count = level.get("num_hidden_layers")
    types = level.get("layer_types")
    if types is None and isinstance(count, int) and not isinstance(count, bool) and 0 < count <= _MOST:
        types = _worked_out(level, count, kind, repeated)
    if not isinstance(types, list):
        return
    level["layer_types"] = types
    for key in (*PATTERNS, "max_window_layers", "use_sliding_window"):
        level.pop(key, None)


def _worked_out(level: Mapping[str, Json], count: int, kind: str, repeated: Json) -> list[Json] | None:
    every = next((value for key in PATTERNS if (value := level.get(key)) is not None), None)
    first = level.get("max_window_layers")
    if isinstance(every, int) and every > 0:
        return ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(count)]
    if every is not None:
        return None
    if level.get("use_sliding_window") is True and isinstance(first, int):
        if kind in _OTHERWISE:
            return None
        if level.get("sliding_window") is None:
            return ["full_attention"] * count
        return ["sliding_attention" if i >= first else "full_attention" for i in range(count)]
    return [repeated[i % len(repeated)] for i in range(count)] if isinstance(repeated, list) and repeated else None
