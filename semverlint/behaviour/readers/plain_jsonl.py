"""Plain samples, one JSON object a line: `id`, `reference`, `prediction`, and what more there is."""

from collections.abc import Iterator

from semverlint.behaviour import lines, plain
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows


@reader
class PlainJsonl(Reader):
    """JSON Lines whose first line has an id and something to judge the answer by."""

    def recognises(self, head: Head) -> bool:
        return head.line is not None and plain.is_plain(head.line)

    def nearly(self, head: Head) -> str:
        return plain.lacking(head.line or {})

    def pieces(self, head: Head) -> Iterator[Piece]:
        roles = plain.wanted(head.line or {})
        for start, stop in lines.spans(head.path, head.shown):
            yield Piece("plain_jsonl", head.path, head.shown, start, stop, roles)

    def read(self, piece: Piece) -> list[Rows]:
        table = lines.columns(piece, list(dict.fromkeys(piece.extra.values())))
        return plain.rows_of(table, piece.extra)

    def where(self, piece: Piece, row: int) -> str:
        return lines.where(piece, row)
