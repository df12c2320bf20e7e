"""Answers that changed although nothing was right: what a user sees and an accuracy does not."""

from semverlint.behaviour.measures import Evidence, Measured, measure, share


@measure
def inconsistency(evidence: Evidence) -> Measured:
    """Inconsistency among wrong answers, of right-or-wrong tasks whose answers are logged (MUSCLE, section 3.2).

    NFR_mc = (1/N) Σ 1[new wrong ∧ old answer ≠ new answer]: negative flips, and wrong answers that became other wrong
    answers. `inconsistent_wrong_answers` is the share of the latter among all that both models get wrong.
    """
    otherwise = evidence.wrong_otherwise
    if not evidence.pair.binary or otherwise is None:
        return {}
    _, negative, _, wrong = (int(count) for count in evidence.cells)
    count = negative + otherwise
    found = {"negative_flip_rate_mc": share(count, evidence.n)}
    if wrong:
        found["inconsistent_wrong_answers"] = share(otherwise, wrong)
    return found
