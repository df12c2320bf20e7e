"""What the tests of weight formats share: a file in memory that counts what is read of it, and ways to damage one."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from semverlint.files import File
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import WeightFile

Edits = list[tuple[int, int, bytes]]
"""Where something is wrong, how many bytes are gone there, and what stands in their place."""


class Held(File):
    """A file in memory.

    Attributes:
        content: Its bytes.
        reads: How often it was read.
        length: How many bytes were read of it.
        furthest: The last byte that was read.
    """

    def __init__(self, content: bytes, path: str) -> None:
        super().__init__(path, len(content), {})
        self.content = content
        self.reads = 0
        self.length = 0
        self.furthest = 0

    def _read(self, start: int, stop: int) -> bytes:
        self.reads += 1
        self.length += stop - start
        self.furthest = max(self.furthest, stop)
        return self.content[start:stop]


def read(content: bytes, path: str) -> WeightFile:
    """What the reader of a path says of some bytes."""
    facts = read_weights(Held(content, path))
    assert facts is not None
    return facts


def edits(pieces: Sequence[bytes], furthest: int = 2000, longest: int = 9, piece: int = 4) -> st.SearchStrategy[Edits]:
    """A few edits: of up to `longest` bytes, replaced by one of some pieces or by up to `piece` bytes of any kind."""
    new = st.one_of(st.sampled_from(pieces), st.binary(max_size=piece)) if pieces else st.binary(max_size=piece)
    return st.lists(st.tuples(st.integers(0, furthest), st.integers(0, longest), new), min_size=1, max_size=4)


def damaged(content: bytes, wrong: Iterable[tuple[int, int, bytes]], begin: int = 0) -> bytes:
    """Some bytes with edits; the first `begin` ones, by which their format is known, are left alone."""
    for place, length, new in wrong:
        at = begin + place % max(len(content) - begin, 1)
        content = content[:at] + new + content[at + length :]
    return content
