"""A history for people: what waits for a release, and then commit by commit what each did."""

from collections.abc import Iterator, Mapping

from semverlint.history.record import Entry, History, Stretch
from semverlint.reports import Style
from semverlint.terms import Bump
from semverlint.text import clean, plural, some, wrapped

_COLOURS = {Bump.MAJOR: "31", Bump.MINOR: "33", Bump.PATCH: "32", Bump.NONE: "36"}
_PLAIN = str.maketrans({"→": "->", "·": "-", "…": "...", "─": "-", "⚠": "!", "≥": ">"})
_NEWEST = 10
"""Digits of a commit's id: enough to tell ten thousand commits apart."""


def history_text(history: History, style: Style) -> str:
    """The history, newest commit first, with the line of each release where it was made; ends with a line break."""
    text = "\n".join(_lines(history, style)) + "\n"
    return text if style.unicode else text.translate(_PLAIN)


def _lines(history: History, style: Style) -> Iterator[str]:
    for line in _wrap(f"{clean(history.address, 60)}: {headline(history)}", style, hang=2):
        yield _paint(line, "1", style)
    if not style.quiet:
        ways = {one.end: one for one in reversed(history.releases)}
        for entry in history.entries:
            yield ""
            if entry.released:
                yield from _release(entry, ways[entry.released[0]], style)
            yield from _entry(entry, style)
        yield ""
    yield from _wrap(f"Next: {next_step(history)}", style)


def headline(history: History) -> str:
    """How many commits and releases there are, and what is waiting; one line."""
    releases = plural(len(history.releases), "release")
    waiting = history.waiting
    counted = f"{plural(sum(entry.commits for entry in history.entries), 'commit')}, {releases}"
    if not waiting.commits:
        return f"{counted}; nothing is waiting"
    since = f" since {clean(waiting.start, 40)}" if waiting.start else ""
    together = f", together {_needs(waiting.required, waiting.at_most)}" if len(waiting.bumps) else ""
    return f"{counted}; waiting{since}: {tally(waiting.bumps)}{together}"


def tally(bumps: Mapping[Bump, int]) -> str:
    """`1 major, 3 minor and 2 patch`; `nothing that needs a release` where there is none."""
    counted = [f"{count:,} {bump}" for bump, count in bumps.items()]
    if not counted:
        return "nothing that needs a release"
    return counted[0] if len(counted) == 1 else f"{', '.join(counted[:-1])} and {counted[-1]}"


def _release(entry: Entry, stretch: Stretch, style: Style) -> Iterator[str]:
    places = ", ".join(f"{clean(one.version, 40)} ({one.source})" for one in entry.released)
    declared = f": {_judged(stretch)}" if stretch.declared is not None or stretch.required else ""
    yield from _wrap(_paint(f"── {places}{declared}", "1", style), style, 0)


def _judged(stretch: Stretch) -> str:
    needs = f"needed {_needs(stretch.required, stretch.at_most)}"
    if stretch.declared is None:
        return needs
    return f"declared {stretch.declared or 'no step'}, {needs}: {stretch.verdict}"


def _needs(required: Bump, at_most: Bump) -> str:
    if at_most > required:
        return f"at least {required}" if required else f"perhaps a {at_most}"
    return str(required) if required else "no release"


def needs(entry: Entry) -> str:
    """What a commit needs, in a word: `≥minor` where something is undecided."""
    if entry.parent is None:
        return "first" if entry.touched else "?"
    return f"≥{entry.bump}" if entry.at_most > entry.bump else str(entry.bump)


def _entry(entry: Entry, style: Style) -> Iterator[str]:
    date = clean(entry.commit.date[:10], 10)
    bump = needs(entry)
    shade = _COLOURS[entry.bump] if entry.parent else "36"
    title = clean(entry.commit.title.strip() or "(no title)", 120)
    head = f"{date}  {entry.commit.id[:_NEWEST]}  {_paint(f'{bump:<6}', shade, style)}  {title}"
    yield from _wrap(head, style, 0, hang=32)
    about = ", ".join(entry.work.categories) or "nothing"
    together = f"{plural(entry.commits, 'commit')} of one upload; " if entry.commits > 1 else ""
    why = f"; {some(entry.decided_by, 2)}" if entry.decided_by else ""
    purpose = f"{entry.work.purpose}: " if entry.work.purpose else ""
    yield from _wrap(f"{together}{purpose}{about}{why}", style, 32)
    if style.verbose:
        yield from _wrap(f"files: {some([one.path for one in entry.touched], 6) or 'none'}", style, 32)
        yield from _wrap(f"because {clean(entry.work.basis)}", style, 32)
    for one in entry.contradictions:
        yield from _wrap(_paint(f"⚠ {clean(one.text)}", "33", style), style, 32)


def next_step(history: History) -> str:
    """What to do about what is waiting."""
    waiting = history.waiting
    if history.cut and waiting.start is None:
        return f"what is waiting cannot be told: {history.cut}."
    if not waiting.commits:
        return "nothing; no commit is waiting for a release."
    if not waiting.at_most:
        return "nothing; what is waiting changes nothing that needs a release."
    needed = _needs(waiting.required, waiting.at_most)
    if waiting.start is None and not history.whole:
        return f"these commits together need {needed}; the release before them is further back (--since, --limit)."
    if waiting.start is None:
        return f"there is no release yet; these commits together need {needed}. Tag a first one: git tag v1.0.0"
    return f"make a release of what is waiting ({needed}): `semverlint bump` names its version."


def _wrap(text: str, style: Style, indent: int = 0, hang: int | None = None) -> list[str]:
    return wrapped(text, style.width, indent, hang)


def _paint(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.colour else text
