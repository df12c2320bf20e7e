"""One repository's commits as rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semverlint.errors import SemverlintError
from semverlint.history.walk import history
from semverlint.run import Run
from semverlint.sources import parse
from semverlint.text import clean

if TYPE_CHECKING:
    from semverlint.fleet.targets import Target

_MOST = 500
"""Commits of one repository; the study (arXiv 2411.09645) leaves out repositories with more."""


@dataclass(frozen=True, kw_only=True)
class CommitRow:
    """One commit.

    Attributes:
        target: The repository, as it was given.
        commit: Its id.
        parent: The commit before it; null for the first.
        date: When it was made, ISO 8601 in UTC.
        title: What its author says.
        bump: What it needs; a lower bound where at_most is larger.
        at_most: What it could need.
        purpose: adaptive, corrective or perfective.
        categories: What it was about.
        parts: What it touched.
        files: How many files it touched.
        contradictions: In how many places title and diff disagree.
        released: The versions it is released as.
    """

    target: str
    commit: str
    parent: str | None
    date: str
    title: str
    bump: str
    at_most: str
    purpose: str | None
    categories: tuple[str, ...]
    parts: tuple[str, ...]
    files: int
    contradictions: int
    released: tuple[str, ...]


def commits_of(target: "Target", run: Run) -> list[CommitRow]:
    """The commits of a repository, newest first; none where it has no history that can be read."""
    try:
        found = history(parse(target.address), run, limit=_MOST)
    except SemverlintError:
        return []  # the table of rows says why
    return [
        CommitRow(
            target=target.text,
            commit=entry.commit.id,
            parent=entry.parent,
            date=entry.commit.date,
            title=clean(entry.commit.title),
            bump=str(entry.bump),
            at_most=str(entry.at_most),
            purpose=entry.work.purpose,
            categories=tuple(entry.work.categories),
            parts=entry.work.parts,
            files=len(entry.touched),
            contradictions=len(entry.contradictions),
            released=tuple(clean(one.version) for one in entry.released),
        )
        for entry in found.entries
    ]
