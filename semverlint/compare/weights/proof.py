"""Proof without reading: bytes that two files take from the same place of a store of chunks are equal.

A store keeps content as chunks, cut where the content says, and many chunks to a block; a block's hash is the root of a
Merkle tree over its chunks, so equal chunks of one block are equal bytes. A file's terms tell only how long each run of
chunks is together. But two runs of one block that share an end are known to lie so many bytes apart, and over many
terms of several files the places of most ends follow, as heights follow from differences along a levelled line.

Bytes at different places prove nothing: a client may store again what is there already.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from semverlint.files import File, Term

End: TypeAlias = tuple[str, int]
"""An end of a run: the block, and the number of the chunk that begins there."""


class _Levels:
    """Places of ends within their blocks, as far as differences along terms tell: a union-find with offsets."""

    def __init__(self) -> None:
        self._parents: dict[End, tuple[End, int]] = {}
        self.contradictory: set[str] = set()

    def place(self, end: End) -> tuple[End, int]:
        """An end from which others are counted, and how many bytes behind it this one lies."""
        path: list[End] = []
        at = end
        while (step := self._parents.setdefault(at, (at, 0)))[0] != at:
            path.append(at)
            at = step[0]
        behind = 0
        for one in reversed(path):
            behind += self._parents[one][1]
            self._parents[one] = (at, behind)
        return at, behind

    def add(self, term: Term) -> None:
        """Take in that one end lies so many bytes behind another."""
        (first, before), (last, after) = self.place((term.block, term.first)), self.place((term.block, term.last))
        if first != last:
            self._parents[last] = (first, before + term.length - after)
        elif after - before != term.length:
            self.contradictory.add(term.block)

    def check(self) -> None:
        """Distrust blocks in which a later chunk does not lie behind an earlier one, a byte a chunk at least."""
        known: defaultdict[End, list[tuple[int, int]]] = defaultdict(list)
        for end in list(self._parents):
            root, behind = self.place(end)
            known[root].append((end[1], behind))
        for (block, _), ends in known.items():
            ends.sort()
            for (chunk, at), (later, further) in pairwise(ends):
                if further - at < later - chunk:
                    self.contradictory.add(block)


@dataclass
class _Runs:
    """A file's terms in order.

    Attributes:
        starts: Where each begins in the file; behind the last one stands the file's end.
        counted_from: The end from which its place in its block is counted; None where that is not to be trusted.
        shifts: By how many bytes its place there lies behind its place in the file.
    """

    starts: list[int] = field(default_factory=list)
    counted_from: list[End | None] = field(default_factory=list)
    shifts: list[int] = field(default_factory=list)


class Proof:
    """Which bytes of some files are known to be equal, from the terms of them all.

    Args:
        terms: The terms of each file that has some; those that are not as long as it is are not believed.
    """

    def __init__(self, terms: Mapping[File, Sequence[Term]]) -> None:
        believed = {file: each for file, each in terms.items() if sum(term.length for term in each) == file.size}
        levels = _Levels()
        for each in believed.values():
            for term in each:
                levels.add(term)
        levels.check()
        self._runs = {file: _runs(each, levels) for file, each in believed.items()}

    def equal(self, old: tuple[File, int], new: tuple[File, int], length: int) -> Iterator[tuple[int, int]]:
        """The parts of two ranges of bytes that are known to be equal, counted from the ranges' beginnings, in order.

        Args:
            old: The one file, and where the range begins in it.
            new: The other.
            length: The bytes of both.
        """
        before, after = self._runs.get(old[0]), self._runs.get(new[0])
        if before is None or after is None:
            return
        i, j = bisect_right(before.starts, old[1]) - 1, bisect_right(after.starts, new[1]) - 1
        at, begun = 0, None
        while at < length and i < len(before.shifts) and j < len(after.shifts):
            ends = before.starts[i + 1] - old[1], after.starts[j + 1] - new[1]
            counted_from = before.counted_from[i]
            known = counted_from is not None and counted_from == after.counted_from[j]
            if known and old[1] + before.shifts[i] == new[1] + after.shifts[j]:
                begun = at if begun is None else begun
            elif begun is not None:
                yield begun, at
                begun = None
            at = min(*ends, length)
            i, j = i + (ends[0] == at), j + (ends[1] == at)
        if begun is not None:
            yield begun, at


def _runs(terms: Sequence[Term], levels: _Levels) -> _Runs:
    runs, at = _Runs(), 0
    for term in terms:
        counted_from, behind = levels.place((term.block, term.first))
        runs.starts.append(at)
        runs.counted_from.append(None if term.block in levels.contradictory else counted_from)
        runs.shifts.append(behind - at)
        at += term.length
    runs.starts.append(at)
    return runs
