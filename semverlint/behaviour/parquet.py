"""Parquet through pyarrow (extra `evals`), a group of rows at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from semverlint.behaviour.samples import Piece
from semverlint.errors import FileError
from semverlint.text import clean

_MOST_ROWS = 2_000_000
"""Rows of one group: a log's groups have some ten thousand."""
_LARGEST_GROUP = 4_000_000_000
"""Bytes of the wanted columns of one group, unpacked."""


def is_parquet(start: bytes) -> bool:
    """Whether a file begins as Parquet does."""
    return start.startswith(b"PAR1")


def opened(path: Path, shown: str) -> Any:  # noqa: ANN401 - pyarrow's file, without types
    """The file.

    Raises:
        FileError: If pyarrow is not installed, or it is no Parquet.
    """
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an optional extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - likewise
    except ImportError:
        raise FileError(shown, "is Parquet, which pyarrow reads", "pip install 'semverlint[evals]'") from None
    try:
        return ParquetFile(path)
    except (ArrowException, OSError, ValueError) as error:
        raise FileError(shown, f"no Parquet ({clean(error, 80)})", "write it again") from None


def names(path: Path, shown: str) -> list[str]:
    """The names of the columns. Raises `FileError` as `opened`."""
    return list(opened(path, shown).schema_arrow.names)


def groups(path: Path, shown: str) -> Iterator[int]:
    """The groups of rows that a file has, by number. Raises `FileError` where one is absurdly large."""
    metadata = opened(path, shown).metadata
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        if rows.num_rows > _MOST_ROWS or rows.total_byte_size > _LARGEST_GROUP:
            raise FileError(shown, f"{rows.num_rows:,} rows in one group", "write it with smaller row groups")
        yield group


def columns(piece: Piece, wanted: Sequence[str]) -> dict[str, list[Any]]:
    """The wanted columns of a group of rows, each a list of Python values.

    Raises:
        FileError: If they cannot be read.
    """
    from pyarrow import ArrowException  # noqa: PLC0415 - the file is Parquet, so pyarrow is there

    file = opened(piece.path, piece.shown)
    try:
        table = file.read_row_group(piece.start, columns=list(wanted), use_threads=False)
        return {name: table.column(name).to_pylist() for name in table.column_names}
    except (ArrowException, OSError, ValueError, KeyError) as error:
        raise FileError(piece.shown, f"its rows cannot be read ({clean(error, 80)})", "write it again") from None
