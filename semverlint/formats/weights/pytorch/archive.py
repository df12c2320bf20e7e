"""The directory of a zip archive, read strictly: every entry lies inside the file, and none over another.

What torch writes needs little of the format (APPNOTE 6.3): one disk, no encryption, no comment, sizes in the directory.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.formats.ranged import together
from semverlint.formats.weights.pytorch.stream import Windows
from semverlint.text import clean

MOST_ENTRIES = 2_000_000
"""Twice the tensors that a file may have: each has one, and TorchScript adds the code."""
_MOST_DIRECTORY = 256_000_000
"""Bytes of the directory: 128 for each of those entries."""
_MOST_COMMENT = 65_535
"""Bytes; the length field of the format has two."""

_END = struct.Struct("<4s4H2LH")
_WIDE_POINTER = struct.Struct("<4sLQL")
_WIDE_END = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_NARROW = 0xFFFFFFFF
"""A number that stands in the field for large files instead."""
_FEW = 0xFFFF
_ENCRYPTED = 0x41
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive.

    Attributes:
        name: Its path there.
        head: The first byte of its local header.
        packed: Bytes it takes.
        size: Bytes it has.
        is_stored: Whether these are the same bytes.
        crc: Its checksum, as the directory gives it.
        limit: The first byte behind it that is not its own.
    """

    name: str
    head: int
    packed: int
    size: int
    is_stored: bool
    crc: int
    limit: int


def directory(file: Windows) -> dict[str, Entry]:
    """Every entry of an archive by name, in the order of the directory.

    Raises:
        FileError: If the directory is damaged, is none that torch writes, or claims what the file cannot hold.
    """
    try:
        entries = list(_entries(file))
    except (struct.error, ValueError) as error:
        reason = clean(error, 80) if type(error) is ValueError else "it ends too early"
        raise FileError(
            file.path, f"its zip directory is damaged ({reason})", "fetch it again: it is truncated, or was changed"
        ) from None
    names = {entry.name.lower() for entry in entries}
    if len(names) != len(entries):
        raise FileError(file.path, "a name stands twice in its zip directory", "do not load it; save it again")
    return {entry.name: entry for entry in entries}


def begins(file: Windows, entries: Iterable[Entry]) -> dict[str, int]:
    """The first byte of the content of entries, by name.

    Raises:
        FileError: If an entry is not where the directory says.
    """
    found: dict[str, int] = {}
    for entry, head in _local_heads(file, sorted(entries, key=lambda entry: entry.head)):
        name = head[_LOCAL.size :]
        magic, _, flags, method, *_rest, length, extra = _LOCAL.unpack_from(head)
        start = entry.head + _LOCAL.size + length + extra
        is_same = (
            magic == b"PK\3\4"
            and not flags & _ENCRYPTED
            and method == (_STORED if entry.is_stored else _DEFLATED)
            and length == len(name)
            and name == _in_bytes(entry)
        )
        if not is_same or start + entry.packed > entry.limit:
            raise FileError(
                file.path,
                f"its entry {clean(entry.name, 80)} is not what its zip directory says",
                "fetch it again: it is damaged, or was changed",
            )
        found[entry.name] = start
    return found


