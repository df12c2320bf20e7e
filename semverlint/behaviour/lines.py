"""JSON Lines, read in pieces of whole lines and turned into columns; a damaged line is named by its number.

A line of an evaluation log is mostly text that no measure needs. With msgspec (extra `evals`) only the fields that are
asked for are made into objects; the standard library reads every line whole, some times slower, to the same result.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BufferedReader
from operator import attrgetter
from pathlib import Path
from typing import Any

from semverlint.behaviour.samples import Piece
from semverlint.errors import FileError
from semverlint.text import size

PIECE = 4_000_000
"""Bytes of a piece: enough that a process is busy with it, few enough that its rows fit beside the others'."""
LONGEST = 64_000_000
"""Bytes of one line; a sample with a long document and its answers has some hundred thousand."""


def spans(path: Path, shown: str, length: int | None = None) -> Iterator[tuple[int, int]]:
    """Where pieces of about `length` bytes begin and end, each on a whole line.

    Raises:
        FileError: If the file cannot be read, or a line is longer than `LONGEST`.
    """
    end = _size(path, shown)
    length = length or PIECE
    start = 0
    with path.open("rb") as stream:
        while start < end:
            stop = min(start + length, end)
            if stop < end:
                stream.seek(stop)
                stop += _rest_of_line(stream, shown, stop, start)
            yield start, stop
            start = stop


def _rest_of_line(stream: BufferedReader, shown: str, position: int, start: int) -> int:
    """Bytes up to and with the next line break."""
    read: int = 0
    while block := stream.read(1_000_000):
        at = block.find(b"\n")
        if at >= 0:
            return read + at + 1
        read += len(block)
        if position - start + read > LONGEST:
            raise FileError(
                shown,
                f"line {number_of(stream.name, start, whole=True)} is longer than {size(LONGEST)}",
                "write one sample a line",
            )
    return read


def number_of(path: str | Path, offset: int, *, whole: bool = False) -> int:
    """The number, from 1, of the line that begins at a byte; `whole`: of the first long line from there on."""
    count, read = 1, 0
    with Path(path).open("rb") as stream:
        while read < offset and (block := stream.read(min(1 << 20, offset - read))):
            count += block.count(b"\n")
            read += len(block)
        if whole:
            count += stream.read(PIECE).count(b"\n")
    return count


def _size(path: Path, shown: str) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise FileError(shown, f"cannot be read ({error.strerror})", "check its permissions") from None


def block(piece: Piece) -> bytes:
    """The bytes of a piece, without a byte order mark."""
    try:
        with piece.path.open("rb") as stream:
            stream.seek(piece.start)
            data = stream.read(piece.stop - piece.start)
    except OSError as error:
        raise FileError(piece.shown, f"cannot be read ({error.strerror})", "check its permissions") from None
    return data.removeprefix(b"\xef\xbb\xbf") if piece.start == 0 else data


def columns(piece: Piece, names: Sequence[str]) -> dict[str, list[Any]]:
    """The fields of every line of a piece, by name; `a.b` is the field b of the object a. None where there is none.

    Raises:
        FileError: With the number of the first line that is no JSON object.
    """
    data = block(piece)
    try:
        return _typed(data, tuple(names))
    except (ValueError, RecursionError, ImportError):
        pass  # a damaged line, or NaN, which JSON has not and Python writes; or there is no msgspec
    records = list(_objects(data, piece))
    return {name: [_dig(record, name.split(".")) for record in records] for name in names}


def _objects(data: bytes, piece: Piece) -> Iterator[dict[str, Any]]:
    offset = 0
    for line in data.split(b"\n"):
        if line.strip():
            try:
                value = json.loads(line)
            except RecursionError:
                raise _damaged(piece, offset, "nested too deeply") from None
            except ValueError as error:
                reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "not JSON"
                raise _damaged(piece, offset, f"{reason} ({error})") from None
            if not isinstance(value, dict):
                raise _damaged(piece, offset, "no JSON object")
            yield value
        offset += len(line) + 1


def _damaged(piece: Piece, offset: int, problem: str) -> FileError:
    number = number_of(piece.path, piece.start + offset)
    return FileError(f"{piece.shown}:{number}", problem, "mend the line or take it out of both runs")


def _dig(value: Any, keys: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _typed(data: bytes, names: tuple[str, ...]) -> dict[str, list[Any]]:
    """As `columns`, by a decoder that skips every other field. Raises `ValueError` where the JSON is not plain."""
    made, getters = decoder(names)
    records = made.decode_lines(data)
    return {name: list(map(getter, records)) for name, getter in zip(names, getters, strict=True)}


@cache
def decoder(names: tuple[str, ...]) -> tuple[Any, list[Any]]:
    """A decoder of lines that makes objects of some fields only, and what takes each field from them.

    Raises:
        ImportError: If msgspec is not installed.
    """
    import msgspec  # noqa: PLC0415 - an optional extra

    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        *parents, leaf = name.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = None
    serial = {name: f"f{index}" for index, name in enumerate(_paths(tree))}

    def struct(node: Mapping[str, Any], prefix: str) -> Any:  # noqa: ANN401 - a class made here
        fields, rename = [], {}
        for key, below in node.items():
            attribute = serial[prefix + key]
            rename[attribute] = key
            kind = struct(below, f"{prefix}{key}.") if below else Any
            fields.append((attribute, kind, msgspec.field(default_factory=kind) if below else None))
        return msgspec.defstruct("Line", fields, rename=rename, gc=False)

    def path(name: str) -> str:
        parts = name.split(".")
        return ".".join(serial[".".join(parts[: end + 1])] for end in range(len(parts)))

    return msgspec.json.Decoder(struct(tree, "")), [attrgetter(path(name)) for name in names]


def _paths(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, below in tree.items():
        yield prefix + key
        if below:
            yield from _paths(below, f"{prefix}{key}.")


def number(value: Any) -> float:  # noqa: ANN401 - JSON
    """A score as a number: booleans count, numbers and `true` and `false` in text too; NaN for anything else."""
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if isinstance(value, str):
        word = value.strip().lower()
        if word in {"true", "false"}:
            return float(word == "true")
        try:
            return float(word)
        except ValueError:
            return math.nan
    return math.nan


def where(piece: Piece, row: int) -> str:
    """`file:line` of a row of a piece: blank lines are no rows."""
    offset = 0
    for line in block(piece).split(b"\n"):
        if line.strip():
            if row == 0:
                break
            row -= 1
        offset += len(line) + 1
    return f"{piece.shown}:{number_of(piece.path, piece.start + offset)}"
