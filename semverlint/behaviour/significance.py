"""Whether a difference is more than chance: exact tests for pairs, correction over many tasks, equivalence."""

import math
from collections.abc import Sequence
from fractions import Fraction
from statistics import NormalDist

from semverlint.behaviour.intervals import at_most

_COUNTABLE = 1_000


def mcnemar(negative: int, positive: int) -> float:
    """The exact two-sided p-value of McNemar's test (McNemar 1947; binomial, no approximation at any size).

    Under no difference a flip is as often from right to wrong as from wrong to right:
    p = min(1, 2 P(X ≤ min(negative, positive))), X ~ Binomial(negative + positive, 1/2).
    """
    flips, fewer = negative + positive, min(negative, positive)
    if flips <= _COUNTABLE:  # in whole numbers, to the last digit
        return float(min(Fraction(1), Fraction(2 * sum(math.comb(flips, k) for k in range(fewer + 1)), 2**flips)))
    return min(1.0, 2 * at_most(fewer, flips, 0.5))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for many tests so that the chance of any false alarm is held (Holm 1979)."""
    count = len(p_values)
    adjusted = [0.0] * count
    highest = 0.0
    for rank, at in enumerate(sorted(range(count), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (count - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted so that the share of false alarms among all alarms is held (Benjamini and Hochberg 1995)."""
    count = len(p_values)
    adjusted = [0.0] * count
    lowest = 1.0
    for rank, at in enumerate(sorted(range(count), key=p_values.__getitem__, reverse=True)):
        lowest = min(lowest, p_values[at] * count / (count - rank))
        adjusted[at] = lowest
    return adjusted


def paired_difference_z(negative: int, positive: int, n: int, difference: float) -> float:
    """The score statistic of Tango (1998) for the difference of two paired proportions against a given one.

    z = (positive - negative - n d) / sqrt(n (2 q + d (1 - d))), q the share of negative flips that is most likely
    if the difference is d. It is standard normal if the difference is d, also where no sample flipped.
    """
    b = (2 * n + negative - positive) * difference - negative - positive
    root = math.sqrt(max(0.0, b * b + 8 * n * negative * difference * (1 - difference)))
    share = (root - b) / (4 * n)
    variance = n * (2 * share + difference * (1 - difference))
    apart = positive - negative - n * difference
    return apart / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, apart) if apart else 0.0


def equivalence(negative: int, positive: int, n: int, margin: float) -> float:
    """The p-value of two one-sided tests (Schuirmann 1987) that the accuracies differ by less than a margin.

    It is the larger of the two: both "lower by the margin" and "higher by the margin" must be refuted.
    """
    normal = NormalDist()
    above = paired_difference_z(negative, positive, n, -margin)
    below = paired_difference_z(negative, positive, n, margin)
    return max(1 - normal.cdf(above), normal.cdf(below))
