"""The words of names, from the lists under `words/`: what each of them is, alone and in phrases."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

_WORDS = Path(__file__).with_name("words")


class Word(NamedTuple):
    """What a known word is.

    Attributes:
        kind: The kind of segment, or `tier`, `base`, `keyword`, `link`, `number`: kinds that depend on the neighbours.
        sort: The class within it: of a family, how its neighbours are read; of a keyword, what it counts.
    """

    kind: str
    sort: str = ""


class Vocabulary(NamedTuple):
    """All known words.

    Attributes:
        words: Single words in lower case.
        phrases: First word → the phrases it may begin, as (words, what they are), the longest first.
    """

    words: dict[str, Word]
    phrases: dict[str, tuple[tuple[tuple[str, ...], Word], ...]]


@cache
def owned() -> dict[str, frozenset[str]]:
    """Organisation in lower case → the families that are its own."""
    lines = (_WORDS / "owners.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":") for line in lines if ":" in line and not line.startswith("#"))
    return {owner.strip(): frozenset(families.split()) for owner, families in pairs}


@cache
def vocabulary() -> Vocabulary:
    """The lists, read once; what stands first in the order of files and lines wins."""
    words: dict[str, Word] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], Word]]] = {}
    for name in ("families", "quantisations", "stages", "variants", "languages", "datasets", "tasks", "environments"):
        word = Word("identifier")
        for line in (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                kind, _, sort = line.strip("[]").partition(" ")
                word = Word(kind, sort)
            elif not line.startswith("#"):
                for entry in line.split():
                    first, *rest = re.split("-", entry)
                    if rest:
                        phrases.setdefault(first, []).append(((first, *rest), word))
                    words.setdefault("".join((first, *rest)) if _joins(word, rest) else entry, word)
    ordered = {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in phrases.items()}
    return Vocabulary(words, ordered)


def _joins(word: Word, rest: list[str]) -> bool:
    """Whether a phrase is also written as one word (`finetuned`, `gptneox`); not where a part is a number or letter."""
    return bool(rest) and word.kind in {"family", "stage", "environment"} and all(len(part) > 1 for part in rest)
