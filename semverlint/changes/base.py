"""What every change has in common, and what could not be decided.

A change is one frozen record a kind. It says what is different, never how bad that is: that is the rules' business.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar, dataclass_transform

from semverlint.terms import Bump

Value = str | int | float | bool | None
"""A value as a rule sees it. None: not there. JSON's null is the text `null`; lists and objects are compact JSON."""

Evidence = Literal["exact", "sampled", "metadata"]
"""How we know: every byte was compared, a share of them was, or names, sizes and headers speak."""

KINDS: dict[str, type["Change"]] = {}
"""Every kind of change by the name rules call it; filled by `@change`."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between two revisions.

    Attributes:
        path: The file it is in: of the new revision, or of the old one where it is gone.
    """

    kind: ClassVar[str] = ""
    path: str

    @property
    def subject(self) -> str:
        """What inside the file it is about (a key, a tensor, a token); empty for the file itself."""
        return ""

    @property
    def evidence(self) -> Evidence:
        """How we know."""
        return "exact"

    @property
    def magnitude(self) -> float:
        """How far it goes, to show the worst of many first; only compared within one kind."""
        return 0.0


@dataclass(frozen=True, kw_only=True)
class Incoherence(Change):
    """Something in the new revision that contradicts something else in it.

    Attributes:
        already: Whether the old revision had the same contradiction; then it calls for no bump.
    """

    already: bool


C = TypeVar("C", bound=Change)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def change(cls: type[C]) -> type[C]:
    """Make a record of the vocabulary: frozen, keyword-only, known to rules as `TokenMoved` → `token-moved`."""
    record = dataclass(frozen=True, kw_only=True)(cls)
    record.kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
    if record.kind in KINDS:
        raise TypeError(f"two kinds of change are called {record.kind}")
    KINDS[record.kind] = record
    return record


def fields_of(kind: type[Change]) -> Mapping[str, object]:
    """The fields of a kind with their types, as a rule's `when` may name them."""
    return {field.name: field.type for field in dataclasses.fields(kind)}


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """A question that could not be answered: neither a pass nor a crash.

    Attributes:
        path: The file it is about.
        reason: Why it could not be decided.
        would_settle: What would settle it (an option, an extra, a download).
        at_most: The largest bump the answer could ask for.
        failed: Whether a file was unreadable or hostile, so that the check is incomplete.
    """

    path: str
    reason: str
    would_settle: str
    at_most: Bump = Bump.MAJOR
    failed: bool = False
