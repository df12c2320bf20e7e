"""A history as one page: its line of releases with what each declared and what it needed, and every commit."""

from collections.abc import Iterator
from html import escape

from semverlint.history.pages.text import headline, needs, next_step
from semverlint.history.record import Entry, History, Stretch
from semverlint.reports import Style
from semverlint.terms import Bump
from semverlint.text import clean

_STYLE = """
:root{color-scheme:light dark;--ink:#1c1f23;--soft:#5b636d;--line:#d8dce1;--paper:#fff;--major:#b3261e;--minor:#8a5a00;
--patch:#1b6e3c;--none:#5b636d}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a5adb8;--line:#3a4048;--paper:#16191d;--major:#ff8a80;
--minor:#f0b95a;--patch:#7bd49b;--none:#a5adb8}}
body{margin:0 auto;max-width:68rem;padding:2rem 1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0}
.soft{color:var(--soft)}.major{color:var(--major)}.minor{color:var(--minor)}.patch{color:var(--patch)}
.none{color:var(--none)}
figure{margin:1rem 0;overflow-x:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .soft{fill:var(--soft)}svg .major{fill:var(--major)}svg .minor{fill:var(--minor)}svg .patch{fill:var(--patch)}
svg .none{fill:var(--none)}svg line{stroke:var(--line)}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line)}
code{font:13px ui-monospace,monospace}td.title{overflow-wrap:anywhere}.bump{font-weight:600}
tr.release td{border-bottom:0;padding-top:1.4rem;font-weight:600}
"""
_STEP, _HEIGHT, _BASE = 92, 28, 120
"""Pixels: between two releases, of one step of a bump, and of the line they stand on."""
_MOST_COMMITS, _MOST_RELEASES = 5_000, 300
"""Rows of commits on a page, and releases of its line, so that it stays small enough to mail."""


def history_html(history: History, style: Style) -> str:
    """One page without scripts, pictures or anything from elsewhere."""
    del style
    return "\n".join(_page(history)) + "\n"


def _page(history: History) -> Iterator[str]:
    name = _safe(history.address, 100)
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>The history of {name}</title><style>{_STYLE}</style></head><body><main>"
    yield f"<h1>The history of {name}</h1><p>{_safe(headline(history))}</p>"
    yield f'<p class="soft">{_safe(next_step(history))}</p>'
    if history.releases:
        yield "<h2>Releases: declared against needed</h2>"
        yield from _timeline(history)
    yield "<h2>Commits</h2>"
    yield from _table(history)
    yield "</main></body></html>"


def _timeline(history: History) -> Iterator[str]:
    """Two bars a release, oldest first: the step that was declared, and the one that its commits needed."""
    releases = history.releases[:_MOST_RELEASES]
    shown = [*reversed(releases), *([history.waiting] if history.waiting.commits else [])]
    width, height = _STEP * len(shown) + 20, _BASE + 60
    told = ", ".join(f"{_version(one)} {one.verdict or 'declares nothing'}" for one in shown)
    yield f'<figure tabindex="0"><svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    yield f"<title>{_safe(told, 2_000)}</title>"
    yield f'<line x1="0" x2="{width}" y1="{_BASE}" y2="{_BASE}"/>'
    for at, stretch in enumerate(shown):
        left = 10 + at * _STEP
        yield _bar(left, stretch.declared or Bump.NONE, "declared", hollow=True)
        yield _bar(left + 34, stretch.required, "needed", hollow=False)
        yield f'<text x="{left}" y="{_BASE + 18}">{_safe(_version(stretch), 13)}</text>'
        colour = "major" if stretch.verdict == "under-declared" else "soft"
        yield f'<text class="{colour}" x="{left}" y="{_BASE + 34}">{_safe(_short(stretch))}</text>'
    yield '</svg><figcaption class="soft">Left bar, outlined: declared. Right bar, filled: needed.'
    yield " One step high is a patch, two a minor, three a major."
    if len(releases) < len(history.releases):
        yield f" The newest {_MOST_RELEASES:,} of {len(history.releases):,} releases; --format json has them all."
    yield "</figcaption></figure>"


def _bar(left: int, bump: Bump, what: str, *, hollow: bool) -> str:
    height = max(2, int(bump) * _HEIGHT)
    paint = ' fill-opacity="0.12" stroke="currentColor"' if hollow else ""
    return (
        f'<rect class="{bump}" x="{left}" y="{_BASE - height}" width="30" height="{height}"{paint}>'
        f"<title>{what}: {bump}</title></rect>"
    )


def _version(stretch: Stretch) -> str:
    return stretch.end.version if stretch.end else "waiting"


def _short(stretch: Stretch) -> str:
    return {"under-declared": "too small", "over-declared": "more than enough"}.get(stretch.verdict, stretch.verdict)


def _table(history: History) -> Iterator[str]:
    yield "<table><thead><tr><th>Date<th>Commit<th>Needs<th>What it did</tr></thead><tbody>"
    for entry in history.entries[:_MOST_COMMITS]:
        if entry.released:
            versions = ", ".join(f"{one.version} ({one.source})" for one in entry.released)
            yield f'<tr class="release"><td colspan="4">{_safe(versions)}</td></tr>'
        yield from _row(entry)
    yield "</tbody></table>"
    if (rest := len(history.entries) - _MOST_COMMITS) > 0:
        yield f'<p class="soft">{rest:,} older commits are left out; --format json has them all.</p>'


def _row(entry: Entry) -> Iterator[str]:
    about = ", ".join(entry.work.categories) or "nothing"
    purpose = f"{entry.work.purpose}: " if entry.work.purpose else ""
    rules = f"; {', '.join(entry.decided_by)}" if entry.decided_by else ""
    yield f"<tr><td>{_safe(entry.commit.date[:10])}<td><code>{_safe(entry.commit.id[:10])}</code>"
    yield f'<td class="bump {entry.bump}">{needs(entry)}<td class="title">{_safe(entry.commit.title or "(no title)")}'
    yield f'<br><span class="soft">{_safe(purpose + about + rules, 400)}</span>'
    for one in entry.contradictions:
        yield f'<br><span class="minor">⚠ {_safe(one.text)}</span>'
    yield "</tr>"


def _safe(text: str, limit: int = 200) -> str:
    return escape(clean(text, limit))
