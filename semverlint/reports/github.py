"""Annotations for GitHub Actions: workflow commands, which the runner shows at the lines of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from semverlint.lines import anchor
from semverlint.reports import Style, reporter
from semverlint.terms import Level
from semverlint.text import clean
from semverlint.verdict import Report
from semverlint.wording import headline, is_news, known_from, next_step

MOST = 10
"""Annotations of one level that GitHub shows of a step; it drops the rest without a word."""

Command = Literal["error", "warning", "notice"]
_COMMANDS: dict[Level, Command] = {"error": "error", "warning": "warning", "note": "notice", "off": "notice"}


class _Annotation(NamedTuple):
    command: Command
    title: str
    lines: tuple[str, ...]
    file: str = ""
    line: int = 1


@reporter
def report_github(reports: Sequence[Report], style: Style) -> str:
    """The verdicts first, then the findings, the loudest first; ten of a level, the last of which counts the others."""
    made = [_verdict(report) for report in reports]
    if not style.quiet:
        made += [one for report in reports for one in _details(report)]
    return "".join(
        _written(one)
        for command in ("error", "warning", "notice")
        for one in _few([one for one in made if one.command == command])
    )


def _few(made: Sequence[_Annotation]) -> Sequence[_Annotation]:
    if len(made) <= MOST:
        return made
    rest = len(made) - MOST + 1
    told = f"{rest:,} more are in the report: GitHub shows {MOST} of a level"
    return [*made[: MOST - 1], _Annotation(made[0].command, "semverlint", (told,))]


def _verdict(report: Report) -> _Annotation:
    command: Command = "error" if report.broken or report.failed else "notice"
    lines = (headline(report), f"Next: {next_step(report)}")
    declared = report.declared.new
    if declared is None or declared.line is None:
        return _Annotation(command, "semverlint", lines)
    return _Annotation(command, "semverlint", lines, *anchor(declared.place, declared.line, report.new))


def _details(report: Report) -> Iterator[_Annotation]:
    for finding in (*report.findings, *report.coherence):
        if is_news(finding):
            place = anchor(finding.path, finding.line, report.new)
            where = () if place[0] == report.new.below + finding.path else (clean(finding.path),)
            lines = (*where, f"{finding.message}{known_from(finding)}", *finding.examples, finding.fix)
            needs = f" ({finding.bump})" if finding.bump else ""
            yield _Annotation(_COMMANDS[report.loudness(finding)], f"{finding.rule}{needs}", lines, *place)
    for doubt in report.undecided:
        loud: Command = "error" if doubt.failed else "warning" if doubt.at_most > report.required else "notice"
        told = f"{clean(doubt.path)}: {clean(doubt.reason)}", f"Would settle it: {clean(doubt.would_settle)}"
        yield _Annotation(loud, "undecided", told, *anchor(doubt.path, None, report.new))
    for acceptance, problem in report.unused:
        told_off = f"{clean(acceptance.rule)}, {clean(acceptance.path)}: this acceptance {problem}"
        yield _Annotation("warning", "acceptance", (told_off,))


def _written(one: _Annotation) -> str:
    """One command; a file whose name a log cannot hold is left out, and the annotation stands by itself."""
    place = {"file": one.file, "line": str(one.line)} if one.file and one.file.isprintable() else {}
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**place, "title": one.title}.items())
    return f"::{one.command} {properties}::{_data(chr(10).join(one.lines))}\n"


def _data(text: str) -> str:
    """Escaped as the runner unescapes what stands behind the last colons."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Likewise for what stands ahead of them."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
