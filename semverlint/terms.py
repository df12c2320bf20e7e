"""The words that every part of semverlint shares: how big, how loud, and for whom."""

from enum import IntEnum
from typing import Literal, get_args


class Bump(IntEnum):
    """How big a release must be; ordered, so that the largest of several is `max`."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> "Bump":
        """The bump of a lower-case name; raises `KeyError` for any other text."""
        return {str(bump): bump for bump in cls}[name]


Level = Literal["error", "warning", "note", "off"]
"""How loud a rule is: its own axis, apart from how big the bump is."""

Consumer = Literal["load", "input", "output", "embed", "adapt", "behave", "trust"]
"""Who depends on a model, and on what of it (docs/architecture.md has the table)."""

LEVELS: tuple[Level, ...] = get_args(Level)
CONSUMERS: tuple[Consumer, ...] = get_args(Consumer)

Status = Literal["fits", "over-declared", "under-declared", "undeclared", "mutated", "undecided", "not-declared"]
"""How the declared version stands to what the changes need."""

STATUSES: tuple[Status, ...] = get_args(Status)
