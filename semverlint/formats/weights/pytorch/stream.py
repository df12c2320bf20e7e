"""The bytes of a file read a window at a time, so that a remote one costs few requests."""

from semverlint.errors import FileError
from semverlint.files import File

WINDOW = 1 << 16
"""Bytes read at least, where what lies behind what is asked for is likely to be asked for next."""
_LAST_WINDOW = 1 << 22
"""Bytes read at most, of what is read in order: the further it goes, the more at once."""
_KEPT = 8
"""Windows that are remembered: the end of an archive, its beginning, and where its pickles are."""


class Windows(File):
    """A file whose neighbouring bytes are read together and remembered.

    Attributes:
        file: The file itself.
    """

    def __init__(self, file: File) -> None:
        super().__init__(file.path, file.size, {})
        self.file = file
        self._known: list[tuple[int, bytes]] = []

    def _read(self, start: int, stop: int) -> bytes:
        return self.some(start, stop - start)[: stop - start]

    def some(self, start: int, least: int, most: int = WINDOW) -> bytes:
        """The bytes from `start` on, as many as are at hand: at least so many, if the file has them."""
        for begin, data in self._known:
            if begin <= start and start + least <= begin + len(data):
                return data[start - begin :]
        data = self.file.read(start, min(self.size, start + max(least, most)))
        self._known = [(start, data), *self._known[: _KEPT - 1]]
        return data


class Stream:
    """A part of a file as a stream.

    Attributes:
        file: The file.
        stop: The byte behind the part's last one.
    """

    def __init__(self, file: Windows, start: int, stop: int) -> None:
        self.file = file
        self.stop = stop
        self._window = WINDOW
        self._data = b""
        self._begin = start
        self._at = 0

    @property
    def position(self) -> int:
        """The byte of the file that comes next."""
        return self._begin + self._at

    def take(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            FileError: If the part ends before.
        """
        end = self._at + length
        if end > len(self._data):
            self._fetch(length)
            end = length
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def line(self, limit: int) -> bytes:
        """The bytes up to the next end of a line, which is left out.

        Raises:
            ValueError: If there is none within so many bytes.
            FileError: If the part ends before.
        """
        found = bytearray()
        while (byte := self.take(1)) != b"\n":
            if len(found) == limit:
                raise ValueError(f"a line has more than {limit:,} bytes")
            found += byte
        return bytes(found)

    def skip(self, length: int) -> None:
        """Pass over bytes without reading them.

        Raises:
            FileError: If the part ends before.
        """
        if not 0 <= length <= self.stop - self.position:
            raise self._ended()
        if self._at + length <= len(self._data):
            self._at += length
        else:
            self._begin, self._data, self._at = self.position + length, b"", 0

    def _fetch(self, length: int) -> None:
        start = self.position
        if length > self.stop - start:
            raise self._ended()
        self._data = self.file.some(start, length, self._window)[: self.stop - start]
        self._begin, self._at = start, 0
        self._window = min(self._window * 2, _LAST_WINDOW)

    def _ended(self) -> FileError:
        return FileError(
            self.file.path, f"ends at byte {self.stop:,} in the middle of a value", "fetch it again: it is truncated"
        )
