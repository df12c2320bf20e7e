"""Untrusted strings made safe, and figures made readable.

Everything a model repository says passes `clean` before a terminal, a page or a log sees it.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that are never shown as they are: controls, formats (bidi marks), surrogates, separators."""


_FIRST_IDEOGRAPH = "\u3041"
"""Below it words need not be searched; to compile the pattern alone takes longer than most reports."""
_IDEOGRAPHS = "[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
"""Characters of scripts that put no spaces between words."""


def clean(value: object, limit: int = 200) -> str:
    """One printable line for any value: unsafe characters escaped, the length held to `limit` characters."""
    text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _UNSAFE else c for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def plural(count: int, noun: str, several: str = "") -> str:
    """`1 tensor`, `2 tensors`, `1,024 entries`."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def some(items: Iterable[object] | Sequence[object], shown: int = 4) -> str:
    """`a, b, c, d and 12 more`, every item cleaned."""
    everything = list(items)
    listed = ", ".join(clean(item, 60) for item in everything[:shown])
    rest = len(everything) - shown
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def size(count: int) -> str:
    """`17 bytes`, `4.2 kB`, `1.3 GB`: decimal units, as the Hub shows them."""
    amount, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if amount < 1000:  # noqa: PLR2004 - the step between decimal units
            break
        amount, unit = amount / 1000, larger
    return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def suggest(given: str, known: Sequence[str]) -> str:
    """`; did you mean X?`, or nothing where no known word is close."""
    close = difflib.get_close_matches(given, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def excerpts(before: str, after: str, ahead: int, behind: int) -> tuple[str, str]:
    """Two texts around the first place where they differ.

    Args:
        before: The one text.
        after: The other.
        ahead: Characters shown ahead of that place.
        behind: Characters shown behind it.
    """
    length = min(len(before), len(after))
    same = next((at for at in range(length) if before[at] != after[at]), length)
    start = same - ahead if same > ahead else 0
    shown = [("…" if start else "") + text[start : same + behind] for text in (before, after)]
    return shown[0], shown[1]


def columns(text: str) -> int:
    """Columns that a terminal gives a text: two for wide characters, none for marks that stand on others."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def wrapped(text: str, width: int, indent: int = 0, hang: int | None = None) -> list[str]:
    """A text in lines of a width; words longer than a line are left whole, so that paths can be copied.

    Lines end between words, and between the characters of scripts that put no spaces between words.

    Args:
        text: The text.
        width: Columns.
        indent: Columns left free before the first line.
        hang: Columns left free before the others; two more than before the first, where that has any, unless told.
    """
    behind = " " * ((indent + 2 if indent else 0) if hang is None else hang)
    lines, begun = [" " * indent], False
    for gap, piece in _pieces(text):
        if begun and columns(lines[-1] + gap + piece) > width:
            lines.append(behind)
            begun = False
        lines[-1] += gap + piece if begun else piece
        begun = begun or bool(piece)
    return [line for line in map(str.rstrip, lines) if line]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What is not broken, each with what stands between it and the one before."""
    for word in text.split(" "):
        if max(word, default="") < _FIRST_IDEOGRAPH:
            yield " ", word
            continue
        gap = " "
        for piece in re.split(f"(?<={_IDEOGRAPHS})(?={_IDEOGRAPHS})", word):
            yield gap, piece
            gap = ""
