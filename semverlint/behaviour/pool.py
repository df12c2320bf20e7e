"""Pieces read on every core: what a process hands back is columns, never texts."""

import os
from collections.abc import Iterable, Iterator, Sequence

from semverlint.behaviour.readers import as_written, reader_named
from semverlint.behaviour.samples import Piece, Rows, Samples, condense
from semverlint.errors import FileError

_WORTH_IT = 40_000_000
"""Bytes of logs from which starting processes costs less than it saves."""
_LARGEST = 1e30
"""No metric is as large; neither NaN nor infinity is below it."""

_Failure = tuple[str, str, str]


def read_all(pieces: Sequence[Piece], size: int) -> Iterator[list[Samples]]:
    """The samples of each piece, in the order of the pieces.

    Args:
        pieces: What to read.
        size: Bytes of all files together.

    Raises:
        FileError: For the first piece, in their order, that cannot be read.
    """
    workers = min(os.cpu_count() or 1, len(pieces))
    if workers < 2 or size < _WORTH_IT:  # noqa: PLR2004 - one process needs no pool
        for piece in pieces:
            yield _unpacked(_work(piece))
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - for large logs only
    from multiprocessing import get_context  # noqa: PLC0415 - likewise

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        try:
            for found in pool.map(_work, pieces):
                yield _unpacked(found)
        finally:
            pool.shutdown(cancel_futures=True)


def _unpacked(found: list[Samples] | _Failure) -> list[Samples]:
    if isinstance(found, tuple):
        raise FileError(*found)
    return found


def _work(piece: Piece) -> list[Samples] | _Failure:
    try:
        with as_written(piece.shown, piece.reader):
            read = reader_named(piece.reader).read(piece)
            return [condense(_checked(rows, piece), piece) for rows in read if len(rows.ids)]
    except FileError as error:
        return error.path, error.reason, error.remedy


def _checked(rows: Rows, piece: Piece) -> Rows:
    """The rows, once every sample has an id, and a score that is a number or something to judge its answer by."""
    absent = (name == "" or _absent(name) for name in rows.ids)
    _refuse(rows, piece, absent, "a sample without an id", "give every sample the same id in both runs")
    _refuse(
        rows,
        piece,
        (not abs(score) < _LARGEST for score in rows.scores),
        f"{rows.unit.metric} is no finite number",
        "score the sample, or take it out of both runs",
    )
    if not rows.scores and not (rows.answers and rows.references):
        raise FileError(piece.shown, "has neither scores nor references", "add a score to every sample")
    if not rows.scores:
        unknown = map(_absent, rows.references)
        _refuse(rows, piece, unknown, "a sample without a reference", "say what is right, or take it out of both runs")
    return rows


def _absent(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN, as tables write what is missing


def _refuse(rows: Rows, piece: Piece, bad: Iterable[bool], reason: str, remedy: str) -> None:
    at = next((at for at, wrong in enumerate(bad) if wrong), None)
    if at is not None:
        raise FileError(_where(rows, piece, at), reason, remedy)


def _where(rows: Rows, piece: Piece, at: int) -> str:
    return reader_named(piece.reader).where(piece, rows.numbers[at] if rows.numbers else at)
