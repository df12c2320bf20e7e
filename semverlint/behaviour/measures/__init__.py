"""Measures of how two runs differ: one file a family, found by a walk, each with the definition of its paper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from semverlint.behaviour.intervals import Counts, proportion
from semverlint.behaviour.matching import Paired


@dataclass(frozen=True)
class Value:
    """A measure of one task.

    Attributes:
        value: As a fraction, or in the metric's own unit; None where the formula divides by nothing.
        low: The lower end of the 95 % interval; None where there is none.
        high: The upper end.
        method: How the interval was made: `exact`, `bootstrap`, `normal`; empty where there is none.
        n: Samples the measure speaks of.
    """

    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int


def share(count: int, n: int) -> Value:
    """A proportion with its exact interval; without a value where there is nothing to have a share of."""
    return Value(count / n, *proportion(count, n), "exact", n) if n else Value(None, None, None, "", 0)


class Evidence:
    """One task of two runs, counted once for all measures.

    Attributes:
        pair: The samples.
        margin: By how much a score must differ to count as a flip, in the metric's unit.
    """

    def __init__(self, pair: Paired, margin: float = 0.0) -> None:
        self.pair = pair
        self.margin = margin
        self.n = len(pair)

    @property
    def right(self) -> tuple[np.ndarray, np.ndarray]:
        """Which samples the old and the new model answer right."""
        old, new = self.pair.scores  # with another sign where small is good: 0 stays 0
        wanted = 0 if self.pair.old.lower_is_better else 1
        return old == wanted, new == wanted

    @cached_property
    def cells(self) -> Counts:
        """Samples that are: right in both; right, then wrong; wrong, then right; wrong in both."""
        old, new = self.right
        both, first, second = (int(np.count_nonzero(part)) for part in (old & new, old, new))
        return np.array([both, first - both, second - both, self.n - first - second + both], np.int64)

    @cached_property
    def wrong_otherwise(self) -> int | None:
        """Samples wrong in both, with another wrong answer; None where the logs hold no answers."""
        otherwise = self.pair.differs("answers")
        if otherwise is None:
            return None
        old, new = self.right
        return int(np.count_nonzero(~old & ~new & otherwise))

    @property
    def counts_flips(self) -> bool:
        """Whether flips can be counted: samples are right or wrong, or a margin says which change of score matters."""
        return self.pair.binary or self.margin > 0

    @cached_property
    def broken(self) -> np.ndarray:
        """Which samples flipped from good to bad."""
        return self._flipped(-1)

    @cached_property
    def flips(self) -> tuple[int, int]:
        """Negative and positive flips."""
        if self.pair.binary:
            return int(self.cells[1]), int(self.cells[2])
        return int(np.count_nonzero(self.broken)), int(np.count_nonzero(self._flipped(1)))

    def _flipped(self, sign: int) -> np.ndarray:
        if self.pair.binary:
            old, new = self.right
            one_way: np.ndarray = old & ~new if sign < 0 else ~old & new
            return one_way
        before, after = self.pair.scores
        change = after.astype(np.float64) - before
        flipped: np.ndarray = change < -self.margin if sign < 0 else change > self.margin
        return flipped


Measured = Mapping[str, Value]
Measure = Callable[[Evidence], Measured]

MEASURES: dict[str, Measure] = {}
"""Every family by its module's name; filled by `@measure`."""


def measure(function: Measure) -> Measure:
    """Register the one function of a module; it gives nothing where its data are missing."""
    MEASURES[function.__module__] = function
    return function


def measured(evidence: Evidence) -> dict[str, Value]:
    """Every measure that the data allow, by name."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    found: dict[str, Value] = {}
    for name in sorted(MEASURES):
        found.update(MEASURES[name](evidence))
    return found
