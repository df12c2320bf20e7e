"""Rotary positions in one form, however a version of transformers wrote them.

Until 4.57 they were `rope_theta`, `rope_scaling` (with `type`, later `rope_type`), `partial_rotary_factor`, and for
models with two bases `rope_local_base_freq`; from 5.0 on all of it is `rope_parameters`, which may hold one object for
each kind of layer. What each means by an absent value is in transformers' `modeling_rope_utils.py`.
"""

from collections.abc import Mapping

from semverlint.formats.text_files import Json

KEYS = ("rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor", "rope_local_base_freq")
OLDER = ("rope_theta", "rope_scaling", "rope_local_base_freq", "partial_rotary_factor")
_FULL, _LOCAL = "full_attention", "sliding_attention"
_WITH_ORIGINAL = frozenset({"llama3", "yarn", "longrope"})
_MEANT: Mapping[str, Mapping[str, Json]] = {"yarn": {"beta_fast": 32, "beta_slow": 1, "truncate": True}}
"""What a kind of scaling means by an absent value."""
_NAMES = {"su": "longrope", "mrope": "default", "axial": "default"}
"""Names that were given up (`su` in transformers 4.43, `mrope` in 4.45), or that a class has for its own default."""


def fold_rope(level: dict[str, Json], kind: str) -> dict[str, Json]:
    """Take the rotary keys out of a level and return them as `rope.…` keys, one a value; none where there are none."""
    found = {key: level.pop(key, None) for key in KEYS}
    parameters, scaling = found["rope_parameters"], found["rope_scaling"]
    theta, local = found["rope_theta"], found["rope_local_base_freq"]
    lengths = (level.get("original_max_position_embeddings"), level.get("max_position_embeddings"))
    source = parameters if isinstance(parameters, dict) and parameters else scaling
    given: Mapping[str, Json] = source if isinstance(source, dict) else {}
    nested: dict[str, Mapping[str, Json]] = {key: part for key, part in given.items() if isinstance(part, dict)}
    if not nested and local is not None:
        nested = {_FULL: given, _LOCAL: {}}
    bases = {_LOCAL: local if local is not None else theta}
    parts = {
        key: _one(part, bases.get(key, theta), found["partial_rotary_factor"], lengths, kind)
        for key, part in (nested or {"": given}).items()
    }
    distinct = list(parts.values())
    if all(part == distinct[0] for part in distinct[1:]):
        parts = {"": distinct[0]}
    if parts == {"": {"rope_type": "default"}}:
        return {}
    return {
        f"rope.{name}.{key}" if name else f"rope.{key}": value
        for name, part in parts.items()
        for key, value in part.items()
    }


def repeated(values: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """The values with one rotary setting repeated for every kind of layer for which the other side has its own."""
    places = {key.rpartition(".")[0] for key in other if key.startswith("rope.") and key.count(".") > 1}
    flat = {key: value for key, value in values.items() if key.startswith("rope.") and key.count(".") == 1}
    if not places or not flat:
        return dict(values)
    told = {f"{place}.{key.removeprefix('rope.')}": value for place in places for key, value in flat.items()}
    return {**{key: value for key, value in values.items() if key not in flat}, **told}


def _one(given: Mapping[str, Json], theta: Json, share: Json, lengths: tuple[Json, Json], kind: str) -> dict[str, Json]:
    part: dict[str, Json] = {key: one for key, one in given.items() if one is not None and not isinstance(one, dict)}
    named = part.pop("type", None)
    name = part.get("rope_type", named)
    name = _NAMES.get(name, name) if isinstance(name, str) else name
    if kind == "phi3" and name == "yarn":
        name = "longrope"  # as Phi3Config reads it
    part["rope_type"] = "default" if name is None else name
    for key, value in (("rope_theta", theta), ("partial_rotary_factor", share)):
        if value is not None:
            part.setdefault(key, value)
    if part.get("partial_rotary_factor") == 1:
        del part["partial_rotary_factor"]
    if isinstance(part["rope_type"], str) and part["rope_type"] in _WITH_ORIGINAL:
        outside, longest = lengths
        if outside is not None:
            part["original_max_position_embeddings"] = outside
        elif longest is not None:
            part.setdefault("original_max_position_embeddings", longest)
        part = {**_MEANT.get(str(part["rope_type"]), {}), **part}
    return part
