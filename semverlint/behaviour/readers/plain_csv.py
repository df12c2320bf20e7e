"""Plain samples as CSV or TSV, with a line of names on top."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from semverlint.behaviour import lines, plain
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows
from semverlint.errors import FileError

_LONGEST_FIELD = 64_000_000
"""Bytes of one field; the library's own limit of 131 kB is less than a long answer."""


@reader
class PlainCsv(Reader):
    """A first line of names between commas, tabs or semicolons."""

    def recognises(self, head: Head) -> bool:
        return plain.is_plain(_names(head)[0])

    def nearly(self, head: Head) -> str:
        return plain.lacking(_names(head)[0])

    def pieces(self, head: Head) -> Iterator[Piece]:
        names, comma = _names(head)
        extra = {"names": names, "comma": comma, "roles": plain.wanted(names)}
        for start, stop in _spans(head.path, head.shown):
            yield Piece("plain_csv", head.path, head.shown, start, stop, extra)

    def read(self, piece: Piece) -> list[Rows]:
        names, roles = piece.extra["names"], piece.extra["roles"]
        wanted = {column: names.index(column) for column in roles.values()}
        table: dict[str, list[str | None]] = {column: [] for column in wanted}
        for number, row in self._lines(piece):
            if len(row) != len(names):
                raise FileError(
                    f"{piece.shown}:{lines.number_of(piece.path, piece.start) + number - 1}",
                    f"{len(row)} fields, where the first line names {len(names)}",
                    "mend the line or take it out of both runs",
                )
            for column, at in wanted.items():
                table[column].append(row[at] if row[at] != "" or column in plain.ANSWERS else None)
        return plain.rows_of(table, roles)

    def where(self, piece: Piece, row: int) -> str:
        number = next(number for at, (number, _) in enumerate(self._lines(piece)) if at == row)
        return f"{piece.shown}:{lines.number_of(piece.path, piece.start) + number - 1}"

    def _lines(self, piece: Piece) -> Iterator[tuple[int, list[str]]]:
        """Each row of a piece, but the names, with the number of its last line in the piece."""
        try:
            text = lines.block(piece).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileError(piece.shown, f"not UTF-8 at byte {piece.start + error.start}", "save it as UTF-8") from None
        csv.field_size_limit(_LONGEST_FIELD)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=piece.extra["comma"], strict=True)
        try:
            if piece.start == 0:
                next(rows, None)
            for row in rows:
                if row:
                    yield rows.line_num, row
        except csv.Error as error:
            number = lines.number_of(piece.path, piece.start) + rows.line_num - 1
            raise FileError(f"{piece.shown}:{number}", f"no CSV ({error})", "mend the file") from None


def _spans(path: Path, shown: str) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end: at line breaks with an even number of quotes before them, those outside of fields."""
    start = position = quotes = 0
    with path.open("rb") as stream:
        while line := stream.readline(1_000_000):
            position += len(line)
            quotes += line.count(b'"')
            if position - start >= lines.PIECE and quotes % 2 == 0 and line.endswith(b"\n"):
                yield start, position
                start = position
            elif position - start > _LONGEST_FIELD:
                number = lines.number_of(path, start)
                raise FileError(f"{shown}:{number}", "a line or a quoted field without end", "mend the file")
    if position > start:
        yield start, position


def _names(head: Head) -> tuple[list[str], str]:
    """The names on the first line, and what stands between them."""
    first = head.start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace").strip("\r")
    comma = max(",\t;", key=first.count)
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=comma), [])], comma
    except csv.Error:
        return [], comma
