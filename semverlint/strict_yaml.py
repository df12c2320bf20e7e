"""YAML that means what it says: every value with its place, no alias, no tag, no key twice, no 1.1 surprises.

Only JSON's values come out: null, booleans, numbers, text, lists and mappings with text as keys. `yes`, `no`, `on` and
dates stay text; `true` and `false` alone are booleans. `load` is for rule files, whose authors are told of every slip;
`load_lenient` is for the heads of model cards, which nobody will rewrite for us.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

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

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
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
    """The text is no YAML we read; the problem begins with `name:line:column: `."""


def load(text: str, name: str) -> Document:
    """Read a text strictly.

    Args:
        text: One YAML document.
        name: What errors call it: the file's path.

    Raises:
        YamlError: For anything but plain values, written once each.
    """
    return _Builder(name, lenient=False).build(text)


def load_lenient(text: str, name: str) -> Document:
    """Read a stranger's text: a key written twice counts as last written; aliases are refused all the same.

    Raises:
        YamlError: For what is no YAML, and for what could grow without bound.
    """
    return _Builder(name, lenient=True).build(text)


class _Builder:
    def __init__(self, name: str, *, lenient: bool) -> None:
        self._name = clean(name)
        self._lenient = lenient
        self._places: dict[Path, Place] = {}
        self._left = _MOST_NODES

    def build(self, text: str) -> Document:
        if len(text) > _LONGEST:
            raise YamlError(
                f"{self._name}:1:1: {len(text):,} characters are more than YAML here may have", "shorten it"
            )
        try:
            self._refuse_aliases(text)
            node = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(mark, clean(error.problem or "not YAML"), "mend the YAML") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise YamlError(f"{self._name}:1:1: not YAML ({clean(error, 100)})", "mend the YAML") from None
        data = None if node is None else self._value(node, ())
        return Document(data, self._places)

    def _refuse_aliases(self, text: str) -> None:
        """Aliases, anchors and depth are refused from the events alone, before anything is built from them."""
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise self._error(
                    event.start_mark,
                    f"an alias (*{clean(event.anchor, 30)}) stands for what is elsewhere",
                    "write it out",
                )
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    raise self._error(event.start_mark, f"nested deeper than {_DEEPEST}", "flatten it")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def _value(self, node: yaml.Node, path: Path) -> Value:
        self._places.setdefault(path, _place(node.start_mark))
        self._left -= 1
        if self._left < 0:
            raise self._error(node.start_mark, f"more than {_MOST_NODES:,} values", "shorten it")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        if not self._lenient and node.tag.startswith("!"):
            raise self._error(node.start_mark, f"a tag ({clean(node.tag, 30)}) has no meaning here", "leave it out")
        if not isinstance(node, yaml.ScalarNode):  # pragma: no cover - PyYAML composes no other nodes
            raise self._error(node.start_mark, "not a plain value", "mend the YAML")
        text: str = node.value
        return text if node.style in {"'", '"', "|", ">"} else self._plain(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key.start_mark, "a key must be one word", "write the key as text")
            name = key.value
            if name in found and not self._lenient:
                first = self._places[(*path, name)][0]
                raise self._error(
                    key.start_mark, f"the key {clean(name, 60)} stands here again (first in line {first})", "keep one"
                )
            self._places[(*path, name)] = _place(key.start_mark)
            found[name] = self._value(value, (*path, name))
        return found

    def _plain(self, node: yaml.ScalarNode) -> Value:
        text: str = node.value
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) < 20:  # noqa: PLR2004 - no whole number of a model is longer
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            if not self._lenient and "e" not in text.lower() and repr(number) != text.lstrip("+"):
                raise self._error(
                    node.start_mark, f"{clean(text)} would be read as {number!r}", "quote it to keep it as text"
                )
            return number
        return text

    def _error(self, mark: _Mark | None, problem: str, remedy: str) -> YamlError:
        line, column = _place(mark) if mark else (1, 1)
        return YamlError(f"{self._name}:{line}:{column}: {problem}", remedy)


def _place(mark: _Mark) -> Place:
    return mark.line + 1, mark.column + 1
