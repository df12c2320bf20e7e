"""Comparers: pure generators over two snapshots that yield typed changes, without judging them.

A comparer is one file with one function marked `@comparer`; the folder is walked to find them. Comparers do not know
each other. They ask for bytes only where digests and headers leave a doubt.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from semverlint.changes.base import Change
from semverlint.compare.pair import Pair
from semverlint.compare.registry import COMPARERS
from semverlint.files import Range, fetch_ahead
from semverlint.roles import Role, role

__all__ = ["compare"]

_SMALL = 2_000_000
"""Bytes of a file that is fetched with others, before anybody asks for it."""
_READ: frozenset[Role] = frozenset(
    {
        "config", "generation", "tokenizer", "processing", "adapter", "embedding", "pipeline", "code", "card",
        "licence", "data",
    }
)  # fmt: skip
"""Roles of files whose text is compared."""


def compare(pair: Pair) -> Iterator[Change]:
    """Every change between the two snapshots of a pair, comparer by comparer in the order of their names.

    What could not be decided is in `pair.undecided` once the generator is exhausted.
    """
    for snapshot in (pair.old, pair.new):
        for problem in snapshot.problems:
            pair.doubt(problem.path, problem.reason, problem.remedy, failed=True)
    if not pair.touched and not pair.options.full:
        return  # the digests answered everything; no comparer needs to be imported
    fetch_ahead(_small(pair))
    _load_comparers()
    for name in sorted(COMPARERS):
        yield from COMPARERS[name](pair)


def _small(pair: Pair) -> Iterator[Range]:
    """The small files that comparers will read because they were touched."""
    for path in sorted(pair.touched):
        for side in (pair.old, pair.new):
            file = side.files.get(path)
            if file is not None and file.store is not None and role(path) in _READ and 0 < file.size <= _SMALL:
                yield file, 0, file.size


@cache
def _load_comparers() -> None:
    """Import every comparer, once: an audit compares thousands of pairs."""
    from pkgutil import iter_modules  # noqa: PLC0415 - a run without changes needs none

    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
