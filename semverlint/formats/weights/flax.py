"""Flax's msgpack (`flax_model.msgpack`): nested maps of arrays, skimmed by range; the arrays' bytes are never read.

Flax writes a state as MessagePack, an array as extension 1 whose content is again MessagePack: shape, name of the type
and bytes (`flax/serialization.py`). Arrays over a gigabyte it cuts into flat pieces; these are told as tensors of their
own, `embedding.chunks.0` and so on.
"""

import math
import struct
from dataclasses import dataclass, field

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.ranged import Window
from semverlint.formats.text_files import Json
from semverlint.formats.weights.base import MOST_DIMENSIONS, Tensor, WeightFile, weights_reader
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.text import clean

_TYPES = {
    "bool": "BOOL", "int8": "I8", "uint8": "U8", "int16": "I16", "uint16": "U16", "int32": "I32", "uint32": "U32",
    "int64": "I64", "uint64": "U64", "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
    "complex64": "C64", "complex128": "C128", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ", "float8_e5m2fnuz": "F8_E5M2FNUZ",
}  # fmt: skip
"""What `dtype.name` is, of NumPy and of ml_dtypes."""
_ARRAY, _COMPLEX, _SCALAR = 1, 2, 3
"""Types of extensions."""

_DEEPEST = 64
"""Maps inside each other; modules nest some ten deep."""
_MOST_VALUES = 200_000
"""Values of all kinds; states of large models have some thousand arrays."""
_MOST_NAMES = 100_000_000
"""Characters of all names and texts together: a map's name stands in front of all that are inside."""
_LONGEST_TEXT = 1_000_000
"""Bytes of a name or a text."""

_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_PLAIN: dict[int, Json] = {0xC0: None, 0xC2: False, 0xC3: True}
_SIZED = {
    0xC4: ("bytes", 1), 0xC5: ("bytes", 2), 0xC6: ("bytes", 4), 0xC7: ("extension", 1), 0xC8: ("extension", 2),
    0xC9: ("extension", 4), 0xD9: ("text", 1), 0xDA: ("text", 2), 0xDB: ("text", 4), 0xDC: ("list", 2),
    0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
}  # fmt: skip
"""First byte → what follows, and in how many bytes its length stands (the MessagePack specification)."""
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


@dataclass
class _Nest:
    """A map or a list that is being read: what its names begin with, and how many entries are still to come."""

    prefix: str
    left: int
    count: int
    is_map: bool


