"""The report for people: what changed, whom it hurts, how we know, and what to do."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from semverlint.findings import Finding
from semverlint.reports import Style, reporter
from semverlint.terms import CONSUMERS, Bump, Status
from semverlint.text import clean, plural, size, some
from semverlint.verdict import Report

_MARKS: dict[Status, tuple[str, str, str]] = {  # status → mark, plain mark, colour
    "fits": ("✓", "ok", "32"),
    "over-declared": ("✓", "ok", "33"),
    "under-declared": ("✗", "x", "31"),
    "undeclared": ("✗", "x", "31"),
    "mutated": ("✗", "x", "31"),
    "undecided": ("?", "?", "33"),
    "not-declared": ("•", "-", "36"),
}
_TREES = {":worktree": "the working tree", ":staged": "what is staged"}
_COLOURS = {Bump.MAJOR: "31", Bump.MINOR: "33", Bump.PATCH: "32", Bump.NONE: "36"}
_PLAIN = str.maketrans({"→": "->", "✓": "ok", "✗": "x", "•": "-", "…": "...", "·": "-", "≥": ">="})


@reporter
def report_text(reports: Sequence[Report], style: Style) -> str:
    """The reports one below the other, separated by an empty line."""
    text = "\n".join("\n".join(_lines(report, style)) + "\n" for report in reports)
    return text if style.unicode else text.translate(_PLAIN)


def _lines(report: Report, style: Style) -> Iterator[str]:
    mark, plain, colour = _MARKS[report.status]
    yield _paint(f"{mark if style.unicode else plain} {headline(report)}", f"1;{colour}", style)
    if not style.quiet:
        yield from _findings(report, style)
        yield from _coherence(report, style)
        yield from _undecided(report, style)
        yield from _floor(report, style)
        yield from _accepted(report, style)
        yield ""
        yield from _wrap(_how(report), style)
    yield from _wrap(f"Next: {next_step(report)}", style)


def headline(report: Report) -> str:
    """From → to, what is declared, what is needed, and whether they fit; one line."""
    way = f"{_name(report, old=True)} → {_name(report, old=False)}"
    needs = str(report.required) if report.required else "no release"
    if report.could_rise:
        needs = f"at least {needs}" if report.required else "perhaps more than nothing"
    bump = report.declared.step.bump
    if bump is None:
        return f"{way}: needs {needs}, {'undecided' if report.status == 'undecided' else 'no step declared'}"
    return f"{way}: declared {bump}, needs {needs}: {report.status.replace('-', ' ', 0)}"


def _name(report: Report, *, old: bool) -> str:
    """The shortest name for a revision that tells the two apart."""
    declaration = report.declared.old if old else report.declared.new
    snapshot = report.old if old else report.new
    if (
        declaration
        and report.declared.old
        and report.declared.new
        and report.declared.old.text != report.declared.new.text
    ):
        return clean(declaration.text, 40)
    if snapshot.revision in _TREES:
        return _TREES[snapshot.revision]
    if report.old.address == report.new.address and snapshot.revision:
        return clean(snapshot.revision[:12] if snapshot.revision == snapshot.commit else snapshot.revision, 40)
    return clean(snapshot.name, 60)


def _findings(report: Report, style: Style) -> Iterator[str]:
    for bump in sorted(Bump, reverse=True):
        group = [one for one in report.findings if one.bump is bump and (style.verbose or _is_news(one))]
        if group:
            yield ""
            title = str(bump) if bump else "no bump"
            yield _paint(f"{title} · {plural(len(group), 'finding')}", f"1;{_COLOURS[bump]}", style)
            for finding in group:
                yield from _finding(finding, report, style)


def _is_news(finding: Finding) -> bool:
    """Whether a finding says something by itself; notes without a bump only give the figures behind another one."""
    return bool(finding.bump) or finding.level != "note"


def _finding(finding: Finding, report: Report, style: Style, note: str = "") -> Iterator[str]:
    promised = [consumer for consumer in finding.consumers if consumer in report.config.consumers]
    named = "everyone" if len(promised) == len(CONSUMERS) else ", ".join(promised) or "nobody promised"
    place = clean(finding.path, 60) + (f":{finding.line}" if finding.line else "")
    how = "" if finding.evidence == "exact" else f" ({'by structure' if finding.evidence == 'metadata' else 'sampled'})"
    by = f"  by policy {finding.policy}" if finding.policy else ""
    yield from _wrap(f"{_paint(finding.rule, '1', style)}  {place}  for {named}{by}{note}", style, 2)
    yield from _wrap(f"{finding.message}{how}", style, 4)
    for example in finding.examples:
        yield from _wrap(f"· {example}", style, 6)
    if style.verbose:
        yield from _wrap(f"why: {finding.why}", style, 4)
        yield from _wrap(f"fix: {finding.fix}", style, 4)


def _coherence(report: Report, style: Style) -> Iterator[str]:
    if report.coherence:
        yield ""
        yield _paint(f"contradictions inside {_name(report, old=False)}", "1", style)
        for finding in report.coherence:
            yield from _finding(finding, report, style, "  (already so before)" if finding.already else "")


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
        does = {
            "refuse": "older ones refuse it",
            "misread": "older ones silently misread it",
            "nothing": "older ones lose nothing",
        }
        for floor in report.floor:
            yield from _wrap(
                f"{clean(floor.path, 60)}: {clean(floor.form)} needs {floor.reader} {floor.since}; {does[floor.older]}",
                style,
                2,
            )


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


def _how(report: Report) -> str:
    """How the verdict came about: the baseline with why, what was compared, what it took."""
    old, new = report.old.files, report.new.files
    consumers = report.config.consumers
    promised = "" if len(consumers) == len(CONSUMERS) else f" for {', '.join(consumers)}"
    read = f", {size(report.cost.bytes_read)} read" if report.cost.bytes_read else ", nothing read"
    asked = f", {plural(report.cost.requests, 'request')}" if report.cost.requests else ""
    lines = "" if not report.declared.step.why else f" No step is declared: {clean(report.declared.step.why)}."
    return (
        f"Compared{promised} with {_name(report, old=True)} ({clean(report.why)}): "
        f"{plural(len(old.keys() | new.keys()), 'file')}{read}{asked}.{lines}"
    )


def next_step(report: Report) -> str:  # noqa: PLR0911 - one sentence a status
    """What to do now: the right next version and the command."""
    right = report.next_version
    match report.status:
        case "fits":
            return "nothing; the version says what the update costs."
        case "over-declared":
            return (
                f"nothing must be done; {right} would have been enough."
                if right
                else "nothing must be done; no release was needed."
            )
        case "under-declared" | "undeclared":
            return (
                f"release this as {right}: {_command(report, right)}"
                if right
                else f"release this as a new {report.required} version."
            )
        case "mutated":
            what = f"release the change as {right}" if right else "release the change under a new name"
            return f"put the tag back to what it named, and {what}."
        case "undecided":
            first = report.undecided[0]
            return f"settle {some([first.path])}: {clean(first.would_settle)}"
        case "not-declared":
            if not report.required:
                return "nothing; no release is needed."
            return (
                f"release this as {right}: {_command(report, right)}"
                if right
                else f"this step needs a {report.required} release."
            )


def _command(report: Report, version: str) -> str:
    """How that version is declared where this repository declares it."""
    new = report.declared.new
    number = version.lstrip("vV")
    if new and new.place == "README.md":
        return f"write `version: {number}` into the head of README.md"
    if new and new.place == "config.json":
        return f"write the version {number} into config.json"
    if not report.new.address.startswith((".", "/", "~")):
        return f"hf repos tag create {clean(report.new.address)} {clean(version)}"
    commit = f" {report.new.commit[:12]}" if report.new.commit else ""
    return f"git tag {clean(version)}{commit}"


def _wrap(text: str, style: Style, indent: int = 0) -> Iterable[str]:
    """The text in lines of the style's width; words longer than a line are left whole, so that paths can be copied."""
    return textwrap.wrap(
        text,
        style.width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2 if indent else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _paint(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.colour else text
