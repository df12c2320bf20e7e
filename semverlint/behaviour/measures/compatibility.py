"""How far the new model keeps the trust that the old one earned."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from semverlint.behaviour.intervals import of_cells
from semverlint.behaviour.measures import Evidence, Measured, Value, measure, share

Table = NDArray[np.float64]


@measure
def compatibility(evidence: Evidence) -> Measured:
    """Backward compatibility of right-or-wrong tasks.

    - backward trust compatibility = #{both right} / #{old right} (Srivastava et al. 2020, arXiv 2008.04572);
    - backward error compatibility = #{both wrong} / #{new wrong}: the probability that a mistake of the new model is
      not new (Träuble et al. 2021, arXiv 2010.11029). Microsoft's BackwardCompatibilityML divides by #{old wrong} in
      place of that; here the denominator is what the new model gets wrong, as the prose of both has it;
    - relative NFR = NFR / ((1 - error_old) error_new): 1 if mistakes were made independently of the old model's
      (Yan et al. 2021);
    - negative flip impact = NFR / error_new (Cai et al. 2022, arXiv 2205.03282).
    """
    if not evidence.pair.binary:
        return {}
    right, negative, _, wrong = (int(count) for count in evidence.cells)
    return {
        "backward_trust_compatibility": share(right, right + negative),
        "backward_error_compatibility": share(wrong, wrong + negative),
        "relative_negative_flip_rate": _ratio(evidence, _relative),
        "negative_flip_impact": share(negative, wrong + negative),
    }


def _ratio(evidence: Evidence, statistic: Callable[[Table], Table]) -> Value:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(evidence.cells[np.newaxis].astype(np.float64))[0])
    if not np.isfinite(value):
        return Value(None, None, None, "", evidence.n)
    return Value(value, *of_cells(evidence.cells, statistic), "bootstrap", evidence.n)


def _relative(drawn: Table) -> Table:
    right, negative, _, wrong = drawn.T
    found: Table = negative * drawn.sum(axis=1) / ((right + negative) * (negative + wrong))
    return found
