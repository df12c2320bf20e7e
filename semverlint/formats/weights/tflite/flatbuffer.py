"""FlatBuffers read here and there by range: tables, their fields, and vectors, none of them outside the file.

A table begins with the distance back to its vtable, which says where in the table each field lies; a field that is left
out has its default. Vectors, texts and tables are reached by the distance onward from the field (the FlatBuffers
internals page). Nothing is walked that is not asked for.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.ranged import Window

_MOST_READS = 1_500_000
"""Ranges: a tensor or an operator takes some fifteen, and large models have some ten thousand of these."""
_MOST_READ = 64_000_000
"""Bytes of tables, names and scales."""
_LONGEST_TEXT = 65_535


class FlatBuffer:
    """A file of tables."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._window = Window(file, _MOST_READ, _MOST_READS, scattered=True)

    def wrong(self, what: str, remedy: str = "fetch it again: it is damaged") -> FileError:
        """The error that refuses the file."""
        return FileError(self.file.path, what, remedy)

    def read(self, start: int, length: int) -> bytes:
        """Bytes from a place on."""
        if not 0 <= start <= self.file.size - length:
            raise self.wrong(f"points to the bytes {start:,} to {start + length:,} of {self.file.size:,}")
        return self._window.read(start, start + length)

    def root(self) -> "Table":
        """The table that holds all others."""
        return self.table(int.from_bytes(self.read(0, 4), "little"))

    def table(self, at: int) -> "Table":
        """The table at a place."""
        vtable = at - int.from_bytes(self.read(at, 4), "little", signed=True)
        size, inline = struct.unpack("<HH", self.read(vtable, 4))
        if size < 4 or size % 2 or inline < 4:  # noqa: PLR2004 - the two sizes, and the distance to the vtable
            raise self.wrong(f"has a table at byte {at:,} that is none")
        return Table(self, at, struct.unpack(f"<{size // 2 - 2}H", self.read(vtable + 4, size - 4)), inline)


@dataclass(frozen=True)
class Table:
    """A table: where it lies, where in it its fields lie (0 for one that is left out), and how long it is."""

    buffer: FlatBuffer
    at: int
    fields: tuple[int, ...]
    length: int

    def number(self, slot: int, code: str, default: int = 0) -> int:
        """A whole number, as `struct` reads it."""
        place = self._place(slot)
        if not place:
            return default
        (value,) = struct.unpack(f"<{code}", self.buffer.read(place, struct.calcsize(f"<{code}")))
        return int(value)

    def table(self, slot: int) -> "Table | None":
        """A table inside."""
        place = self._place(slot)
        return self.buffer.table(self._follow(place)) if place else None

    def vector(self, slot: int, width: int) -> tuple[int, int]:
        """Where a vector's entries begin, and how many there are: (0, 0) where it is left out."""
        place = self._place(slot)
        if not place:
            return 0, 0
        at = self._follow(place)
        count = int.from_bytes(self.buffer.read(at, 4), "little")
        if count * width > self.buffer.file.size - at - 4:
            raise self.buffer.wrong(f"claims a vector of {count:,} entries at byte {at:,}")
        return at + 4, count

    def numbers(self, slot: int, code: str, most: int) -> tuple[int, ...]:
        """A vector of whole numbers."""
        width = struct.calcsize(f"<{code}")
        at, count = self.vector(slot, width)
        if count > most:
            raise self.buffer.wrong(f"claims a vector of {count:,} entries at byte {at:,}", "check who wrote it")
        return struct.unpack(f"<{count}{code}", self.buffer.read(at, count * width)) if count else ()

    def raw(self, slot: int, width: int) -> bytes:
        """The bytes of a vector whose entries are so wide."""
        at, count = self.vector(slot, width)
        return self.buffer.read(at, count * width) if count else b""

    def text(self, slot: int) -> str:
        """A text; what is not UTF-8 in it is escaped."""
        at, count = self.vector(slot, 1)
        if count > _LONGEST_TEXT:
            raise self.buffer.wrong(f"claims a text of {count:,} bytes at byte {at:,}", "check who wrote it")
        return self.buffer.read(at, count).decode("utf-8", "backslashreplace") if count else ""

    def tables(self, slot: int) -> Iterator["Table"]:
        """A vector of tables."""
        at, count = self.vector(slot, 4)
        for place in range(at, at + 4 * count, 4):
            yield self.buffer.table(self._follow(place))

    def inline(self) -> Iterator[tuple[int, bytes]]:
        """Every field that is there, with its bytes as they lie in the table, zeros at their end left out."""
        data = self.buffer.read(self.at, self.length)
        places = [*sorted({place for place in self.fields if place}), self.length]
        ends = dict(pairwise(places))
        for slot, place in enumerate(self.fields):
            if place:
                yield slot, data[place : ends[place]].rstrip(b"\0")

    def _place(self, slot: int) -> int:
        inside = self.fields[slot] if slot < len(self.fields) else 0
        return self.at + inside if inside else 0

    def _follow(self, place: int) -> int:
        return place + int.from_bytes(self.buffer.read(place, 4), "little")
