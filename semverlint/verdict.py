"""The verdict: the largest bump the findings require, held against the one that is declared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from semverlint.changes.base import Change, Undecided
from semverlint.config import Config
from semverlint.findings import Finding
from semverlint.snapshot import Snapshot
from semverlint.terms import LEVELS, Bump, Level, Status
from semverlint.versions.declared import Declaration, spoken
from semverlint.versions.releases import Release
from semverlint.versions.steps import Step, following, step

if TYPE_CHECKING:
    from semverlint.changes.floor import ReaderFloorRaised
    from semverlint.config.overrides import Acceptance


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The step that the two versions declare.

    Attributes:
        old: The version before; None where none is declared.
        new: The version of the release under test.
        step: What the step allows; its bump is None where nothing is promised.
    """

    old: Declaration | None
    new: Declaration | None
    step: Step


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A finding that the configuration accepts, with why."""

    finding: Finding
    acceptance: "Acceptance"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a run has cost."""

    requests: int = 0
    bytes_read: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything a report shows; every format is a pure function of it.

    Attributes:
        old: The revision that was compared with, and `why` it was chosen.
        new: The revision under test.
        declared: The step that is declared.
        required: The largest bump that the findings need; a lower bound while something is undecided.
        decided_by: Fingerprints of the findings that need it.
        status: How the two stand to each other.
        next_version: The version that would be right; None where the scheme cannot say, or none is needed.
        findings: About the step, most severe first.
        coherence: About the new revision by itself.
        accepted: Findings the configuration accepts.
        unused: Acceptances that match nothing, or have expired, with what is wrong with each.
        undecided: What could not be decided.
        floor: Where the new revision needs newer readers.
        changes: Every change, for what a report shows beside the findings.
        config: What the project set.
        policy: The bump of every line of the policy table.
        cost: What it took.
        one_of_many: Whether it belongs to a walk over all releases.
    """

    old: Snapshot
    new: Snapshot
    why: str
    declared: Declared
    required: Bump
    decided_by: tuple[str, ...]
    status: Status
    next_version: str | None
    findings: tuple[Finding, ...]
    coherence: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]
    unused: "tuple[tuple[Acceptance, str], ...]"
    undecided: tuple[Undecided, ...]
    floor: "tuple[ReaderFloorRaised, ...]"
    changes: Sequence[Change]
    config: Config
    policy: Mapping[str, Bump] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    one_of_many: bool = False

    @property
    def could_rise(self) -> bool:
        """Whether what is undecided could ask for more than what was found."""
        return any(doubt.at_most > self.required for doubt in self.undecided)

    @property
    def could_change(self) -> bool:
        """Whether what is undecided could still make the declared bump too small."""
        allowed = self.declared.step.bump
        return allowed is not None and any(doubt.at_most > allowed for doubt in self.undecided)

    @property
    def broken(self) -> bool:
        """Whether the version announces less than the update costs, or could, whatever `fail_on` makes of that."""
        if self.status == "undecided":
            return self.could_change
        return self.status in {"under-declared", "undeclared", "mutated"}

    @property
    def failed(self) -> bool:
        """Whether a file was unreadable or hostile, so that the work is incomplete."""
        return any(doubt.failed for doubt in self.undecided)

    def loudness(self, finding: Finding) -> Level:
        """How loud a finding of this report is, by itself and by what is declared.

        What breaks the promise, and what contradicts itself, is as loud as its rule. What the declared step allows is a
        note. Where no step is declared nothing is broken yet: nothing is louder than a warning.
        """
        allowed = self.declared.step.bump
        needed = _needs(finding, self.config)
        if finding.incoherence and not finding.already:
            return finding.level
        if not needed:
            return "note"
        if self.status != "mutated" and allowed is None:
            return max(finding.level, "warning", key=LEVELS.index)
        return finding.level if self.status == "mutated" or needed > (allowed or Bump.NONE) else "note"

    @property
    def exit_status(self) -> int:
        """0 where the promise holds, 1 where it does not, 3 where it could not be found out."""
        if self.failed:
            return 3
        if self.status not in self.config.fail_on or (self.status == "undecided" and not self.could_change):
            return 0
        return 1


def decide(  # noqa: PLR0913, PLR0917 - the one place where everything comes together
    base: Release,
    target: Release,
    changes: Sequence[Change],
    findings: Iterable[Finding],
    undecided: Iterable[Undecided],
    config: Config,
    policy: Mapping[str, Bump],
    today: str,
) -> Report:
    """Hold what the findings require against what the two releases declare; `today` (ISO 8601) ends acceptances."""
    kept, accepted, unused = _sort_out(sorted(findings, key=_severity), config.accept, today)
    required = required_by(kept, config)
    declared = _declared(base, target, config)
    doubts = tuple(sorted(undecided, key=lambda doubt: (doubt.path, doubt.reason)))
    old, new = (one.version if one else None for one in (declared.old, declared.new))
    report = Report(
        old=base.snapshot,
        new=target.snapshot,
        why=base.why,
        declared=declared,
        required=required,
        decided_by=tuple(finding.fingerprint for finding in kept if required and _needs(finding, config) == required),
        status="fits",
        next_version=following(old, required, config.zero_major, new) if old else None,
        findings=tuple(finding for finding in kept if not finding.incoherence),
        coherence=tuple(finding for finding in kept if finding.incoherence),
        accepted=accepted,
        unused=unused,
        undecided=doubts,
        floor=_floor(changes),
        changes=changes,
        config=config,
        policy=policy,
    )
    return replace(report, status=_status(report, moved=base.moved))


def _floor(changes: Sequence[Change]) -> "tuple[ReaderFloorRaised, ...]":
    """Where newer readers are needed."""
    if not changes:
        return ()
    from semverlint.changes.floor import ReaderFloorRaised  # noqa: PLC0415 - where digests agree, nothing is raised

    return tuple(change for change in changes if isinstance(change, ReaderFloorRaised))


def required_by(findings: Iterable[Finding], config: Config) -> Bump:
    """The largest bump that findings need for the consumers a project promises compatibility to."""
    return max((_needs(finding, config) for finding in findings), default=Bump.NONE)


def _needs(finding: Finding, config: Config) -> Bump:
    return finding.bump if set(finding.consumers) & set(config.consumers) else Bump.NONE


def _status(report: Report, *, moved: bool) -> Status:
    declared, required = report.declared, report.required
    same_tag = _same_tag(declared)
    if (moved or same_tag) and (required or report.undecided):
        return "mutated"
    allowed = declared.step.bump
    if allowed is None:
        return "undecided" if report.could_rise else "not-declared"
    if required > allowed:
        return "undeclared" if allowed is Bump.NONE else "under-declared"
    if report.could_rise:
        return "undecided"
    return "over-declared" if required < declared.step.least else "fits"


def _same_tag(declared: Declared) -> bool:
    old, new = declared.old, declared.new
    return old is not None and new is not None and old.place == new.place == "tag" and old.text == new.text


def _declared(base: Release, target: Release, config: Config) -> Declared:
    same = base.snapshot.address == target.snapshot.address
    new, old = spoken(target.declared, base.declared, same_repository=same)
    if old is None or new is None or old.version is None or new.version is None:
        which = "neither revision declares" if old is new is None else "only one revision declares"
        return Declared(old=old, new=new, step=Step(None, why=f"{which} a version that could be read"))
    return Declared(old=old, new=new, step=step(old.version, new.version, config.zero_major))


def _severity(finding: Finding) -> tuple[int, int, str, str]:
    return -finding.bump, LEVELS.index(finding.level), finding.path, finding.rule


def _sort_out(
    findings: Iterable[Finding], acceptances: "Sequence[Acceptance]", today: str
) -> "tuple[list[Finding], tuple[Accepted, ...], tuple[tuple[Acceptance, str], ...]]":
    """Findings that stand, findings that are accepted, and acceptances that accept nothing."""
    kept: list[Finding] = []
    accepted: list[Accepted] = []
    used: set[Acceptance] = set()
    valid = [
        acceptance
        for acceptance in acceptances
        if acceptance.expires is None or acceptance.expires.isoformat() >= today
    ]
    for finding in findings:
        match = next((acceptance for acceptance in valid if _accepts(acceptance, finding)), None)
        if match is None:
            kept.append(finding)
        else:
            used.add(match)
            accepted.append(Accepted(finding=finding, acceptance=match))
    unused = tuple(
        (acceptance, "matches nothing" if acceptance in valid else f"expired on {acceptance.expires}")
        for acceptance in acceptances
        if acceptance not in used
    )
    return kept, tuple(accepted), unused


def _accepts(acceptance: "Acceptance", finding: Finding) -> bool:
    return (
        acceptance.rule == finding.rule
        and fnmatchcase(finding.path, acceptance.path)
        and fnmatchcase(finding.subject, acceptance.subject)
    )
