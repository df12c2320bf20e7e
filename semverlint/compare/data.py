"""Structured data of the model's own (thresholds, vocabularies of labels, small models kept as JSON).

Nobody but its reader knows what a value means. Its keys are an interface all the same: one that is gone breaks whoever
looks it up. Files that are no JSON are compared by their digest.
"""

import re
from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.data import DataKeyAdded, DataKeyRemoved, DataReformatted, DataShapeChanged, DataValueChanged
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.text_files import Json, read_json

_PROVENANCE = re.compile(
    r"(^|[_.-])(version|date|time|timestamp|created|updated|modified|generated|exported|commit|revision|author|source"
    r"|origin|experiment|run|path|dir|directory|url|homepage|host|user|tool|comment|notes?|description)([_.-]|$)",
    re.IGNORECASE,
)
"""Names under which people write where a file came from; matched as whole words."""


@comparer
def compare_data(pair: Pair) -> Iterator[Change]:
    """Changes of every data file that both revisions have."""
    for path in pair.paths("data"):
        if path not in pair.changed:
            continue
        if not path.endswith(".json"):
            yield DataValueChanged(path=path, key="", provenance=False)
            continue
        with pair.attempt(path):
            before, after = pair.facts(read_json, path)
            yield from _difference(path, before, after)


def _difference(path: str, before: Json, after: Json) -> Iterator[Change]:
    if before == after:
        yield DataReformatted(path=path)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if key not in after:
                yield DataKeyRemoved(path=path, key=key)
            elif key not in before:
                yield DataKeyAdded(path=path, key=key)
            elif before[key] != after[key]:
                origin = all(_is_provenance(one) for one in _different({key: before[key]}, {key: after[key]}))
                yield DataValueChanged(path=path, key=key, provenance=origin)
    elif type(before) is not type(after):
        yield DataShapeChanged(path=path, before=_shape(before), after=_shape(after))
    else:
        yield DataValueChanged(path=path, key="", provenance=False)


def _different(before: Json, after: Json, key: str = "") -> Iterator[tuple[str, Json, Json]]:
    """Every value that differs, with the nearest key above it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from _different(before.get(name), after.get(name), name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from _different(old, new, key)
    elif before != after:
        yield key, before, after


def _is_provenance(difference: tuple[str, Json, Json]) -> bool:
    key, before, after = difference
    return isinstance(before, str) and isinstance(after, str) and _PROVENANCE.search(key) is not None


def _shape(value: Json) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "a flag"}.get(
        type(value), "a number"
    )
