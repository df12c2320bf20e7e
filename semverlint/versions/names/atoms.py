"""A run of letters and digits by itself: `Qwen2.5` is a family and a version, `7b` a size, `w4a16` a quantisation.

What an atom is depends on nothing but its text, so each is read once and remembered; what depends on its neighbours is
left to `context.py`, under kinds of its own (`number`, `tier`, `count`, …).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from semverlint.versions.names.record import Alternative
from semverlint.versions.names.vocabulary import Word, vocabulary

LONGEST = 48
"""Characters; a longer run is no word, number or code that says anything."""


class Reading(NamedTuple):
    """What a stretch of an atom is.

    Attributes:
        start: Where it begins in the atom.
        end: Where it ends.
        kind: Its kind, or one that depends on the neighbours.
        sort: The class within the kind.
        value: What it says.
        confidence: How sure that is.
        alternatives: Other readings.
    """

    start: int
    end: int
    kind: str
    sort: str
    value: str
    confidence: float
    alternatives: tuple[Alternative, ...] = ()


_N = r"\d+(?:\.\d+)?"
_SETTINGS = "lr|bs|wd|wr|seed|rank|r\\d|ga|gc|tp|dp|bz|batch|alpha|fold|run|dropout|drop|len|maxlen|max|ml|topk|opt"
_SHAPES: tuple[tuple[str, str, str], ...] = (
    ("date", "", r"v?((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:t\d{4,6})?"),
    ("date", "dotted", r"v?((?:19|20)\d\d\.(?:0?[1-9]|1[0-2])(?:\.(?:0?[1-9]|[12]\d|3[01]))?)"),
    ("number", "", r"(\d+(?:\.\d+)*)"),
    ("version", "explicit", r"v(?:er|ersion)?(\d{1,3}(?:p\d{1,2}|(?:\.\d+){0,3}[a-h]?))"),
    ("number", "explicit", r"v(\d{4,10})"),
    ("size", "", rf"(\d+x{_N}[bm]|{_N}bx\d+|{_N}bn?|\d+b\d|so\d+m|e{_N}b|{_N}(?:billion|million))"),
    ("size", "million", rf"({_N}m)"),
    ("active", "", rf"(a{_N}b)"),
    ("tokens", "trillion", rf"({_N}t)"),
    ("count", "", rf"({_N}k)"),
    ("dataset", "", r"(\d{2,4}h)"),
    ("quantisation", "", rf"(\d{{1,2}}(?:\.\d{{1,2}})?bits?|{_N}bpw|bpw{_N}|w\d{{1,2}}a\d{{1,2}}(?:kv\d{{1,2}})?)"),
    ("quantisation", "", r"(i?q\d(?:[fk]\d*\w?)?|kq\d|tq\d|u?int\d{1,2}|(?:mx|nv)?fp[4568])"),
    ("quantisation", "beside", r"(\d{2,4}g|g\d{2,4}|h[4-8])"),
    ("step", "", r"(?:global)?(?:steps?|ckpt|checkpoint|iter(?:ation)?s?|cp)(\d+k?)"),
    ("step", "", r"(\d+k?)(?:steps?|iters?|ckpt)"),
    ("epoch", "", r"(?:epochs?|ep|e)(\d{1,3})"),
    ("epoch", "", r"(\d{1,3})(?:epochs?|eps?)"),
    ("patch", "", r"patch(\d{1,3})"),
    ("window", "", r"window(\d{1,3})"),
    ("image", "", r"(\d{2,4})(?:px|res)"),
    ("image", "", r"(\d{3,4}x\d{3,4})"),
    ("layers", "", r"([lt]\d{1,2}|l3\.[1-9]|\d{1,2}l)"),
    ("tier", "coded", r"(b\d|lite\d)"),
    ("context", "", r"(?:ctx|context|contextlength|seqlen)(\d+k?)"),
    ("context", "", r"(\d+k?)(?:ctx|context)"),
    ("hidden", "", r"h(\d{3,4})"),
    ("tokens", "", rf"({_N}[bmkt])(?:tokens?|toks?)"),
    ("setting", "", rf"((?:{_SETTINGS}){_N}(?:e\d*)?)"),
    ("setting", "", rf"({_N}e(?:\d+)?|\d{{1,2}}x\d{{1,2}}|\d{{1,3}}(?:shot|way|gpu|samples?|layers?)|s\d+b|b\d+k)"),
    ("number", "lettered", r"(\d(?:\.\d)?)[a-ce-z]"),
    ("variant", "", r"([a-z]\d)"),
)
"""Kind, sort and form; the first form that fits the whole atom decides, and its first filled group is the value."""
_SHAPE = re.compile("|".join(f"(?P<_{at}>{form})" for at, (_, _, form) in enumerate(_SHAPES)), re.IGNORECASE | re.ASCII)
_PRE = re.compile(
    r"(v?\d{1,3}(?:\.\d+){0,3})((?:alpha|beta|rc|dev|pre|preview|a|b)\.?\d{0,3})", re.IGNORECASE | re.ASCII
)
_GLUED = re.compile(r"([^\W\d_]+?)(v?)(\d{1,4}(?:\.\d+){0,3})([^\W\d_]*)")
_LETTERED = re.compile(r"([CDF-HJKMNO-SUYZ])([1-9]\.\d{1,2})")
"""A line of models named by a capital, with its release: `Kimi-K2.5`; no `b1.58`, `A2.7` or width (`x1.5`)."""
_SUFFIXES = ("noframeskip", "bulletenv", "env")
"""Ends of names of environments."""
_DOTLESS = {
    "sd": ("14", "15", "20", "21", "35"), "qwen": ("15", "25"), "llama": ("31", "32", "33"), "wan": ("21", "22"),
    "phi": ("15", "35"), "codegen": ("25",),
}  # fmt: skip
"""Releases that people write without their dot (`sd15`), by family."""
_MOST_RELEASES = 20
"""A larger number glued to a name (`Cat500`, `GLM130B`) counts something else than releases."""


@lru_cache(maxsize=100_000)
def read_atom(text: str) -> tuple[Reading, ...]:
    """What an atom is: one reading, or several one after the other that cover it."""
    length = len(text)
    if length <= LONGEST:
        lower = text.lower()
        word = vocabulary().words.get(lower)
        if word is not None:
            return (Reading(0, length, word.kind, word.sort, text, 0.95),)
        if text.isascii() and (shape := _SHAPE.fullmatch(text)):
            return (_shaped(text, shape),)
        if lower.endswith(_SUFFIXES) and length > len("env"):
            return (Reading(0, length, "environment", "", text, 0.8),)
        if parted := _pre_release(text) or _lettered(text) or _glued(text):
            return parted
    return (Reading(0, length, "identifier", "", text, 0.5 if "0" <= text[0] <= "9" else 0.6),)


def _pre_release(text: str) -> tuple[Reading, ...] | None:
    """A version with its pre-release glued to it: `v2.0beta`, `1.4.0a2`."""
    match = _PRE.fullmatch(text)
    if match is None or not (text[0] in "vV" or "." in match[1]):
        return None
    middle = match.end(1)
    version = Reading(0, middle, "version", "explicit", numbers(match[1].lstrip("vV")), 0.9)
    return version, Reading(middle, len(text), "stage", "", text[middle:], 0.85)


def _is_family(letters: str) -> bool:
    word = vocabulary().words.get(letters.lower())
    return word is not None and word.kind == "family"


def _lettered(text: str) -> tuple[Reading, ...] | None:
    match = _LETTERED.fullmatch(text)
    if match is None:
        return None
    version = Reading(1, len(text), "version", "glued", match[2], 0.7, (_one_word(text),))
    return Reading(0, 1, "variant", "", match[1], 0.7), version


def _shaped(text: str, match: re.Match[str]) -> Reading:
    at = next(at for at in range(len(_SHAPES)) if match.start(f"_{at}") >= 0)
    kind, sort, _ = _SHAPES[at]
    value = match[match.re.groupindex[f"_{at}"] + 1]
    if kind == "version":
        value = numbers(value)
    elif sort == "dotted":
        value = "-".join(part.zfill(2) for part in value.split("."))
    elif kind == "date":
        value = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
    elif kind == "setting" and text[-1] == "E" and text[:-1].isdecimal():
        kind = "experts"  # `16E`; `5e` begins a learning rate
    iterated = kind == "step" and text[:4].lower() == "iter"  # `Iter3` of a series of trainings
    return Reading(0, len(text), kind, sort, value, 0.9, (Alternative("version", value, 0.4),) if iterated else ())


def _glued(text: str) -> tuple[Reading, ...] | None:
    """A word with a number behind it: `gpt2`, `dinov2`, `Qwen2.5VL`, `llama7b`; None where it is one word."""
    match = _GLUED.fullmatch(text)
    if match is None:
        return None
    letters, v, number, rest = match.groups()
    words = vocabulary().words
    if letters[-1] == "V" and len(letters) > 1 and (letters[-2].islower() or _is_family(letters[:-1])):
        letters, v = letters[:-1], "V"  # `OpenVoiceV2`, `DINOV2`; but `HIV1`
    known = words.get(letters.lower())
    middle, stop = len(letters), match.end(3)
    if known is None and v and (known := words.get((letters + v).lower())):
        middle, v = match.end(2), ""
    if known and known.kind == "family":
        return _family(text, known, middle, stop)
    if (
        known and v and not rest and middle > 1 and known.kind not in {"link", "language", "dataset"}
    ):  # `EnsembleV5`, `dpov1`
        version = Reading(middle, stop, "version", "glued", numbers(number), 0.8, (_one_word(text),))
        return Reading(0, middle, known.kind, known.sort, text[:middle], 0.8), version
    if known:
        return _behind_word(text, known, middle, number, rest)
    if rest or len(letters) <= (1 if v else 2) or not _splits(letters, v, number):
        return None
    version = Reading(middle, stop, "version", "glued", numbers(number), 0.85 if v else 0.6, (_one_word(text),))
    return Reading(0, middle, "identifier", "", text[:middle], 0.6), version


def _behind_word(text: str, known: Word, middle: int, number: str, rest: str) -> tuple[Reading, ...] | None:
    """A number glued to a known word: a size (`command-r7b`), a version (`vl2`), or a part of it (`squad1`)."""
    word = Reading(0, middle, known.kind, known.sort, text[:middle], 0.8)
    if known.kind == "tier" and known.sort == "" and not rest and number in _SECOND:  # `rubert-tiny2`
        return word, Reading(middle, len(text), "version", "glued", number, 0.7, (_one_word(text),))
    if known.kind in {"variant", "stage"} and rest.lower() == "b":
        return word, Reading(middle, len(text), "size", "", text[middle:], 0.85)
    if rest or known.kind in {"link", "tier"}:
        return None
    if known.kind in {"variant", "modality"}:
        version = Reading(middle, len(text), "version", "glued", number, 0.7, (_one_word(text),))
        return (word, version) if len(number) == 1 else None
    return (Reading(0, len(text), known.kind, known.sort, text, 0.75),)


_SECOND = frozenset("23456789")
"""Releases of a size; the first is not counted."""


def _one_word(text: str) -> Alternative:
    return Alternative("identifier", text, 0.35)


def _family(text: str, known: Word, middle: int, stop: int) -> tuple[Reading, ...] | None:
    """A family with its size or its version glued to it."""
    first = Reading(0, middle, "family", known.sort, text[:middle], 0.95)
    number, rest = text[middle:stop].lstrip("vV"), text[stop:].lower()
    if rest == "d" and number in {"2", "3", "4"}:  # `Hunyuan3D`: dimensions
        return (Reading(0, len(text), "family", known.sort, text, 0.9),)
    if rest in {"b", "m"}:
        return first, Reading(middle, len(text), "size", "", text[middle:], 0.9)
    if known.sort == "deep" and not rest:
        return first, Reading(middle, stop, "size", "depth", number, 0.9)
    sort = "glued"
    if number in _DOTLESS.get(text[:middle].lower(), ()):
        number, sort = f"{number[0]}.{number[1]}", "dotless"
    if "." not in number and int(number) > _MOST_RELEASES:
        return None
    version = Reading(middle, stop, "version", sort, numbers(number), 0.9)
    return (first, version, *_rest(text, stop)) if rest else (first, version)


def _rest(text: str, start: int) -> tuple[Reading, ...]:
    """What is glued behind a family's version: a known word (`Qwen2.5VL`), or anything."""
    word = vocabulary().words.get(text[start:].lower(), Word("identifier"))
    return (Reading(start, len(text), word.kind, word.sort, text[start:], 0.7),)


def _splits(letters: str, v: str, number: str) -> bool:
    """Whether an unknown word ends in a version: one digit, a dotted number, or anything small behind a `v`.

    Words that end in `t5` are kin of T5, and their 5 no release.
    """
    if v:
        return len(number.partition(".")[0]) <= 2  # noqa: PLR2004 - v10 is a release, v100 a graphics card
    return ("." in number or len(number) == 1) and not (letters[-1] in "tT" and number == "5")


def numbers(text: str) -> str:
    """A version as numbers with dots: `1_1` → `1.1`, `v01` → `1`; `2.01` stays, since it comes before `2.1`."""
    first, *rest = re.split(r"[._\-pP]", text)
    return ".".join((first.lstrip("0") or "0" if first.isdigit() else first, *rest))
