"""Semantic Versioning 2.0.0 by the letter: what is a version, and which of two comes first (https://semver.org)."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
# Compiled when it is first needed, by `re` itself: most runs read no version at all.
_SEMVER = (  # rules 2, 9 and 10
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
_LONGEST = 255
"""Characters. The specification sets no limit and calls 255 "probably overkill"."""

Identifiers: TypeAlias = tuple[tuple[int, int, str], ...]
"""Dot-separated identifiers as they compare (rule 11.4): numbers as numbers and below words, words by ASCII."""


@dataclass(frozen=True)
class SemVer:
    """A version of Semantic Versioning 2.0.0.

    Attributes:
        major: Incompatible changes.
        minor: Compatible additions.
        patch: Compatible corrections.
        pre: The pre-release identifiers, as written; empty for a release.
        build: The build metadata, as written; it has no part in precedence (rule 10).
    """

    major: int
    minor: int
    patch: int
    pre: str = ""
    build: str = ""

    @cached_property
    def precedence(self) -> tuple[int, int, int, bool, Identifiers]:
        """Sorts versions by rule 11: numbers first, then a pre-release below its release, then its identifiers."""
        return self.major, self.minor, self.patch, not self.pre, identifiers(self.pre)

    def __str__(self) -> str:
        pre, build = self.pre and f"-{self.pre}", self.build and f"+{self.build}"
        return f"{self.major}.{self.minor}.{self.patch}{pre}{build}"


def parse_semver(text: str) -> SemVer | None:
    """The version that `text` is, wholly and without a leading `v`; None where it is none."""
    if len(text) > _LONGEST or not (match := re.fullmatch(_SEMVER, text, re.ASCII)):
        return None
    return SemVer(int(match[1]), int(match[2]), int(match[3]), match[4] or "", match[5] or "")


def identifiers(pre: str) -> Identifiers:
    """Pre-release identifiers as they compare; a longer list is the higher where all else is equal."""
    parts = pre.split(".") if pre else []
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
