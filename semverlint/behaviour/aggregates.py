"""What aggregate scores alone say of flips: bounds, and nothing more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from semverlint.behaviour.samples import Unit

_SHARES = (
    "accuracy",
    "acc",
    "acc_norm",
    "exact_match",
    "exact match",
    "em",
    "score",
    "pass@1",
    "mc1",
    "accuracy (norm)",
)
"""Metrics that are the share of samples answered right; of others an aggregate says nothing about flips."""
_PERCENT = 100.0


@dataclass(frozen=True)
class Bound:
    """What two aggregate accuracies leave possible: max(0, old - new) ≤ NFR ≤ min(old, 1 - new)."""

    unit: Unit
    old: float
    new: float

    @property
    def low(self) -> float:
        """No fewer samples flipped."""
        return max(0.0, self.old - self.new)

    @property
    def high(self) -> float:
        """No more samples flipped."""
        return min(self.old, 1 - self.new)


def bounds(old: Mapping[Unit, float], new: Mapping[Unit, float], measured: Collection[str]) -> tuple[Bound, ...]:
    """Bounds for every accuracy that both sides publish and no samples answer for."""
    found = []
    for unit in sorted(old.keys() & new.keys(), key=str):
        values = old[unit], new[unit]
        if unit.metric.lower() not in _SHARES or unit.task in measured or not all(0 <= v <= _PERCENT for v in values):
            continue
        scale = _PERCENT if max(values) > 1 else 1.0
        found.append(Bound(unit, values[0] / scale, values[1] / scale))
    return tuple(found)
