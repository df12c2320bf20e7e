"""Negative and positive flips, and what they make of the accuracy."""

from semverlint.behaviour.intervals import of_cells
from semverlint.behaviour.measures import Evidence, Measured, Value, measure, share


@measure
def flips(evidence: Evidence) -> Measured:
    """Flip rates (Yan et al. 2021, arXiv 2011.09161; MUSCLE, arXiv 2407.09435, section 3), of right-or-wrong tasks.

    NFR = (1/N) Σ 1[old right ∧ new wrong], PFR = (1/N) Σ 1[old wrong ∧ new right], with exact intervals. They
    decompose the change: accuracy_new - accuracy_old = PFR - NFR, with a paired bootstrap interval.
    """
    if not evidence.pair.binary:
        return {}
    n = evidence.n
    right, negative, positive, _ = (int(count) for count in evidence.cells)
    difference = of_cells(evidence.cells, lambda drawn: (drawn[:, 2] - drawn[:, 1]) / n)
    return {
        "accuracy_old": share(right + negative, n),
        "accuracy_new": share(right + positive, n),
        "accuracy_change": Value((positive - negative) / n, *difference, "bootstrap", n),
        "negative_flip_rate": share(negative, n),
        "positive_flip_rate": share(positive, n),
    }
