"""A zip archive's members as ranges of the file, from its directory alone; nothing is unpacked unless asked for.

The directory is read strictly: every member lies inside the file, and none over another. What models are packed with
needs little of the format (APPNOTE.TXT 6.3): one disk, sizes in the directory.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import BLOCK, File
from semverlint.formats.ranged import together
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
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of an archive, as its directory has it.

    Attributes:
        name: Its name, as the stranger wrote it.
        head: The first byte of its own header.
        packed: Bytes it takes.
        size: Bytes it has when unpacked.
        packing: How it is packed: empty where it is stored as it is, `deflated`, or what cannot be unpacked here.
        crc: Its checksum when unpacked.
        limit: The first byte behind it that is not its own.
    """

    name: str
    head: int
    packed: int
    size: int
    packing: str
    crc: int
    limit: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive with its place.

    Attributes:
        name: Its name, as the stranger wrote it.
        start: The first of its bytes in the file.
        stop: The byte behind the last one.
        size: Its bytes when unpacked, as the directory says.
        crc: The checksum of these, likewise.
        packing: How it is packed, as of `Entry`.
    """

    name: str
    start: int
    stop: int
    size: int
    crc: int
    packing: str


def directory(file: File) -> dict[str, Entry]:
    """Every member of an archive by name, in the order of its directory.

    Raises:
        FileError: If the directory is damaged, names a member twice, or claims what the file cannot hold.
    """
    try:
        entries = list(_entries(file))
    except (struct.error, ValueError) as error:
        reason = clean(error, 80) if type(error) is ValueError else "it ends too early"
        raise FileError(
            file.path, f"its zip directory is damaged ({reason})", "fetch it again: it is truncated, or was changed"
        ) from None
    found = {entry.name: entry for entry in entries}
    if len(found) != len(entries):
        raise FileError(file.path, "a name stands twice in its zip directory", "do not load it; save it again")
    return found


def located(file: File, entries: Iterable[Entry], behind: int = 0) -> dict[str, Member]:
    """Members with their places, by name: what stands ahead of each says where it begins.

    Args:
        file: The archive.
        entries: Those that are asked for.
        behind: Bytes behind each member's own header that the caller reads next: they are brought with it.

    Raises:
        FileError: If one is not where the directory says.
    """
    wanted = sorted(entries, key=lambda entry: entry.head)
    lengths = [_LOCAL.size + len(_in_bytes(entry)) for entry in wanted]
    spans = [
        (entry.head, min(entry.head + length + behind, file.size))
        for entry, length in zip(wanted, lengths, strict=True)
    ]
    found: dict[str, Member] = {}
    for entry, length, head in zip(wanted, lengths, together(file, spans), strict=True):
        magic, _, flags, method, *_rest, named, extra = _LOCAL.unpack_from(head)
        start = entry.head + _LOCAL.size + named + extra
        is_same = magic == b"PK\3\4" and entry.packing == _packing(flags, method)
        if not is_same or head[_LOCAL.size : length] != _in_bytes(entry) or start + entry.packed > entry.limit:
            raise FileError(
                file.path,
                f"its entry {clean(entry.name, 80)} is not what its zip directory says",
                "fetch it again: it is damaged, or was changed",
            )
        found[entry.name] = Member(entry.name, start, start + entry.packed, entry.size, entry.crc, entry.packing)
    return found


def zip_members(file: File, behind: int = 0) -> list[Member]:
    """The members of an archive, in the order of its directory.

    Args:
        file: The archive.
        behind: As of `located`.

    Raises:
        FileError: If it is no archive, names a member twice, or a member does not lie in it.
    """
    entries = directory(file)
    found = located(file, entries.values(), behind)
    return [found[name] for name in entries]


def unpacked(file: File, member: Member) -> bytes:
    """The bytes of a stored or deflated member; the caller has seen to it that there is memory for its size.

    Raises:
        FileError: If it unpacks to something else than the directory says.
    """
    data = _inflated(file, member) if member.packing else file.read(member.start, member.stop)
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        said = f"the member {clean(member.name, 80)} is damaged: it does not unpack to what the directory says"
        raise FileError(file.path, said, "fetch it again")
    return data


def _inflated(file: File, member: Member) -> bytes:
    """What a deflated member unpacks to, a block at a time, and no more than it should be."""
    if member.stop - member.start > member.size + member.size // 1_000 + 64:  # more than deflate ever adds
        return b""
    target = io.BytesIO()
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(member.start, member.stop, BLOCK):
            data = file.read(start, min(start + BLOCK, member.stop))
            while data and target.tell() <= member.size:
                target.write(unpacker.decompress(data, BLOCK))
                data = unpacker.unconsumed_tail
    except zlib.error:
        return b""
    return target.getvalue()  # without a copy


def _entries(file: File) -> Iterator[Entry]:
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
        packing = _packing(flags, method)
        if not packing and size != packed:
            raise ValueError("an entry that is not compressed has two sizes")
        text = name.decode("utf-8", "surrogateescape")
        yield Entry(text, head, packed, size, packing, crc, limits[head])


def _packing(flags: int, method: int) -> str:
    if flags & _ENCRYPTED:
        return "encrypted"
    return {_STORED: "", _DEFLATED: "deflated"}.get(method, f"packed by method {method}")


def _in_bytes(entry: Entry) -> bytes:
    return entry.name.encode("utf-8", "surrogateescape")


def _place(file: File) -> tuple[int, int, int]:
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
