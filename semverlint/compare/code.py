"""The repository's own code, compared as an interface by parsing it; never by importing it."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from semverlint.changes.base import Change
from semverlint.changes.code import (
    CodeAdded,
    CodeChanged,
    CodeReformatted,
    CodeRemoved,
    EntryPointRemoved,
    ImportAdded,
    ParameterChanged,
)
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.formats.python_interface import Parameter, PythonFacts, read_python
from semverlint.formats.text_files import Json, read_json_object
from semverlint.snapshot import Snapshot

_CONFIGS = ("config.json", "tokenizer_config.json", "processor_config.json", "preprocessor_config.json")


@comparer
def compare_code(pair: Pair) -> Iterator[Change]:
    """Changes of every Python file that was touched."""
    paths = pair.paths("code")
    if not paths:
        return
    before, after = _entry_points(pair.old), _entry_points(pair.new)
    for path in paths:
        name = PurePosixPath(path).stem
        loaded = bool(before or after)  # what an entry point imports is loaded with it
        if path in pair.added:
            yield CodeAdded(path=path, loaded=bool(after))
        elif path in pair.removed:
            yield CodeRemoved(path=path, loaded=bool(before))
        else:
            with pair.attempt(path):
                old, new = pair.facts(read_python, path)
                if old is not None and new is not None:
                    yield from _file(path, old, new, before.get(name, set()), loaded=loaded)


def _file(path: str, old: PythonFacts, new: PythonFacts, names: set[str], *, loaded: bool) -> Iterator[Change]:
    if old.program == new.program:
        yield CodeReformatted(path=path)
        return
    for name in sorted(names & old.callables.keys()):
        if name not in new.callables:
            yield EntryPointRemoved(path=path, name=name)
        else:
            yield from _parameters(path, name, old.callables[name], new.callables[name])
    for package in sorted(new.packages - old.packages):
        yield ImportAdded(path=path, package=package)
    yield CodeChanged(path=path, loaded=loaded)


def _parameters(path: str, name: str, old: dict[str, Parameter], new: dict[str, Parameter]) -> Iterator[Change]:
    for parameter in sorted(old.keys() | new.keys()):
        before, after = old.get(parameter), new.get(parameter)
        if after is None:
            yield ParameterChanged(path=path, name=name, parameter=parameter, what="removed")
        elif after.required and (before is None or not before.required):
            yield ParameterChanged(path=path, name=name, parameter=parameter, what="required")
        elif before is None:
            yield ParameterChanged(path=path, name=name, parameter=parameter, what="added")
        elif before.default != after.default and not before.required:
            yield ParameterChanged(path=path, name=name, parameter=parameter, what="default")


def _entry_points(snapshot: Snapshot) -> dict[str, set[str]]:
    """Module → the classes and functions of it that an `auto_map` names, in this repository."""
    found: dict[str, set[str]] = {}
    for config in _CONFIGS:
        try:
            named = (snapshot.facts(read_json_object, config) or {}).get("auto_map")
        except FileError:
            continue  # whatever cannot be read is reported where it was touched
        for place in _texts(named):
            module, _, name = place.rpartition(".")
            if module and "--" not in module:  # with `org/name--` the code stands in another repository
                found.setdefault(module.rpartition(".")[2], set()).add(name)
    return found


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
