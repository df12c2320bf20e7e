"""A second look at samples that stand out: a range of a file cannot be held against the file's digest.

What spoils one answer on its way does not spoil two alike. So the windows that moved farthest, where that is far more
than most of them, are fetched once more, and believed if the same figures come of it.
"""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from semverlint.compare.weights.statistics import Statistics

Looked = TypeVar("Looked")

_STANDS_OUT = 8.0
"""Times the median of all windows' relative changes from which on one stands out."""
AT_LEAST = 0.05
"""Relative change below which none does."""
_MOST = 8
"""Windows that are looked at again."""
_TRIES = 3


def confirmed(
    drawn: Sequence[Looked],
    each: Sequence[Statistics],
    read_anew: Callable[[Sequence[Looked]], list[Statistics]],
    least: float = AT_LEAST,
) -> list[Statistics] | None:
    """The figures of windows or tensors, those that stand out after a second look; None where they differ each time.

    Args:
        drawn: The windows or tensors.
        each: The figures of each.
        read_anew: Gives the figures of windows that are fetched once more.
        least: Relative change below which none stands out.
    """
    found = list(each)
    doubtful = _standing_out(found, least)
    for _ in range(_TRIES):
        if not doubtful:
            return found
        again = dict(zip(doubtful, read_anew([drawn[number] for number in doubtful]), strict=True))
        doubtful = [
            number for number, figures in again.items() if repr(figures) != repr(found[number])
        ]  # NaN is not NaN
        for number, figures in again.items():
            found[number] = figures
    return None if doubtful else found


def _standing_out(each: Sequence[Statistics], least: float) -> list[int]:
    """The windows that moved farthest, if that is far."""
    changes = [_change(one) for one in each]
    limit = max(least, _STANDS_OUT * median(changes)) if changes else 0.0
    far = [number for number, change in enumerate(changes) if change > limit or not math.isfinite(change)]
    return sorted(far, key=lambda number: -changes[number] if math.isfinite(changes[number]) else -math.inf)[:_MOST]


def _change(one: Statistics) -> float:
    """How far values moved, from whichever side is the smaller: either may be what was spoilt."""
    if one.new_nan or one.new_infinite:
        return math.inf
    least = min(one.old_square, one.new_square)
    return math.sqrt(one.difference_square / least) if least else one.relative_change
