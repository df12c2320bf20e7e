"""Pairs of tensors that are far away, cut into pieces that are brought several at a time.

Pieces follow their places in the new file: neighbours come together, and all of a file passes by in order, so that it
can be held against its digest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from semverlint.compare.weights.placed import FAR, Dequantised, Placed
from semverlint.files import Range, fetch_ahead
from semverlint.formats.weights.dtypes import bytes_of

_TOGETHER = 24_000_000
"""Bytes of the pieces that are brought together, of both sides: less than a store holds in memory."""

Piece: TypeAlias = tuple[str, int, int]
"""Neighbouring values of a pair: its name, the first one, and the one behind the last."""


@dataclass(frozen=True)
class Task:
    """Two tensors of equal shape to be compared; only their first `count` values, where it is given."""

    old: Placed
    new: Placed
    count: int | None = None

    @property
    def length(self) -> int:
        """Values to compare."""
        return self.old.tensor.count if self.count is None else self.count

    @property
    def sides(self) -> tuple[Placed, Placed]:
        """Both tensors."""
        return self.old, self.new

    @property
    def far(self) -> bool:
        """Whether one of them is far away."""
        return self.old.file.remote or self.new.file.remote

    @property
    def computed(self) -> bool:
        """Whether the values of one are computed from what is stored."""
        return isinstance(self.old, Dequantised) or isinstance(self.new, Dequantised)


def batches(tasks: Mapping[str, Task], block: int, part: int) -> Iterator[list[Piece]]:
    """Pieces of pairs, those together that memory holds together.

    Args:
        tasks: The pairs by name.
        block: Values that are compared at a time; every piece begins at a multiple of it.
        part: Values that no piece is longer than, nor reaches across a multiple of.
    """
    batch: list[Piece] = []
    held = 0
    for name in sorted(tasks, key=lambda name: _place(tasks[name])):
        task = tasks[name]
        width = max(bytes_of(side.tensor.dtype, block) for side in task.sides)
        step = part if task.computed else min(part, max(1, FAR // width) * block)
        for first in range(0, task.length, step):
            last = min(first + step, task.length)
            cost = sum(stop - start for _, start, stop in _ranges(task, first, last))
            if batch and held + cost > _TOGETHER:
                yield batch
                batch, held = [], 0
            batch.append((name, first, last))
            held += cost
    if batch:
        yield batch


def bring(tasks: Mapping[str, Task], batch: Sequence[Piece], *, passing: bool) -> None:
    """Have the bytes of some pieces brought."""
    fetch_ahead((one for name, first, last in batch for one in _ranges(tasks[name], first, last)), passing=passing)


def _place(task: Task) -> tuple[str, int, str, int]:
    old, new = task.sides
    return new.file.path, new.tensor.start, old.file.path, old.tensor.start


def _ranges(task: Task, first: int, last: int) -> Iterator[Range]:
    """Where the values of a piece stand; nothing where they are computed, or are not far away."""
    for side in () if task.computed else task.sides:
        if side.file.remote:
            start = side.tensor.start + bytes_of(side.tensor.dtype, first)
            yield side.file, start, start + bytes_of(side.tensor.dtype, last - first)
