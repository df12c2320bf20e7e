"""A zip archive's members as ranges of the file, from its directory alone; nothing is unpacked unless asked for."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import BLOCK, File
from semverlint.formats.ranged import RangedStream, together
from semverlint.text import clean

_LARGEST_DIRECTORY = 8_000_000
"""Bytes read of the file for its directory; a member takes some 100 of them."""
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
"""The header ahead of a member's bytes (APPNOTE.TXT, 4.3.7): it ends with the lengths of a name and an extra field."""
_ENCRYPTED = 0x1
_NOT_A_ZIP = (
    zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError, struct.error, OverflowError,
)  # fmt: skip
"""What the standard library raises for an archive that is none, was cut, or lies."""


@dataclass(frozen=True)
class Member:
    """A member of an archive.

    Attributes:
        name: Its name, as the stranger wrote it.
        start: The first of its bytes in the file.
        stop: The byte behind the last one.
        size: Its bytes when unpacked, as the directory says.
        crc: The checksum of these, likewise.
        packing: How it is packed: empty where it is stored as it is, `deflated`, or what cannot be unpacked here.
    """

    name: str
    start: int
    stop: int
    size: int
    crc: int
    packing: str


def zip_members(file: File, behind: int = 0) -> list[Member]:
    """The members of an archive, in the order of its directory.

    Args:
        file: The archive.
        behind: Bytes behind each member's own header that the caller reads next: they are brought with it.

    Raises:
        FileError: If it is no archive, names a member twice, or a member does not lie in it.
    """
    try:
        with zipfile.ZipFile(RangedStream(file, most_bytes=_LARGEST_DIRECTORY)) as archive:
            infos = archive.infolist()
    except _NOT_A_ZIP as error:
        said = f"its zip directory cannot be read ({clean(error, 80)})"
        raise FileError(file.path, said, "fetch it again: it is truncated") from None
    if len({info.filename for info in infos}) != len(infos):
        raise FileError(file.path, "a member's name stands in it twice", "save it again")
    places = [info.header_offset for info in infos]
    if (
        astray := next((info for info in infos if not 0 <= info.header_offset <= file.size - _LOCAL.size), None)
    ) is not None:
        raise _astray(file, astray)
    spans = [(at, min(at + _LOCAL.size + behind, file.size)) for at in sorted(places)]
    heads = {at: head[: _LOCAL.size] for (at, _), head in zip(spans, together(file, spans), strict=True)}
    return [_member(file, heads[at], info) for at, info in zip(places, infos, strict=True)]


def _astray(file: File, info: zipfile.ZipInfo) -> FileError:
    problem = f"the member {clean(info.filename, 80)} does not lie where it should"
    return FileError(file.path, problem, "fetch it again: it is damaged")


def _member(file: File, head: bytes, info: zipfile.ZipInfo) -> Member:
    local = _LOCAL.unpack(head)
    start = info.header_offset + _LOCAL.size + local[9] + local[10]
    packing = {zipfile.ZIP_STORED: "", zipfile.ZIP_DEFLATED: "deflated"}.get(
        info.compress_type, f"packed by method {info.compress_type}"
    )
    if (info.flag_bits | local[2]) & _ENCRYPTED:
        packing = "encrypted"
    if local[0] != b"PK\x03\x04" or start + info.compress_size > file.size:
        raise _astray(file, info)
    if not packing and info.compress_size != info.file_size:
        raise _astray(file, info)
    return Member(info.filename, start, start + info.compress_size, info.file_size, info.CRC, packing)


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
