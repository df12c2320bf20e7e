"""What every source offers: revisions, and the snapshot of a revision."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from semverlint.errors import UsageError
from semverlint.files import Meter
from semverlint.snapshot import Snapshot


def _keep_to_oneself(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Settings:
    """What holds for every repository of one run.

    Attributes:
        offline: Use nothing but what is on this machine.
        meter: Where requests and bytes are counted.
        xet: Whether the Hub may be asked which chunks files are made of; its absence changes cost, never truth.
        tell: Takes what the user should know beside the report, a line each, when it turns out.
    """

    offline: bool = False
    meter: Meter = field(default_factory=Meter)
    xet: bool = True
    tell: Callable[[str], None] = _keep_to_oneself


@dataclass(frozen=True)
class Revision:
    """A name for a commit.

    Attributes:
        name: As it is written: `v1.2.0`, `main`, `refs/pr/3`, or a commit id.
        commit: The commit's full id (of the commit a tag finally points to).
        kind: What sort of name it is.
    """

    name: str
    commit: str
    kind: Literal["tag", "branch", "pull-request", "commit", "index", "worktree"]


@dataclass(frozen=True)
class Commit:
    """One commit of a history. `date` is ISO 8601 in UTC, from the source; `title` is as the stranger wrote it."""

    id: str
    title: str
    date: str


class Repository(ABC):
    """Where a model lives: revisions of it, each a snapshot away.

    Attributes:
        address: What was asked for, without the revision, as it is shown.
    """

    address: str

    @abstractmethod
    def snapshot(self, revision: str | None) -> Snapshot:
        """The files of a revision; of what a person means by the bare address, when None.

        Raises:
            UsageError: If this kind of repository has no such revision to offer.
            SourceError: If it cannot be reached or read.
        """

    def resolve(self, revision: str | None) -> Revision | None:
        """Which commit a revision names; None where there are no commits (a plain folder)."""
        if revision is not None:
            raise UsageError(f"{self.address} is a plain folder; it has no revision {revision}", "leave the @ out")
        return None

    @property
    def cut_short(self) -> tuple[str, str] | None:
        """Why the history does not go back to its beginning, and what helps; None where nothing says so."""
        return None

    def at_hand(self) -> Iterable[str]:
        """The names of contents that are here and may be missing: what was open may be settled where there are more."""
        return ()

    def tags(self) -> list[Revision]:
        """Every tag, by name."""
        return []

    def commits(self, revision: str | None) -> Iterator[Commit]:
        """The history of a revision along first parents, newest first, the revision's own commit included."""
        del revision
        return iter(())

    def earlier(self, tag: str) -> str | None:
        """The commit a tag is remembered to have named before, where it names another one today."""
        del tag
        return None
