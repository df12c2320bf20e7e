"""A file of a revision read here and there: a window is read ahead, so that a remote file costs few requests."""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from semverlint.errors import FileError
from semverlint.files import fetch_ahead

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from semverlint.files import File

FIRST_WINDOW = 1 << 16
"""Bytes read ahead at first: most headers are smaller."""

LARGEST_WINDOW = 1 << 23
"""Bytes read ahead at most; each window that is read through doubles the next, so that 30 MB cost ten requests."""

SMALL_WINDOW = 1 << 13
"""Bytes read at a time where a format scatters its headers among the values."""

_LONGEST_RUN = 1 << 22
"""Bytes read at once at most, where short ranges lie close together."""

REMEMBERED = 32
"""So many of these are kept."""


class Window:
    """Ranges of a file, answered from what was read last where they lie in it.

    Args:
        file: The file.
        most_bytes: How many bytes may be asked for in all; None where the caller sets a limit itself.
        most_reads: How many ranges may be asked for in all, likewise.
        scattered: Whether to read small pieces here and there, and remember some of them, rather than ever more onward.
    """

    def __init__(
        self, file: "File", most_bytes: int | None = None, most_reads: int | None = None, *, scattered: bool = False
    ) -> None:
        self.file = file
        self._bytes_left = most_bytes
        self._reads_left = most_reads
        self._scattered = scattered
        self._start = 0
        self._data = b""
        self._ahead = FIRST_WINDOW // 2
        self._earlier: list[tuple[int, bytes]] = []

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes `start` to `stop`.

        Raises:
            FileError: If they lie outside the file, or more has been read of it than its header can need.
        """
        self._count(stop - start)
        if start < self._start or stop > self._start + len(self._data):
            self._fill(start, stop)
        return self._data[start - self._start : stop - self._start]

    def ahead(self, start: int, least: int) -> bytes:
        """What is at hand of the bytes from `start` on: at least so many."""
        if start < self._start or start + least > self._start + len(self._data):
            self._fill(start, start + least)
        return self._data[start - self._start :]

    def _count(self, length: int) -> None:
        if self._reads_left is not None:
            self._reads_left -= 1
        if self._bytes_left is not None:
            self._bytes_left -= length
        if min(self._reads_left or 0, self._bytes_left or 0) < 0:
            raise FileError(self.file.path, "its header leads the reader around without end", "check who wrote it")

    def _fill(self, start: int, stop: int) -> None:
        if self._scattered:
            self._earlier = [*self._earlier[1 - REMEMBERED :], (self._start, self._data)]
            for place, data in reversed(self._earlier):
                if place <= start and stop <= place + len(data):
                    self._start, self._data = place, data
                    return
            first = start - start % SMALL_WINDOW  # many formats are walked backwards
            last = max(stop, first + SMALL_WINDOW)
        else:
            onward = self._start <= start <= self._start + len(self._data)
            self._ahead = min(self._ahead * 2, LARGEST_WINDOW) if onward else FIRST_WINDOW
            first, last = start, max(stop, start + self._ahead)
        inside = stop <= self.file.size  # where not, the file itself refuses
        self._data = self.file.read(first, min(last, self.file.size) if inside else stop)
        self._start = first


def together(file: "File", spans: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """What stands in short ranges: those that lie close together are read at once, the others side by side.

    Args:
        file: The file.
        spans: First bytes, and those behind the last ones; in the order of the file.

    Raises:
        FileError: If one lies outside the file.
    """
    runs: list[tuple[int, int, int]] = []  # first byte, byte behind the last, ranges
    for start, stop in spans:
        if runs and start - runs[-1][1] <= FIRST_WINDOW and stop - runs[-1][0] <= _LONGEST_RUN:
            runs[-1] = (runs[-1][0], max(stop, runs[-1][1]), runs[-1][2] + 1)
        else:
            runs.append((start, stop, 1))
    if len(runs) > 1:
        fetch_ahead((file, first, last) for first, last, _ in runs)
    left = iter(spans)
    for first, last, count in runs:
        data = file.read(first, last)
        yield from (data[start - first : stop - first] for start, stop in islice(left, count))


class RangedStream(io.RawIOBase):
    """A file as a stream that libraries can read and seek in; what they read is bounded.

    Args:
        file: The file.
        most_bytes: As of `Window`.
        most_reads: As of `Window`.
        scattered: As of `Window`.
        start: Where the stream begins in the file.
        stop: Where it ends; None for the end of the file.
    """

    def __init__(  # noqa: PLR0913 - two limits, and the part of the file
        self,
        file: "File",
        most_bytes: int | None = None,
        most_reads: int | None = None,
        *,
        scattered: bool = False,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        super().__init__()
        self._window = Window(file, most_bytes, most_reads, scattered=scattered)
        self._start = start
        self._size = (file.size if stop is None else stop) - start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if at < 0:
            raise OSError("a place ahead of the file's first byte")
        self._at = at
        return at

    def read(self, size: int | None = -1) -> bytes:
        left = max(self._size - self._at, 0)
        length = left if size is None or size < 0 else min(size, left)
        data = self._window.read(self._start + self._at, self._start + self._at + length) if length else b""
        self._at += length
        return data

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)
