"""Plain samples as CSV or TSV, with a line of names on top."""

import csv
import io
from collections.abc import Iterator

from semverlint.behaviour import lines, plain
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows
from semverlint.errors import FileError
from semverlint.text import size

_LARGEST = 1_000_000_000
"""Bytes: quoted fields may hold line breaks, so that a table is read from the top and cannot be read in pieces."""

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
        end = head.path.stat().st_size
        if end > _LARGEST:
            raise FileError(head.shown, f"larger than {size(_LARGEST)}", "write it as JSON Lines or Parquet")
        extra = {"names": names, "comma": comma, "roles": plain.wanted(names)}
        yield Piece("plain_csv", head.path, head.shown, 0, end, extra)

    def read(self, piece: Piece) -> list[Rows]:
        names, roles = piece.extra["names"], piece.extra["roles"]
        wanted = {column: names.index(column) for column in roles.values()}
        table: dict[str, list[str | None]] = {column: [] for column in wanted}
        try:
            stream = io.StringIO(lines.block(piece).decode("utf-8"), newline="")
            csv.field_size_limit(_LONGEST_FIELD)
            rows = csv.reader(stream, delimiter=piece.extra["comma"], strict=True)
            next(rows)
            for row in rows:
                if row and len(row) != len(names):
                    raise FileError(
                        f"{piece.shown}:{rows.line_num}",
                        f"{len(row)} fields, where the first line names {len(names)}",
                        "mend the line or take it out of both runs",
                    )
                for column, at in wanted.items():
                    if row:
                        table[column].append(row[at] if row[at] != "" or column in plain.ANSWERS else None)
        except UnicodeDecodeError as error:
            raise FileError(piece.shown, f"not UTF-8 at byte {error.start}", "save it as UTF-8") from None
        except csv.Error as error:
            raise FileError(piece.shown, f"no CSV ({error})", "mend the file") from None
        return plain.rows_of(table, roles)


def _names(head: Head) -> tuple[list[str], str]:
    """The names on the first line, and what stands between them."""
    first = head.start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace").strip("\r")
    comma = max(",\t;", key=first.count)
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=comma), [])], comma
    except csv.Error:
        return [], comma
