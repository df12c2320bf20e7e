"""Plain samples as one JSON list of objects, as `json.dump` and pandas write them."""

import json
from collections.abc import Iterator
from typing import Any

from semverlint.behaviour import plain
from semverlint.behaviour.documents import document, listed, mapping
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows


@reader
class PlainJson(Reader):
    """A list whose first object has an id and something to judge the answer by."""

    def recognises(self, head: Head) -> bool:
        return plain.is_plain(_first(head))

    def nearly(self, head: Head) -> str:
        return plain.lacking(_first(head))

    def pieces(self, head: Head) -> Iterator[Piece]:
        yield Piece("plain_json", head.path, head.shown, extra=plain.wanted(_first(head)))

    def read(self, piece: Piece) -> list[Rows]:
        samples = [mapping(one) for one in listed(document(piece.path, piece.shown))]
        columns = dict.fromkeys(piece.extra.values())
        return plain.rows_of({name: [one.get(name) for one in samples] for name in columns}, piece.extra)


def _first(head: Head) -> dict[str, Any]:
    """The first object of a list; an empty one where there is none in the first bytes."""
    start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"["):
        return {}
    try:
        return mapping(json.JSONDecoder().raw_decode(start[1:].lstrip().decode("utf-8", "replace"))[0])
    except (ValueError, RecursionError):
        return {}
