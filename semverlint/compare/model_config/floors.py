"""Forms of `config.json` that only newer readers understand, where the meaning is the same.

The versions are those of transformers in whose `configuration_utils.py`, `modeling_rope_utils.py` and
`models/*/configuration_*.py` the form is first read: 4.43 for `longrope` (before, Phi3Config refused all but `su` and
`yarn`) and for `rope_type` (before, a `rope_scaling` without `type` was refused), 4.52 for Llama 4's tuning as a flag
(vllm#19997), 4.53 for `layer_types`, 4.56 for `dtype`, 5.0 for `rope_parameters`.
The key of a CrossEncoder's activation is that of sentence-transformers 4.0 (`cross_encoder/CrossEncoder.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.model_config.canonical import (
    OLDER_SCORES,
    SCORES,
    TUNING,
    Canonical,
    Level,
    canonical,
    label_count,
)
from semverlint.compare.model_config.layers import PATTERNS
from semverlint.compare.model_config.rope import OLDER
from semverlint.formats.text_files import Json

_DECIDED_BY = frozenset({*PATTERNS, "max_window_layers", "use_sliding_window"})


def raised_floors(path: str, old: Canonical, new: Canonical) -> Iterator[ReaderFloorRaised]:
    """The floors of one file, each told once however many nested configurations raise it."""
    found: dict[str, ReaderFloorRaised] = {}
    for name in sorted(old.levels.keys() & new.levels.keys()):
        for floor in _of(path, old.levels[name], new.levels[name]):
            if floor.form not in found or floor.older == "misread":
                found[floor.form] = floor
    yield from found.values()


def _of(path: str, old: Level, new: Level) -> Iterator[ReaderFloorRaised]:
    def floor(form: str, since: str, older: Literal["refuse", "misread", "nothing"]) -> ReaderFloorRaised:
        return ReaderFloorRaised(path=path, form=form, reader="transformers", since=since, older=older)

    if _rope(old) == _rope(new):
        unread = "rope_parameters" in new.raw and not any(key in new.raw for key in OLDER)
        if unread and "rope_parameters" not in old.raw:
            # transformers 4 finds no rope_theta there and takes the class's default (vllm#28542).
            yield floor("rope_parameters", "5.0", "nothing" if _rope(new) == _rope(_bare(new)) else "misread")
        if _names_su(old.raw) and not _names_su(new.raw):
            yield floor("longrope for su", "4.43", "refuse")
        elif "type" in _scaling(old.raw) and "rope_type" in _scaling(new.raw) and "type" not in _scaling(new.raw):
            yield floor("rope_type for type", "4.43", "refuse")
    if OLDER_SCORES in old.raw and OLDER_SCORES not in new.raw and SCORES in new.values and _same(old, new, SCORES):
        usual = "torch.nn.Sigmoid" if label_count(new) == 1 else "torch.nn.Identity"
        older: Literal["misread", "nothing"] = "nothing" if new.values[SCORES] == usual else "misread"
        form = "sentence_transformers.activation_fn"
        yield ReaderFloorRaised(path=path, form=form, reader="sentence-transformers", since="4.0", older=older)
    tuning = [level.raw.get(TUNING) for level in (old, new)]
    if tuning[1] is True and isinstance(tuning[0], int) and tuning[0] is not True and _same(old, new, TUNING):
        yield floor("attn_temperature_tuning as a flag", "4.52", "nothing")  # who asks for its truth reads both
    if _only(old, "torch_dtype") and _only(new, "dtype") and _same(old, new, "dtype"):
        # Older readers load in their own default, or in the type that is stored, unless they are told otherwise.
        yield floor("dtype", "4.56", "nothing")
    if "layer_types" in new.raw and "layer_types" not in old.raw and _same(old, new, "layer_types"):
        kept = all(old.raw[key] == new.raw.get(key) for key in _DECIDED_BY if key in old.raw)
        yield floor("layer_types", "4.53", "nothing" if kept else "misread")


def _only(level: Level, name: str) -> bool:
    """Whether the type is written under this name and no other."""
    return {"dtype", "torch_dtype"} & level.raw.keys() == {name}


def _same(old: Level, new: Level, key: str) -> bool:
    return old.values.get(key) == new.values.get(key)


def _rope(level: Level) -> dict[str, Json]:
    return {key: value for key, value in level.values.items() if key.startswith("rope.")}


def _bare(level: Level) -> Level:
    """The level as a reader sees it that knows no `rope_parameters`."""
    raw: Mapping[str, Json] = {key: value for key, value in level.raw.items() if key != "rope_parameters"}
    return canonical({"model_type": level.kind, **raw} if level.kind and "_class_name" not in raw else raw).top


def _names_su(raw: Mapping[str, Json]) -> bool:
    return "su" in (_scaling(raw).get("type"), _scaling(raw).get("rope_type"))


def _scaling(raw: Mapping[str, Json]) -> Mapping[str, Json]:
    scaling = raw.get("rope_scaling")
    return scaling if isinstance(scaling, dict) else {}
