"""JUnit XML for the test pages of CI servers: a suite a release, a case for the version and one a finding.

There is no standard; this is what the strictest reader takes, Jenkins' xUnit plugin by its schema (`junit-10.xsd`,
https://github.com/jenkinsci/xunit-plugin); pytest's `xunit2` does likewise. A case fails where the report fails because
of it.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from semverlint.findings import Finding
from semverlint.reports import Style, reporter
from semverlint.text import clean
from semverlint.verdict import Report
from semverlint.wording import headline, how, is_news, known_from, next_step


@reporter
def report_junit(reports: Sequence[Report], style: Style) -> str:
    """One document."""
    del style
    root = ET.Element("testsuites", name="semverlint")
    for report in reports:
        _suite(root, report)
    _count(root, root.findall("testsuite/testcase"), "failures", "errors")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, report: Report) -> None:
    suite = ET.SubElement(root, "testsuite", name=headline(report))
    version = ET.SubElement(suite, "testcase", classname=clean(report.new.name), name="version")
    if report.exit_status:
        _fail(version, "error" if report.failed else "failure", report.status, headline(report), next_step(report))
    for finding in (*report.findings, *report.coherence):
        if is_news(finding):
            _finding(suite, finding, report)
    for doubt in report.undecided:
        case = ET.SubElement(suite, "testcase", classname=clean(doubt.path), name="undecided")
        outcome = "error" if doubt.failed else "skipped"
        _fail(case, outcome, "undecided", clean(doubt.reason), f"Would settle it: {clean(doubt.would_settle)}")
    for accepted in report.accepted:
        case = ET.SubElement(suite, "testcase", classname=clean(accepted.finding.path), name=accepted.finding.rule)
        _fail(case, "skipped", "accepted", f"accepted: {clean(accepted.acceptance.reason)}", accepted.finding.message)
    ET.SubElement(suite, "system-out").text = f"{how(report)}\nNext: {next_step(report)}"
    _count(suite, suite.findall("testcase"), "failures", "errors", "skipped")


def _finding(suite: ET.Element, finding: Finding, report: Report) -> None:
    path = clean(finding.path)
    case = ET.SubElement(suite, "testcase", classname=path, name=finding.rule)
    told = f"{finding.message}{known_from(finding)}"
    place = f"{path}:{finding.line}" if finding.line else path
    needs = f"Needs: {finding.bump or 'no release'}"
    details = "\n".join([*finding.examples, place, needs, finding.why, finding.fix])
    if report.exit_status and report.loudness(finding) == "error":
        _fail(case, "failure", finding.rule, told, details)
    else:
        ET.SubElement(case, "system-out").text = f"{told}\n{details}"


def _fail(case: ET.Element, outcome: str, kind: str, message: str, details: str) -> None:
    ET.SubElement(case, outcome, type=kind, message=message).text = f"{message}\n{details}"


def _count(element: ET.Element, cases: Sequence[ET.Element], *outcomes: str) -> None:
    """How many cases there are, and how many of each outcome: what servers show ahead of everything."""
    element.set("tests", str(len(cases)))
    for name in outcomes:
        element.set(name, str(sum(case.find(name.removesuffix("s")) is not None for case in cases)))
