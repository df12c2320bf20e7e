"""One page for a browser, by itself: no network, no fonts, no pictures, small enough to mail.

It is whole without scripts; with them it can be searched, and its maps answer to the pointer and the arrow keys. The
page's own policy lets nothing run or load but the one style sheet and the one script it holds, by their digests.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from semverlint.reports import Style, reporter
from semverlint.reports.html import verdict
from semverlint.reports.html.charts import history
from semverlint.reports.html.differences import differences
from semverlint.reports.html.markup import Markup, code, join, row, scrolled, table, tag
from semverlint.reports.html.vocabulary import vocabulary
from semverlint.reports.html.weights import weights
from semverlint.text import plural
from semverlint.verdict import Report
from semverlint.wording import headline, name

LARGEST = 4_500_000
"""Bytes of the releases of one page; mail servers take some megabytes more."""

_SECTIONS: tuple[tuple[str, str, Callable[[Report], Markup]], ...] = (
    ("findings", "Findings", verdict.findings),
    ("contradictions", "Contradictions", verdict.contradictions),
    ("undecided", "Undecided", verdict.undecided),
    ("floor", "Reader floor", verdict.reader_floor),
    ("accepted", "Accepted", verdict.acceptances),
    ("weights", "Weights", weights),
    ("values", "Values side by side", differences),
    ("vocabulary", "Vocabulary", vocabulary),
)


@reporter
def report_html(reports: Sequence[Report], style: Style) -> str:
    """One release, or with `--all-releases` their history with each release folded away below it."""
    del style
    if len(reports) == 1:
        title, body = headline(reports[0]), _release(reports[0], "")
    else:
        title, body = f"{plural(len(reports), 'release')}", _history(reports)
    return _document(title, body)


def _document(title: str, body: Markup) -> str:
    sheet, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(sheet)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{title} · semverlint"),
        tag("style", Markup(sheet)),
    )
    skip = tag("a", "To the content", href="#content", class_="skip-link")
    page = tag(
        "html", head, tag("body", skip, tag("main", body, id="content"), tag("script", Markup(script))), lang="en"
    )
    return f"<!doctype html>\n{page}\n"


def _release(report: Report, prefix: str) -> Markup:
    """One release: the verdict, where to look, and the parts that hold something."""
    parts = [(f"{prefix}{key}", title, made) for key, title, make in _SECTIONS if (made := make(report))]
    links = [tag("a", title, href=f"#{key}") for key, title, _ in parts]
    nav = tag("nav", *links, aria_label=f"Parts of {headline(report)}") if links else None
    sections = [tag("section", tag("h2", title), made, id=key, class_="part") for key, title, made in parts]
    nothing = None if sections else tag("p", "The two revisions mean the same.", class_="note")
    return join([verdict.masthead(report, "h2" if prefix else "h1"), nav, *sections, nothing])


def _history(reports: Sequence[Report]) -> Markup:
    """The releases as a line and as a table, and each by itself, the newest first, while there is room."""
    if not reports:
        return tag("p", "There are no releases to compare.", class_="note")
    broken = sum(report.broken for report in reports)
    told = f"{plural(len(reports), 'step')} between releases; {plural(broken, 'promise')} not kept"
    address = reports[-1].new.address
    head = tag(
        "header", tag("p", "semverlint", class_="brand"), tag("h1", code(address)), tag("p", told, class_="next")
    )
    steps = [(name(report, old=False), report.declared.step.bump, report.required, report.broken) for report in reports]
    drawing = scrolled(history(steps, f"Declared and needed bump of each release: {told}"), "Release history")
    legend = tag(
        "p",
        "Squares: what the release declared. Dots: what it needed. A red line between them: it declared too little.",
        class_="note",
    )
    rows = [
        row(
            tag("a", name(report, old=False), href=f"#r{place}"),
            name(report, old=True),
            "–" if report.declared.step.bump is None else str(report.declared.step.bump),  # noqa: RUF001 - a dash
            str(report.required),
            tag("span", report.status, class_=f"state {report.status}"),
            report.next_version if report.broken else None,
        )
        for place, report in enumerate(reports)
    ]
    listed = table(["release", "after", "declared", "needed", "verdict", "should have been"], rows, "Releases")
    return join([head, tag("section", drawing, legend, listed, class_="part"), *_folded(reports)])


def _folded(reports: Sequence[Report]) -> Iterator[Markup]:
    room = LARGEST
    for place in range(len(reports) - 1, -1, -1):
        report = reports[place]
        made = _release(report, f"r{place}-")
        room -= len(made.encode())
        if room < 0:
            yield tag("p", f"{plural(place + 1, 'earlier release')} not shown: the page is long enough.", class_="note")
            return
        yield tag("details", tag("summary", headline(report)), made, id=f"r{place}", class_="release")


@cache
def _asset(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
