"""Columns that grow while a log is read and take few bytes a sample: ten million samples fit where people work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_VALUES = 1_000
"""Distinct values up to which a column is kept as codes; a subject or a language has fewer, free text more."""
BLOCK = 1_000_000
"""Rows that are worked on at a time where all of them together would take much memory."""
_BITS = 5
"""Of a key that say in which of 32 parts it is."""
_NOWHERE = np.uint32(2**32 - 1)
"""The row of a sample that the other run has not."""

Array = NDArray[Any]


def grown(whole: Array, part: Array) -> Array:
    """Both, one behind the other. The first is made longer where it lies, so that memory never holds it twice."""
    kind = np.promote_types(whole.dtype, part.dtype)
    if whole.dtype != kind or not whole.flags.owndata:
        whole = whole.astype(kind)
    size = len(whole)
    whole.resize(size + len(part), refcheck=False)
    whole[size:] = part
    return whole


def taken(values: Array, rows: Array) -> Array:
    """`values[rows]`, block by block: numpy makes eight bytes of every row number that it is given."""
    found = np.empty(len(rows), values.dtype)
    for start in range(0, len(rows), BLOCK):
        found[start : start + BLOCK] = values[rows[start : start + BLOCK]]
    return found


def parts(*sides: Array) -> Iterator[list[Array]]:
    """The rows of each side whose keys begin alike: equal keys stay together, and a part is sorted in little memory.

    Args:
        sides: Digests of 64 bits.
    """
    bits = _BITS if max(map(len, sides)) > BLOCK else 0
    numbers = [np.zeros(len(keys), np.uint8) for keys in sides]
    for keys, number in zip(sides, numbers, strict=True):
        for start in range(0, len(keys) if bits else 0, BLOCK):
            number[start : start + BLOCK] = keys[start : start + BLOCK] >> np.uint64(64 - bits)
    for part in range(2**bits):
        yield [np.flatnonzero(number == part).astype(np.uint32) for number in numbers]


def repeated(keys: Array) -> Array:
    """Those keys that occur more than once, each as often as it does beyond the first."""
    found = []
    for (rows,) in parts(keys):
        ranked = np.sort(keys[rows])
        found.append(ranked[1:][ranked[1:] == ranked[:-1]])
    return np.concatenate(found)


def paired(old: Array, new: Array) -> tuple[Array, Array]:
    """The rows of both sides with equal keys, in the order of the old; of equal keys the first with the first."""
    place = np.full(len(old), _NOWHERE)
    for before, after in parts(old, new):
        orders = [np.argsort(keys[rows], kind="stable") for keys, rows in ((old, before), (new, after))]
        ranked = [keys[rows[order]] for keys, rows, order in zip((old, new), (before, after), orders, strict=True)]
        nth = np.arange(len(before)) - np.searchsorted(ranked[0], ranked[0])
        where = np.searchsorted(ranked[1], ranked[0]) + nth
        known = np.flatnonzero(where < len(after))
        known = known[ranked[1][where[known]] == ranked[0][known]]
        place[before[orders[0][known]]] = after[orders[1][where[known]]]
    rows = np.flatnonzero(place != _NOWHERE).astype(np.uint32)
    return rows, taken(place, rows)


@dataclass
class Coded:
    """Values that come again and again, as small numbers.

    Attributes:
        codes: Shape (samples,), the smallest unsigned integers that name every value.
        values: What each code stands for, in the order in which they came.
    """

    codes: Array
    values: list[Any]

    def append(self, other: "Coded") -> None:
        """Put another column behind this one."""
        known = {value: code for code, value in enumerate(self.values)}
        table = [known.setdefault(value, len(known)) for value in other.values]
        self.values = list(known)
        self.codes = grown(self.codes, np.array(table, _smallest(len(known)))[other.codes])


def coded(values: Sequence[Any]) -> Coded:
    """The values of a column of texts."""
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(value, len(known)) for value in values), np.uint32, len(values))
    return Coded(codes.astype(_smallest(len(known))), list(known))


def few(digests: Array) -> Coded | Array:
    """Digests as codes where they are few, else as they are."""
    if len(digests) > 2 * MOST_VALUES and len(np.unique(digests[: 2 * MOST_VALUES])) > MOST_VALUES:
        return digests  # free text shows itself at once
    values, codes = np.unique(digests, return_inverse=True)
    if len(values) > MOST_VALUES:
        return digests
    return Coded(codes.astype(_smallest(len(values))), values.tolist())


def whole_of(column: Coded | Array, rows: Array | slice | None = None) -> Array:
    """The digests of a column, or of some rows of it."""
    codes = column.codes if isinstance(column, Coded) else column
    chosen = codes if rows is None else codes[rows]
    return np.array(column.values, np.uint32)[chosen] if isinstance(column, Coded) else chosen


def both(column: Coded | Array, other: Coded | Array) -> Coded | Array:
    """Two parts of a column as one: codes as long as the values are few."""
    if isinstance(column, Coded) and isinstance(other, Coded):
        column.append(other)
        return column if len(column.values) <= MOST_VALUES else whole_of(column)
    return grown(whole_of(column), whole_of(other))


def _smallest(count: int) -> Any:  # noqa: ANN401 - a kind of number
    return np.min_scalar_type(max(count - 1, 0))
