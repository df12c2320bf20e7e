"""JSON for programs: versioned, with a schema, apart from the records inside."""

import json
import math
from collections.abc import Sequence
from typing import cast

from typing_extensions import TypedDict  # the one of typing gives no schema before Python 3.12

from semverlint.changes.base import Undecided
from semverlint.changes.behaviour import FlipsMeasured
from semverlint.changes.weights import TensorUpdated, WeightsChanged
from semverlint.findings import Finding
from semverlint.reports import Style, reporter
from semverlint.snapshot import Snapshot
from semverlint.verdict import Accepted, Report
from semverlint.versions.declared import Declaration

SCHEMA = "semverlint/report/1"
"""The version of this format: a field is renamed or removed only with the next number."""

MOST_TENSORS = 1_000
"""Tensors listed, those that moved furthest first."""


class RevisionDocument(TypedDict):
    """One of the two revisions."""

    address: str
    revision: str | None
    commit: str | None


class BaselineDocument(RevisionDocument):
    """The revision that was compared with."""

    why: str


class DeclaredDocument(TypedDict):
    """The step that the versions declare."""

    old: str | None
    new: str | None
    bump: str | None
    source: str | None
    scheme: str | None
    why: str


class RequiredDocument(TypedDict):
    """The step that the changes need: a lower bound while something is undecided."""

    bump: str
    decided_by: list[str]


class FindingDocument(TypedDict):
    """One finding."""

    rule: str
    title: str
    bump: str
    level: str
    consumers: list[str]
    path: str
    line: int | None
    subject: str
    message: str
    examples: list[str]
    count: int
    evidence: str
    fingerprint: str
    policy: str
    outranked_for: list[str]
    called_for: str | None
    why: str
    fix: str


class CoherenceDocument(FindingDocument):
    """A contradiction in the new revision."""

    already: bool


class AcceptedDocument(FindingDocument):
    """A finding that the configuration accepts."""

    reason: str
    expires: str | None


class UnusedDocument(TypedDict):
    """An acceptance that accepts nothing."""

    rule: str
    path: str
    subject: str
    reason: str
    problem: str


class UndecidedDocument(TypedDict):
    """What could not be decided."""

    path: str
    reason: str
    would_settle: str
    at_most: str
    failed: bool


class FloorDocument(TypedDict):
    """A form that older readers do not understand."""

    path: str
    form: str
    reader: str
    since: str
    older: str


class CostDocument(TypedDict):
    """What the run took."""

    requests: int
    bytes_read: int
    seconds: float


class SampleDocument(TypedDict):
    """What was estimated from a part of the values: the share that was read, and intervals of 95 % confidence."""

    share_read: float
    relative_change: list[float]
    cosine: list[float]


class CheckpointDocument(TypedDict):
    """What happened to one checkpoint."""

    path: str
    kind: str
    confidence: float
    evidence: str
    parameters: int
    tensors: int
    moved: int
    known_same: int
    by_range: int
    relative_change: float | None
    cosine: float | None
    sample: SampleDocument | None


class TensorDocument(TypedDict):
    """How far one tensor moved."""

    path: str
    name: str
    dtype: str
    shape: str
    relative_change: float | None
    cosine: float
    largest: float
    changed_share: float


class WeightsDocument(TypedDict):
    """What happened to the weights: of the checkpoint with the most parameters, and each by itself."""

    kind: str
    confidence: float
    checkpoints: list[CheckpointDocument]
    tensors: list[TensorDocument]


class FlipsDocument(TypedDict):
    """One task that both revisions answered; rates are shares of the samples."""

    task: str
    metric: str
    samples: int
    broke: int
    mended: int
    rate: float
    low: float
    high: float
    budget_patch: float
    budget_minor: float
    needs: str
    equivalent: bool


class ReportDocument(TypedDict):
    """One report."""

    schema: str
    target: RevisionDocument
    baseline: BaselineDocument
    declared: DeclaredDocument
    required: RequiredDocument
    status: str
    exit_status: int
    next_version: str | None
    consumers: list[str]
    findings: list[FindingDocument]
    coherence: list[CoherenceDocument]
    accepted: list[AcceptedDocument]
    unused_acceptances: list[UnusedDocument]
    undecided: list[UndecidedDocument]
    reader_floor: list[FloorDocument]
    policy: dict[str, str]
    weights: WeightsDocument | None
    behaviour: list[FlipsDocument]
    cost: CostDocument


class ReleasesDocument(TypedDict):
    """The reports of `--all-releases`."""

    schema: str
    releases: list[ReportDocument]


@reporter
def report_json(reports: Sequence[Report], style: Style) -> str:
    """One object; with `--all-releases` the reports under `releases`."""
    del style
    single = len(reports) == 1 and not reports[0].one_of_many
    document = report_document(reports[0]) if single else releases_document(reports)
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def releases_document(reports: Sequence[Report]) -> ReleasesDocument:
    """Several reports as one document."""
    return {"schema": SCHEMA, "releases": [report_document(report) for report in reports]}


