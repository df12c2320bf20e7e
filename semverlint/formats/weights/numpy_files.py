"""NumPy's `.npy` and `.npz`: arrays by type, shape, order and place from their headers; nothing is unpickled.

The header is fixed by NEP 1 and `numpy/lib/_format_impl.py`: a magic string, a version, a length, and the text of a
dictionary, of which only what NumPy itself writes is taken; it is never evaluated.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.ranged import Window
from semverlint.formats.weights.base import (
    MOST_DIMENSIONS,
    MOST_HELD,
    MOST_TENSORS,
    Tensor,
    WeightFile,
    weights_reader,
)
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.formats.zip_members import Member, unpacked, zip_members
from semverlint.text import clean

_MAGIC = b"\x93NUMPY"
_TYPES = {
    "|b1": "BOOL", "|i1": "I8", "|u1": "U8", "<i2": "I16", "<u2": "U16", "<i4": "I32", "<u4": "U32", "<i8": "I64",
    "<u8": "U64", "<f2": "F16", "<f4": "F32", "<f8": "F64", "<c8": "C64", "<c16": "C128",
}  # fmt: skip
_LENGTHS = {1: 2, 2: 4, 3: 4}
"""Version → bytes of the header's length."""
_LONGEST_HEADER = 65_535
"""What version 1 can say; NumPy itself asks before it reads more than 10,000."""
_ENTRY = re.compile(
    r"""\s*['"](descr|fortran_order|shape)['"]\s*:\s*"""
    r"""(?:['"]([^'"]*)['"]|(True|False)|\(([\d\sL,]*)\)|([\[(]))\s*,?\s*"""
)
"""An entry of the dictionary: a text, a truth value, whole numbers in parentheses (with an L from Python 2), or the
beginning of a structured type."""
_SIZE = re.compile(r"[0-9]{1,19}")
"""A dimension: one of more digits is beyond 2⁶³."""
_ONLY = "array"
"""The name of the array in an `.npy`, which has none."""


_NEAR = 512
"""Bytes behind a member's header that hold its name and an array's header: NumPy's have 128 bytes, mostly."""
_Read = Callable[[int, int], bytes]
"""Gives the bytes from one place to another."""


@dataclass(frozen=True)
class _Header:
    """What stands ahead of an array: its length, and its type as NumPy writes it (empty where structured)."""

    length: int
    descr: str
    is_fortran: bool
    shape: tuple[int, ...]


@weights_reader(".npy", magic=(_MAGIC,))
def read_npy(file: File) -> WeightFile:
    """The one array of an `.npy`.

    Raises:
        FileError: If its header is not what NumPy writes, or the array does not fit the file.
    """
    found = _array(file, _ONLY, Window(file).read, 0, file.size)
    if isinstance(found, str):
        return WeightFile({}, left_out=(found,))
    rest = file.size - found.stop
    behind = (f"{rest:,} bytes behind its array, which `numpy.load` does not read",) if rest else ()
    return WeightFile({_ONLY: found}, left_out=behind)


@weights_reader(".npz", magic=(b"PK\x03\x04", b"PK\x05\x06"))
def read_npz(file: File) -> WeightFile:
    """The arrays of an `.npz`: stored ones by their place, deflated ones unpacked while they are few.

    Raises:
        FileError: If it is no archive, or an array in it is none or does not fit.
    """
    members = zip_members(file, behind=_NEAR)
    if len(members) > MOST_TENSORS:
        raise FileError(file.path, f"{len(members):,} arrays are more than a model has", "check who wrote it")
    tensors: dict[str, Tensor] = {}
    left_out: list[str] = []
    read = file.read if file.remote else Window(file).read  # what is far away was brought with its member's header
    room = MOST_HELD
    for member in members:
        found = _member(file, member, read, room)
        if isinstance(found, str):
            left_out.append(found)
            continue
        room -= len(found.held or b"")
        tensors[member.name.removesuffix(".npy")] = found
    return WeightFile(tensors, left_out=tuple(left_out))


