"""Writing a version into the one place that is ours to write to: the YAML head of the model card."""

import re
from collections.abc import Iterator

import yaml

from semverlint import strict_yaml
from semverlint.errors import ConfigError, FileError, UsageError
from semverlint.formats.card import head_span
from semverlint.text import clean

_KEYS = ("version", "model_version")
"""The keys a card's version is read from; one that stands there is rewritten, else the first is added."""
_WRITABLE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,99}")
_STAYS_TEXT = re.compile(r"[vV]?[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")
"""What every YAML reader takes for text without quotes: `1.2.0`, unlike `1.10`, `3` and `2024-05-01`."""


def with_version(card: bytes, version: str, path: str = "README.md") -> bytes:
    r"""A model card that declares `version` in its YAML head; every other byte is as it was.

    Quotes, comments, the order of keys, `\r\n` and a byte order mark stay. A card without a head gets one.

    Args:
        card: The card's content; empty for a new one.
        version: The version to declare, `1.2.0`.
        path: What errors call the card.

    Raises:
        UsageError: If no card could hold such a version.
        FileError: If the card is no UTF-8, or its head is written so that it cannot be changed safely.
    """
    if not _WRITABLE.fullmatch(version):
        raise UsageError(f"{clean(version, 60)} cannot stand in a card as a version", "write it as 1.2.0")
    try:
        text = card.decode()
    except UnicodeDecodeError as error:
        raise FileError(path, f"not UTF-8 at byte {error.start}", "save it as UTF-8") from None
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    span = head_span(text)
    if span is None:
        newline = "\r\n" if "\r\n" in text else "\n"
        return f"{mark}---{newline}version: {_scalar(version)}{newline}---{newline}{text}".encode()
    start, stop = span
    newline = "\r\n" if text[:start].endswith("\r\n") else "\n"
    try:
        head = _rewritten(text[start:stop], version, newline, path)
    except yaml.YAMLError:
        raise _unsafe(path, version) from None
    return f"{mark}{text[:start]}{head}{text[stop:]}".encode()


def _rewritten(head: str, version: str, newline: str, path: str) -> str:
    before = _mapping(head, path, version)
    changed = head
    for key, style, start, stop in reversed(list(_values(head))):
        if isinstance(before.get(key), dict | list) or style in ("|", ">"):
            raise _unsafe(path, version)
        value = f"{style}{version}{style}" if style else _scalar(version)
        space = " " if changed[:start].endswith(":") else ""  # a key without a value
        changed = changed[:start] + space + value + changed[stop:]
    if changed == head and not any(key in before for key in _KEYS):
        changed = f"{head}version: {_scalar(version)}{newline}"
    # Whatever a stranger's notation may hide, what comes out must read as what was meant.
    if _mapping(changed, path, version) != {**before, **dict.fromkeys(_present(before), version)}:
        raise _unsafe(path, version)
    return changed


def _present(head: dict[str, strict_yaml.Value]) -> list[str]:
    return [key for key in _KEYS if key in head] or [_KEYS[0]]


def _values(head: str) -> Iterator[tuple[str, str | None, int, int]]:
    """The version keys at the top of the head: key, quotes of the value, and the value's span."""
    depth, key = 0, None
    for event in yaml.parse(head, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent) and depth == 1:
            if key is None:
                key = event.value
                continue
            if key in _KEYS and event.start_mark and event.end_mark:
                yield key, event.style, event.start_mark.index, event.end_mark.index
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 1 and not (isinstance(event, yaml.MappingStartEvent) and key is None):
            key = None


def _mapping(head: str, path: str, version: str) -> dict[str, strict_yaml.Value]:
    try:
        data = strict_yaml.load_lenient(head.replace("\r\n", "\n"), path).data
    except ConfigError as error:
        raise FileError(path, f"its YAML head cannot be read ({error.problem})", error.remedy) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _unsafe(path, version)
    return data


def _scalar(version: str) -> str:
    return version if _STAYS_TEXT.fullmatch(version) else f'"{version}"'


def _unsafe(path: str, version: str) -> FileError:
    return FileError(
        path,
        "its YAML head is written so that a version cannot be put in safely",
        f"write `version: {_scalar(version)}` into it by hand",
    )
