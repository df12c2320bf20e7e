"""How far two models agree beyond chance."""

import numpy as np
from numpy.typing import NDArray

from semverlint.behaviour.intervals import of_cells
from semverlint.behaviour.matching import Paired
from semverlint.behaviour.measures import Evidence, Measured, Value, measure, share

_MOST_CLASSES = 30
"""Distinct answers up to which they are classes; free text has no chance agreement to correct for."""


@measure
def agreement(evidence: Evidence) -> Measured:
    """Agreement (Cohen 1960): kappa = (p_o - p_e) / (1 - p_e), p_e from the margins of the table.

    `kappa_correctness` is over right and wrong (error consistency, Geirhos et al. 2020, arXiv 2006.16736);
    `kappa_answers` over the answers themselves, where they are few classes; `agreement` is p_o of the answers.
    """
    found: dict[str, Value] = {}
    if evidence.pair.binary:
        found |= _kappa("kappa_correctness", evidence.cells, 2)
    otherwise = evidence.pair.differs("answers")
    if otherwise is None:
        return found
    same = evidence.n - int(np.count_nonzero(otherwise))
    found["agreement"] = share(same, evidence.n)
    if classes := _classes(evidence.pair):
        found |= _kappa("kappa_answers", _table(evidence.pair, np.array(classes)), len(classes))
    return found


def _classes(pair: Paired) -> list[int]:
    """The answers of both sides; none where they are too many to be classes."""
    classes: set[int] = set()
    for block in pair.blocks("answers"):
        classes.update(*(np.unique(side).tolist() for side in block))
        if len(classes) > _MOST_CLASSES:
            return []
    return sorted(classes)


def _table(pair: Paired, classes: NDArray[np.integer]) -> NDArray[np.int64]:
    """How often each class of the old model met each of the new one's."""
    table = np.zeros(len(classes) ** 2, np.int64)
    for block in pair.blocks("answers"):
        old, new = (np.searchsorted(classes, side) for side in block)
        table += np.bincount(old * len(classes) + new, minlength=len(table))
    return table


def _kappa(name: str, counts: NDArray[np.int64], classes: int) -> dict[str, Value]:
    n = int(counts.sum())

    def statistic(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        tables = drawn.reshape(-1, classes, classes) / n
        observed = np.trace(tables, axis1=1, axis2=2)
        chance = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1)
        kappa: NDArray[np.float64] = (observed - chance) / (1 - chance)
        return kappa

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(counts[np.newaxis].astype(np.float64))[0])
    if not np.isfinite(value):
        return {}
    return {name: Value(value, *of_cells(counts, statistic), "bootstrap", n)}
