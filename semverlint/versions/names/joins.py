"""From a name to its parts: atoms read one by one, and what several of them say together.

`v1_1`, `2024-05-01`, `Q4_K_M`, `00003-of-00009` and `step-1431k` are one thing each, whatever stands between.
"""

import re
from bisect import bisect_left

from semverlint.versions.names.atoms import LONGEST, numbers, read_atom
from semverlint.versions.names.record import Alternative
from semverlint.versions.names.vocabulary import Word, vocabulary

_BETWEEN = r"\x00-\x20!-/:-@\[-`{-\x7f\s"
_ATOM = re.compile(rf"(?:[^{_BETWEEN}]|(?<=[0-9])\.(?=[0-9]))+")
"""Anything but separators: white space, controls and ASCII punctuation; a dot between digits is none."""
_END = rf"(?=[{_BETWEEN}]|\Z)(?!\.[0-9])"

_NUMERIC = re.compile(
    r"(?:(?P<shard>\d{5}-of-\d{5})"
    r"|(?P<day>(?:19|20)\d\d[-_.](?:0[1-9]|1[0-2])[-_.](?:0[1-9]|[12]\d|3[01]))"
    r"|(?P<month>20[12]\d[-_.](?:0[1-9]|1[0-2]))"
    r"|(?P<year>(?:0[1-9]|1[0-2])-20[12]\d)"
    r"|(?P<size>\d{1,3}_\d{1,2}[bBmM])"
    r"|(?P<version>(?:\d{1,2}[-_]\d(?:[-_]\d)?|\d{1,2}_\d{1,2})(?!_\d))"
    r"|(?P<image>\d{3,4}[-x]\d{3,4})"
    r"|(?P<bits>\d-?bits?))" + _END,
    re.IGNORECASE | re.ASCII,
)
_EXPLICIT = re.compile(
    r"v(?:er(?:sion)?)?[-_.]?(?P<first>\d{1,3}(?:\.\d+)*)(?:(?P<letter>[a-h])|(?P<more>(?:[-_]\d|_\d\d){0,2}))" + _END,
    re.IGNORECASE | re.ASCII,
)
_BLOCKS = re.compile(
    r"(?:ud-)?(?:i?q\d(?:_[0-9ksmlxt]{1,4}){0,4}|q\d[fk]\d+_\d|tq\d_\d|mxfp4_moe)" + _END, re.IGNORECASE | re.ASCII
)
_BERT_SIZES = re.compile(r"(L-\d{1,2})_(H-\d{2,4})(?:_(A-\d{1,2}))?" + _END)
_MINILM = re.compile(r"L-(?:[2-9]|1[02]|24)" + _END)
_UNITS = {"step": "step", "epoch": "epoch", "bits": "quantisation", "tokens": "tokens", "setting": "setting"}


class Part:
    """A part of a name while its kind is still open to what stands beside it."""

    __slots__ = ("alternatives", "confidence", "end", "kind", "sort", "start", "value")

    def __init__(  # noqa: PLR0913, PLR0917 - what a segment has
        self,
        start: int,
        end: int,
        kind: str,
        sort: str,
        value: str,
        confidence: float,
        alternatives: tuple[Alternative, ...] = (),
    ) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.sort = sort
        self.value = value
        self.confidence = confidence
        self.alternatives = alternatives

    def become(self, kind: str, confidence: float, *others: Alternative, value: str | None = None) -> None:
        """Settle on a kind."""
        self.kind = kind
        self.confidence = confidence
        if others:
            self.alternatives = others
        if value is not None:
            self.value = value


def parts_of(text: str, start: int) -> list[Part]:
    """The parts of `text` from `start` on, in order; together they cover everything but separators."""
    atoms = [(match.start(), match.end(), match[0]) for match in _ATOM.finditer(text, start)]
    parts: list[Part] = []
    phrases = vocabulary().phrases
    at, count = 0, len(atoms)
    while at < count:
        begin, end, atom = atoms[at]
        if end - begin <= LONGEST:
            lower = atom.lower()
            if lower in phrases and (found := _phrase(phrases[lower], atoms, at)):
                length, word = found
                stop = atoms[at + length - 1][1]
                parts.append(Part(begin, stop, word.kind, word.sort, text[begin:stop], 0.95))
                at += length
                continue
            if lower[0] in _JOINING and at + 1 < count and (joined := _joined(text, begin, lower)):
                parts += joined
                at = bisect_left(atoms, (joined[-1].end,), at)
                continue
        for first, last, kind, sort, value, confidence, alternatives in read_atom(atom):
            parts.append(Part(begin + first, begin + last, kind, sort, value, confidence, alternatives))
        at += 1
    return parts


