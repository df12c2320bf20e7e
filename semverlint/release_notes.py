"""Release notes made of the findings, as Keep a Changelog has them (https://keepachangelog.com/en/1.1.0/)."""

import re
from collections.abc import Iterator
from typing import Literal

from semverlint.findings import Finding
from semverlint.markdown import as_code, as_text
from semverlint.terms import Bump
from semverlint.text import clean
from semverlint.verdict import Report
from semverlint.wording import is_news, name, promised

Place = Literal["release", "card"]

_SECTIONS = ("Added", "Changed", "Removed")
_ENDINGS = {
    "Added": ("added", "appeared", "named", "filled", "listed", "appended", "declared"),
    "Removed": ("removed", "disappeared", "unnamed", "emptied", "unlisted", "dropped", "withdrawn", "lost", "gone"),
}
"""Last words of rule ids; every other one tells of something that changed."""
_SAID = {"card-version-changed"}
"""Rules whose findings the heading tells already."""
_HARMLESS = re.compile(r"[A-Za-z0-9]+([.+-][A-Za-z0-9]+)*")
"""A version that means nothing to Markdown."""
_EXAMPLES = 3
"""Examples shown of a finding that tells of several changes."""
_COSTS = {
    Bump.MAJOR: "What used to work may not.",
    Bump.MINOR: "What worked goes on working; there is more, or other answers.",
    Bump.PATCH: "What worked goes on working as it did.",
    Bump.NONE: "Nothing changed for whoever uses the model.",
}


def release_notes(report: Report, place: Place = "release") -> str:
    """What changed for whoever uses the model, in Markdown.

    Args:
        report: The verdict on the release.
        place: `release` names the rules and says how to mend things; `card` is shorter, a section of a model card.

    Returns:
        A section with a heading, ending with a line break.
    """
    return "\n".join(_lines(report, place)) + "\n"


def _lines(report: Report, place: Place) -> Iterator[str]:
    least = "at least a " if report.could_rise else ""
    size = f"{least}{report.required} release" if report.required else "No release is needed"
    yield f"## {'' if place == 'release' else 'What is new in '}{_version(report)}"
    yield ""
    yield f"{size[:1].upper()}{size[1:]} after {as_text(name(report, old=True))}. {_COSTS[report.required]}"
    news = [finding for finding in report.findings if is_news(finding) and finding.rule not in _SAID]
    for section in _SECTIONS:
        if group := [finding for finding in news if _section(finding) == section]:
            yield from ("", f"### {section}", "")
            for finding in group:
                yield from _item(finding, report, place)
    if report.undecided:
        yield from ("", "### Not determined", "")
        for path, reason in dict.fromkeys((doubt.path, doubt.reason) for doubt in report.undecided):
            yield f"- {as_code(path)}: {as_text(clean(reason))}"
    if report.accepted and place == "release":
        yield from ("", "### Accepted", "")
        for one in report.accepted:
            yield f"- {as_text(one.finding.message)} ({as_code(one.finding.path)}): {as_text(one.acceptance.reason)}"


def _version(report: Report) -> str:
    """What is released, in Markdown: the declared version where it is a step, else the one that would be right."""
    old, new = report.declared.old, report.declared.new
    if new and report.status in {"fits", "over-declared", "undecided"} and (old is None or old.text != new.text):
        version = clean(new.text, 60)
    else:
        version = clean(report.next_version or "Unreleased", 60)
    return version if _HARMLESS.fullmatch(version) else as_code(version)


def _section(finding: Finding) -> str:
    last = finding.rule.rpartition("-")[2]
    return next((section for section, words in _ENDINGS.items() if last in words), "Changed")


def _item(finding: Finding, report: Report, place: Place) -> Iterator[str]:
    breaks = f"**Breaking** for {promised(finding, report)}: " if finding.bump is Bump.MAJOR else ""
    rule = f"; {finding.rule}" if place == "release" else ""
    yield f"- {breaks}{as_text(finding.message)} ({as_code(finding.path)}{rule})"
    if finding.bump is Bump.MAJOR and place == "release":
        yield f"  {as_text(finding.why)}"
    yield from (f"  - {as_code(example)}" for example in finding.examples[:_EXAMPLES])