def _local_heads(file: Windows, wanted: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """Each entry with its local header and name."""
    spans = [(entry.head, entry.head + _LOCAL.size + len(_in_bytes(entry))) for entry in wanted]
    return zip(wanted, together(file.file, spans), strict=True)


def _in_bytes(entry: Entry) -> bytes:
    return entry.name.encode("utf-8", "surrogateescape")


def inflated(file: Windows, entry: Entry, start: int) -> bytes:
    """The content of a compressed entry.

    Raises:
        FileError: If it cannot be decompressed, or has another size than the directory says.
    """
    wrong = FileError(
        file.path, f"its entry {clean(entry.name, 80)} cannot be decompressed to {entry.size:,} bytes", "fetch it again"
    )
    if entry.packed > entry.size + entry.size // 1_000 + 64:  # more than deflate ever adds
        raise wrong
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = machine.decompress(file.read(start, start + entry.packed), entry.size + 1)
    except zlib.error:
        raise wrong from None
    if len(data) != entry.size or not machine.eof:
        raise wrong
    return data


def _entries(file: Windows) -> Iterator[Entry]:
    start, stop, count = _place(file)
    data = file.read(start, stop)
    heads = list(_heads(data, count))
    heads.sort(key=lambda head: head[1])
    limits = {}
    for index, (name, head, packed, *_) in enumerate(heads):
        limit = heads[index + 1][1] if index + 1 < len(heads) else start
        if head + _LOCAL.size + len(name) + packed > limit:
            raise ValueError("its entries lie over each other, or outside it")
        limits[head] = limit
    for name, head, packed, size, method, flags, crc in heads:
        if flags & _ENCRYPTED:
            raise ValueError("an entry is encrypted")
        if method not in {_STORED, _DEFLATED}:
            raise ValueError(f"an entry is compressed by method {method}, which torch does not know")
        if method == _STORED and size != packed:
            raise ValueError("an entry that is not compressed has two sizes")
        text = name.decode("utf-8", "surrogateescape")
        yield Entry(text, head, packed, size, method == _STORED, crc, limits[head])


def _place(file: Windows) -> tuple[int, int, int]:
    """Where the directory lies, and how many entries it has."""
    before = file.size - min(file.size, _END.size + _MOST_COMMENT + _WIDE_POINTER.size)
    tail = file.read(before, file.size)
    at = tail.rfind(b"PK\5\6")
    while at >= 0 and (at + _END.size > len(tail) or at + _END.size + _END.unpack_from(tail, at)[-1] != len(tail)):
        at = tail.rfind(b"PK\5\6", 0, at)
    if at < 0:
        raise ValueError("it has none")
    _, disk, first, here, count, length, start, _ = _END.unpack_from(tail, at)
    end = before + at
    if at >= _WIDE_POINTER.size and tail[at - _WIDE_POINTER.size :][:4] == b"PK\6\7":
        _, _, wide, _ = _WIDE_POINTER.unpack_from(tail, at - _WIDE_POINTER.size)
        if wide > end - _WIDE_POINTER.size - _WIDE_END.size:
            raise ValueError("its end lies outside the file")
        found = _WIDE_END.unpack(file.read(wide, wide + _WIDE_END.size))
        magic, _, _, _, disk, first, here, count, length, start = found
        end = wide
        if magic != b"PK\6\6":
            raise ValueError("its end is not where it says")
    if disk or first or here != count or start + length != end:
        raise ValueError("it is not where it says, or on several disks")
    if count > MOST_ENTRIES or length > _MOST_DIRECTORY:
        raise ValueError(f"{count:,} entries are more than a model has")
    return start, end, count


def _heads(data: bytes, count: int) -> Iterator[tuple[bytes, int, int, int, int, int, int]]:
    """Name, place, packed size, size, method, flags and checksum of every entry of a directory."""
    at = 0
    for _ in range(count):
        magic, _, _, flags, method, _, _, crc, packed, size, length, extra, comment, *_rest, head = (
            _CENTRAL.unpack_from(data, at)
        )
        if magic != b"PK\1\2":
            raise ValueError("an entry of it is none")
        at += _CENTRAL.size
        name = data[at : at + length]
        wide = _wide(data[at + length : at + length + extra], [size, packed, head])
        at += length + extra + comment
        if at > len(data):
            raise ValueError("it ends in the middle of an entry")
        yield name, wide[2], wide[1], wide[0], method, flags, crc
    if at != len(data):
        raise ValueError("it holds more than its entries")


def _wide(extra: bytes, numbers: Sequence[int]) -> list[int]:
    """Size, packed size and place, from the field for large files where they are too large for their own."""
    if _NARROW not in numbers:
        return list(numbers)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            found = []
            for number in numbers:
                found.append(int.from_bytes(field[:8], "little") if number == _NARROW else number)
                field = field[8:] if number == _NARROW else field
            return found
        at += 4 + length
    raise ValueError("the size of a large entry is missing")
