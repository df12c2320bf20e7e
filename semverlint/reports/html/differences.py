"""Values of configurations, tokenizers, prompts and cards, side by side: what was, and what is."""

import difflib
import json
from collections import defaultdict
from collections.abc import Iterator

from semverlint.changes.base import Change, Value
from semverlint.reports.html.markup import LONGEST, Markup, code, join, row, table, tag
from semverlint.text import clean, excerpts, plural
from semverlint.verdict import Report

MOST = 600
"""Values shown of all files together."""
_ROOM = 800_000
"""Bytes of all of them together."""
_LONG = 60
"""Characters from which on JSON is laid out over lines."""
_MOST_LINES = 400
"""Lines of a value that are held against each other."""
_SHOWN_LINES = 60
_AROUND = 200
"""Characters of a long text shown on either side of its first difference."""


def differences(report: Report) -> Markup:
    """A table a file, with every value that is another one."""
    changes = [change for change in report.changes if _has_values(change)]
    rows: defaultdict[str, list[Markup]] = defaultdict(list)
    room, left = _ROOM, len(changes)
    for change in changes[:MOST]:
        made = _row(change)
        room -= len(made.encode())
        if room < 0:
            break
        rows[change.path].append(made)
        left -= 1
    tables = [table(["key", "before", "after"], inside, path) for path, inside in rows.items()]
    rest = tag("p", f"{plural(left, 'more value')} not shown.", class_="note") if left else None
    return join([*tables, rest])


def _has_values(change: Change) -> bool:
    """Whether a change is about one value; tokens and tensors have tables of their own."""
    own = change.kind.startswith(("token-", "tensor-", "weights-"))
    return not own and hasattr(change, "before") and hasattr(change, "after")


def _row(change: Change) -> Markup:
    before: Value = change.before  # type: ignore[attr-defined]  # `_has_values` has looked
    after: Value = change.after  # type: ignore[attr-defined]  # likewise
    kind = change.kind.replace("-", " ")
    name = join([code(change.subject), " ", tag("span", kind, class_="whom")]) if change.subject else kind
    laid_out = _laid_out(before), _laid_out(after)
    if laid_out[0] and laid_out[1]:
        old, new = _by_line(laid_out[0], laid_out[1])
        return row(name, old, new)
    old, new = _by_character(_text(before), _text(after))
    return row(name, old, new)


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _laid_out(value: Value) -> list[str] | None:
    """JSON over lines; None for what is short, or none."""
    if not isinstance(value, str) or len(value) < _LONG or value[0] not in "{[":
        return value.splitlines() if isinstance(value, str) and "\n" in value.strip() else None
    try:
        lines = json.dumps(json.loads(value), indent=1, ensure_ascii=False).splitlines()
    except (ValueError, RecursionError):
        return None
    return lines


def _by_line(old: list[str], new: list[str]) -> tuple[Markup, Markup]:
    """Both sides' lines where they differ, with a line around."""
    if max(len(old), len(new)) > _MOST_LINES:
        old, new = _around(old, new), _around(new, old)
    sides: tuple[list[Markup], list[Markup]] = ([], [])
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(1):
        for side in sides:
            if side:
                side.append(tag("span", "⋯", class_="skip"))
        for kind, start, stop, begin, end in group:
            same = kind == "equal"
            sides[0].extend(_line(line, "" if same else "del") for line in old[start:stop])
            sides[1].extend(_line(line, "" if same else "ins") for line in new[begin:end])
    return _block(sides[0]), _block(sides[1])


def _around(lines: list[str], others: list[str]) -> list[str]:
    """The lines from the first difference on, as many as are looked at."""
    first = next((at for at, both in enumerate(zip(lines, others, strict=False)) if both[0] != both[1]), 0)
    start = max(0, first - 1)
    return lines[start : start + _MOST_LINES]


def _line(line: str, element: str) -> Markup:
    """One line, its indentation kept; lines that differ are marked for those who see no colours too."""
    return tag(element or "span", clean(line, LONGEST))


def _block(lines: list[Markup]) -> Markup:
    rest = [tag("span", f"⋯ {plural(len(lines) - _SHOWN_LINES, 'more line')}", class_="skip")]
    return tag("div", *lines[:_SHOWN_LINES], *(rest if len(lines) > _SHOWN_LINES else []), class_="lines")


def _by_character(old: str | None, new: str | None) -> tuple[Markup, Markup]:
    """Two short texts; the part in which they differ is marked."""
    if old is None or new is None:
        return tuple(tag("span", "absent", class_="absent") if one is None else code(one) for one in (old, new))  # type: ignore[return-value]  # two
    if max(len(old), len(new)) > LONGEST:
        old, new = excerpts(old, new, _AROUND, LONGEST - _AROUND)
    ahead = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - ahead
    behind = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    if min(len(old), len(new)) < _SHORT or ahead + behind < _WORTH_MARKING * max(len(old), len(new)):
        return code(old), code(new)
    return _marked(old, ahead, behind, "del"), _marked(new, ahead, behind, "ins")


_SHORT = 24
"""Characters below which a text is read at a glance, and a figure is no text."""
_WORTH_MARKING = 0.3
"""Share of two texts that must agree for the rest to be marked; else they are simply two texts."""


def _marked(text: str, ahead: int, behind: int, element: str) -> Markup:
    end = len(text) - behind
    return tag("code", *_parts(text, ahead, end, element))


def _parts(text: str, ahead: int, end: int, element: str) -> Iterator[str]:
    yield text[:ahead]
    if ahead < end:
        yield tag(element, text[ahead:end])
    yield text[end:]
