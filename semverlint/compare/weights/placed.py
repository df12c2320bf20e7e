"""A tensor and the file its values are in: what every comparison of values starts from."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from semverlint.errors import FileError
from semverlint.files import File, HeldFile, ReadInto, fetch_ahead
from semverlint.formats.weights.base import MOST_HELD, Tensor
from semverlint.formats.weights.dtypes import bytes_of, decode
from semverlint.text import size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Floats

SAMPLE = 1 << 12
"""Bytes read of a tensor to see whether it may be another one."""

_WORDS = {0: "u1", 1: "u1", 2: "u2", 4: "u4", 8: "u8"}
"""Bytes of a value → a type of as many that numpy moves fast."""
_STRIP = 128
"""Rows of a tensor that are turned at a time."""

FAR = 1 << 22
"""Bytes read at once over a network, where every request waits; each of several threads holds as many of both sides."""


@dataclass(frozen=True)
class Placed:
    """A tensor and the file its values are in."""

    tensor: Tensor
    file: File

    def read(self, first: int, last: int) -> bytes:
        """The bytes of the values `first` to `last`; `first` begins a block of its type.

        Raises:
            FileError: If they cannot be read.
        """
        start = self.tensor.start + bytes_of(self.tensor.dtype, first)
        return self.file.read(start, start + bytes_of(self.tensor.dtype, last - first))

    def floats(self, first: int, last: int) -> "Floats":
        """The values `first` to `last` as numbers, in order; `first` begins a block of its type.

        Raises:
            FileError: If they cannot be read.
        """
        return decode(self.read(first, last), self.tensor.dtype)[: last - first]

    def rows(self, first: int, last: int) -> "Floats":
        """Whole rows of a matrix as numbers: `last - first` of them, all other dimensions folded into one.

        Raises:
            FileError: If they cannot be read.
        """
        width = self.tensor.count // max(self.tensor.shape[0], 1)
        begin = first * width // _TOGETHER * _TOGETHER
        return self.floats(begin, last * width)[first * width - begin :].reshape(last - first, width)


@dataclass(frozen=True)
class Dequantised(Placed):
    """A matrix whose numbers are computed from codes and scales, so many rows at a time.

    Attributes:
        scheme: How it is stored: `GPTQ 4-bit`.
        parts: Names of the tensors it is stored in.
        beside: Those that its numbers depend on beside the codes.
        by_rows: Gives the numbers of the rows from one to another, as a matrix.
        by_values: Gives the numbers from one to another, where that does not take whole rows.
        bits: That a value takes, those of scales included.
    """

    scheme: str = ""
    parts: tuple[str, ...] = ()
    beside: tuple[Placed, ...] = ()
    by_rows: "Callable[[int, int], Floats] | None" = None
    bits: float = 8.0
    by_values: "Callable[[int, int], Floats] | None" = None

    def floats(self, first: int, last: int) -> "Floats":
        if self.by_values is not None:
            return self.by_values(first, last)
        width = self.tensor.count // self.tensor.shape[0]
        rows = self.rows(first // width, -(-last // width)).reshape(-1)
        begin = first // width * width
        return rows[first - begin : last - begin]

    def rows(self, first: int, last: int) -> "Floats":
        if self.by_rows is None:
            return super().rows(first, last)
        return self.by_rows(first, last)


_TOGETHER = 256
"""Values of the largest block of any type: reading begins at a multiple of it."""


class Turned(File):
    """A tensor stored along other axes, turned into the order of its shape: in memory, once it is asked for."""

    def __init__(self, tensor: Tensor, file: File) -> None:
        super().__init__(file.path, tensor.stop - tensor.start, {})
        self._tensor = tensor
        self._file = file

    @property
    def remote(self) -> bool:
        return self._file.remote

    def content(self) -> "npt.NDArray[np.uint8]":
        """The bytes in the order of the shape.

        Raises:
            FileError: If they are too many to be turned in memory.
        """
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        tensor, order = self._tensor, self._tensor.order or ()
        if self.size > MOST_HELD:
            raise FileError(
                self.path, f"{size(self.size)} of a tensor are stored along other axes", "save it contiguously"
            )
        width = self.size // max(tensor.count, 1)
        values = np.frombuffer(self._file.read(tensor.start, tensor.stop), _WORDS.get(width, f"V{width}"))
        stored = values.reshape([tensor.shape[axis] for axis in order]).transpose(np.argsort(order))
        turned = np.empty(stored.shape, stored.dtype)
        for first in range(0, len(stored), _STRIP):  # four times as fast as all at once: lines of memory are used up
            turned[first : first + _STRIP] = stored[first : first + _STRIP]
        return turned.reshape(-1).view(np.uint8)

    def _read(self, start: int, stop: int) -> bytes:
        if self._tensor.order == (1, 0) and stop - start <= SAMPLE:
            return self._columns(start, stop)
        return _turned(self)[start:stop].tobytes()

    def _columns(self, start: int, stop: int) -> bytes:
        """A few bytes of a matrix stored column by column, as those that recognise it ask for: nothing is kept."""
        import numpy as np  # noqa: PLC0415 - likewise

        tensor = self._tensor
        rows, columns = tensor.shape
        width = self.size // max(tensor.count, 1)
        first, last = start // width // columns, -(-stop // (width * columns))
        step = max(1, FAR // (rows * width))
        parts = []
        for column in range(0, columns, step):
            begin = tensor.start + column * rows * width
            data = self._file.read(begin, min(begin + step * rows * width, tensor.stop))
            parts.append(np.frombuffer(data, f"V{width}").reshape(-1, rows)[:, first:last].T)
        found = np.concatenate(parts, axis=1).tobytes()
        return found[start - first * columns * width :][: stop - start]


@lru_cache(maxsize=4)
def _turned(one: Turned) -> "npt.NDArray[np.uint8]":
    """A tensor's bytes in the order of its shape; kept while they are asked for block by block."""
    return one.content()


