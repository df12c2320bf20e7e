"""Protocol buffers by their wire format alone: fields by number, read by range; large values are only passed by.

The format is that of https://protobuf.dev/programming-guides/encoding/. Nothing is known here of any message's meaning.
"""

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from semverlint.errors import FileError
from semverlint.formats.ranged import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from semverlint.files import File

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types. Groups (3 and 4) have been deprecated since version 2, and nothing that is read here uses them."""

_AT_ONCE = 1 << 14
"""Bytes of a message up to which it is read as a whole; of a longer one, the fields' heads only."""
_LONGEST_VARINT = 10
_HEAD = 2 * _LONGEST_VARINT
_MOST_FIELDS = 10_000_000
"""Fields of one file; a graph of a hundred thousand nodes has some millions."""
_TEXT = 1_000_000
"""Bytes of a text that are read."""


class Fields:
    """How many more fields of a file may be read."""

    def __init__(self, file: "File") -> None:
        self.window = Window(file)
        self.path = file.path
        self.left = _MOST_FIELDS


@dataclass(frozen=True, slots=True)
class Span:
    """A message, or bytes, in a file: from the byte `start` up to, not including, `stop`."""

    source: Fields
    start: int
    stop: int

    def content(self, most: int = _TEXT) -> bytes:
        """The content.

        Raises:
            FileError: If it is longer than `most` bytes, or cannot be read.
        """
        if self.stop - self.start > most:
            raise FileError(
                self.source.path, f"a text in it has {self.stop - self.start:,} bytes", "check who wrote it"
            )
        return self.source.window.read(self.start, self.stop)

    def text(self) -> str:
        """The content as text; bytes that are no UTF-8 are replaced."""
        return self.content().decode("utf-8", "replace")

    def fields(self) -> "Iterator[tuple[int, Value]]":
        """The fields of a message in their order: number, and a whole number or the span of what is longer.

        Raises:
            FileError: If the bytes are no message.
        """
        if self.stop - self.start <= _AT_ONCE:
            yield from self._fields(self.content(_AT_ONCE))
            return
        place = self.start
        while place < self.stop:
            head = self.source.window.read(place, min(place + _HEAD, self.stop))
            number, value, used = self._field(head, 0, place)
            yield number, value
            place = value.stop if isinstance(value, Span) else place + used

    def _fields(self, data: bytes) -> "Iterator[tuple[int, Value]]":
        at = 0
        while at < len(data):
            number, value, used = self._field(data, at, self.start + at)
            yield number, value
            at = value.stop - self.start if isinstance(value, Span) else at + used

    def _field(self, data: bytes, at: int, place: int) -> "tuple[int, Value, int]":
        """A field's number, its value, and how many bytes a value that is no span takes with its key."""
        self.source.left -= 1
        if self.source.left < 0:
            raise FileError(self.source.path, f"more than {_MOST_FIELDS:,} fields", "check who wrote it")
        key, behind = self._varint(data, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise self._broken(place)
        if kind == VARINT:
            value, end = self._varint(data, behind)
            return number, value, end - at
        if kind == BYTES:
            length, end = self._varint(data, behind)
            start = place + end - at
            if length > self.stop - start:
                raise self._broken(place)
            return number, Span(self.source, start, start + length), 0
        width = {FIXED64: 8, FIXED32: 4}.get(kind)
        if width is None or place + behind - at + width > self.stop:
            raise self._broken(place)
        start = place + behind - at
        return number, Span(self.source, start, start + width), 0

    def _varint(self, data: bytes, at: int) -> tuple[int, int]:
        value = shift = 0
        for number in range(_LONGEST_VARINT):
            if at + number >= len(data):
                raise self._broken(self.start)
            byte = data[at + number]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte has no upper bit
                return value & 0xFFFFFFFFFFFFFFFF, at + number + 1
            shift += 7
        raise self._broken(self.start)

    def _broken(self, place: int) -> FileError:
        return FileError(self.source.path, f"is no protocol buffer at byte {place:,}", "fetch it again: it is damaged")


Value: TypeAlias = int | Span


def message(file: "File") -> Span:
    """A whole file as one message."""
    return Span(Fields(file), 0, file.size)


def signed(value: Value) -> int:
    """A whole number that may be negative."""
    if isinstance(value, Span):
        return 0
    return value - (1 << 64) if value >> 63 else value


def varints(value: Value, most: int) -> list[int]:
    """Numbers of a repeated field: one by itself, or many packed into a span of at most `most` bytes.

    Raises:
        FileError: If the span is longer, or no row of numbers.
    """
    if not isinstance(value, Span):
        return [signed(value)]
    data, at = value.content(most), 0
    found: list[int] = []
    while at < len(data):
        number, at = value._varint(data, at)  # noqa: SLF001 - its own module
        found.append(signed(number))
    return found


def single(value: Value) -> float:
    """A number of single or double precision; 0 where the field is none."""
    if not isinstance(value, Span) or value.stop - value.start not in {4, 8}:
        return 0.0
    data = value.content()
    return float(struct.unpack("<f" if len(data) == 4 else "<d", data)[0])  # noqa: PLR2004 - bytes
