"""How a verdict came about, step by step: the baseline, the versions declared, the bump needed, the exit status."""

from collections.abc import Iterator

from semverlint.terms import CONSUMERS, Bump
from semverlint.text import clean, plural, some
from semverlint.verdict import Report
from semverlint.versions.declared import Declaration


def explanation(report: Report) -> list[str]:
    """One line a step of the reasoning, without line breaks at their ends."""
    return [
        *_baseline(report),
        *_declared(report),
        *_required(report),
        *_undecided(report),
        *_verdict(report),
    ]


def _baseline(report: Report) -> Iterator[str]:
    commit = f", commit {report.old.commit[:12]}" if report.old.commit else ""
    yield f"baseline: {clean(report.old.name, 100)}{commit}: {clean(report.why)}"


def _declared(report: Report) -> Iterator[str]:
    for which, one in (("before", report.declared.old), ("now", report.declared.new)):
        yield f"declared {which}: {_place(one) if one else 'no version'}"
    step = report.declared.step
    if step.bump is None:
        yield f"the step promises nothing: {clean(step.why)}"
        return
    least = f", and is too big where less than a {step.least} is needed" if step.least is not step.bump else ""
    zero = f" (0.y.z is read as {report.config.zero_major})" if _is_zero(report.declared.old) else ""
    allowed = f"a {step.bump}" if step.bump else "no change at all"
    yield f"the step allows {allowed}{zero}{least}"


def _place(one: Declaration) -> str:
    scheme = one.version.scheme if one.version else "no known scheme"
    return f"{clean(one.text, 60)} ({'the tag' if one.place == 'tag' else clean(one.place, 60)}, {scheme})"


def _is_zero(one: Declaration | None) -> bool:
    return one is not None and one.version is not None and one.version.promises and one.version.padded[0] == 0


def _required(report: Report) -> Iterator[str]:
    promised = report.config.consumers
    whom = "everyone" if len(promised) == len(CONSUMERS) else ", ".join(promised)
    deciding = [one for one in report.findings + report.coherence if one.fingerprint in report.decided_by]
    what = f"a {report.required} release" if report.required else "no release"
    yield f"needed for {whom}: {what}, out of {plural(len(report.findings) + len(report.coherence), 'finding')}"
    for one in deciding[:_SHOWN]:
        by = f", by policy {one.policy}" if one.policy else ""
        yield f"  because of {one.rule} in {clean(one.path, 60)}{by}"
    if len(deciding) > _SHOWN:
        yield f"  and {len(deciding) - _SHOWN} more"
    larger = [one for one in report.findings if one.bump > report.required and not set(one.consumers) & set(promised)]
    if larger:
        yield f"  not counted, since it matters for nobody promised: {some(one.rule for one in larger)}"
    for accepted in report.accepted:
        yield f"  not counted, since it is accepted: {accepted.finding.rule} ({clean(accepted.acceptance.reason)})"


_SHOWN = 5
"""Findings named as those that decide."""


def _undecided(report: Report) -> Iterator[str]:
    for doubt in report.undecided:
        most = f"could ask for a {doubt.at_most}" if doubt.at_most > Bump.NONE else "could ask for nothing"
        yield f"undecided: {clean(doubt.path, 60)}: {clean(doubt.reason)}; it {most}"


def _verdict(report: Report) -> Iterator[str]:
    right = f"; the right version is {clean(report.next_version, 60)}" if report.next_version else ""
    yield f"so the status is {report.status}{right}"
    why = (
        "a file could not be read"
        if report.failed
        else "nothing undecided could change the answer"
        if report.status == "undecided" and not report.could_change
        else f"it fails on {', '.join(report.config.fail_on) or 'nothing'}"
    )
    yield f"and the exit status {report.exit_status}: {why}"
