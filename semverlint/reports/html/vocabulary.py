"""What became of a vocabulary: which tokens moved, came and went."""

from collections.abc import Sequence

from semverlint.changes.tokenizer import MergesChanged, TokenAdded, TokenMoved, TokenRemoved
from semverlint.reports.html.charts import scatter
from semverlint.reports.html.markup import Markup, code, fitting, join, row, table, tag
from semverlint.text import plural
from semverlint.verdict import Report

MOST = 200
"""Tokens listed of each group, the worst first."""
_ROOM = 600_000
"""Bytes of all files together."""

_Token = TokenMoved | TokenRemoved | TokenAdded


def vocabulary(report: Report) -> Markup:
    """A part a file of a tokenizer."""
    tokens = [change for change in report.changes if isinstance(change, _Token)]
    merges = [change for change in report.changes if isinstance(change, MergesChanged)]
    paths = dict.fromkeys(change.path for change in (*tokens, *merges))
    files = [
        _file(
            path,
            [change for change in tokens if change.path == path],
            [change for change in merges if change.path == path],
        )
        for path in paths
    ]
    return fitting(files, "file", _ROOM)


def _file(path: str, tokens: Sequence[_Token], merges: Sequence[MergesChanged]) -> Markup:
    moved = [one for one in tokens if isinstance(one, TokenMoved)]
    gone = [one for one in tokens if isinstance(one, TokenRemoved)]
    came = [one for one in tokens if isinstance(one, TokenAdded)]
    counts = [
        f"{plural(len(group), 'token')} {what}"
        for group, what in ((moved, "moved"), (gone, "gone"), (came, "new"))
        if group
    ]
    counts += [f"{plural(one.removed, 'merge')} gone, {one.added:,} new" for one in merges]
    parts = [tag("h3", code(path), " ", tag("span", "; ".join(counts), class_="whom"))]
    if moved:
        said = (
            f"{plural(len(moved), 'token')} with another id: old ids across, new ids up; on the diagonal nothing moves"
        )
        drawing = tag("figure", scatter([(one.before, one.after) for one in moved], said), tag("figcaption", said))
        parts.append(drawing)
    both = [(one, one.token, one.before, one.after) for one in moved]
    parts += [
        _listed("moved to another id", ["token", "#before", "#after"], both),
        _listed("gone", ["token", "#before"], [(one, one.token, one.before) for one in gone]),
        _listed("new", ["token", "#after"], [(one, one.token, one.after) for one in came]),
    ]
    return tag("section", *parts, class_="vocabulary")


def _listed(what: str, heads: Sequence[str], entries: Sequence[tuple[_Token, str, *tuple[int, ...]]]) -> Markup:
    """A table folded away; the worst first, special tokens before all others."""
    if not entries:
        return Markup()
    worst = sorted(entries, key=lambda entry: (-entry[0].magnitude, entry[1]))[:MOST]
    rows = [
        row(
            join([code(token), tag("span", "special", class_="flag") if change.special else None]),
            *(f"{number:,}" for number in numbers),
            numbers=range(1, len(heads)),
        )
        for change, token, *numbers in worst
    ]
    caption = f"{plural(len(entries), 'token')} {what}"
    first = f"{caption}; the first {MOST}" if len(entries) > MOST else caption
    return tag("details", tag("summary", first), table(heads, rows, caption))
