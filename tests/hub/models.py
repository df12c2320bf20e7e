"""What the tests' Hub keeps: repositories with commits, names for them, and collections."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hub.contents import Content, Plain

FIRST_DAY = datetime(2024, 1, 1, 12, tzinfo=UTC)
"""Of the first commit of every model; each later one comes a day after."""


@dataclass(frozen=True)
class Kept:
    """One commit."""

    id: str
    title: str
    files: Mapping[str, Content]
    date: datetime
    parent: str | None = None

    @property
    def written(self) -> str:
        """Its date as the Hub writes it."""
        return self.date.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class Model:
    """One repository.

    Attributes:
        commits: Every commit by its id, in the order they were made; those that no name leads to as well.
        about: Fields of the repository's description that a test sets (`tags`, `library_name`, `cardData`).
    """

    name: str
    private: bool = False
    gated: bool = False
    disabled: bool = False
    commits: dict[str, Kept] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)

    @property
    def main(self) -> Kept:
        return self.commits[self.branches["main"]]

    def commit(
        self,
        files: Mapping[str, bytes | Content],
        title: str,
        parent: str | None,
        date: datetime | None = None,
        branch: str | None = "main",
    ) -> Kept:
        """Add a commit behind another one, and let a branch name it."""
        identity = hashlib.sha1(f"{self.name} {len(self.commits)}".encode(), usedforsecurity=False).hexdigest()
        contents = {path: Plain(each) if isinstance(each, bytes) else each for path, each in files.items()}
        when = date or FIRST_DAY + timedelta(days=len(self.commits))
        self.commits[identity] = kept = Kept(identity, title, contents, when, parent)
        if branch is not None:
            self.branches[branch] = identity
        return kept

    def squash(self) -> Kept:
        """Forget the history of main: one commit with the same files; tags still name the old ones."""
        return self.commit(self.main.files, "Super-squash branch 'main' using huggingface_hub", None)

    def find(self, revision: str) -> Kept | None:
        """The commit that a name, an id or the beginning of an id leads to."""
        short = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        names = {"HEAD": self.branches.get("main", ""), **self.pulls, **self.branches, **self.tags}
        wanted = names.get(revision) or names.get(short, revision)
        return next((one for one in self.commits.values() if len(wanted) >= 7 and one.id.startswith(wanted)), None)

    def behind(self, kept: Kept) -> Iterator[Kept]:
        """A commit and its first parents, newest first."""
        at: Kept | None = kept
        while at is not None:
            yield at
            at = self.commits.get(at.parent or "")


@dataclass(frozen=True)
class Collection:
    """Models that somebody put together."""

    slug: str
    title: str
    owner: str
    items: tuple[str, ...]
