"""Two outputs of a graph held together: equal, as far apart as rounding takes them, of equal choices, or different."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from semverlint.changes.probed import OUTCOMES, Outcome

_ROUNDINGS = 16
"""How much further apart than measured rounding two outputs may be, and be called no more than rounded: another order
of operations rounds each value anew, and the largest of many differences varies."""
_LEAST = 8
"""Units in the last place of the largest value that are always called rounding."""
_CLASSES = 2


@dataclass(frozen=True)
class Apart:
    """How far two arrays are apart.

    Attributes:
        outcome: What that is called.
        apart: The largest difference, as a share of the largest value; None where that is no number.
        rounding: How far rounding takes the old one, likewise.
        choices: Places of the largest value that were held together.
        detail: What else is to be said.
    """

    outcome: Outcome = "equal"
    apart: float | None = None
    rounding: float = 0.0
    choices: int = 0
    detail: str = ""

    @property
    def rank(self) -> tuple[int, float]:
        """The key that sorts the worst last."""
        return OUTCOMES.index(self.outcome), np.inf if self.apart is None else self.apart

    def joined(self, other: "Apart") -> "Apart":
        """The worse of the two, with the choices of both."""
        worst = max(self, other, key=lambda one: one.rank)
        return replace(worst, choices=self.choices + other.choices)


def held(before: Any, after: Any, rounded: Sequence[Any]) -> Apart:  # noqa: ANN401 - arrays of any type
    """The old output and the new one.

    Args:
        before: Of the old graph.
        after: Of the new one, on the same inputs.
        rounded: Of the old graph where only rounding was otherwise: computed in another order, or from inputs nudged
            by one unit in the last place.
    """
    kind = before.dtype.kind
    if (before.shape, before.dtype) != (after.shape, after.dtype):
        return Apart("different", detail=f"{_told(before)} → {_told(after)}")
    if np.array_equal(before, after, equal_nan=kind == "f"):
        return Apart(apart=0.0)
    distance = _share(before, after) if kind in "fiub" else None
    if distance is None:
        return Apart("different", detail="other places are no finite numbers" if kind == "f" else "other texts")
    return _fractions(before, after, rounded, distance) if kind == "f" else Apart("different", distance)


def steady(before: Any, rounded: Sequence[Any]) -> bool:  # noqa: ANN401 - likewise
    """Whether rounding alone leaves fractions half of their digits; where it does not, nothing can be told."""
    if before.dtype.kind != "f":
        return True
    shares = [_share(before, one) if one.shape == before.shape else None for one in rounded]
    return all(share is not None and share <= float(np.finfo(before.dtype).eps) ** 0.5 for share in shares)


def few(values: Any) -> frozenset[str]:  # noqa: ANN401 - likewise
    """Up to two of the values of an array, as texts: with those of other draws, whether an output varies at all."""
    flat = values.ravel()
    other = flat[flat != flat[0]][:1] if flat.size else flat
    return frozenset(str(one) for one in (*flat[:1], *other))


def _told(values: Any) -> str:  # noqa: ANN401 - likewise
    return f"{values.dtype}{list(values.shape)}"


def _fractions(before: Any, after: Any, rounded: Sequence[Any], distance: float) -> Apart:  # noqa: ANN401 - likewise
    """Outputs that are a distance apart: is it rounding, or at least the same choices?"""
    spread = max((_share(before, one) or 0.0 for one in rounded), default=0.0)
    step = float(np.finfo(before.dtype).eps)
    if distance <= min(max(_ROUNDINGS * spread, _LEAST * step), step**0.5):
        return Apart("rounding", distance, spread)
    chosen = _choices(before), _choices(after)
    alike = chosen[0] is not None and chosen[1] is not None and np.array_equal(*chosen)
    return Apart("choices" if alike else "different", distance, spread, int(np.size(chosen[0])) if alike else 0)


def _share(before: Any, after: Any) -> float | None:  # noqa: ANN401 - likewise
    """The largest difference as a share of the largest value; None where not the same places are finite."""
    one, other = before.astype(np.float64), after.astype(np.float64)
    finite = np.isfinite(one)
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True) or not np.isfinite(other[finite]).all():
        return None
    if not finite.any():
        return 0.0
    largest = max(float(np.abs(one[finite]).max()), float(np.abs(other[finite]).max()))
    return float(np.abs(one[finite] - other[finite]).max()) / largest if largest else 0.0


def _choices(values: Any) -> Any:  # noqa: ANN401 - likewise
    """Where the largest value stands among classes; of single probabilities, on which side of one half they are.

    Classes lie along the last axis, and of pictures (`[batch, class, height, width]`) along the second one.
    """
    if not values.ndim or np.isnan(values).any():
        return None
    axis = 1 if values.ndim == 4 and values.shape[1] >= _CLASSES else -1  # noqa: PLR2004 - pictures
    if values.shape[axis] >= _CLASSES:
        return values.argmax(axis)
    return values > 0.5 if ((values >= 0) & (values <= 1)).all() else None  # noqa: PLR2004 - one half
