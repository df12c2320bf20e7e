"""Tensors of ONNX: in the graph's own bytes, in lists of numbers, or in files beside it."""

import math
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from semverlint.errors import FileError
from semverlint.formats.protobuf import Span, Value, signed, varints
from semverlint.formats.weights.base import MOST_DIMENSIONS, MOST_HELD, MOST_TENSORS, Tensor
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.text import clean

TYPES = {
    1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64", 12: "U32",
    13: "U64", 14: "C64", 15: "C128", 16: "BF16", 17: "F8_E4M3", 18: "F8_E4M3FNUZ", 19: "F8_E5M2", 20: "F8_E5M2FNUZ",
    21: "U4", 22: "I4", 23: "F4", 24: "F8_E8M0", 25: "U2", 26: "I2", 27: "F6_E2M3", 28: "F6_E3M2",
}  # fmt: skip
"""`TensorProto.DataType` of onnx.proto, but texts (8)."""

STRING = 8
_EXTERNAL = 1
"""`TensorProto.DataLocation`."""
_DIMS, _TYPE, _FLOATS, _INT32, _INT64, _NAME, _RAW, _DOUBLES, _UINT64, _BESIDE, _LOCATION = (
    1, 2, 4, 5, 7, 8, 9, 10, 11, 13, 14,
)  # fmt: skip
_WIDTHS = {_INT32: 4, _INT64: 8, _UINT64: 8}
_PLAIN = frozenset({_RAW, _FLOATS, _DOUBLES})
"""Fields whose packed bytes are the values as they are."""
_LARGEST = 1 << 62


@dataclass
class Room:
    """How many more bytes may be held, and how many more tensors there may be."""

    bytes: int = MOST_HELD
    tensors: int = MOST_TENSORS


@dataclass
class Entry:
    """A tensor as its message has it.

    Attributes:
        name: Its name.
        type: The number of its type.
        shape: Its dimensions.
        values: Field → spans of its values.
        beside: Keys of where they are, if in another file.
    """

    name: str = ""
    type: int = 0
    shape: tuple[int, ...] = ()
    values: dict[int, list[Value]] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its type and shape, as one text."""
        return f"{TYPES.get(self.type, self.type)}{list(self.shape)}"


def read_entry(span: Span) -> Entry:
    """What a `TensorProto` says, its values not yet looked at.

    Raises:
        FileError: If it is none.
    """
    entry = Entry()
    dims: list[int] = []
    external = False
    for number, value in span.fields():
        if number == _DIMS:
            dims += varints(value, 10 * MOST_DIMENSIONS)
        elif number == _TYPE:
            entry.type = signed(value)
        elif number == _NAME and isinstance(value, Span):
            entry.name = value.text()
        elif number == _LOCATION:
            external = signed(value) == _EXTERNAL
        elif number == _BESIDE and isinstance(value, Span):
            pair = [each.text() for _, each in value.fields() if isinstance(each, Span)]
            entry.beside.update([(pair[0], pair[1])] if len(pair) == 2 else [])  # noqa: PLR2004 - key and value
        elif number in _PLAIN or number in _WIDTHS:
            entry.values.setdefault(number, []).append(value)
    if len(dims) > MOST_DIMENSIONS or any(size < 0 for size in dims) or math.prod(dims) > _LARGEST:
        raise _wrong(span, entry, "has a shape that is none")
    entry.shape = tuple(dims)
    entry.beside = entry.beside if external else {}
    return entry


def located(span: Span, entry: Entry, room: Room) -> Tensor | str:
    """A tensor with the place of its values; half a sentence where it holds none that can be read.

    Raises:
        FileError: If its values do not fit its type and shape, or are said to be outside the model's folder.
    """
    room.tensors -= 1
    if room.tensors < 0:
        raise FileError(span.source.path, f"more than {MOST_TENSORS:,} tensors", "check who wrote it")
    if entry.type == STRING:
        return f"{clean(entry.name, 80)}, which holds texts"
    if entry.type not in TYPES:
        raise _wrong(span, entry, f"has the unknown type {entry.type}")
    dtype = TYPES[entry.type]
    length = bytes_of(dtype, math.prod(entry.shape))
    if entry.beside:
        return _beside(span, entry, dtype, length)
    if not length:
        return Tensor(dtype, entry.shape, 0, 0, held=b"")
    for number, values in entry.values.items():
        if len(values) == 1 and isinstance(one := values[0], Span) and number in _PLAIN:
            if one.stop - one.start == length:
                return Tensor(dtype, entry.shape, one.start, one.stop)
        elif data := _joined(number, values, dtype, room, length):
            return Tensor(dtype, entry.shape, 0, length, held=data)
    raise _wrong(span, entry, f"does not hold the {length:,} bytes that its type and shape need")


def _beside(span: Span, entry: Entry, dtype: str, length: int) -> Tensor:
    place = entry.beside.get("location", "")
    path = PurePosixPath(place)
    if not place or path.is_absolute() or ".." in path.parts or "\\" in place or ":" in place:
        raise _wrong(span, entry, f"says its values are in {clean(place, 80) or 'no file'}")
    numbers = entry.beside.get("offset", "0"), entry.beside.get("length", str(length))
    if not all(number.isascii() and number.isdigit() and len(number) < 20 for number in numbers):  # noqa: PLR2004 - digits
        raise _wrong(span, entry, "says where its values are in no numbers")
    start = int(numbers[0])
    if int(numbers[1]) != length:
        raise _wrong(span, entry, f"says {clean(numbers[1], 20)} bytes are {length:,}")
    return Tensor(dtype, entry.shape, start, start + length, beside=str(path))


def _joined(number: int, values: list[Value], dtype: str, room: Room, length: int) -> bytes | None:
    """Values that were written one by one, as plain bytes; None where they are not as many as they must be."""
    if number in _PLAIN:
        width = sum(one.stop - one.start for one in values if isinstance(one, Span))
        if width != length or width > room.bytes:
            return None
        room.bytes -= width
        return b"".join(one.content(MOST_HELD) for one in values if isinstance(one, Span))
    numbers: list[int] = []
    for value in values:
        size = value.stop - value.start if isinstance(value, Span) else 1
        if 10 * size > room.bytes:
            return None
        numbers += varints(value, MOST_HELD)
    each, rest = divmod(length, len(numbers)) if numbers else (0, 1)
    if rest or each not in {1, 2, 4, 8} or each > _WIDTHS[number] or dtype in {"C64", "C128"}:
        return None
    room.bytes -= 10 * length
    mask = (1 << 8 * each) - 1
    return b"".join((one & mask).to_bytes(each, "little") for one in numbers)


def _wrong(span: Span, entry: Entry, what: str) -> FileError:
    return FileError(span.source.path, f"the tensor {clean(entry.name, 80)} {what}", "export the model again")
