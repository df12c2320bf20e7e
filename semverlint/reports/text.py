"""The report for people: what changed, whom it hurts, how we know, and what to do."""

from collections.abc import Iterable, Iterator, Sequence

from semverlint.findings import Finding
from semverlint.reports import Style, reporter
from semverlint.terms import Bump, Status
from semverlint.text import clean, columns, plural, wrapped
from semverlint.verdict import Report
from semverlint.wording import OLDER, gathered, headline, how, is_news, known_from, name, next_step, promised

_MARKS: dict[Status, tuple[str, str, str]] = {  # status → mark, plain mark, colour
    "fits": ("✓", "ok", "32"),
    "over-declared": ("✓", "ok", "33"),
    "under-declared": ("✗", "x", "31"),
    "undeclared": ("✗", "x", "31"),
    "mutated": ("✗", "x", "31"),
    "undecided": ("?", "?", "33"),
    "not-declared": ("•", "-", "36"),
}
_COLOURS = {Bump.MAJOR: "31", Bump.MINOR: "33", Bump.PATCH: "32", Bump.NONE: "36"}
_PLAIN = str.maketrans({"→": "->", "✓": "ok", "✗": "x", "•": "-", "…": "...", "·": "-", "≥": ">="})


@reporter
def report_text(reports: Sequence[Report], style: Style) -> str:
    """The reports one below the other, separated by an empty line."""
    text = "\n".join("\n".join(_lines(report, style)) + "\n" for report in reports)
    return text if style.unicode else text.translate(_PLAIN)


def _lines(report: Report, style: Style) -> Iterator[str]:
    mark, plain, colour = _MARKS[report.status]
    for line in wrapped(f"{mark if style.unicode else plain} {headline(report)}", style.width, hang=2):
        yield _paint(line, f"1;{colour}", style)
    if not style.quiet:
        yield from _findings(report, style)
        yield from _coherence(report, style)
        yield from _undecided(report, style)
        yield from _floor(report, style)
        yield from _accepted(report, style)
        yield ""
        yield from _wrap(how(report), style)
    yield from _wrap(f"Next: {next_step(report)}", style)


def _findings(report: Report, style: Style) -> Iterator[str]:
    for bump in sorted(Bump, reverse=True):
        group = [one for one in report.findings if one.bump is bump and (style.verbose or is_news(one))]
        if group:
            yield ""
            title = str(bump) if bump else "no bump"
            yield _paint(f"{title} · {plural(len(group), 'finding')}", f"1;{_COLOURS[bump]}", style)
            for finding in gathered(group, verbose=style.verbose):
                yield from _finding(finding, report, style)


def _finding(finding: Finding, report: Report, style: Style, note: str = "") -> Iterator[str]:
    place = clean(finding.path, 60) + (f":{finding.line}" if finding.line else "")
    by = f"by policy {finding.policy}" if finding.policy else ""
    by = "by policy" if by and finding.rule.endswith(finding.policy) else by
    head, *more = _filled([finding.rule, place, f"for {promised(finding, report)}", by, note], style.width - 2)
    yield f"  {_paint(finding.rule, '1', style)}{head.removeprefix(finding.rule)}"
    yield from (f"      {line}" for line in more)
    yield from _wrap(f"{finding.message}{known_from(finding)}", style, 4)
    for example in finding.examples:
        yield from _wrap(f"· {example}", style, 6)
    if style.verbose:
        yield from _wrap(f"why: {finding.why}", style, 4)
        yield from _wrap(f"fix: {finding.fix}", style, 4)


def _coherence(report: Report, style: Style) -> Iterator[str]:
    if report.coherence:
        yield ""
        yield _paint(f"contradictions inside {name(report, old=False)}", "1", style)
        for finding in gathered(report.coherence, verbose=style.verbose):
            yield from _finding(finding, report, style, "(already so before)" if finding.already else "")


def _undecided(report: Report, style: Style) -> Iterator[str]:
    if report.undecided:
        yield ""
        yield _paint(f"undecided · {plural(len(report.undecided), 'question')}", "1;33", style)
        for doubt in report.undecided:
            yield from _wrap(f"{clean(doubt.path, 100)}: {clean(doubt.reason)}", style, 2)
            yield from _wrap(f"would settle it: {clean(doubt.would_settle)}", style, 4)


def _floor(report: Report, style: Style) -> Iterator[str]:
    if report.floor:
        yield ""
        yield _paint("reader floor", "1", style)
        for floor in report.floor:
            needs = f"{clean(floor.form)} needs {floor.reader} {floor.since}"
            yield from _wrap(f"{clean(floor.path, 60)}: {needs}; {OLDER[floor.older]}", style, 2)


def _accepted(report: Report, style: Style) -> Iterator[str]:
    if report.accepted or report.unused:
        yield ""
        yield _paint("accepted", "1", style)
        for accepted in report.accepted:
            until = f" until {accepted.acceptance.expires}" if accepted.acceptance.expires else ""
            reason = clean(accepted.acceptance.reason)
            yield from _wrap(f"{accepted.finding.rule}  {clean(accepted.finding.path, 60)}{until}: {reason}", style, 2)
        for acceptance, problem in report.unused:
            yield from _wrap(
                f"{clean(acceptance.rule, 60)}  {clean(acceptance.path, 60)}: this acceptance {problem}", style, 2
            )


def _filled(parts: Sequence[str], width: int) -> list[str]:
    """Parts two spaces apart, none of them broken, in as many lines as it takes."""
    lines: list[str] = []
    for part in filter(None, parts):
        if lines and columns(lines[-1]) + 2 + columns(part) <= width - (4 if len(lines) > 1 else 0):
            lines[-1] += f"  {part}"
        else:
            lines.append(part)
    return lines


def _wrap(text: str, style: Style, indent: int = 0) -> Iterable[str]:
    return wrapped(text, style.width, indent)


def _paint(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.colour else text
