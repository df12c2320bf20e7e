"""What a part of the values says of all of them: which windows are read, and estimates with their intervals.

The values of the matrices are laid end to end, by kind and then by layer, and cut into as many strata of equal size as
there are windows; one window is drawn from each, by the value it holds. So every kind and every depth has its share,
and every window stands for equally many values (stratified systematic sampling; Cochran, Sampling Techniques, 1977,
5A.11 and 8.5). Relative changes and cosines are ratios of sums over a few neighbouring windows, less the bias of ratios
by the jackknife (Cochran, 6.17); the variance is that of successive differences of the jackknife's values, which follow
a trend over the layers (Wolter, Introduction to Variance Estimation, 2007, section 8.2.1).
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from statistics import NormalDist
from typing import TypeAlias

from semverlint.compare.weights.names import template_of
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.statistics import Statistics
from semverlint.formats.weights.dtypes import bytes_of

LEVEL = 0.95
"""Share of the intervals that are to hold the true value."""

MOST_WINDOWS = 128
"""Windows drawn: beyond, they become longer, so that a large budget is spent in as few requests."""
FEWEST_WINDOWS = 24
"""Windows below which nothing is estimated: their spread would say too little of the error."""
GROUP = 6
"""Windows at least whose sums make one ratio: the rows of one window are no fair share of a matrix."""
_LONGEST = 1 << 22
"""Values of a window at most; from there on there are more of them."""
_SHORTEST = 1 << 9
"""Values of a window at least: shorter ones cost as many requests."""
_ALIGNED = 256
"""Windows begin at a multiple of the largest block of any type."""
_ABSURD = 1e6
"""A relative change that is no larger only because it must stay a number (`kinds.py`)."""

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Window:
    """Neighbouring values of a tensor, the same ones on both sides."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Estimate:
    """What the windows say of all values of the matrices they were drawn from.

    Attributes:
        relative_change: Root mean square of the matrices' relative changes, weighted by their values.
        relative_interval: Where it lies, at `LEVEL`.
        cosine: Mean of their cosines, weighted likewise.
        cosine_interval: Likewise.
        moved: Share of the windows in which a value moved.
        unseen: Share of the values up to which something that no window showed may hold.
    """

    relative_change: float
    relative_interval: Interval
    cosine: float
    cosine_interval: Interval
    moved: float
    unseen: float


def windows(
    names: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], budget: int, seed: bytes
) -> list[Window]:
    """Which values to read, in the order of kinds and layers; nothing where too few windows can be paid for.

    Args:
        names: The matrices.
        old: Tensors by name.
        new: Likewise.
        budget: Bytes of both sides together.
        seed: What decides where the windows lie: the same for the same two contents.
    """
    ordered = sorted(names, key=lambda name: (*template_of(name), name))
    stops = list(accumulate(old[name].tensor.count for name in ordered))
    dear = max((_bytes(old[name]) + _bytes(new[name]) for name in ordered), default=1.0)
    length = min(int(budget / dear / MOST_WINDOWS), _LONGEST) // _ALIGNED * _ALIGNED
    length = max(length, _SHORTEST)
    count = int(budget / (dear * length))
    if not stops or count < FEWEST_WINDOWS:
        return []
    chance = random.Random(seed)  # noqa: S311 - where to look, not a secret
    found = []
    for number in range(count):
        at = min(int((number + chance.random()) * stops[-1] / count), stops[-1] - 1)
        place = bisect_right(stops, at)
        held = old[ordered[place]].tensor.count
        first = (at - (stops[place] - held)) // length * length
        found.append(Window(ordered[place], first, min(first + length, held)))
    return found


def spread(name: str, placed: Placed, length: int, count: int) -> list[Window]:
    """So many windows of one tensor, spread evenly over it."""
    step = placed.tensor.count / count
    starts = [int((number + 0.5) * step) // _ALIGNED * _ALIGNED for number in range(count)]
    return [Window(name, first, min(first + length, placed.tensor.count)) for first in starts]


def _bytes(placed: Placed) -> float:
    return bytes_of(placed.tensor.dtype, _ALIGNED) / _ALIGNED


def estimate(drawn: Sequence[Window], figures: Sequence[Statistics]) -> Estimate:
    """What windows say, in the order in which they were drawn.

    Args:
        drawn: The windows; one that was drawn twice counts twice.
        figures: What was found in each.
    """
    squares: list[float] = []
    cosines: list[float] = []
    for group in _groups(drawn):
        held = [figures[number] for number in group]
        squares += _pseudo_values(held, lambda total: min(total.relative_change, _ABSURD) ** 2)
        cosines += _pseudo_values(held, lambda total: total.cosine)
    square, around = _mean(squares)
    cosine, beside = _mean(cosines)
    low, high = max(0.0, square - around), max(0.0, square + around)
    moved = sum(bool(found.changed) for found in figures) / len(figures)
    return Estimate(
        relative_change=math.sqrt(max(0.0, square)),
        relative_interval=(math.sqrt(low), math.sqrt(high)),
        cosine=max(-1.0, min(1.0, cosine)),
        cosine_interval=(max(-1.0, cosine - beside), min(1.0, cosine + beside)),
        moved=moved,
        unseen=1 - (1 - LEVEL) ** (1 / len(figures)),  # what escapes so many draws but one time in twenty
    )


def _groups(drawn: Sequence[Window]) -> Iterator[Sequence[int]]:
    """The windows' numbers, neighbours of one kind together: tensors of neighbouring layers, whose norms are alike."""
    for _, numbers in groupby(range(len(drawn)), lambda number: template_of(drawn[number].name)[0]):
        kind = list(numbers)
        parts = max(1, len(kind) // GROUP)
        yield from (kind[part * len(kind) // parts : (part + 1) * len(kind) // parts] for part in range(parts))


def _pseudo_values(group: Sequence[Statistics], ratio: Callable[[Statistics], float]) -> list[float]:
    """What each window adds to a ratio of the group's sums: their mean is the ratio less its bias (the jackknife)."""
    total = _sum(group)
    whole, count = ratio(total), len(group)
    if count == 1:
        return [whole]
    return [count * whole - (count - 1) * ratio(_sum([*group[:at], *group[at + 1 :]])) for at in range(count)]


def _sum(group: Sequence[Statistics]) -> Statistics:
    total = Statistics()
    for one in group:
        total.include(one)
    return total


def _mean(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and how far the true one may lie from it, at `LEVEL`."""
    count = len(values)
    if count < 2:  # noqa: PLR2004 - no spread
        return sum(values) / max(count, 1), math.inf
    variance = math.fsum((b - a) ** 2 for a, b in pairwise(values)) / (2 * count * (count - 1))
    return math.fsum(values) / count, student(count - 1) * math.sqrt(variance)


def student(freedom: int) -> float:
    """How many deviations hold `LEVEL` of Student's t, from the normal quantile (Abramowitz and Stegun 26.7.5)."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
