"""What evaluations outrank, and what graphs do that were run on the same inputs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from semverlint.behaviour.budget import settings_of
from semverlint.changes.base import Change
from semverlint.changes.behaviour import EvaluationNotComparable, FlipsMeasured
from semverlint.changes.probed import GraphProbed
from semverlint.config import Config
from semverlint.findings import Finding
from semverlint.terms import Bump, Consumer
from semverlint.text import plural

_STEPS: Mapping[str, tuple[Consumer, ...]] = {"graph-steps-changed": ("behave", "output")}
"""What other steps suggest, and running both graphs outranks."""


def weighed(findings: Iterable[Finding], changes: Sequence[Change], config: Config) -> list[Finding]:
    """The findings, those outranked that only guessed at answers which are shown to be as good as before.

    Every task must be shown to be equivalent, none of the old ones may be missing, and the evaluations must be the
    project's own: nobody lowers their bump by what they publish about themselves on the Hub. A finding that hurts
    others too (adapters of weights that moved far) stands for those.
    """
    outranks = settings_of(config.behaviour).outranks
    kept = _explained(findings, changes, {**outranks, **_STEPS}, config)
    measured = [change for change in changes if isinstance(change, FlipsMeasured)]
    missing = [change for change in changes if isinstance(change, EvaluationNotComparable) and change.only != "new"]
    if not measured or missing or not all(change.equivalent and change.trusted for change in measured):
        return kept
    samples = sum(change.samples for change in measured)
    worst = max(change.high for change in measured)
    tasks = plural(len(measured), "task")
    shown = f"the answers are as good as before ({plural(samples, 'sample')} of {tasks}, at most {worst:.2%} broke)"
    return [_outranked(finding, shown, outranks, config) for finding in kept]


def _explained(
    findings: Iterable[Finding], changes: Iterable[Change], outranks: Mapping[str, tuple[Consumer, ...]], config: Config
) -> list[Finding]:
    """The findings, those outranked that only guessed at what a graph computes, which is shown to be the same.

    Nothing of the graph may have been out of reach of the draws.
    """
    shown = {
        change.path: f"on {plural(change.draws, 'draw')} of inputs the graph gives the same outputs"
        + (", up to rounding" if change.outcome == "rounding" else "")
        for change in changes
        if isinstance(change, GraphProbed) and change.outcome in {"equal", "rounding"} and not change.unreached
    }
    return [
        _outranked(finding, shown[finding.path], outranks, config) if finding.path in shown else finding
        for finding in findings
    ]


def _outranked(finding: Finding, shown: str, outranks: Mapping[str, tuple[Consumer, ...]], config: Config) -> Finding:
    spoken_for = outranks.get(finding.policy or finding.rule, ())
    silenced = tuple(consumer for consumer in finding.consumers if consumer in spoken_for)
    if not silenced or finding.bump <= Bump.PATCH:
        return finding
    rest = tuple(consumer for consumer in finding.consumers if consumer not in spoken_for)
    stands = set(rest) & set(config.consumers)
    told = f"{finding.message}; called for {finding.bump}, outranked for {_listed(silenced)}: {shown}"
    if stands:
        told += f"; still {finding.bump} for {_listed(rest)}: answers say nothing of them"
    outranked = replace(finding, message=told, outranked_for=silenced, called_for=finding.bump)
    return replace(outranked, consumers=rest) if stands else replace(outranked, bump=Bump.PATCH)


def _listed(consumers: Sequence[Consumer]) -> str:
    return " and ".join(consumers)
