"""Whether the new model's confidence still means what it meant."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from semverlint.behaviour.intervals import of_cells
from semverlint.behaviour.measures import Evidence, Measured, Value, measure

_BINS = 15


@measure
def calibration(evidence: Evidence) -> Measured:
    """Expected calibration error over 15 equal bins (Guo et al. 2017, arXiv 1706.04599), and its shift.

    ECE = Σ_b (n_b / N) |accuracy_b - confidence_b| with the confidence in the answer given. Intervals are a paired
    bootstrap over bins, each with its own mean confidence. An error is a sum of amounts, so that drawing again makes
    it larger than it is: its lower end is therefore the reflected one (Davison and Hinkley 1997, 5.2). Near perfect
    calibration that is still too high.
    """
    confidences = evidence.pair.column("confidences")
    if confidences is None or not evidence.pair.binary:
        return {}
    if any(np.isnan(side).any() for side in confidences):
        return {}
    right = evidence.right
    places = [_places(side, hit) for side, hit in zip(confidences, right, strict=True)]
    means = [_means(place, side) for place, side in zip(places, confidences, strict=True)]
    width = 2 * _BINS
    pairs, where = np.unique(places[0] * width + places[1], return_inverse=True)
    counts = np.bincount(where)
    sides = (pairs // width, pairs % width)

    def errors(drawn: NDArray[np.float64], which: int) -> NDArray[np.float64]:
        tallies = np.zeros((len(drawn), width))
        for at, place in enumerate(sides[which]):
            tallies[:, place] += drawn[:, at]
        gaps = tallies * (np.arange(width) % 2 - means[which])
        found: NDArray[np.float64] = np.abs(gaps[:, 0::2] + gaps[:, 1::2]).sum(axis=1) / evidence.n
        return found

    once = counts[np.newaxis].astype(np.float64)
    old, new = float(errors(once, 0)[0]), float(errors(once, 1)[0])
    shift = of_cells(counts, lambda drawn: errors(drawn, 1) - errors(drawn, 0))
    before, after = (
        _reflected(value, *of_cells(counts, partial(errors, which=at))) for at, value in enumerate((old, new))
    )
    return {
        "calibration_error_old": Value(old, *before, "bootstrap", evidence.n),
        "calibration_error_new": Value(new, *after, "bootstrap", evidence.n),
        "calibration_shift": Value(new - old, *shift, "bootstrap", evidence.n),
    }


def _reflected(value: float, low: float, high: float) -> tuple[float, float]:
    return max(0.0, min(low, 2 * value - high)), max(value, high)


def _places(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Twice the bin, plus one where the answer is right; a confidence of 1 is in the last bin."""
    bins = np.clip(np.ceil(confidence.astype(np.float64) * _BINS).astype(np.int64) - 1, 0, _BINS - 1)
    return 2 * bins + right


def _means(places: NDArray[np.int64], confidence: NDArray[np.floating]) -> NDArray[np.float64]:
    counts = np.bincount(places, minlength=2 * _BINS)
    sums = np.bincount(places, weights=confidence.astype(np.float64), minlength=2 * _BINS)
    return sums / np.maximum(counts, 1)
