"""The numbers of two checkpoints, compared in one pass: constant memory, whatever a tensor weighs, on every core."""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from semverlint.compare.weights.afar import Task, batches, bring
from semverlint.compare.weights.kernel import Kernel
from semverlint.compare.weights.placed import FAR, Placed, reading, row_blocks, spans
from semverlint.compare.weights.remembered import recalled, remember, remembering
from semverlint.compare.weights.second_look import confirmed
from semverlint.compare.weights.statistics import BLOCK, Statistics, add_numbers
from semverlint.errors import FileError, SpoiltError
from semverlint.files import File, agrees, fetch_anew

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from semverlint.compare.weights.statistics import Bytes, Floats

Result = TypeVar("Result")

PART = 1 << 23
"""Values of a tensor that one thread takes at a time. Sums are added part by part, in order: the result is the same
whatever the number of threads."""

_MOST_THREADS = 8
"""Threads that compare; more wait for memory, not for a core."""

_ALONE = 1 << 21
"""Values below which one thread is done before others have begun."""

_OUT_OF_SCALE = 10.0
"""Relative change from which on a tensor that is far away is read once more: all of it is, so what was only edited, or
drawn anew (a change of 1.4), is left alone."""

_BEGINNING = 256
"""Bytes of a block that are looked at first."""

_WIDEST_ROW = 1 << 16
"""Values of a row that is looked at as a row."""


@remembering(bool)
def same_bytes(old: Placed, new: Placed) -> bool:
    """Whether two tensors of one type and shape hold the same bytes.

    Raises:
        FileError: If their bytes cannot be read.
    """
    step = FAR if old.file.remote or new.file.remote else BLOCK
    return all(old.read(*span) == new.read(*span) for span in spans(old, step))


def compare_all(
    tasks: Mapping[str, Task], threads: int | None = None, *, same_too: bool = False
) -> dict[str, Statistics]:
    """The figures of many pairs of tensors, by name, in the order they were given.

    Args:
        tasks: What to compare, by name.
        threads: How many work at once; as many as there are cores, unless told.
        same_too: Whether the sums over tensors that are the same are asked for.

    Raises:
        FileError: If some bytes cannot be read.
    """
    far = {name: task for name, task in tasks.items() if task.far}
    found = _compared({name: task for name, task in tasks.items() if name not in far}, threads, same_too=same_too)
    found |= _passing_by(far) if same_too else _from_afar(far)
    return {name: found[name] for name in tasks}


def _from_afar(tasks: Mapping[str, Task]) -> dict[str, Statistics]:
    """The figures of tensors that are far away, read once however many runs ask for them."""
    known = {name: _recalled(task) for name, task in tasks.items()}
    left = {name: task for name, task in tasks.items() if known[name] is None}
    fresh = _passing_by(left, once=True)
    files = {side.file: None for task in left.values() for side in task.sides}
    proved = {file: agrees(file) for file in files}
    believed = {name for name, task in left.items() if all(_is_believed(side.file, proved) for side in task.sides)}
    spoilt = next((file for file, right in proved.items() if right is False), None)
    if spoilt is None:
        fresh |= _looked_at_again({name: task for name, task in left.items() if name not in believed}, fresh)
    for name in believed if spoilt else left:
        fresh[name].vouched = name in believed
        remember(left[name].old, left[name].new, _figures(left[name]), fresh[name])
    if spoilt is not None:
        raise SpoiltError(spoilt.path)
    return {name: kept or fresh[name] for name, kept in known.items()}


def _is_believed(file: File, proved: Mapping[File, bool | None]) -> bool:
    return not file.remote or proved[file] is True


def _looked_at_again(tasks: Mapping[str, Task], figures: Mapping[str, Statistics]) -> dict[str, Statistics]:
    """The figures of tensors that no digest vouches for, those that stand out after a second look."""
    names = list(tasks)

    def read_anew(some: Sequence[str]) -> list[Statistics]:
        both = [side for name in some for side in tasks[name].sides]
        fetch_anew((one.file, one.tensor.start, one.tensor.stop) for one in both if one.tensor.held is None)
        return list(_passing_by({name: tasks[name] for name in some}).values())

    found = confirmed(names, [figures[name] for name in names], read_anew, _OUT_OF_SCALE)
    if found is None:
        path = tasks[names[0]].new.file.path
        raise FileError(path, "its values are others each time they are asked for", "try again on a better network")
    return dict(zip(names, found, strict=True))


