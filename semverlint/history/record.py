"""What is told of a history: its commits, its releases, and what is waiting for the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from semverlint.history.commit import Touched, Work
from semverlint.history.titles import Contradiction
from semverlint.sources.base import Commit
from semverlint.terms import Bump


@dataclass(frozen=True, kw_only=True)
class Released:
    """A version that a commit is released as.

    Attributes:
        version: The version as it is written there.
        source: Where it is written: `tag`, `title` or `card`.
    """

    version: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One commit of a history.

    Attributes:
        commit: Its id, title and date.
        parent: The id of the commit before it along first parents; None for the first.
        touched: The files it touched.
        work: What it did.
        bump: What it would need if it were released by itself; a lower bound where `at_most` is larger.
        at_most: What it could need at most, with what could not be decided.
        decided_by: The rules that ask for `bump`.
        contradictions: Where the title and the diff disagree.
        released: As what it is released, where it is.
        commits: How many commits of one upload it stands for.
    """

    commit: Commit
    parent: str | None
    touched: Sequence[Touched]
    work: Work
    bump: Bump
    at_most: Bump
    decided_by: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    released: tuple[Released, ...] = ()
    commits: int = 1


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The way from one release to the next, or from the last one to the newest commit.

    Attributes:
        start: The version it starts from; None where there is no release before.
        end: The release it leads to; None for what is still waiting for one.
        commits: How many commits it has.
        bumps: How many of them need which bump by themselves, the largest first.
        declared: The step that the two versions declare; None where they promise nothing.
        required: What all of it together needs: less than its largest commit where one took back another.
        at_most: What it could need at most, with what could not be decided.
    """

    start: str | None
    end: Released | None
    commits: int
    bumps: Mapping[Bump, int]
    declared: Bump | None
    required: Bump
    at_most: Bump

    @property
    def verdict(self) -> str:
        """How the declared step stands to the needed one; empty where none is declared."""
        if self.declared is None:
            return ""
        if self.required > self.declared:
            return "under-declared"
        if self.at_most > self.declared:
            return "undecided"
        return "over-declared" if self.required < self.declared else "fits"


@dataclass(frozen=True, kw_only=True)
class History:
    """A history, newest commit first.

    Attributes:
        address: The repository.
        revision: The revision whose history it is.
        entries: Its commits, the newest first.
        releases: The ways between releases, the newest first.
        waiting: What has gathered since the last release.
        whole: Whether the first commit of all is among them.
        cut: Why there are no older ones where they were cut off, and what helps; empty otherwise.
    """

    address: str
    revision: str
    entries: Sequence[Entry]
    releases: Sequence[Stretch]
    waiting: Stretch
    whole: bool
    cut: str = ""
