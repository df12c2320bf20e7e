"""The head of the page, the verdict at a glance; and everything the rules found."""

from collections.abc import Iterable, Sequence

from semverlint.findings import Finding
from semverlint.reports.html.charts import ladder
from semverlint.reports.html.markup import Markup, code, fitting, join, tag
from semverlint.terms import Bump, Status
from semverlint.text import clean, plural
from semverlint.verdict import Report
from semverlint.wording import OLDER, how, is_news, known_from, name, next_step, promised

_MARKS: dict[Status, tuple[str, str]] = {
    "fits": ("✓", "good"),
    "over-declared": ("✓", "good"),
    "under-declared": ("✗", "bad"),
    "undeclared": ("✗", "bad"),
    "mutated": ("✗", "bad"),
    "undecided": ("?", "open"),
    "not-declared": ("•", "open"),
}
_ROOM = 250_000
"""Bytes of one group of findings."""
_MEANINGS: dict[Status, str] = {
    "fits": "The version says what the update costs.",
    "over-declared": "The version announces more than the update costs.",
    "under-declared": "The version announces less than the update costs.",
    "undeclared": "Something changed, and the version did not.",
    "mutated": "A version that was released before names something else now.",
    "undecided": "Something could not be decided, and it could change the answer.",
    "not-declared": "No step is declared that the evidence could be held against.",
}


def masthead(report: Report, heading: str) -> Markup:
    """From which revision to which (the heading), whether the version fits, and what to do next."""
    mark, mood = _MARKS[report.status]
    what, colon, command = next_step(report).partition(": ")
    is_command = colon and report.status in {"under-declared", "undeclared", "not-declared"}
    step = [what, ": ", code(command)] if is_command else [next_step(report)]
    bump = report.declared.step.bump
    return tag(
        "header",
        tag("p", "semverlint · ", tag("span", _place(report)), class_="brand"),
        tag(heading, code(name(report, old=True)), tag("span", " → ", class_="to"), code(name(report, old=False))),
        tag(
            "div",
            tag(
                "p",
                tag("span", mark, class_="mark", aria_hidden="true"),
                tag("strong", report.status),
                tag("span", _MEANINGS[report.status]),
                class_=f"status {mood}",
            ),
            ladder(bump, report.required),
            class_="glance",
        ),
        tag("p", tag("b", "Next: "), *step, class_="next"),
        tag("p", how(report), class_="how"),
    )


def _place(report: Report) -> str:
    return clean(report.new.address.rstrip("/"), 80)


def findings(report: Report) -> Markup:
    """By bump, the largest first."""
    groups = []
    for bump in sorted(Bump, reverse=True):
        group = [one for one in report.findings if one.bump is bump]
        if group:
            title = str(bump) if bump else "no bump"
            head = tag("h3", tag("span", title, class_=f"bump {bump}"), f" {plural(len(group), 'finding')}")
            told = [one for one in group if is_news(one)]
            figures = [one for one in group if not is_news(one)]
            groups.append(tag("section", head if told else None, _all(told, report)))
            if figures:
                title = f"{plural(len(figures), 'note')} with the figures behind them"
                groups.append(tag("details", tag("summary", title), _all(figures, report)))
    return join(groups)


def contradictions(report: Report) -> Markup:
    """What the new revision says against itself."""
    return _all(report.coherence, report)


def undecided(report: Report) -> Markup:
    """What nobody could decide, and what would settle it."""
    doubts = [
        tag(
            "article",
            tag("p", code(doubt.path), tag("span", f" could need up to {doubt.at_most}", class_="whom"), class_="line"),
            tag("p", f"{doubt.reason}."),
            tag("p", tag("b", "Would settle it: "), doubt.would_settle),
            class_="finding open found",
        )
        for doubt in report.undecided
    ]
    return fitting(doubts, "question", _ROOM)


def reader_floor(report: Report) -> Markup:
    """Forms that older readers do not understand."""
    return _list(
        join([code(floor.path), f": {floor.form} needs {floor.reader} {floor.since}; {OLDER[floor.older]}."])
        for floor in report.floor
    )


def acceptances(report: Report) -> Markup:
    """Findings that the project stands by, and acceptances that accept nothing."""
    lines = []
    for accepted in report.accepted:
        until = f", until {accepted.acceptance.expires}" if accepted.acceptance.expires else ""
        where = [tag("b", accepted.finding.rule), " ", code(accepted.finding.path), until, ": "]
        lines.append(join([*where, accepted.finding.message, " — ", accepted.acceptance.reason]))
    lines += [
        join([tag("b", one.rule), " ", code(one.path), f": this acceptance {problem}."])
        for one, problem in report.unused
    ]
    return _list(lines)


def _list(lines: Iterable[Markup]) -> Markup:
    items = [tag("li", line, class_="found") for line in lines]
    return tag("ul", fitting(items, "line", _ROOM), class_="plain") if items else Markup()


def _all(findings: Sequence[Finding], report: Report) -> Markup:
    return fitting([_finding(one, report) for one in findings], "finding", _ROOM)


def _finding(finding: Finding, report: Report) -> Markup:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    notes = [f"for {promised(finding, report)}"]
    notes += [f"by policy {finding.policy}"] if finding.policy else []
    notes += ["already so before"] if finding.already else []
    return tag(
        "article",
        tag(
            "p",
            tag("b", finding.rule, class_="rule"),
            " ",
            code(place),
            tag("span", " · ".join(notes), class_="whom"),
            class_="line",
        ),
        tag("p", finding.message, known_from(finding), class_="message"),
        _examples(finding.examples),
        tag("details", tag("summary", "Why, and what to do"), tag("p", finding.why), tag("p", tag("b", finding.fix))),
        class_=f"finding {finding.bump} found",
    )


def _examples(examples: Sequence[str]) -> Markup:
    return tag("ul", *(tag("li", code(one)) for one in examples)) if examples else Markup()
