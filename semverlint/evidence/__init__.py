"""Evaluations of both revisions as evidence: where they are, what they show, and what that outranks.

What weights suggest about answers is a guess, what evaluations show is not: flips over a budget need more than the
weights alone would, and answers shown to be as good need less. Both are said in the report. Everything here is imported
late: most runs have no evaluations.
"""

from collections.abc import Iterable, Sequence

from semverlint.changes.base import Change
from semverlint.compare.pair import Pair
from semverlint.config import Config
from semverlint.findings import Finding
from semverlint.run import Run


def behaviour(pair: Pair, run: Run) -> Iterable[Change]:
    """What evaluations of two revisions show, where there are any; what they leave open is added to `pair.undecided`.

    Raises:
        UsageError: If `--evals` names nothing that can be read.
    """
    if not (run.evals or pair.touched):
        return ()
    from semverlint.evidence.gathered import gathered  # noqa: PLC0415 - only where something changed

    return gathered(pair, run)


def weigh(findings: list[Finding], changes: Sequence[Change], config: Config) -> list[Finding]:
    """The findings, those outranked that only guessed: at answers that evaluations show, at functions that were run."""
    if not any(change.kind in {"flips-measured", "graph-probed"} for change in changes):
        return findings
    from semverlint.evidence.weighed import weighed  # noqa: PLC0415 - only where there is something to weigh

    return weighed(findings, changes, config)
