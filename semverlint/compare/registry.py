"""The typed decorator that makes a function a comparer."""

from collections.abc import Callable, Iterator

from semverlint.changes.base import Change
from semverlint.compare.pair import Pair

Comparer = Callable[[Pair], Iterator[Change]]

COMPARERS: dict[str, Comparer] = {}
"""Every comparer by its module's name; filled by `@comparer`."""


def comparer(function: Comparer) -> Comparer:
    """Register the one comparer of a module."""
    COMPARERS[function.__module__] = function
    return function
