"""Confidence intervals: exact for proportions, paired bootstrap for everything made of several.

Nothing here draws without a seed: the same samples give the same interval.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
_REPEATS = 2_000
_MOST_RESAMPLED = 50_000
"""Samples up to which means are bootstrapped; above, the central limit theorem is as exact and takes no time."""

Counts = NDArray[np.int64]


def beta_below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by Lentz' continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:  # noqa: PLR2004 - the last bit of a double
            break
    return front * fraction / a


def at_most(count: int, n: int, p: float) -> float:
    """P(X ≤ count) for X ~ Binomial(n, p)."""
    return 1.0 if count >= n else 0.0 if count < 0 else beta_below(1 - p, n - count, count + 1)


def at_least(count: int, n: int, p: float) -> float:
    """P(X ≥ count) for X ~ Binomial(n, p)."""
    return 1.0 if count <= 0 else 0.0 if count > n else beta_below(p, count, n - count + 1)


def lower_bound(count: int, n: int, alpha: float) -> float:
    """The exact (Clopper and Pearson 1934) lower bound of a proportion at one-sided level 1 - alpha."""
    return 0.0 if count <= 0 or n == 0 else _root(lambda p: at_least(count, n, p) - alpha)


def upper_bound(count: int, n: int, alpha: float) -> float:
    """The exact (Clopper and Pearson 1934) upper bound of a proportion at one-sided level 1 - alpha."""
    return 1.0 if count >= n else _root(lambda p: alpha - at_most(count, n, p))


def _root(rising: Callable[[float], float]) -> float:
    """Where a rising function on [0, 1] crosses zero, to the last bits, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
        if high - low <= 1e-15 * high:
            break
    return (low + high) / 2


def proportion(count: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact two-sided interval of count / n."""
    alpha = (1 - level) / 2
    return lower_bound(count, n, alpha), upper_bound(count, n, alpha)


def of_cells(
    counts: Counts, statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]], level: float = LEVEL
) -> tuple[float, float]:
    """The paired bootstrap interval of a statistic that depends on how often each cell of a table occurs.

    Drawing samples with replacement and counting cells is drawing the cells from a multinomial distribution, which
    takes no longer for ten million samples than for ten.

    Args:
        counts: How many samples are in each cell.
        statistic: Counts of shape (repeats, cells) → values of shape (repeats,); NaN where it is not defined.
        level: Of confidence.
    """
    n = int(counts.sum())
    drawn = np.random.default_rng(0).multinomial(n, counts / n, size=_REPEATS).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _between(statistic(drawn), level)


def of_mean(values: NDArray[Any], level: float = LEVEL) -> tuple[float, float]:
    """The interval of a mean: by bootstrap, or for very many values by their standard error."""
    n = len(values)
    if n > _MOST_RESAMPLED:
        from statistics import NormalDist  # noqa: PLC0415 - for large logs only

        reach = NormalDist().inv_cdf((1 + level) / 2) * float(values.std(ddof=1)) / math.sqrt(n)
        return float(values.mean()) - reach, float(values.mean()) + reach
    rng = np.random.default_rng(0)
    block = max(1, min(_REPEATS, 2_000_000 // max(n, 1)))
    means: list[NDArray[np.float64]] = []
    for start in range(0, _REPEATS, block):
        drawn = rng.integers(0, n, (min(block, _REPEATS - start), n))
        means.append(values[drawn].mean(axis=1, dtype=np.float64))
    return _between(np.concatenate(means), level)


def _between(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
