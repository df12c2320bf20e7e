"""YAML that means what it says: every value with its place, no alias, no tag, no key twice, no 1.1 surprises.

Only JSON's values come out: null, booleans, numbers, text, lists and mappings with text as keys. `yes`, `no`, `on` and
dates stay text; `true` and `false` alone are booleans. A number is one only where nothing written is lost: `1.10` is
not 1.1. `load` is for rule files, whose authors are told of every slip; `load_lenient` is for the heads of model cards,
which nobody will rewrite for us.

The values are built from the parser's events, one by one, so that every limit holds before memory is taken.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import yaml

from semverlint.errors import ConfigError
from semverlint.text import clean

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | None"
Place = tuple[int, int]
"""Line and column, counted from 1."""
Path = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""

_LONGEST = 1_000_000
"""Characters; a rule or the head of a card is a page, and a card with a large `model-index` some hundred kilobytes."""
_DEEPEST = 40
_MOST_NODES = 100_000

_UNWRITABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.1 lets stand nowhere, not even between quotes (section 5.1, c-printable)."""
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")
"""Whole numbers of up to 19 digits: no count of a model is longer."""
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class _Mark(Protocol):
    """Where PyYAML is; its C and its Python reader have a class each."""

    line: int
    column: int


_Start: TypeAlias = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent
"""What a value begins with."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """What a text holds, and where each value of it stands.

    Attributes:
        data: The value of the whole.
        places: The place of every value, and for a value of a mapping that of its key.
    """

    data: Value
    places: Mapping[Path, Place]


class YamlError(ConfigError):
    """The text is no YAML we read; the problem begins with `name:line:column: `.

    Attributes:
        place: Line and column.
        reason: The problem without its place.
    """

    def __init__(self, name: str, place: Place, reason: str, remedy: str) -> None:
        super().__init__(f"{clean(name)}:{place[0]}:{place[1]}: {reason}", remedy)
        self.place = place
        self.reason = reason


def load(text: str, name: str) -> Document:
    """Read a text strictly.

    Args:
        text: One YAML document.
        name: What errors call it: the file's path.

    Raises:
        YamlError: For anything but plain values, written once each.
    """
    return _Builder(text, name, lenient=False).document()


def load_lenient(text: str, name: str) -> Document:
    """Read a stranger's text.

    A key written twice counts as last written, tags and anchors are passed over, and a number that says more as text
    (`1.10`, `007`) stays text. Aliases are refused all the same.

    Raises:
        YamlError: For what is no YAML, and for what could grow without bound.
    """
    return _Builder(text, name, lenient=True).document()


class _Builder:
    def __init__(self, text: str, name: str, *, lenient: bool) -> None:
        self._text = text
        self._name = name
        self._lenient = lenient
        self._places: dict[Path, Place] = {}
        self._left = _MOST_NODES
        self._events: Iterator[Any] = iter(())

    def document(self) -> Document:
        if len(self._text) > _LONGEST:
            raise self._error(None, f"{len(self._text):,} characters are more than YAML here may have", "shorten it")
        if found := _UNWRITABLE.search(self._text):
            raise self._unwritable(found.start())
        self._events = yaml.parse(self._text, Loader=_Loader)
        try:
            return self._whole()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(mark, f"not YAML ({clean(error.problem or error.context, 100)})", "mend it") from None
        except yaml.YAMLError as error:
            raise self._error(None, f"not YAML ({clean(error, 100)})", "mend it") from None

    def _whole(self) -> Document:
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Document(None, self._places)
        data = self._value(next(self._events), ())
        next(self._events)  # the document ends
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            raise self._error(after.start_mark, "a second document begins", "keep one in a file")
        return Document(data, self._places)

    def _value(self, event: _Start | yaml.AliasEvent, path: Path) -> Value:
        """The value that begins with an event; the events up to its end are taken."""
        self._places.setdefault(path, _place(event.start_mark))
        event = self._admitted(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(event, (*path, len(items))))
            return items
        text: str = event.value
        plain: bool = event.implicit[0]
        return self._plain(text, event.start_mark) if plain else text

    def _mapping(self, path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event := self._admitted(event, path), yaml.ScalarEvent):
                raise self._error(event.start_mark, "a key is a list or a mapping", "write the key as text")
            name: str = event.value
            if not self._lenient:
                self._refuse_key(event, (*path, name), twice=name in found)
            self._places[*path, name] = _place(event.start_mark)
            found[name] = self._value(next(self._events), (*path, name))
        return found

    def _refuse_key(self, event: yaml.ScalarEvent, path: Path, *, twice: bool) -> None:
        if event.value == "<<" and event.implicit[0]:
            raise self._error(event.start_mark, "<< would merge what is elsewhere", "write it out")
        if twice:
            name, line = clean(event.value, 60), self._places[path][0]
            raise self._error(event.start_mark, f"the key {name} stands here again (first in line {line})", "keep one")

    def _admitted(self, event: _Start | yaml.AliasEvent, path: Path) -> _Start:
        """The event, if it begins a plain value and is not too much."""
        self._left -= 1
        if isinstance(event, yaml.AliasEvent):
            name = clean(event.anchor, 30)
            raise self._error(event.start_mark, f"the alias *{name} stands for what is elsewhere", "write it out")
        if not self._lenient and event.tag is not None:
            raise self._error(event.start_mark, f"the tag {clean(event.tag, 60)} has no meaning here", "leave it out")
        if not self._lenient and event.anchor is not None:
            name = clean(event.anchor, 30)
            raise self._error(event.start_mark, f"the anchor &{name} has no meaning here", "leave it out")
        if len(path) > _DEEPEST:
            raise self._error(event.start_mark, f"nested deeper than {_DEEPEST}", "flatten it")
        if self._left < 0:
            raise self._error(event.start_mark, f"more than {_MOST_NODES:,} values", "shorten it")
        return event

    def _plain(self, text: str, mark: _Mark | None) -> Value:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if not _FLOAT.fullmatch(text) or not math.isfinite(number := float(text)):
            return text
        if "e" in text.lower() or repr(number) == text.lstrip("+"):
            return number
        if self._lenient:
            return text
        raise self._error(mark, f"{clean(text, 60)} would be read as {number!r}", "write that, or quote it as text")

    def _unwritable(self, position: int) -> YamlError:
        before = self._text[:position]
        place = before.count("\n") + 1, position - before.rfind("\n")
        problem = f"the character U+{ord(self._text[position]):04X} cannot stand in YAML"
        return YamlError(self._name, place, problem, "leave it out")

    def _error(self, mark: _Mark | None, problem: str, remedy: str) -> YamlError:
        return YamlError(self._name, _place(mark), problem, remedy)


def _place(mark: _Mark | None) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