def _member(file: File, member: Member, read: _Read, room: int) -> Tensor | str:
    """The array of a member; half a sentence where it is none that can be read."""
    name = member.name.removesuffix(".npy")
    if name == member.name:
        return f"the member {clean(name, 80)}, which is no array"
    if not member.packing:
        return _array(file, name, read, member.start, member.stop)
    if member.packing != "deflated" or member.size > room:
        return f"the array {clean(name, 80)}, {member.packing}: saved with `numpy.savez` it could be read in place"
    data = unpacked(file, member)
    found = _array(file, name, lambda start, stop: data[start:stop], 0, len(data))
    return found if isinstance(found, str) else replace(found, held=data)


def _array(file: File, name: str, read: _Read, start: int, stop: int) -> Tensor | str:
    """The array that lies between two places; half a sentence where it holds no numbers that are read here."""
    header = _header(file, name, read, start, stop)
    said = f"the array {clean(name, 80)}"
    if not header.descr:
        return f"{said}, which has a structured type"
    if header.descr == "|O":
        return f"{said}, which holds pickled objects"
    if header.descr[0] == ">" and f"<{header.descr[1:]}" in _TYPES:
        return f"{said}, which is big-endian ({header.descr})"
    if header.descr not in _TYPES:
        return f"{said}, whose type {clean(header.descr, 40)} is none that numbers are stored in"
    dtype = _TYPES[header.descr]
    first = start + header.length
    last = first + bytes_of(dtype, math.prod(header.shape))
    if last > stop:
        claimed = f"{clean(list(header.shape), 80)} of {header.descr}, more than its {stop - first:,} bytes"
        raise FileError(file.path, f"{said} claims the shape {claimed}", "fetch it again: it is truncated")
    many = header.is_fortran and len(header.shape) > 1
    return Tensor(dtype, header.shape, first, last, order=tuple(reversed(range(len(header.shape)))) if many else None)


def _header(file: File, name: str, read: _Read, start: int, stop: int) -> _Header:
    def wrong(what: str, remedy: str = "save it again") -> FileError:
        return FileError(file.path, f"the array {clean(name, 80)} {what}", remedy)

    at = start + len(_MAGIC) + 2
    if at > stop or (beginning := read(start, at))[:-2] != _MAGIC:
        raise wrong("does not begin as NumPy's arrays do", "fetch it again: it is damaged")
    version = beginning[-2]
    if version not in _LENGTHS or beginning[-1]:
        raise wrong(f"has the header version {version}.{beginning[-1]}, which is not known here", "update semverlint")
    width = _LENGTHS[version]
    length = int.from_bytes(read(at, at + width), "little") if at + width <= stop else _LONGEST_HEADER + 1
    at += width
    if length > min(_LONGEST_HEADER, stop - at):
        raise wrong(f"claims a header of {length:,} bytes", "fetch it again: it is truncated")
    header = _parsed(read(at, at + length).decode("latin-1"), at + length - start)
    if header is None:
        raise wrong("has a header that NumPy does not write")
    return header


def _parsed(text: str, length: int) -> _Header | None:
    """The header's dictionary; None where it is none. Of a structured type, nothing behind its beginning is read."""
    text = text.strip()
    if not text.startswith("{") or not text.endswith("}"):
        return None
    found: dict[str, re.Match[str]] = {}
    at, end = 1, len(text) - 1
    while at < end:
        match = _ENTRY.match(text, at, end)
        if match is None or match[1] in found:
            return None
        if match[1] == "descr" and match[5]:
            return _Header(length, "", is_fortran=False, shape=())
        found[match[1]] = match
        at = match.end()
    descr, order, sizes = (found.get(key) for key in ("descr", "fortran_order", "shape"))
    if not descr or not order or not sizes or not descr[2] or not order[3] or sizes[4] is None:
        return None
    digits = [size.strip().removesuffix("L") for size in sizes[4].split(",")]
    digits = digits[:-1] if not digits[-1] else digits
    if len(digits) > MOST_DIMENSIONS or not all(_SIZE.fullmatch(size) for size in digits):
        return None
    return _Header(length, descr[2], order[3] == "True", tuple(map(int, digits)))