def report_document(report: Report) -> ReportDocument:
    """One report as it is published."""
    declared = report.declared
    return {
        "schema": SCHEMA,
        "target": _revision(report.new),
        "baseline": {**_revision(report.old), "why": report.why},
        "declared": {
            "old": _text(declared.old),
            "new": _text(declared.new),
            "bump": None if declared.step.bump is None else str(declared.step.bump),
            "source": declared.new.place if declared.new else None,
            "scheme": declared.new.version.scheme if declared.new and declared.new.version else None,
            "why": declared.step.why,
        },
        "required": {"bump": str(report.required), "decided_by": list(report.decided_by)},
        "status": report.status,
        "exit_status": report.exit_status,
        "next_version": report.next_version,
        "consumers": list(report.config.consumers),
        "findings": [_finding(finding) for finding in report.findings],
        "coherence": [{**_finding(finding), "already": finding.already} for finding in report.coherence],
        "accepted": [_accepted(accepted) for accepted in report.accepted],
        "unused_acceptances": [
            {"rule": one.rule, "path": one.path, "subject": one.subject, "reason": one.reason, "problem": problem}
            for one, problem in report.unused
        ],
        "undecided": [_undecided(doubt) for doubt in report.undecided],
        "reader_floor": [
            {"path": floor.path, "form": floor.form, "reader": floor.reader, "since": floor.since, "older": floor.older}
            for floor in report.floor
        ],
        "policy": {line: str(bump) for line, bump in sorted(report.policy.items())},
        "weights": _weights(report),
        "behaviour": [_flips(change) for change in report.changes if isinstance(change, FlipsMeasured)],
        "cost": {
            "requests": report.cost.requests,
            "bytes_read": report.cost.bytes_read,
            "seconds": report.cost.seconds,
        },
    }


def _revision(snapshot: Snapshot) -> RevisionDocument:
    return {"address": snapshot.address, "revision": snapshot.revision, "commit": snapshot.commit}


def _text(declaration: Declaration | None) -> str | None:
    return declaration.text if declaration else None


def _finding(finding: Finding) -> FindingDocument:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "bump": str(finding.bump),
        "level": finding.level,
        "consumers": list(finding.consumers),
        "path": finding.path,
        "line": finding.line,
        "subject": finding.subject,
        "message": finding.message,
        "examples": list(finding.examples),
        "count": finding.count,
        "evidence": finding.evidence,
        "fingerprint": finding.fingerprint,
        "policy": finding.policy,
        "outranked_for": list(finding.outranked_for),
        "called_for": None if finding.called_for is None else str(finding.called_for),
        "why": finding.why,
        "fix": finding.fix,
    }


def _accepted(accepted: Accepted) -> AcceptedDocument:
    expires = accepted.acceptance.expires
    return {
        **_finding(accepted.finding),
        "reason": accepted.acceptance.reason,
        "expires": expires.isoformat() if expires else None,
    }


def _undecided(doubt: Undecided) -> UndecidedDocument:
    return {
        "path": doubt.path,
        "reason": doubt.reason,
        "would_settle": doubt.would_settle,
        "at_most": str(doubt.at_most),
        "failed": doubt.failed,
    }


def _weights(report: Report) -> WeightsDocument | None:
    """The weights' part; None where no checkpoint changed."""
    whole = [change for change in report.changes if isinstance(change, WeightsChanged)]
    if not whole:
        return None
    largest = max(whole, key=lambda change: (change.parameters, change.path))
    moved = [change for change in report.changes if isinstance(change, TensorUpdated)]
    moved.sort(key=lambda change: (-change.relative_change, change.path, change.name))
    return {
        "kind": largest.what,
        "confidence": largest.confidence,
        "checkpoints": [
            {
                "path": change.path,
                "kind": change.what,
                "confidence": change.confidence,
                "evidence": change.evidence,
                "parameters": change.parameters,
                "tensors": change.tensors,
                "moved": change.moved,
                "known_same": change.known_same,
                "by_range": change.by_range,
                "relative_change": _finite(change.relative_change),
                "cosine": change.cosine,
                "sample": _sample(change),
            }
            for change in whole
        ],
        "tensors": [
            {
                "path": change.path,
                "name": change.name,
                "dtype": change.dtype,
                "shape": change.shape,
                "relative_change": _finite(change.relative_change),
                "cosine": change.cosine,
                "largest": change.largest,
                "changed_share": change.changed_share,
            }
            for change in moved[:MOST_TENSORS]
        ],
    }


def _sample(change: WeightsChanged) -> SampleDocument | None:
    """The intervals of what was estimated; None where nothing was."""
    low, high, cosine_low, cosine_high = (
        change.relative_low,
        change.relative_high,
        change.cosine_low,
        change.cosine_high,
    )
    if change.share_read is None or low is None or high is None or cosine_low is None or cosine_high is None:
        return None
    return {"share_read": change.share_read, "relative_change": [low, high], "cosine": [cosine_low, cosine_high]}


def _flips(change: FlipsMeasured) -> FlipsDocument:
    return cast("FlipsDocument", {name: getattr(change, name) for name in FlipsDocument.__annotations__})


def _finite(value: float | None) -> float | None:
    """A number JSON has: infinity (from a tensor that was all zero) is null."""
    return value if value is not None and math.isfinite(value) else None
