"""SARIF 2.1.0 for code scanning: one run a release, one result a rule and file.

The standard is OASIS's (https://docs.oasis-open.org/sarif/sarif/v2.1.0/); what GitHub asks for beyond it, and its
limits, stand in https://docs.github.com/code-security/reference/code-scanning/sarif-support-for-code-scanning.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from semverlint import __version__
from semverlint.changes.base import Undecided
from semverlint.findings import Finding
from semverlint.lines import anchor
from semverlint.reports import Style, reporter
from semverlint.terms import Level
from semverlint.text import clean, plural
from semverlint.verdict import Accepted, Report
from semverlint.wording import headline, known_from, next_step

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RUNS = 20
"""Runs GitHub takes in one file."""
MOST_RESULTS = 5_000
"""Results GitHub shows of a run; ours are sorted by how grave they are."""
MOST_SUBJECTS = 100
"""Places inside a file that GitHub shows of a result."""
_SUBJECTS_OF_ALL = 20_000
"""Places of all results of a run together: GitHub takes 10 MB, compressed."""
LONGEST = 1_000
"""Characters of a description; GitHub cuts at 1,024."""

_LEVELS: Mapping[Level, str] = {"error": "error", "warning": "warning", "note": "note", "off": "none"}
Object = dict[str, Any]


@reporter
def report_sarif(reports: Sequence[Report], style: Style) -> str:
    """A log of one run a release; of more than GitHub takes, the last ones."""
    del style
    many = len(reports) > 1
    runs = [_run(report, many=many) for report in reports[-MOST_RUNS:]]
    if left := len(reports) - len(runs):
        told = f"{plural(left, 'earlier release')} left out: GitHub takes {MOST_RUNS} runs"
        runs[0]["invocations"][0]["toolExecutionNotifications"].append(_notification("warning", told))
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2, ensure_ascii=True) + "\n"


def _run(report: Report, *, many: bool) -> Object:
    results = list(_results(report))
    kept = results[:MOST_RESULTS]
    rules = {rule["id"]: rule for rule, _ in kept}
    places = {name: place for place, name in enumerate(rules)}
    notifications = [
        _notification("error" if one.failed else "note", f"{clean(one.path)}: {clean(one.reason)}; {one.would_settle}")
        for one in report.undecided
    ]
    if left := len(results) - len(kept):
        notifications.append(_notification("warning", f"{plural(left, 'result')} left out: GitHub shows {len(kept):,}"))
    driver = {
        "name": "semverlint",
        "semanticVersion": __version__,
        "rules": list(rules.values()),
    }
    run: Object = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.failed, "toolExecutionNotifications": notifications}],
        "results": [{"ruleId": rule["id"], "ruleIndex": places[rule["id"]], **result} for rule, result in kept],
        "properties": {
            "status": report.status,
            "required": str(report.required),
            "nextVersion": report.next_version,
            "headline": headline(report),
        },
    }
    if many:  # GitHub refuses runs of one tool that it cannot tell apart
        run["automationDetails"] = {"id": f"semverlint/{quote(report.new.revision or report.new.name, safe='.')}/"}
    return run


def _results(report: Report) -> Iterator[tuple[Object, Object]]:
    """Every result with its rule, the verdict first where the promise is broken."""
    if report.broken:
        yield _verdict(report)
    for finding in (*report.findings, *report.coherence):
        yield _rule(finding), _result(finding, report, report.loudness(finding))
    for accepted in report.accepted:
        yield _rule(accepted.finding), _accepted(accepted, report)
    for path in dict.fromkeys(doubt.path for doubt in report.undecided):
        yield _undecided(path, [doubt for doubt in report.undecided if doubt.path == path], report)


def _rule(finding: Finding) -> Object:
    return _described(finding.rule, finding.title, finding.why, finding.fix, finding.level, finding.consumers)


def _described(name: str, title: str, why: str, fix: str, level: Level, tags: Sequence[str]) -> Object:  # noqa: PLR0913, PLR0917 - what GitHub shows of a rule
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": clean(title, LONGEST)},
        "fullDescription": {"text": clean(why, LONGEST)},
        "help": {
            "text": f"{clean(why, LONGEST)}\n\nWhat to do: {clean(fix, LONGEST)}",
            "markdown": f"**Why.** {clean(why, LONGEST)}\n\n**What to do.** {clean(fix, LONGEST)}",
        },
        "defaultConfiguration": {"level": _LEVELS[level]},
        "properties": {"tags": list(tags), "precision": "very-high"},
    }


def _result(finding: Finding, report: Report, level: Level) -> Object:
    """One finding; a list of alerts shows the first sentence alone."""
    needs = f"needs a {finding.bump} release" if finding.bump else "needs no release"
    examples = f" For example: {'; '.join(finding.examples)}." if finding.examples else ""
    gone = "" if finding.path in report.new.files else f"{clean(finding.path)}: "
    told = f"{gone}{finding.message}{known_from(finding)}: {needs}.{examples}"
    located = _located(finding.path, finding.line, report)
    if finding.subjects:
        most = min(MOST_SUBJECTS, 1 + _SUBJECTS_OF_ALL // len(report.findings + report.coherence + report.accepted))
        located["logicalLocations"] = [
            {"fullyQualifiedName": clean(subject), "kind": "member"} for subject in finding.subjects[:most]
        ]
    return {
        "level": _LEVELS[level],
        "message": _message(told),
        "locations": [located],
        "occurrenceCount": finding.count,
        **_identity(finding.fingerprint),
        "properties": {"bump": str(finding.bump), "consumers": list(finding.consumers), "evidence": finding.evidence},
    }


def _identity(fingerprint: str) -> Object:
    """What GitHub tells alerts apart by, from one run to the next; a line's hash would change with its neighbours."""
    return {"partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1", "semverlint/v1": fingerprint}}


