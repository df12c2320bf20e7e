"""Flips of scores that are more than right or wrong: generation metrics, and likelihoods of the right answer."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semverlint.behaviour.intervals import of_mean
from semverlint.behaviour.measures import Evidence, Measured, Value, measure, share


@measure
def smooth(evidence: Evidence) -> Measured:
    """MUSCLE's measures for a continuous similarity S (section 3.3), with D = S(new, y) - S(old, y).

    PFR = (1/N) Σ 1[D > margin], NFR = (1/N) Σ 1[D < -margin], gain magnitude = mean of D over positive flips,
    regression magnitude = mean of |D| over negative flips; the paper has margin 0. Names with `smooth_` are of the
    metric, where it is no right or wrong; names with `likelihood_` of the probability given to the right answer.
    `unobserved_inconsistency` is the share of answers that changed while the score stayed within the margin.
    """
    found: dict[str, Value] = {}
    if not evidence.pair.binary:
        old, new = evidence.pair.scores
        change = new.astype(np.float64) - old
        found |= _changes("smooth", change, evidence.margin)
        otherwise = evidence.pair.differs("answers")
        if otherwise is not None:
            silent = int(np.count_nonzero((np.abs(change) <= evidence.margin) & otherwise))
            found["unobserved_inconsistency"] = share(silent, evidence.n)
    likelihoods = evidence.pair.column("likelihoods")
    if likelihoods is not None:
        change = likelihoods[1].astype(np.float64) - likelihoods[0]
        known = change[~np.isnan(change)]
        if len(known):
            found |= _changes("likelihood", known, 0.0 if evidence.pair.binary else evidence.margin)
    return found


def _changes(name: str, change: NDArray[Any], margin: float) -> dict[str, Value]:
    up, down = change[change > margin], -change[change < -margin]
    return {
        f"{name}_negative_flip_rate": share(len(down), len(change)),
        f"{name}_positive_flip_rate": share(len(up), len(change)),
        f"{name}_regression_magnitude": _mean(down),
        f"{name}_gain_magnitude": _mean(up),
        f"{name}_change": _mean(change),
    }


def _mean(values: NDArray[Any]) -> Value:
    if not len(values):
        return Value(None, None, None, "", 0)
    mean = float(values.mean())
    if not math.isfinite(mean):
        return Value(None, None, None, "", len(values))
    return Value(mean, *of_mean(values), "bootstrap", len(values))
