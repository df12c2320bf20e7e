"""Plain samples as Parquet."""

from collections.abc import Iterator

from semverlint.behaviour import parquet, plain
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows


@reader
class PlainParquet(Reader):
    """Parquet whose columns have an id and something to judge the answer by."""

    def recognises(self, head: Head) -> bool:
        return parquet.is_parquet(head.start) and plain.is_plain(parquet.names(head.path, head.shown))

    def nearly(self, head: Head) -> str:
        return plain.lacking(parquet.names(head.path, head.shown)) if parquet.is_parquet(head.start) else ""

    def pieces(self, head: Head) -> Iterator[Piece]:
        roles = plain.wanted(parquet.names(head.path, head.shown))
        for group in parquet.groups(head.path, head.shown):
            yield Piece("plain_parquet", head.path, head.shown, group, group + 1, roles)

    def read(self, piece: Piece) -> list[Rows]:
        return plain.rows_of(parquet.columns(piece, list(dict.fromkeys(piece.extra.values()))), piece.extra)

    def where(self, piece: Piece, row: int) -> str:
        return f"{piece.shown}: row {row + 1} of group {piece.start + 1}"
