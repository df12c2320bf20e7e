"""Which revision is the release under test, with the tags and versions it has, and which lines it is of."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Literal

from semverlint.files import same_content
from semverlint.roles import Role, role
from semverlint.snapshot import Snapshot
from semverlint.sources import Repository, Settings, open_repository, parse
from semverlint.versions.declared import Declaration, declarations, in_title
from semverlint.versions.schemes import Version, read_version

Line = Literal["major", "minor"]

_RELATIVES = 4
"""Other releases that are looked at where weights may be a mixture of several."""


@dataclass(frozen=True)
class Tag:
    """A tag whose name is a version."""

    name: str
    commit: str
    version: Version


@dataclass(frozen=True)
class Release:
    """A revision with the versions it declares.

    Attributes:
        snapshot: Its files.
        tag: The version tag that names it, if one does.
        declared: What it declares, the place that counts first.
        why: Why it was chosen, where it was chosen and not asked for.
        moved: Whether the tag under test named this other commit before.
    """

    snapshot: Snapshot
    tag: Tag | None = None
    declared: Sequence[Declaration] = field(default_factory=list)
    why: str = ""
    moved: bool = False

    @property
    def version(self) -> Version | None:
        """The version that counts."""
        return self.declared[0].version if self.declared else None


def version_tags(repository: Repository) -> list[Tag]:
    """The repository's tags that name versions, lowest first."""
    read = ((tag, read_version(tag.name)) for tag in repository.tags())
    tags = [Tag(tag.name, tag.commit, version) for tag, version in read if version is not None]
    return sorted(tags, key=lambda tag: (tag.version.order, tag.name))


def release(repository: Repository, revision: str | None, why: str = "", *, moved: bool = False) -> Release:
    """A revision of a repository as a release: its files, its tag, and the versions it declares."""
    snapshot = repository.snapshot(revision)
    tag = _tag_of(repository, revision, snapshot)
    declared = declarations(snapshot, tag.name if tag else None, _branch(repository, revision))
    if not declared and snapshot.commit:
        declared = [
            found for commit in islice(repository.commits(snapshot.commit), 1) for found in in_title(commit.title)
        ]
    return Release(snapshot, tag, declared, why, moved)


def _branch(repository: Repository, revision: str | None) -> str | None:
    """The revision asked for, where it is a branch whose name may be a version."""
    if revision is None or revision.startswith(":") or not any(character.isdigit() for character in revision):
        return None
    found = repository.resolve(revision)
    return revision if found and found.kind == "branch" else None


def _tag_of(repository: Repository, revision: str | None, snapshot: Snapshot) -> Tag | None:
    """The version tag asked for, or one that names the very commit; none for files that are not committed."""
    tags = version_tags(repository)
    if not tags or (asked := next((tag for tag in tags if tag.name == revision), None)):
        return asked if tags else None
    commit = snapshot.commit or _commit_of_clean_tree(repository, revision, snapshot)
    here = [tag for tag in tags if tag.commit == commit]
    return here[-1] if here else None


def _commit_of_clean_tree(repository: Repository, revision: str | None, snapshot: Snapshot) -> str | None:
    """The commit a working tree or index stands on, where it differs from it in nothing."""
    if revision is not None and not revision.startswith(":"):
        return None
    head = repository.resolve(revision)
    if head is None or head.kind == "index":
        return None  # what is staged is on its way to be released, even where nothing is
    committed = repository.snapshot(head.commit)
    return None if differs(committed, snapshot) else head.commit


def relatives(repository: Repository, old: Release, new: Release) -> Iterator[Snapshot]:
    """Other releases of a repository on this disk, the latest first: what the new one may be mixed from."""
    if any(file.remote for file in new.snapshot.files.values()):
        return
    commits = {one.snapshot.commit for one in (old, new)}
    others = [tag for tag in reversed(version_tags(repository)) if tag.commit not in commits]
    for tag in others[:_RELATIVES]:
        yield repository.snapshot(tag.name)


def consecutive(tags: Sequence[Tag]) -> Iterator[tuple[Tag, Tag]]:
    """Each version tag with the one before it: dates follow dates, and numbers numbers."""
    for dated in (False, True):
        yield from pairwise(tag for tag in tags if tag.version.dated is dated)


def predecessor(version: Version, tags: Iterable[Tag]) -> Tag | None:
    """The version tag a release follows: in its own line first, a stable one before a pre-release.

    1.2.4 follows 1.2.3 even where 2.0.0 exists; 1.0.0 follows 1.0.0-rc.1 only where nothing stable lies below.
    """
    below = [tag for tag in tags if tag.version.order < version.order]
    same_scheme = [tag for tag in below if tag.version.dated == version.dated]
    stable = [tag for tag in same_scheme if not tag.version.pre]
    candidates = same_scheme if version.pre else stable or same_scheme
    return candidates[-1] if candidates else None


def anchors(target: Release, tags: Iterable[Tag], base: Release) -> list[tuple[Line, Tag]]:
    """The first release of the target's own major line, and of its own minor line.

    Small steps below a tolerance add up; these are where the sum is taken. Left out where it is the baseline itself.
    """
    version = target.version
    if version is None or not version.promises:
        return []
    stable = [tag for tag in tags if tag.version.promises and tag.version.padded < version.padded]
    # Cargo: in 0.y.z the y is the major line, and it has no minor one.
    lines: list[tuple[Line, int]] = [("minor", 2), ("major", 1)] if version.padded[0] else [("major", 2)]
    found: dict[str, tuple[Line, Tag]] = {}
    for line, parts in lines:
        first = next((tag for tag in stable if tag.version.padded[:parts] == version.padded[:parts]), None)
        if first and first.commit != base.snapshot.commit:
            found.setdefault(first.name, (line, first))
    return list(found.values())


def differs(old: Snapshot, new: Snapshot, leaving_out: Collection[Role] = ()) -> bool:
    """Whether two snapshots differ in any file, those of some roles left out."""
    before = {path: file for path, file in old.files.items() if role(path) not in leaving_out}
    after = {path: file for path, file in new.files.items() if role(path) not in leaving_out}
    return before.keys() != after.keys() or any(not same_content(before[path], after[path]) for path in before)


def named(repository: Repository, against: str, settings: Settings) -> Release:
    """The release that `--against` names: a tag of the target's repository (`v1.2.0`, `@v1.2.0`), or any address."""
    name = against.removeprefix("@")
    if against.startswith("@") or any(tag.name == name for tag in repository.tags()):
        return release(repository, name, "named with --against")
    address = parse(against)
    return release(open_repository(address, settings), address.revision, "named with --against")
