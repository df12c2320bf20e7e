"""The part of a GGUF file ahead of its values: names, counts and typed values, read from the first byte to the last.

Version 1 has counts and lengths of four bytes, versions 2 and 3 of eight (docs/gguf.md of ggml). Long texts and arrays
are not kept: their length and digest stand for them, taken while they are read through.
"""

import math
import struct

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.ranged import Window
from semverlint.formats.text_files import SMALL, Json
from semverlint.text import clean

_NUMBERS = {
    0: ("uint8", "B"), 1: ("int8", "b"), 2: ("uint16", "H"), 3: ("int16", "h"), 4: ("uint32", "I"), 5: ("int32", "i"),
    6: ("float32", "f"), 7: ("bool", "?"), 10: ("uint64", "Q"), 11: ("int64", "q"), 12: ("float64", "d"),
}  # fmt: skip
"""Types of values with a fixed size (`gguf_type` in gguf.h), each as `struct` reads it."""
_STRING, _ARRAY = 8, 9

_VERSIONS = frozenset({1, 2, 3})
_NARROW = 1
"""The version whose counts and lengths have four bytes."""
_LONGEST_HEADER = 100_000_000
"""Bytes ahead of the values, as of safetensors; a vocabulary of 262,144 with its merges takes some 20 MB."""
_LONGEST_NAME = 65_535
"""Bytes of a key (docs/gguf.md); tensors' names are shorter still."""
_MOST_ENTRIES = 64
"""Entries of an array that are told one by one; beyond, its length and digest stand for it."""
_LONGEST_TEXT = 1_000_000
"""Bytes of a text or an array that are kept; beyond, its length and digest stand for it."""
_MOST_TEXTS = 2_000_000
"""Texts in the arrays of a file; a large vocabulary has a quarter of a million tokens and twice as many merges."""
_MOST_KEPT = 64_000_000
"""Bytes of texts and arrays that are kept of one file."""


