"""The content-addressed store of the tests' Hub: cuts contents into chunks by what they hold, and keeps each once."""

import hashlib
import threading
from collections.abc import Iterator

import numpy as np
from hub.contents import Content, Term

LEAST, MOST = 8 << 10, 128 << 10
"""Bytes of a chunk, as in Xet."""
_GEAR = np.random.Generator(np.random.Philox(key=1)).integers(0, 1 << 32, 256, np.uint64).astype(np.uint32)


class ChunkStore:
    """Every chunk of one Hub, in xorbs: what is there already is not stored again."""

    def __init__(self) -> None:
        self._places: dict[bytes, tuple[str, int]] = {}
        self._known: dict[str, list[Term]] = {}
        self._lock = threading.Lock()

    def terms(self, content: Content) -> list[Term]:
        """How a content is made of chunks; it is stored at its first time."""
        with self._lock:
            if content.sha256 not in self._known:
                self._known[content.sha256] = content.terms() or self._store(content)
            return self._known[content.sha256]

    def _store(self, content: Content) -> list[Term]:
        data = content.read(0, content.size)
        xorb = hashlib.sha256(f"xorb {content.sha256}".encode()).hexdigest()
        terms: list[Term] = []
        new = 0
        for start, stop in _chunks(data):
            name = hashlib.sha256(data[start:stop]).digest()
            if name not in self._places:
                self._places[name] = (xorb, new)
                new += 1
            home, at = self._places[name]
            if terms and terms[-1].xorb == home and terms[-1].stop == at:
                last = terms.pop()
                terms.append(Term(home, last.start, at + 1, last.length + stop - start))
            else:
                terms.append(Term(home, at, at + 1, stop - start))
        return terms


def _chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Where a content is cut: behind 32 bytes whose hash says so, so that what is moved is cut alike."""
    numbers = _GEAR[np.frombuffer(data, np.uint8)]
    state = np.zeros(len(data), np.uint32)
    for shift in range(32):
        state[shift:] += numbers[: len(data) - shift] << np.uint32(shift)
    cuts = (np.flatnonzero((state >> 18) == 0) + 1).tolist()
    start = 0
    for cut in [*cuts, len(data)]:
        while cut - start > MOST:
            yield start, start + MOST
            start += MOST
        if cut - start >= LEAST or (cut == len(data) and cut > start):
            yield start, cut
            start = cut