def _phrase(
    phrases: tuple[tuple[tuple[str, ...], Word], ...], atoms: list[tuple[int, int, str]], at: int
) -> tuple[int, Word] | None:
    """The longest phrase that begins at an atom, as (atoms, what it is)."""
    for words, word in phrases:
        if at + len(words) <= len(atoms) and all(
            atoms[at + step][2].lower() == words[step] for step in range(1, len(words))
        ):
            return len(words), word
    return None


_JOINING = frozenset("0123456789viqtulm")
"""First letters of what is written in several atoms."""


def _joined(text: str, begin: int, lower: str) -> list[Part] | None:
    """What several atoms from `begin` on say together."""
    first = lower[0]
    if first.isdigit():
        return _numeric(text, begin)
    if first == "v" and (match := _EXPLICIT.match(text, begin)):
        value = numbers(match["first"] + (match["more"] or "")) + (match["letter"] or "")
        return [Part(begin, match.end(), "version", "explicit", value, 0.95)]
    if first in "iqtum" and (match := _BLOCKS.match(text, begin)):
        return [Part(begin, match.end(), "quantisation", "", match[0], 0.95)]
    if first == "l" and (match := _BERT_SIZES.match(text, begin)):
        kinds = ("layers", "hidden", "heads")
        return [
            Part(match.start(at), match.end(at), kind, "", match[at][2:], 0.95)
            for at, kind in enumerate(kinds, start=1)
            if match[at]
        ]
    if first == "l" and (match := _MINILM.match(text, begin)):
        return [Part(begin, match.end(), "layers", "", match[0], 0.8)]
    return None


def _numeric(text: str, begin: int) -> list[Part] | None:
    match = _NUMERIC.match(text, begin)
    if match is None:
        return None
    form, said = match.lastgroup or "", match[0]
    if form in {"day", "month", "year"}:
        value = re.sub("[_.]", "-", said)
        value = f"{said[3:]}-{said[:2]}" if form == "year" else value
        return [Part(begin, match.end(), "date", "", value, 0.95)]
    if form == "version":
        return [Part(begin, match.end(), "number", "joined", numbers(said), 0.8)]
    kind = {"bits": "quantisation"}.get(form, form)
    return [Part(begin, match.end(), kind, "", said.replace("_", ".") if form == "size" else said, 0.9)]


def with_keywords(parts: list[Part], text: str) -> list[Part]:
    """Numbers joined to the word that says what they count, before or behind it: `step-1431k`, `3 epochs`."""
    found: list[Part] = []
    for part in parts:
        before = found[-1] if found else None
        if before is not None and part.start - before.end <= 1:
            if before.kind == "keyword" and part.kind in _COUNTS:
                kind = before.sort if before.sort in _COUNTED else "setting"
                if kind != "bits":
                    sort = "explicit" if kind == "version" else ""
                    found[-1] = Part(before.start, part.end, kind, sort, part.value, 0.9)
                    continue
            if part.kind == "number" and len(part.value) == 1 and _continues(text, before):
                version = f"{before.value}.{part.value}"
                found[-1] = Part(before.start, part.end, "version", "glued", version, before.confidence)
                continue
            if (
                part.kind == "keyword"
                and before.kind in {"number", "count"}
                and before.sort != "explicit"
                and part.sort in _UNITS
            ):
                kind = _UNITS[part.sort]
                value = text[before.start : part.end] if kind == "quantisation" else before.value
                found[-1] = Part(before.start, part.end, kind, "", value, 0.85)
                continue
        found.append(part)
    for part in found:
        if part.kind == "keyword":
            part.become("identifier" if part.sort not in {"step", "epoch", "setting"} else "setting", 0.5)
    return found


def _continues(text: str, before: Part) -> bool:
    """Whether a digit goes on with the version glued to a word: `internlm2_5`, `sdv1-5`."""
    if before.kind != "version" or before.sort != "glued" or "." in before.value:
        return False
    return text[before.end] == "_" or (text[before.end] == "-" and text[before.start] in "vV")


_COUNTS = frozenset({"number", "count", "setting", "size", "tokens"})
_COUNTED = frozenset({"step", "epoch", "version", "context", "patch", "window", "tokens", "bits"})