def _accepted(accepted: Accepted, report: Report) -> Object:
    suppression = {"kind": "external", "status": "accepted", "justification": clean(accepted.acceptance.reason)}
    return {**_result(accepted.finding, report, accepted.finding.level), "suppressions": [suppression]}


def _verdict(report: Report) -> tuple[Object, Object]:
    """That the version does not say what the update costs: a result of its own, where the version is declared."""
    declared = report.declared.new
    path, line = (declared.place, declared.line) if declared else ("README.md", None)
    rule = _described(
        f"version-{report.status}",
        "The version does not say what the update costs",
        "Whoever updates without reading anything relies on the version; here it allows less than the update needs.",
        "Release it under the version that is named, or take back what needs it.",
        "error",
        ("version",),
    )
    told = f"{headline(report)}. Next: {next_step(report)}"
    return rule, {
        "level": "error",
        "message": _message(told),
        "locations": [_located(path, line, report)],
        **_identity(f"{report.status}-{report.required}-{'-'.join(report.decided_by[:3])}"),
    }


def _undecided(path: str, doubts: Sequence[Undecided], report: Report) -> tuple[Object, Object]:
    """What nobody could decide about one file."""
    rule = _described(
        "undecided",
        "What the update costs could not be decided",
        "What could not be decided is never taken for fine: the bump that was found is a lower bound.",
        "Do what would settle it, and check again.",
        "warning",
        ("undecided",),
    )
    level: Literal["warning", "note"] = (
        "warning" if any(one.failed or one.at_most > report.required for one in doubts) else "note"
    )
    told = " ".join(f"{clean(one.reason)}. Would settle it: {clean(one.would_settle)}." for one in doubts)
    return rule, {
        "level": level,
        "message": _message(f"{clean(path)}: {told}"),
        "locations": [_located(path, None, report)],
        **_identity(f"undecided-{quote(path)}"),
    }


def _located(path: str, line: int | None, report: Report) -> Object:
    """A file of the checkout, as GitHub wants it: relative, with a line, its name escaped as in a URI."""
    there, at = anchor(path, line, report.new)
    uri = quote(there.encode("utf-8", "surrogateescape"), safe="/")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": at}}}


def _notification(level: str, text: str) -> Object:
    return {"level": level, "message": _message(clean(text, LONGEST))}


def _message(text: str) -> Object:
    """A message that is only text: readers put arguments in for `{0}` and make links of `[…](…)` (SARIF 3.11.5, .6)."""
    return {"text": re.sub(r"\{([0-9]+)\}", r"{{\1}}", text).replace("](", "] (")}