@dataclass
class _Found:
    """What was found so far."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    settings: dict[str, Json] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    characters: int = 0


@weights_reader(".msgpack")
def read_flax(file: File) -> WeightFile:
    """Names, types, shapes and places of the arrays in a state that Flax saved.

    Raises:
        FileError: If it is no MessagePack, or an array in it is not what it says it is.
    """
    skimmer = _Skimmer(file)
    kind, length = skimmer.begin()
    if kind != "map":
        raise skimmer.wrong("does not begin with a map, as states that Flax saves do")
    found = _Found()
    open_nests = [_Nest("", length, length, is_map=True)]
    while open_nests:
        nest = open_nests[-1]
        if not nest.left:
            open_nests.pop()
            continue
        name = nest.prefix + (skimmer.key() if nest.is_map else str(nest.count - nest.left))
        nest.left -= 1
        found.characters += len(name)
        if name in found.names or len(found.names) >= _MOST_VALUES or found.characters > _MOST_NAMES:
            raise skimmer.wrong(f"{clean(name, 80)} stands in it twice, or it holds more than a model has")
        found.names.add(name)
        kind, length = skimmer.begin()
        if kind in {"map", "list"}:
            if len(open_nests) >= _DEEPEST:
                raise skimmer.wrong("maps in it are nested too deeply")
            open_nests.append(_Nest(f"{name}.", length, length, is_map=kind == "map"))
        else:
            _take(skimmer, found, name, kind, length)
    if skimmer.at != file.size:
        raise skimmer.wrong(f"ends at byte {skimmer.at:,} of {file.size:,}")
    return WeightFile(found.tensors, settings=found.settings, left_out=tuple(found.left_out))


class _Skimmer:
    """A place in the file, and what begins there.

    Attributes:
        file: The file.
        at: The next byte.
        value: The value that was read last, where it is a plain one.
        extension: The type of the extension that was begun last.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.at = 0
        self.value: Json = None
        self.extension = 0
        self._window = Window(file, scattered=True)

    def wrong(self, what: str) -> FileError:
        """The error that refuses the file."""
        return FileError(self.file.path, what, "fetch it again: it is damaged, or no state that Flax saved")

    def take(self, length: int) -> bytes:
        """The next bytes, so many."""
        if length > self.file.size - self.at:
            raise self.wrong(f"claims {length:,} bytes at byte {self.at:,} of {self.file.size:,}")
        data = self._window.read(self.at, self.at + length)
        self.at += length
        return data

    def begin(self) -> tuple[str, int]:
        """What begins here, and its length in bytes or entries; a plain value is read whole and kept as `value`."""
        code = self.take(1)[0]
        if code < 0x80 or code >= 0xE0:  # noqa: PLR2004 - small whole numbers of the specification
            self.value = code if code < 0x80 else code - 0x100  # noqa: PLR2004 - likewise
            return "value", 0
        if code < 0xC0:  # noqa: PLR2004 - likewise: short maps, lists and texts
            return ("map" if code < 0x90 else "list" if code < 0xA0 else "text"), code & (0x1F if code >= 0xA0 else 0xF)  # noqa: PLR2004
        if code in _PLAIN:
            self.value = _PLAIN[code]
            return "value", 0
        if code in _NUMBERS:
            (self.value,) = struct.unpack(_NUMBERS[code], self.take(struct.calcsize(_NUMBERS[code])))
            return "value", 0
        if code in _FIXED_EXTENSIONS:
            self.extension = self.take(1)[0]
            return "extension", _FIXED_EXTENSIONS[code]
        if code not in _SIZED:
            raise self.wrong(f"holds the byte {code:#x} at byte {self.at - 1:,}, which begins nothing")
        kind, width = _SIZED[code]
        length = int.from_bytes(self.take(width), "big")
        if kind == "extension":
            self.extension = self.take(1)[0]
        return kind, length

    def key(self) -> str:
        """A name in a map."""
        kind, length = self.begin()
        if kind == "value" and isinstance(self.value, int):
            return str(self.value)
        if kind != "text":
            raise self.wrong("a name in it is no text")
        return self.text(length)

    def text(self, length: int) -> str:
        """A text of so many bytes."""
        if length > _LONGEST_TEXT:
            raise self.wrong(f"a text in it claims {length:,} bytes")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise self.wrong("a text in it is not UTF-8") from None


def _take(skimmer: _Skimmer, found: _Found, name: str, kind: str, length: int) -> None:
    """What is neither a map nor a list."""
    said = clean(name, 80)
    if kind == "value":
        value = skimmer.value
        found.settings[name] = str(value) if isinstance(value, float) and not math.isfinite(value) else value
    elif kind == "text":
        found.characters += length
        found.settings[name] = skimmer.text(length)
    elif length > skimmer.file.size - skimmer.at:
        raise skimmer.wrong(f"{said} claims {length:,} bytes at byte {skimmer.at:,} of {skimmer.file.size:,}")
    elif kind == "extension" and skimmer.extension in {_ARRAY, _SCALAR}:
        stop = skimmer.at + length
        entry = _array(skimmer, said, stop)
        if isinstance(entry, str):
            found.left_out.append(entry)
        else:
            found.tensors[name] = entry
        skimmer.at = stop
    else:
        skimmer.at += length
        what = "a complex number" if kind == "extension" and skimmer.extension == _COMPLEX else f"{length:,} bytes"
        found.left_out.append(f"{said}, which is {what}")


def _array(skimmer: _Skimmer, said: str, stop: int) -> Tensor | str:
    """The array of an extension that ends at `stop`; half a sentence where its type is not known."""
    wrong = skimmer.wrong(f"the array {said} is not a shape, a type and bytes that fit each other")
    if skimmer.begin() != ("list", 3):
        raise wrong
    kind, dimensions = skimmer.begin()
    if kind != "list" or dimensions > MOST_DIMENSIONS:
        raise wrong
    shape = []
    for _ in range(dimensions):
        kind, _ = skimmer.begin()
        if kind != "value" or type(skimmer.value) is not int or skimmer.value < 0:
            raise wrong
        shape.append(skimmer.value)
    kind, length = skimmer.begin()
    if kind not in {"text", "bytes"}:
        raise wrong
    dtype = skimmer.text(length)
    kind, length = skimmer.begin()
    if kind != "bytes" or skimmer.at + length != stop:
        raise wrong
    if dtype not in _TYPES:
        return f"the array {said}, whose type {clean(dtype, 40)} is not known here"
    if bytes_of(_TYPES[dtype], math.prod(shape)) != length:
        raise wrong
    return Tensor(_TYPES[dtype], tuple(shape), skimmer.at, stop)