def _recalled(task: Task) -> Statistics | None:
    kept = recalled(task.old, task.new, _figures(task))
    return Statistics(**json.loads(kept)) if kept else None


def _figures(task: Task) -> str:
    return f"figures of {task.length}"


def _passing_by(tasks: Mapping[str, Task], *, once: bool = False) -> dict[str, Statistics]:
    """The figures of pairs of tensors that are far away, of which a few pieces at a time are in memory.

    Args:
        tasks: What to compare, by name.
        once: Whether they are read once, and what is read is not to be kept.
    """
    workers = _Workers()
    parts = {(name, first): Statistics() for name, task in tasks.items() for first, _ in _parts(task)}
    for batch in batches(tasks, BLOCK, PART):
        bring(tasks, batch, passing=once)
        for name, first, last in batch:
            workers.compare(tasks[name], first, last, parts[name, first // PART * PART], skipping=False)
    return _joined(tasks, [(name, part) for (name, _), part in parts.items()])


def _compared(tasks: Mapping[str, Task], threads: int | None, *, same_too: bool) -> dict[str, Statistics]:
    """The figures of pairs of tensors on this disk, on every core."""
    parts = [(name, task, span) for name, task in tasks.items() for span in _parts(task)]
    values = sum(task.length for task in tasks.values())
    count = min(threads or _cores(), len(parts)) if values > _ALONE else 1
    workers = _Workers()
    results = _mapped(workers.compare, [(task, *span) for _, task, span in parts], count)
    moved = {name for (name, _, _), part in zip(parts, results, strict=True) if same_too or not part.same}
    # the norm of values that are the same is asked for only where others of the tensor differ
    again = [(part, task, span[0]) for (name, task, span), part in zip(parts, results, strict=True) if name in moved]
    _mapped(workers.catch_up, [one for one in again if one[0].skipped], count)
    return _joined(tasks, [(name, part) for (name, _, _), part in zip(parts, results, strict=True)])


def _joined(tasks: Mapping[str, Task], parts: Iterable[tuple[str, Statistics]]) -> dict[str, Statistics]:
    """The figures of tensors from those of their parts, in order."""
    found = {name: Statistics() for name in tasks}
    for name, part in parts:
        found[name].include(part)
    for name, total in found.items():
        total.count = tasks[name].length
        total.changed -= total.both_nan
    return found


class _Workers:
    """What a thread does with a part of a tensor, and the memory it does it in."""

    def __init__(self) -> None:
        self._own = threading.local()

    def compare(
        self, task: Task, first: int, last: int, total: Statistics | None = None, *, skipping: bool = True
    ) -> Statistics:
        """The figures of the values `first` to `last`.

        Args:
            task: The two tensors.
            first: The first value.
            last: The one behind the last.
            total: The figures of values ahead of these, to which theirs are added.
            skipping: Whether equal values at the beginning are only counted: reading them again costs little.
        """
        import numpy as np  # noqa: PLC0415 - only where values must be compared

        total = Statistics() if total is None else total
        if task.computed:
            return _numbers(task, first, last, total)
        types = task.old.tensor.dtype, task.new.tensor.dtype
        alike, kernel = types[0] == types[1], self._kernel
        total.same &= alike
        with np.errstate(all="ignore"):
            for before, after, count in self._blocks([task.old, task.new], first, last):
                if not alike or not _equal(before, after):
                    total.same = False
                    kernel.add(total, types, count)
                elif total.same and skipping:
                    total.skipped += count
                    total.count += count
                else:
                    kernel.add_same(total, types[0], count)
        return total

    def catch_up(self, total: Statistics, task: Task, first: int) -> None:
        """Add the figures of what was skipped."""
        import numpy as np  # noqa: PLC0415 - likewise

        total.count -= total.skipped
        with np.errstate(all="ignore"):
            for _, _, count in self._blocks([task.old], first, first + total.skipped):
                self._kernel.add_same(total, task.old.tensor.dtype, count)
        total.skipped = 0

    @property
    def _kernel(self) -> Kernel:
        if not hasattr(self._own, "kernel"):
            self._own.kernel = Kernel()
        kernel: Kernel = self._own.kernel
        return kernel

    def _blocks(self, sides: list[Placed], first: int, last: int) -> Iterator[tuple["Bytes", "Bytes", int]]:
        """One block after the other, brought into the kernel's memory, and how many values it has."""
        kernel = self._kernel
        with ExitStack() as opened:
            readers = [opened.enter_context(reading(one, first, last)) for one in sides]
            for begin in range(first, last, BLOCK):
                count = min(BLOCK, last - begin)
                rooms = kernel.rooms([one.tensor.dtype for one in sides], count)
                for read_into, room in zip(readers, rooms, strict=True):
                    read_into(begin, room.data)
                yield rooms[0], rooms[-1], count


def _numbers(task: Task, first: int, last: int, total: Statistics) -> Statistics:
    """The figures of values that are computed before they can be compared."""
    import numpy as np  # noqa: PLC0415 - likewise

    total.rounded = False
    with np.errstate(all="ignore"):
        for begin in range(first, last, BLOCK):
            end = min(begin + BLOCK, last)
            add_numbers(total, task.old.floats(begin, end), task.new.floats(begin, end))
    total.same = total.changed == 0 and type(task.old) is type(task.new)
    return total


def _equal(before: "Bytes", after: "Bytes") -> bool:
    """Whether two blocks hold the same bytes; where they do not, their beginnings mostly say so."""
    import numpy as np  # noqa: PLC0415 - likewise

    if before[:_BEGINNING].tobytes() != after[:_BEGINNING].tobytes():
        return False
    wide = np.uint64 if len(before) % 8 == 0 else np.uint8
    return len(before) == len(after) and bool(np.array_equal(before.view(wide), after.view(wide)))


def _mapped(function: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], threads: int) -> list[Result]:
    """What a function makes of each task, in their order."""
    if threads <= 1 or len(tasks) <= 1:
        return [function(*task) for task in tasks]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only where there is work for several

    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(function, *task) for task in tasks]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            for one in waiting:
                one.cancel()
            raise


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, _MOST_THREADS)


