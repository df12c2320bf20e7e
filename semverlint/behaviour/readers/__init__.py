"""Readers of evaluation logs: one file a format, found by a walk, chosen by what a file holds and not by its name."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

from semverlint.behaviour.samples import Piece, Rows, Unit
from semverlint.errors import FileError
from semverlint.text import clean

_BEGINNING = 4_000_000
"""Bytes read to see what a file is: the first line of a log may hold a long document."""


@dataclass(frozen=True)
class Head:
    """The beginning of a file.

    Attributes:
        path: Where it lies.
        shown: Its name for people.
        start: Its first bytes.
    """

    path: Path
    shown: str
    start: bytes

    @cached_property
    def line(self) -> dict[str, Any] | None:
        """The first line as a JSON object; None where it is none."""
        first = self.start.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
        try:
            value = json.loads(first) if first.startswith(b"{") else None
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def is_document(self) -> bool:
        """Whether it looks like one JSON value written over several lines, or in one."""
        return self.start.lstrip()[:1] in (b"{", b"[")

    @property
    def is_one_line(self) -> bool:
        """Whether its first line is longer than is read of any file to know it."""
        return len(self.start) > _BEGINNING and b"\n" not in self.start

    def mentions(self, *words: str) -> bool:
        """Whether all words stand between quotes in the first bytes."""
        return all(b'"' + word.encode() + b'"' in self.start for word in words)


class Reader(ABC):
    """Reads one format."""

    @abstractmethod
    def recognises(self, head: Head) -> bool:
        """Whether a file that begins so is of this format."""

    def nearly(self, head: Head) -> str:
        """What a file lacks that would almost be of this format; empty where it is of another kind."""
        del head
        return ""

    def pieces(self, head: Head) -> Iterable[Piece]:
        """Parts that can be read by themselves, in order. Raises `FileError`."""
        del head
        return ()

    def read(self, piece: Piece) -> list[Rows]:
        """The samples of a piece, those of each unit together. Raises `FileError`."""
        raise NotImplementedError(piece.reader)  # a reader of scores makes no pieces

    def scores(self, head: Head) -> Mapping[Unit, float]:
        """Aggregate scores that the file publishes. Raises `FileError`."""
        del head
        return {}

    def where(self, piece: Piece, row: int) -> str:
        """How a row of a piece is named in an error."""
        return f"{piece.shown}: sample {piece.start + row + 1}"


READERS: dict[str, Reader] = {}
"""Every reader by its module's name; filled by `@reader`."""

R = TypeVar("R", bound=type[Reader])


def reader(cls: R) -> R:
    """Register the one reader of a module."""
    READERS[cls.__module__.rpartition(".")[2]] = cls()
    return cls


def all_readers() -> dict[str, Reader]:
    """Every reader, in the order of their names."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return dict(sorted(READERS.items()))


def reader_named(name: str) -> Reader:
    """The reader of a module; no other is imported."""
    if name not in READERS:
        import_module(f"{__name__}.{name}")
    return READERS[name]


@contextmanager
def as_written(shown: str, reader: str) -> Iterator[None]:
    """Read a file that says it is of a format: where its parts are of other kinds than there, it is not.

    Raises:
        FileError: In place of what Python raises for a number where a list belongs.
    """
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        problem = f"is not laid out as {reader.replace('_', '-')} logs are ({clean(error, 80)})"
        raise FileError(shown, problem, "run the evaluation again") from None


def head_of(path: Path, shown: str) -> Head:
    """The beginning of a file. Raises `FileError` where it cannot be read."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64_000)
            if start.lstrip().startswith(b"{") and b"\n" not in start.strip():
                start += stream.read(_BEGINNING)
    except OSError as error:
        raise FileError(shown, f"cannot be read ({error.strerror})", "check its permissions") from None
    return Head(path, shown, start)


def recognised(head: Head) -> str | None:
    """The name of the reader for a file; None where no reader knows it."""
    return next((name for name, known in all_readers().items() if known.recognises(head)), None)


_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}


def unrecognised(head: Head) -> str:
    """Why no reader knows a file, where that can be told; else nothing."""
    packing = next((name for magic, name in _PACKED.items() if head.start.startswith(magic)), None)
    if packing:
        return f"is packed by {packing}: unpack it first"
    return next(filter(None, (known.nearly(head) for known in all_readers().values())), "")
