"""Text in Markdown that may come from a stranger: as it is where every character is harmless, else in a code span."""

import re

from semverlint.text import clean

_PROSE = re.compile(r"(?:[A-Za-z(]|[0-9][0-9,]* [a-z])(?:[A-Za-z0-9 ,;.()'%→…·-]|:(?= |$))*")
"""Words and figures that mean nothing to Markdown: no list, no emphasis, no link, no emoji."""
_LINKS = re.compile(r"www\.|GH-[0-9]", re.IGNORECASE)
"""What GitHub links even so."""


def as_text(text: str) -> str:
    """Text as it is where every character is harmless, else as code."""
    return text if is_prose(text) else as_code(text)


def is_prose(text: str) -> bool:
    """Whether a text means nothing to Markdown."""
    return _PROSE.fullmatch(text) is not None and _LINKS.search(text) is None


def as_code(text: str) -> str:
    """A code span: between more backticks than stand together in it."""
    shown = clean(text, 400)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    gap = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{gap}{shown}{gap}{fence}"