def place(tensor: Tensor, file: File) -> Placed:
    """A tensor with what its values are read from."""
    source = file if tensor.held is None else HeldFile(file.path, tensor.held)
    if tensor.stop > source.size:
        raise FileError(file.path, "ends before the values of its tensors do", "fetch it again: it is truncated")
    if tensor.order is None or tensor.order == tuple(range(len(tensor.shape))):
        return Placed(tensor, source)
    return Placed(Tensor(tensor.dtype, tensor.shape, 0, tensor.stop - tensor.start), Turned(tensor, source))


def shape_of(placed: Placed) -> str:
    """A tensor's shape as it is shown: `4096 x 1024`."""
    return " x ".join(str(length) for length in placed.tensor.shape) or "scalar"


def part_of(placed: Placed, first: int, last: int, shape: tuple[int, ...]) -> Placed:
    """The values `first` to `last` of a tensor as a tensor of their own: one of several that were fused."""
    tensor = placed.tensor
    start = tensor.start + bytes_of(tensor.dtype, first)
    return Placed(Tensor(tensor.dtype, shape, start, start + bytes_of(tensor.dtype, last - first)), placed.file)


@contextmanager
def reading(placed: Placed, first: int, last: int) -> Iterator[ReadInto]:
    """A function that fills a buffer with the values from an index on, of those from `first` to `last`.

    Raises:
        FileError: If they cannot be read; the function too.
    """
    dtype, start = placed.tensor.dtype, placed.tensor.start
    if placed.file.remote:
        yield _from_far(placed.file, start + bytes_of(dtype, first), dtype, first, start + bytes_of(dtype, last))
        return
    with placed.file.opened() as read_into:
        yield lambda begin, buffer: read_into(start + bytes_of(dtype, begin), buffer)


def _from_far(file: File, start: int, dtype: str, first: int, stop: int) -> ReadInto:
    """Reads onward through a range of a file that is far away, `FAR` bytes a request."""
    at, held = start, memoryview(b"")

    def read_into(begin: int, buffer: memoryview) -> None:
        nonlocal at, held
        place = start + bytes_of(dtype, begin - first)
        if place < at or place + len(buffer) > at + len(held):
            at, held = place, memoryview(file.read(place, min(max(place + FAR, place + len(buffer)), stop)))
        buffer[:] = held[place - at : place - at + len(buffer)]

    return read_into


def row_blocks(old: Placed, new: Placed, size: int) -> Iterator[tuple["Floats", "Floats"]]:
    """The rows of an old matrix and those of a new one in their place, as numbers: some `size` values at a time.

    Raises:
        FileError: If they cannot be read.
    """
    rows = old.tensor.shape[0]
    if old.file.remote or new.file.remote:
        size = max(size, FAR // bytes_of(old.tensor.dtype, _TOGETHER) * _TOGETHER)
    step = max(1, size // max(old.tensor.count // max(rows, 1), 1))
    for first in range(0, rows, step):
        last = min(first + step, rows)
        yield old.rows(first, last), new.rows(first, last)


def bring_beginnings(some: Iterable[Placed]) -> None:
    """Have the first bytes of tensors that are far away brought, before `beginning` asks for them one by one."""
    fetch_ahead((one.file, *_first(one)) for one in some)


def beginning(placed: Placed) -> bytes:
    """A digest of a tensor's type and first bytes, by which it is recognised.

    Raises:
        FileError: If they cannot be read.
    """
    state = hashlib.blake2b(placed.tensor.dtype.encode(), digest_size=16)
    state.update(placed.file.read(*_first(placed)))
    return state.digest()


def _first(placed: Placed) -> tuple[int, int]:
    return placed.tensor.start, min(placed.tensor.start + SAMPLE, placed.tensor.stop)


def spans(placed: Placed, step: int) -> Iterator[tuple[int, int]]:
    """A tensor's values in pieces of `step`."""
    for first in range(0, placed.tensor.count, step):
        yield first, min(first + step, placed.tensor.count)
