"""Whether bytes that pass by are those of a file's digest.

A range by itself cannot be held against the digest of a whole file. Where all of a file passes by, first byte to last,
it can; and what is read of it again later is held against what passed by then, cell by cell.
"""

import hashlib
from collections.abc import Mapping

CELL = 1 << 18
"""Bytes that have a digest of their own once they passed by: a table of 9 MB for 141 GB."""


class Witness:
    """What passed by of one file.

    Args:
        size: Its bytes.
        digests: What is known of it: `sha256`, or `git` (the blob's SHA-1).

    Attributes:
        at: How many of its bytes have passed by, from the first one on.
        differs: Whether a part of it was read before, and was not what passed by.
    """

    def __init__(self, size: int, digests: Mapping[str, str]) -> None:
        self.at = 0
        self.differs = False
        self._size = size
        self._digest = digests.get("sha256") or digests["git"]
        self._state = hashlib.sha256() if "sha256" in digests else hashlib.sha1(usedforsecurity=False)
        if "sha256" not in digests:
            self._state.update(b"blob %d\0" % size)
        self._cell = hashlib.blake2b(digest_size=16)
        self._cells: list[bytes] = []

    @property
    def agrees(self) -> bool | None:
        """Whether all of it is what the digest says; None while some of it has not passed by."""
        if self.at < self._size:
            return False if self.differs else None
        return self._state.hexdigest() == self._digest and not self.differs

    def add(self, start: int, data: bytes) -> None:
        """Take in the bytes from `start` on; those behind a gap are no help."""
        if not start <= self.at < start + len(data):
            return
        fresh = memoryview(data)[self.at - start :]
        self._state.update(fresh)
        while fresh:
            room = CELL - self.at % CELL
            part, fresh = fresh[:room], fresh[room:]
            self._cell.update(part)
            self.at += len(part)
            if len(part) == room or self.at == self._size:
                self._cells.append(self._cell.digest())
                self._cell = hashlib.blake2b(digest_size=16)

    def cells(self, start: int, stop: int) -> tuple[int, int]:
        """The range that covers another one with whole cells."""
        return start // CELL * CELL, min(-(-stop // CELL) * CELL, self._size)

    def fits(self, start: int, data: bytes) -> bool:
        """Whether whole cells that begin at `start` are what passed by."""
        return all(
            hashlib.blake2b(data[at : at + CELL], digest_size=16).digest() == self._cells[(start + at) // CELL]
            for at in range(0, len(data), CELL)
        )


def is_content(data: bytes, digests: Mapping[str, str]) -> bool:
    """Whether bytes are all of a content, as its digests say."""
    witness = Witness(len(data), digests)
    witness.add(0, data)
    return witness.agrees is True