def _parts(task: Task) -> list[tuple[int, int]]:
    return [(first, min(first + PART, task.length)) for first in range(0, task.length, PART)]


@remembering(int)
def rows_moved(old: Placed, new: Placed) -> int:
    """How many rows of a matrix are not where they were in one with as many or more rows.

    A row that points elsewhere (cosine below one half) holds another token; training turns rows far less. Rows of zeros
    are padding, which may be filled.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    if _row_width(old) is None:
        return old.tensor.shape[0]
    return sum(int(np.count_nonzero(_turned(a, b))) for a, b in row_blocks(old, new, BLOCK))


@remembering(lambda said: (int(said[0]), int(said[1])))
def rows_elsewhere(old: Placed, new: Placed) -> tuple[int, int]:
    """Of two matrices of one shape: how many rows turned (cosine below one half), and how many of these are old rows.

    Raises:
        FileError: If their bytes cannot be read.
    """
    if _row_width(old) is None or old.tensor.dtype != new.tensor.dtype:
        return 0, 0
    known: set[int] = set()
    turned: list[int] = []
    for a, b in row_blocks(old, new, BLOCK):
        known.update(hash(row.tobytes()) for row in a)
        turned += [hash(row.tobytes()) for row in b[_turned(a, b)]]
    return len(turned), sum(row in known for row in turned)


def _turned(old: "Floats", new: "Floats") -> "npt.NDArray[np.bool_]":
    """Which rows point elsewhere: their cosine is below one half."""
    import numpy as np  # noqa: PLC0415 - likewise

    a, b = old.astype(np.float64), new.astype(np.float64)
    with np.errstate(all="ignore"):
        away: npt.NDArray[np.bool_] = (a * b).sum(axis=1) < np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)) / 2
    return away


@remembering(bool)
def rows_filled(old: Placed, new: Placed) -> bool:
    """Whether the rows behind the old ones hold anything: not all zero, nor one row over and over.

    Raises:
        FileError: If their bytes cannot be read.
    """
    import numpy as np  # noqa: PLC0415 - likewise

    width, begin, end = _row_width(old), old.tensor.shape[0], new.tensor.shape[0]
    if width is None or begin >= end:
        return True
    first = new.rows(begin, begin + 1)
    step = max(1, BLOCK // width)
    for start in range(begin, end, step):
        rows = new.rows(start, min(start + step, end))
        if not np.array_equal(rows, np.broadcast_to(first, rows.shape)):
            return True
    return False


def _row_width(placed: Placed) -> int | None:
    """Values of a row; None where there are no rows to look at one by one."""
    rows = placed.tensor.shape[0] if placed.tensor.shape else 0
    width = placed.tensor.count // max(rows, 1)
    return width if 0 < width <= _WIDEST_ROW else None
