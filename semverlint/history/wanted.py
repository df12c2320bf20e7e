"""Which commits of a history somebody wants to see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from semverlint.errors import UsageError
from semverlint.history.record import Entry, History
from semverlint.history.taxonomy import CATEGORIES, PARTS, Category, Part
from semverlint.terms import Bump
from semverlint.text import clean, suggest

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True)
class Wanted:
    """What a commit must have to be shown; a filter that is empty asks for nothing.

    Attributes:
        least: The bump it must need at least, or perhaps need.
        categories: It is about one of these.
        parts: It touches one of these.
        disagreeing: Its title and its diff disagree.
    """

    least: Bump = Bump.NONE
    categories: tuple[Category, ...] = ()
    parts: tuple[Part, ...] = ()
    disagreeing: bool = False

    @classmethod
    def read(
        cls, least: str | None, categories: Sequence[str] | None, parts: Sequence[str] | None, *, disagreeing: bool
    ) -> "Wanted":
        """What the command line asks for.

        Raises:
            UsageError: If a bump, category or part is not known.
        """
        bumps = [str(bump) for bump in Bump if bump]
        if least is not None and least not in bumps:
            raise UsageError(f"--at-least {clean(least)}: not known", f"choose from {', '.join(bumps)}")
        return cls(
            Bump.named(least) if least else Bump.NONE,
            _known(categories, CATEGORIES, "--category"),
            _known(parts, PARTS, "--part"),
            disagreeing,
        )

    def among(self, history: History) -> History:
        """The history with only the commits that are wanted; what is waiting is told of all of them."""
        return replace(history, entries=[entry for entry in history.entries if self._has(entry)])

    def _has(self, entry: Entry) -> bool:
        return (
            entry.at_most >= self.least
            and (not self.categories or bool(entry.work.categories.keys() & set(self.categories)))
            and (not self.parts or bool(set(entry.work.parts) & set(self.parts)))
            and (bool(entry.contradictions) or not self.disagreeing)
        )


def moment(text: str) -> str:
    """A date or moment as ISO 8601 in UTC, as commits have it; empty for an empty text.

    Raises:
        UsageError: If it is neither.
    """
    if not text:
        return ""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since {clean(text)}: not a date", "write it as 2024-05-01") from None
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _known(given: Sequence[str] | None, known: Sequence[Word], option: str) -> tuple[Word, ...]:
    words = [word.strip().lower() for text in given or () for word in text.split(",")]
    for word in words:
        if word not in known:
            remedy = f"choose from {', '.join(known)}"
            raise UsageError(f"{option} {clean(word)}: not known{suggest(word, known)}", remedy)
    return tuple(word for word in known if word in words)
