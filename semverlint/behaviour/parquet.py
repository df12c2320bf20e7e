"""Parquet through pyarrow (extra `evals`), a group of rows at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from semverlint.behaviour.samples import Piece
from semverlint.errors import FileError
from semverlint.text import clean, size

_MOST_ROWS = 2_000_000
"""Rows of one group: a log's groups have some ten thousand."""
_LARGEST_GROUP = 500_000_000
"""Bytes of the wanted columns of one group as Python would hold them; a text may be stored once for a million rows."""


def is_parquet(start: bytes) -> bool:
    """Whether a file begins as Parquet does."""
    return start.startswith(b"PAR1")


def opened(path: Path, shown: str, texts: Sequence[str] = ()) -> Any:  # noqa: ANN401 - pyarrow's file, without types
    """The file.

    Args:
        path: Where it lies.
        shown: Its name for people.
        texts: Columns that stay as they are stored, each text once, until it is known how much they hold.

    Raises:
        FileError: If pyarrow is not installed, or it is no Parquet.
    """
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an optional extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - likewise
    except ImportError:
        raise FileError(shown, "is Parquet, which pyarrow reads", "pip install 'semverlint[evals]'") from None
    try:
        return ParquetFile(path, read_dictionary=list(texts))
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
        if rows.num_rows > _MOST_ROWS:
            raise FileError(shown, f"{rows.num_rows:,} rows in one group", "write it with smaller row groups")
        yield group


def columns(piece: Piece, wanted: Sequence[str]) -> dict[str, list[Any]]:
    """The wanted columns of a group of rows, each a list of Python values.

    Raises:
        FileError: If they cannot be read.
    """
    from pyarrow import ArrowException  # noqa: PLC0415 - the file is Parquet, so pyarrow is there

    file = opened(piece.path, piece.shown)
    group = file.metadata.row_group(piece.start)
    leaves = [group.column(at) for at in range(group.num_columns)]
    texts = [leaf.path_in_schema for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    try:
        file = opened(piece.path, piece.shown, texts)
        table = file.read_row_group(piece.start, columns=list(wanted), use_threads=False)
        held = sum(_unpacked(chunk) for column in table.columns for chunk in column.chunks)
        if held > _LARGEST_GROUP:
            raise FileError(piece.shown, f"{size(held)} in one group of rows", "write it with smaller row groups")
        return {name: table.column(name).to_pylist() for name in table.column_names}
    except (ArrowException, OSError, ValueError, KeyError) as error:
        raise FileError(piece.shown, f"its rows cannot be read ({clean(error, 80)})", "write it again") from None


def _unpacked(array: Any) -> int:  # noqa: ANN401 - pyarrow's array, without types
    """Bytes of the values of an array, each text as often as it occurs."""
    from pyarrow import compute, types  # noqa: PLC0415 - as above

    if types.is_dictionary(array.type):
        if not len(array.dictionary):
            return 0
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(compute.cast(lengths.take(array.indices), "int64")).as_py() or 0)
    if types.is_struct(array.type):
        return sum(map(_unpacked, array.flatten()))
    if types.is_list(array.type) or types.is_large_list(array.type):
        return 8 * len(array) + _unpacked(array.flatten())
    return int(array.nbytes)
