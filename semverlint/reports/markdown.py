"""Markdown for job summaries and comments on pull requests: short, with the details folded away.

Whatever a model says stands in code spans, where GitHub neither renders nor links it, nor calls the people it names.
"""

from collections.abc import Iterator, Sequence

from semverlint.changes.base import Undecided
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.findings import Finding
from semverlint.markdown import as_code, as_text
from semverlint.reports import Style, reporter
from semverlint.terms import Bump, Status
from semverlint.text import clean, plural
from semverlint.verdict import Report
from semverlint.wording import OLDER, gathered, headline, how, is_news, known_from, next_step, promised

LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment, and a step's summary holds several reports."""

_MARKS: dict[Status, str] = {
    "fits": "✅",
    "over-declared": "✅",
    "under-declared": "❌",
    "undeclared": "❌",
    "mutated": "❌",
    "undecided": "❔",
    "not-declared": "🔹",
}


@reporter
def report_markdown(reports: Sequence[Report], style: Style) -> str:
    """One report after the other; with `--all-releases` a list of the releases ahead of them."""
    many = len(reports) > 1
    blocks = list(_overview(reports)) if many else []
    for report in reports:
        if not many or report.broken or report.undecided:
            blocks += _blocks(report, style)
    text, left = "", len(blocks)
    for block in blocks:
        if len(text) + len(block) > LONGEST:
            return f"{text}*{plural(left, 'more part')} left out: the whole is longer than a comment may be.*\n"
        text, left = f"{text}{block}\n", left - 1
    return text.rstrip("\n") + "\n"


def _overview(reports: Sequence[Report]) -> Iterator[str]:
    yield "### semverlint\n"
    yield "".join(f"- {_MARKS[report.status]} {as_text(headline(report))}\n" for report in reports)


def _blocks(report: Report, style: Style) -> Iterator[str]:
    yield f"### {_MARKS[report.status]} {as_text(headline(report))}\n"
    yield f"**Next:** {_next(report)}\n"
    if style.quiet:
        return
    news = [one for one in report.findings if style.verbose or is_news(one)]
    for bump in sorted(Bump, reverse=True):
        if group := [one for one in news if one.bump is bump]:
            title = f"<b>{bump or 'no bump'}</b> · {plural(len(group), 'finding')}"
            breaks = any(report.loudness(one) == "error" for one in group)
            yield _folded(
                title, [_item(one, report, style) for one in gathered(group, verbose=style.verbose)], opened=breaks
            )
    if report.coherence:
        told = gathered(report.coherence, verbose=style.verbose)
        lines = [_item(one, report, style, ", already so before" if one.already else "") for one in told]
        yield _folded(f"<b>contradictions</b> · {len(report.coherence)}", lines)
    if report.undecided:
        yield _folded(
            f"<b>undecided</b> · {plural(len(report.undecided), 'question')}",
            [_doubt(one) for one in report.undecided],
            opened=report.status == "undecided",
        )
    if report.floor:
        yield _folded("<b>reader floor</b>", [_floor(one) for one in report.floor])
    if report.accepted or report.unused:
        yield _folded("<b>accepted</b>", list(_accepted(report)), opened=bool(report.unused))
    yield f"{as_text(how(report))}\n"


def _folded(title: str, lines: Sequence[str], *, opened: bool = False) -> str:
    """A part that opens on a click; Markdown inside HTML begins after an empty line."""
    return f"<details{' open' if opened else ''}><summary>{title}</summary>\n\n{''.join(lines)}\n</details>\n"


def _item(finding: Finding, report: Report, style: Style, note: str = "") -> str:
    place = as_code(f"{finding.path}:{finding.line}" if finding.line else finding.path)
    first = f"- **{finding.rule}** · {place} · for {promised(finding, report)}{note}  \n"
    lines = [f"  {as_text(finding.message)}{known_from(finding)}\n"]
    lines += [f"  - {as_code(example)}\n" for example in finding.examples]
    if style.verbose:
        lines += [f"\n  *Why:* {as_text(finding.why)}  \n  *Fix:* {as_text(finding.fix)}\n"]
    return first + "".join(lines)


def _doubt(one: Undecided) -> str:
    settle = as_text(clean(one.would_settle))
    return f"- {as_code(one.path)}: {as_text(clean(one.reason))}  \n  Would settle it: {settle}\n"


def _floor(one: ReaderFloorRaised) -> str:
    needs = f"{as_text(clean(one.form))} needs {as_text(f'{one.reader} {one.since}')}"
    return f"- {as_code(one.path)}: {needs}; {OLDER[one.older]}\n"


def _accepted(report: Report) -> Iterator[str]:
    for one in report.accepted:
        until = f", until {one.acceptance.expires}" if one.acceptance.expires else ""
        reason = as_text(clean(one.acceptance.reason))
        yield f"- **{one.finding.rule}** · {as_code(one.finding.path)}{until}: {reason}\n"
    for acceptance, problem in report.unused:
        yield f"- ⚠ {as_code(acceptance.rule)} · {as_code(acceptance.path)}: this acceptance {problem}\n"


def _next(report: Report) -> str:
    """The next step, with the command in it as code."""
    step = next_step(report)
    what, colon, command = step.partition(": ")
    if colon and report.status in {"under-declared", "undeclared", "not-declared"}:
        return f"{as_text(what)}: {as_code(command)}"
    return as_text(step)