class Header:
    """A place in the header, and what is read from there on.

    Attributes:
        file: The file.
        at: The next byte to be read.
        version: The version of the format.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self._window = Window(file)
        self._kept = 0
        self._texts_left = _MOST_TEXTS
        self.at = 4
        self.version = self._version()
        self._length = struct.Struct("<I" if self.version == _NARROW else "<Q")

    def wrong(self, what: str, remedy: str = "convert it again") -> FileError:
        """The error that refuses the file."""
        return FileError(self.file.path, what, remedy)

    def _version(self) -> int:
        data = self.take(4)
        version = int.from_bytes(data, "little")
        if version in _VERSIONS:
            return version
        if int.from_bytes(data, "big") in _VERSIONS:
            raise self.wrong("is a big-endian GGUF file, which is not read here", "publish it little-endian as well")
        raise self.wrong(f"is of GGUF version {version:,}, which is not known here", "update semverlint, or convert it")

    def take(self, length: int) -> bytes:
        """The next bytes, so many."""
        self._reach(length)
        data = self._window.read(self.at, self.at + length)
        self.at += length
        return data

    def _reach(self, length: int) -> None:
        """Refuse a length that leads out of the file, or further than any header."""
        if length > self.file.size - self.at:
            said = f"claims {length:,} bytes at byte {self.at:,} of {self.file.size:,}"
            raise self.wrong(said, "fetch it again: it is truncated")
        if self.at + length > _LONGEST_HEADER:
            raise self.wrong(f"more than {_LONGEST_HEADER:,} bytes stand ahead of its values", "check who wrote it")

    def number(self) -> int:
        """Four bytes."""
        return int.from_bytes(self.take(4), "little")

    def count(self) -> int:
        """A count or a length."""
        return int.from_bytes(self.take(self._length.size), "little")

    def name(self, what: str) -> str:
        """The name of a key or of a tensor."""
        length = self.count()
        if length > _LONGEST_NAME:
            raise self.wrong(f"the name of a {what} claims {length:,} bytes", "fetch it again: it is damaged")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise self.wrong(f"the name of a {what} is not UTF-8") from None

    def value(self, key: str) -> tuple[str, Json]:
        """The name of a value's type, and the value."""
        kind = self.number()
        if kind in _NUMBERS:
            name, code = _NUMBERS[kind]
            return name, self._numbers(code, 1)[0]
        if kind == _STRING:
            return "string", self._text(_whole_limit(key))
        if kind == _ARRAY:
            return "array", self._array(key)
        raise self.wrong(f"the key {clean(key, 80)} has the unknown type {kind}")

    def _text(self, limit: int) -> Json:
        length = self.count()
        self._reach(length)
        if length > limit:
            return self._digest("string", length, self.at + length)
        return self._keep(length).decode("utf-8", "backslashreplace")

    def _array(self, key: str) -> Json:
        kind, count = self.number(), self.count()
        if kind == _STRING:
            return self._texts(count)
        if kind not in _NUMBERS:
            what = "arrays inside an array" if kind == _ARRAY else f"an array of the unknown type {kind}"
            raise self.wrong(f"the key {clean(key, 80)} holds {what}, which no reader takes")
        name, code = _NUMBERS[kind]
        length = count * struct.calcsize(f"<{code}")
        self._reach(length)
        if count > _MOST_ENTRIES:
            return self._digest(name, count, self.at + length)
        return list(self._numbers(code, count))

    def _numbers(self, code: str, count: int) -> list[int | float | bool | str]:
        data = self.take(count * struct.calcsize(f"<{code}"))
        if code == "?":
            return [bool(byte) for byte in data]
        values = struct.unpack(f"<{count}{code}", data)
        return [_plain(value, code) for value in values] if code in {"f", "d"} else list(values)

    def _texts(self, count: int) -> Json:
        start = self.at
        self._reach(count * self._length.size)
        self._texts_left -= count
        if self._texts_left < 0:
            raise self.wrong(f"its arrays hold more than {_MOST_TEXTS:,} texts", "check who wrote it")
        for _ in range(count) if count <= _MOST_ENTRIES else ():
            length = self.count()
            self._reach(length)
            self.at += length
        if count <= _MOST_ENTRIES and self.at - start <= _LONGEST_TEXT:
            self.at = start
            return [self._text(_LONGEST_TEXT) for _ in range(count)]
        self.at = start
        return self._digest_texts(count)

    def _keep(self, length: int) -> bytes:
        self._kept += length
        if self._kept > _MOST_KEPT:
            raise self.wrong(f"its keys hold more than {_MOST_KEPT:,} bytes of text", "check who wrote it")
        return self.take(length)

    def _digest(self, name: str, length: int, stop: int) -> Json:
        import hashlib  # noqa: PLC0415 - only where a file is read at all

        state = hashlib.sha256()
        while self.at < stop:
            piece = self._window.ahead(self.at, 1)[: stop - self.at]
            state.update(piece)
            self.at += len(piece)
        return {"length": length, "type": name, "sha256": state.hexdigest()}

    def _digest_texts(self, count: int) -> Json:
        """The digest of texts with their lengths, without keeping any of them."""
        import hashlib  # noqa: PLC0415 - likewise

        state, left = hashlib.sha256(), count
        width, unpack = self._length.size, self._length.unpack_from
        while left:
            self._reach(width)
            data = self._window.ahead(self.at, width)
            used = 0
            while left and used + width <= len(data):
                end = used + width + unpack(data, used)[0]
                if end > len(data):
                    break
                used = end
                left -= 1
            self._reach(used)
            if not used:  # a text that reaches beyond the window
                used = width + unpack(data, 0)[0]
                self._reach(used)
                data = self._window.ahead(self.at, used)
                left -= 1
            state.update(memoryview(data)[:used])
            self.at += used
        return {"length": count, "type": "string", "sha256": state.hexdigest()}


def _whole_limit(key: str) -> int:
    """Templates are kept whole: they are compared by what they render."""
    return SMALL if key.startswith("tokenizer.chat_template") else _LONGEST_TEXT


def _plain(value: float, code: str) -> float | str:
    """A number as it would be written by hand (1e-05, not 9.999999747378752e-06); text where it is no number."""
    if not math.isfinite(value):
        return str(value)
    if code == "f":
        for digits in range(1, 9):
            short = float(f"{value:.{digits}g}")
            if abs(short) < 3.4e38 and struct.pack("<f", short) == struct.pack("<f", value):  # noqa: PLR2004 - float32
                return short
    return value
