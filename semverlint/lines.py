"""Where a finding can be opened: the line in which its subject stands, and a file that is really there.

A line is only given where it is certain: the key itself, or the one place where its name occurs. What is gone from the
new revision has no line in it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from semverlint.errors import FileError
from semverlint.findings import Finding
from semverlint.formats.text_files import SMALL, read_text
from semverlint.roles import folder
from semverlint.snapshot import Snapshot

_WALKED = 2_000_000
"""Characters of JSON that are walked key by key; in longer texts only names that occur once are found."""
_TRIED = 10
"""Subjects of one finding that are looked for, the worst first."""
_SMALL_DOWNLOAD = 1_000_000
"""Bytes of a remote file that are read for the sake of its lines: such files are at hand once a comparer read them."""

# Compiled when they are first needed, by `re` itself: most runs look for no line.
_JSON = r'"(?s:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]:,]'  # a text that never ends is read once
_CONTENT = r'"content"\s{0,20}:\s{0,20}$'
"""What stands ahead of an added token: it is the value of its own key."""
_PIECE = r"\s{0,20},\s{0,20}-?[0-9]"
"""What stands behind a piece of a Unigram vocabulary: its score."""
_AROUND = 60
"""Characters around a text that are looked at."""


def with_lines(findings: Iterable[Finding], snapshot: Snapshot) -> list[Finding]:
    """Findings with the line of the new revision that each is about, where it can be told."""
    return [_placed(finding, snapshot) for finding in findings]


def _placed(finding: Finding, snapshot: Snapshot) -> Finding:
    file = snapshot.files.get(finding.path)
    find = next((find for ending, find in _FINDERS.items() if finding.path.endswith(ending)), None)
    if not finding.subjects or find is None or file is None:
        return finding
    if file.size > (_SMALL_DOWNLOAD if file.remote else SMALL):
        return finding
    try:
        text = snapshot.facts(read_text, finding.path) or ""
    except FileError:
        return finding  # whoever compares the file says so
    places = (find(text, subject) for subject in finding.subjects[:_TRIED])
    at = next((place for place in places if place is not None), None)
    return finding if at is None else replace(finding, line=text.count("\n", 0, at) + 1)


def anchor(path: str, line: int | None, snapshot: Snapshot) -> tuple[str, int]:
    """A file of the revision, as its repository names it, and a line: GitHub refuses results that have none.

    What is gone, and what no file says, is shown at the nearest card or configuration, else at the nearest file.
    """
    there = path if path in snapshot.files else _nearest(path, snapshot)
    return snapshot.below + there, (line or 1) if there == path else 1


def _nearest(path: str, snapshot: Snapshot) -> str:
    above = path
    while above:
        above = folder(above)
        inside = f"{above}/" if above else ""
        for name in ("README.md", "config.json"):
            if inside + name in snapshot.files:
                return inside + name
        if above and (near := next((one for one in snapshot.files if one.startswith(inside)), None)):
            return near
    return next(iter(snapshot.files), path or "README.md")


def _in_json(text: str, subject: str) -> int | None:
    """Where a key, a dotted path of keys, or an entry of a vocabulary that is no key stands."""
    import json  # noqa: PLC0415 - a run without findings reads none

    names = [subject, subject.rpartition(".")[2], f"{subject}_token"]
    spelt = dict.fromkeys(json.dumps(name, ensure_ascii=ascii_only) for name in names for ascii_only in (False, True))
    found = {quoted: _keys(text, quoted) for quoted in spelt}
    if (once := next((places[0] for places in found.values() if len(places) == 1), None)) is not None:
        return once
    if any(found.values()) and len(text) <= _WALKED:
        return next((at for path, at in _walk(text) if path == subject), None)
    quoted = json.dumps(subject, ensure_ascii=False)
    at = text.find(quoted)
    alone = at >= 0 and text.find(quoted, at + 1) < 0
    return at if alone and _is_entry(text, at, at + len(quoted)) else None


def _is_entry(text: str, start: int, stop: int) -> bool:
    """Whether a text there is an added token's content, or a piece with its score."""
    before, behind = text[max(0, start - _AROUND) : start], text[stop : stop + _AROUND]
    if re.search(_CONTENT, before):
        return True
    return before.rstrip().endswith("[") and re.match(_PIECE, behind) is not None


def _keys(text: str, quoted: str) -> list[int]:
    """Where a key stands, at most twice."""
    found: list[int] = []
    at = text.find(quoted)
    while at >= 0 and len(found) < 2:  # noqa: PLR2004 - more than one place is no certainty
        if text[at + len(quoted) : at + len(quoted) + 2].lstrip().startswith(":") and text[at - 1] != "\\":
            found.append(at)
        at = text.find(quoted, at + 1)
    return found


def _walk(text: str) -> Iterator[tuple[str, int]]:
    """Every key of a JSON text with the keys and places in lists that lead to it, joined by dots, and where it is."""
    above: list[str | int] = []
    key, at = "", 0
    for token in re.finditer(_JSON, text):
        mark = token[0]
        if mark in "{[":
            above.append("" if mark == "{" else 0)
        elif not above:
            return
        elif mark in "}]":
            above.pop()
        elif mark == ":":
            above[-1] = key
            yield ".".join(map(str, above)), at
        elif mark != ",":
            key, at = mark[1:-1], token.start()
        elif isinstance(above[-1], int):
            above[-1] += 1


def _in_yaml(text: str, subject: str) -> int | None:
    """The line of a key: of a model card's head, which ends with the second line of dashes."""
    from semverlint.formats.card import head_span  # noqa: PLC0415 - a run without findings reads none

    _, stop = head_span(text) or (0, len(text))
    return _once(rf"^[ -]*[\"']?{re.escape(subject)}[\"']?\s*:", text[:stop])


def _in_python(text: str, subject: str) -> int | None:
    """The line in which a class or a function is defined."""
    return _once(rf"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(subject.rpartition('.')[2])}\b", text)


def _in_lines(text: str, subject: str) -> int | None:
    """The one line that is the subject: a token of `vocab.txt`."""
    return _once(rf"^{re.escape(subject)}[ \t\r]*$", text)


def _once(pattern: str, text: str) -> int | None:
    places = list(islice(re.finditer(pattern, text, re.MULTILINE), 2))
    return places[0].start() if len(places) == 1 else None


_FINDERS = {
    ".json": _in_json,
    ".md": _in_yaml,
    ".yaml": _in_yaml,
    ".yml": _in_yaml,
    ".py": _in_python,
    ".txt": _in_lines,
}
