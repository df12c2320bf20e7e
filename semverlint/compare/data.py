"""Structured data of the model's own (thresholds, vocabularies of labels, small models kept as JSON).

Nobody but its reader knows what a value means. Its keys are an interface all the same: one that is gone breaks whoever
looks it up. Files that are no JSON are compared by their digest.
"""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.data import DataKeyAdded, DataKeyRemoved, DataReformatted, DataShapeChanged, DataValueChanged
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.text_files import Json, read_json


@comparer
def compare_data(pair: Pair) -> Iterator[Change]:
    """Changes of every data file that both revisions have."""
    for path in pair.paths("data"):
        if path not in pair.changed:
            continue
        if not path.endswith(".json"):
            yield DataValueChanged(path=path, key="")
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
                yield DataValueChanged(path=path, key=key)
    elif type(before) is not type(after):
        yield DataShapeChanged(path=path, before=_shape(before), after=_shape(after))
    else:
        yield DataValueChanged(path=path, key="")


def _shape(value: Json) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "a flag"}.get(
        type(value), "a number"
    )
