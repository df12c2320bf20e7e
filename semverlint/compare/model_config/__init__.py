"""`config.json` of the model and of each of its components, compared in canonical form."""

from collections.abc import Iterator, Mapping
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.config import (
    ArchitecturesChanged,
    CodeEntryChanged,
    ConfigChanged,
    ConfigFileAdded,
    ConfigFileRemoved,
    ConfigRewritten,
)
from semverlint.compare.json_values import shown
from semverlint.compare.model_config.canonical import Canonical, canonical
from semverlint.compare.model_config.coherence import contradictions
from semverlint.compare.model_config.floors import raised_floors
from semverlint.compare.model_config.labels import compare_labels
from semverlint.compare.model_config.packing import compare_packing
from semverlint.compare.model_config.values import compare_levels
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json_object
from semverlint.roles import folder


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
    if path.rpartition("/")[2] != "config.json":  # a file of the quantiser's, which holds nothing but the packing
        changes = compare_packing(path, "", *(one.get("quantization", one) for one in (before, after)))
    else:
        changes = difference(path, before, after, _generation(pair, path))
    yield from list(changes) or [ConfigRewritten(path=path)]


def difference(
    path: str, before: Mapping[str, Json], after: Mapping[str, Json], elsewhere: Mapping[str, Json]
) -> Iterator[Change]:
    """Changes between two configurations; none where every reader sees the same model.

    Args:
        path: The file.
        before: Its object, as written.
        after: Likewise.
        elsewhere: What `generation_config.json` beside it says now.
    """
    old, new = canonical(before), canonical(after)
    yield from _levels(path, old, new, elsewhere)
    yield from _architectures(path, before.get("architectures"), after.get("architectures"))
    yield from _code(path, before.get("auto_map"), after.get("auto_map"), replaceable=new.top.known)
    yield from raised_floors(path, old, new)


def _generation(pair: Pair, path: str) -> Mapping[str, Json]:
    """What `generation_config.json` beside the file says now; nothing where it cannot be read."""
    place = folder(path)
    try:
        return (
            pair.new.facts(read_json_object, f"{place}/generation_config.json" if place else "generation_config.json")
            or {}
        )
    except FileError:
        return {}  # whoever compares that file says so


def _levels(path: str, old: Canonical, new: Canonical, elsewhere: Mapping[str, Json]) -> Iterator[Change]:
    code = "auto_map" in old.top.raw or "auto_map" in new.top.raw
    for name in sorted(old.levels.keys() | new.levels.keys()):
        before, after = old.levels.get(name), new.levels.get(name)
        if before and after:
            yield from compare_levels(path, before, after, elsewhere, code=code)
            yield from compare_labels(path, before, after)
            for key in ("quantization_config", "compression_config"):
                yield from compare_packing(path, after.key(""), before.raw.get(key), after.raw.get(key))
        elif (outer := name.rpartition(".")[0]) in old.levels and outer in new.levels:
            yield ConfigChanged(
                path=path,
                key=name,
                effect="part",
                before=before.kind or "unnamed" if before else None,
                after=after.kind or "unnamed" if after else None,
                direction="added" if after else "removed",
                tiny=False,
                remote_code=code,
                known=(before or after or new.top).known,
            )


def _architectures(path: str, before: Json, after: Json) -> Iterator[Change]:
    old, new = _names(before), _names(after)
    if old == new:
        return
    what: Literal["appended", "reordered", "named", "unnamed", "replaced"]
    if not old or not new:
        what = "unnamed" if old else "named"
    elif new[: len(old)] == old:
        what = "appended"
    else:
        what = "reordered" if sorted(old) == sorted(new) else "replaced"
    yield ArchitecturesChanged(path=path, before=shown(before), after=shown(after), what=what)


def _code(path: str, before: Json, after: Json, *, replaceable: bool) -> Iterator[Change]:
    old, new = _entries(before), _entries(after)
    for entry in sorted(old.keys() | new.keys()):
        one, other = old.get(entry), new.get(entry)
        if one != other:
            yield CodeEntryChanged(
                path=path,
                entry=entry,
                before=one,
                after=other,
                alone=not old or not new,
                outside=other is not None and "--" in other,
                replaceable=replaceable,
            )


def _names(value: Json) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str)]


def _entries(value: Json) -> dict[str, str]:
    """Entry → file and class; a list names a slow and a fast one."""
    if isinstance(value, str):
        return {"auto_map": value}
    entries = value.items() if isinstance(value, dict) else ()
    return {entry: str(shown(target)) for entry, target in entries if target is not None}
