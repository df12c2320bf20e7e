"""What evaluations outrank."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from semverlint.behaviour.budget import settings_of
from semverlint.changes.base import Change
from semverlint.changes.behaviour import EvaluationNotComparable, FlipsMeasured
from semverlint.config import Config
from semverlint.findings import Finding
from semverlint.terms import Bump
from semverlint.text import plural


def weighed(findings: Iterable[Finding], changes: Sequence[Change], config: Config) -> list[Finding]:
    """The findings, those outranked that only guessed at answers which are shown to be as good as before.

    Every task must be shown to be equivalent, none of the old ones may be missing, and the evaluations must be the
    project's own: nobody lowers their bump by what they publish about themselves on the Hub. A finding that hurts
    others too (adapters of weights that moved far) stands for those.
    """
    kept = list(findings)
    measured = [change for change in changes if isinstance(change, FlipsMeasured)]
    missing = [change for change in changes if isinstance(change, EvaluationNotComparable) and change.only != "new"]
    if not measured or missing or not all(change.equivalent and change.trusted for change in measured):
        return kept
    samples = sum(change.samples for change in measured)
    worst = max(change.high for change in measured)
    tasks = plural(len(measured), "task")
    shown = f"the answers are as good as before ({plural(samples, 'sample')} of {tasks}, at most {worst:.2%} broke)"
    return [_outranked(finding, shown, config) for finding in kept]


def _outranked(finding: Finding, shown: str, config: Config) -> Finding:
    spoken_for = settings_of(config.behaviour).outranks.get(finding.policy, ())
    silenced = tuple(consumer for consumer in finding.consumers if consumer in spoken_for)
    if not silenced or finding.bump <= Bump.PATCH:
        return finding
    rest = tuple(consumer for consumer in finding.consumers if consumer not in spoken_for)
    whom = " and ".join(silenced)
    told = f"{finding.message}; called for {finding.bump}, outranked for {whom}: {shown}"
    outranked = replace(finding, message=told, outranked_for=silenced, called_for=finding.bump)
    stands = set(rest) & set(config.consumers)
    return replace(outranked, consumers=rest) if stands else replace(outranked, bump=Bump.PATCH)
