"""How many answers a release may break, and whether a count of samples shows that it breaks no more."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from semverlint.terms import Bump, Consumer

ALPHA = 0.05
"""The chance of a false alarm over all tasks, and of a false all-clear for one."""
_MOST_SAMPLES = 100_000_000


@dataclass(frozen=True)
class Budget:
    """The largest negative flip rate that a kind of release may have; fractions of all samples.

    docs/behaviour.md argues the defaults from the published figures: 12 real updates judged right or wrong flip 2.0 %
    to 11.6 % of all samples, and two models of equal accuracy about 10 %.
    """

    patch: float = 0.01
    minor: float = 0.05


@dataclass(frozen=True)
class BehaviourSettings:
    """What a project may set about behaviour.

    Attributes:
        budget: For every task that has none of its own.
        tasks: Budgets by task, with `*` and `?`.
        margins: By how much a score that is no right or wrong must fall to count as a flip, by task likewise.
        outranks: Line of the policy → consumers for whom shown equivalence outranks what the weights suggest.
        logs: Where the logs stand in each revision: a folder or file of it.
        probe: Whether graphs are run on the same inputs without being asked for each time.
        seed_baseline: Logs of two runs of one model, on this machine.
    """

    budget: Budget = field(default_factory=Budget)
    tasks: Mapping[str, Budget] = field(default_factory=dict)
    margins: Mapping[str, float] = field(default_factory=dict)
    outranks: Mapping[str, tuple[Consumer, ...]] = field(default_factory=lambda: dict(OUTRANKS))
    logs: str | None = None
    probe: bool = False
    seed_baseline: tuple[Path, Path] | None = None

    def budget_of(self, task: str) -> Budget:
        """The budget of a task: the first pattern that fits it."""
        return next((budget for pattern, budget in self.tasks.items() if fnmatchcase(task, pattern)), self.budget)

    def margin_of(self, task: str) -> float:
        """The margin of a task: the first pattern that fits it; 0 without one."""
        return next((margin for pattern, margin in self.margins.items() if fnmatchcase(task, pattern)), 0.0)


def settings_of(given: BehaviourSettings | None) -> BehaviourSettings:
    """What a project set, or the defaults."""
    return given or BehaviourSettings()


OUTRANKS: Mapping[str, tuple[Consumer, ...]] = {
    **dict.fromkeys(("fine-tuned", "low-rank", "partial", "pruned", "interpolated", "cast-lossy"), ("behave", "adapt")),
    **dict.fromkeys(("continued", "retrained"), ("behave",)),
}
"""What equal answers outrank. A small step that changes no answer leaves adapters what they were made for; of a large
one they were not made, whatever the answers are without them."""


@dataclass(frozen=True)
class Decision:
    """What the flips of a task call for.

    Attributes:
        at_least: The bump that is shown to be needed.
        at_most: The bump that cannot be ruled out.
        rate: The negative flip rate that is judged: above the seed baseline, where there is one.
        low: Its lower bound, one-sided, at 95 %.
        high: Its upper bound likewise.
        samples_needed: How many samples would decide, if the rate stays what it is; None where it is decided, or no
            number would.
    """

    at_least: Bump
    at_most: Bump
    rate: float
    low: float
    high: float
    samples_needed: int | None = None

    @property
    def decided(self) -> bool:
        """Whether the samples suffice."""
        return self.at_least == self.at_most


@dataclass(frozen=True)
class Counted:
    """The flips of one task.

    Attributes:
        negative: Samples that flipped from right to wrong.
        n: Samples in all.
        noise: Flips in one direction between two runs of the same model; half of all that differ.
        noise_n: Samples of those runs; 0 without a baseline.
    """

    negative: int
    n: int
    noise: float = 0.0
    noise_n: int = 0


def decide(tasks: Sequence[tuple[Counted, Budget]]) -> list[Decision]:
    """What each task calls for; that a budget is exceeded is corrected over all tasks (Holm 1979)."""
    from semverlint.behaviour.significance import holm  # noqa: PLC0415 - the configuration imports this module

    exceeded = []
    for kind in ("patch", "minor"):
        p_values = holm([_over(counted, getattr(budget, kind), len(tasks)) for counted, budget in tasks])
        exceeded.append([_refuted(p_value) for p_value in p_values])
    return [
        _decision(counted, budget, over_patch=over_patch, over_minor=over_minor)
        for (counted, budget), over_patch, over_minor in zip(tasks, *exceeded, strict=True)
    ]


def _refuted(p_value: float) -> bool:
    """Whether a budget is exceeded; one broken sample of one stands on the very level of 5 %, and shows nothing."""
    return p_value < ALPHA - 1e-12


def _decision(counted: Counted, budget: Budget, *, over_patch: bool, over_minor: bool) -> Decision:
    rate, low, high = _bounds(counted, ALPHA)
    at_least = Bump.MAJOR if over_minor else Bump.MINOR if over_patch else Bump.PATCH
    at_most = Bump.PATCH if high <= budget.patch else Bump.MINOR if high <= budget.minor else Bump.MAJOR
    at_most = max(at_least, at_most)
    needed = None
    if at_least != at_most:
        open_budgets = [bound for bump, bound in _steps(budget) if at_least < bump <= at_most]
        wanted = [_samples_needed(rate, bound, counted.n) for bound in open_budgets]
        needed = None if None in wanted else max((number for number in wanted if number), default=None)
    return Decision(at_least, at_most, rate, low, high, needed)


def _steps(budget: Budget) -> tuple[tuple[Bump, float], ...]:
    return (Bump.MINOR, budget.patch), (Bump.MAJOR, budget.minor)


def _bounds(counted: Counted, alpha: float) -> tuple[float, float, float]:
    """The judged rate with one-sided bounds: exact; above a baseline by the hybrid of Newcombe (1998, method 10)."""
    from semverlint.behaviour.intervals import lower_bound, upper_bound  # noqa: PLC0415 - as above

    rate = counted.negative / counted.n
    low, high = lower_bound(counted.negative, counted.n, alpha), upper_bound(counted.negative, counted.n, alpha)
    if not counted.noise_n:
        return rate, low, high
    noise = counted.noise / counted.noise_n
    down, up = math.floor(counted.noise), math.ceil(counted.noise)
    noise_low, noise_high = lower_bound(down, counted.noise_n, alpha), upper_bound(up, counted.noise_n, alpha)
    excess = rate - noise
    return (
        excess,
        excess - math.hypot(rate - low, noise_high - noise),
        excess + math.hypot(high - rate, noise - noise_low),
    )


def _over(counted: Counted, bound: float, tasks: int) -> float:
    """The p-value of "the rate is no more than the budget"; with a baseline 0 or 1, by its bounds."""
    from semverlint.behaviour.intervals import at_least  # noqa: PLC0415 - as above

    if not counted.noise_n:
        return at_least(counted.negative, counted.n, bound)
    return 0.0 if _bounds(counted, ALPHA / tasks)[1] > bound else 1.0


def _samples_needed(rate: float, bound: float, n: int) -> int | None:
    """The least number of samples that decides a rate against a budget; None where the two are too close to tell."""
    low, high = 0, max(n, 8)
    while not _decides(rate, bound, high):
        low, high = high, 2 * high
        if high > _MOST_SAMPLES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _decides(rate, bound, middle) else (middle, high)
    return high


def _decides(rate: float, bound: float, n: int) -> bool:
    from semverlint.behaviour.intervals import at_least, at_most  # noqa: PLC0415 - as above

    flips = round(max(rate, 0.0) * n)
    return at_most(flips, n, bound) <= ALPHA if rate < bound else _refuted(at_least(flips, n, bound))
