"""Which revision is the release under test, and which one came before it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from semverlint.errors import NoBaselineError, SourceError
from semverlint.files import same_content
from semverlint.roles import Role, role
from semverlint.snapshot import Snapshot
from semverlint.sources import Repository, Settings, open_repository, parse
from semverlint.versions.declared import Declaration, declarations
from semverlint.versions.schemes import Version, read_version

Line = Literal["major", "minor"]

_COMMITS_TAGGED = 1_000
"""Commits walked back in search of a tagged one."""
_COMMITS_READ = 25
"""Commits whose files are listed in search of one with other content; each is a request on the Hub."""
_RELATIVES = 4
"""Other releases that are looked at where weights may be a mixture of several."""
_NO_CONTENT: frozenset[Role] = frozenset({"document", "repository", "training", "card", "licence", "evals"})
"""Roles of files that a model's users do not load."""


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
    return Release(snapshot, tag, declarations(snapshot, tag.name if tag else None), why, moved)


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


def baseline(repository: Repository, revision: str | None, target: Release) -> Release:
    """The release that `target` follows, with why it was chosen.

    In this order: what the target's tag named before it was moved; for a tagged release the version tag below it, or
    one of another scheme behind it; for anything else the last tagged commit behind it; without tags the last commit
    with other model content.

    Raises:
        NoBaselineError: If there is none.
    """
    tags = version_tags(repository)
    if target.tag and (before := repository.earlier(target.tag.name)):
        try:
            return release(repository, before, f"what the tag {target.tag.name} named before", moved=True)
        except SourceError:
            pass  # that commit is gone; the release is still held against its predecessor
    if target.tag:
        found = _below(repository, revision, target.tag, tags)
    elif tags:
        found = _behind(repository, revision, tags)
    else:
        found = _other_content(repository, revision, target)
    if found is not None:
        return found
    problem = f"{target.snapshot.name} has no earlier release to compare with"
    if repository.shallow:
        raise NoBaselineError(f"{problem}: it is a shallow clone", "run `git fetch --unshallow --tags`")
    raise NoBaselineError(problem, "tag a release, or name one with --against")


def _below(repository: Repository, revision: str | None, tag: Tag, tags: Sequence[Tag]) -> Release | None:
    """The release that a tagged one follows."""
    if below := predecessor(tag.version, tags):
        kind = "pre-release" if below.version.pre else "version"
        return release(repository, below.name, f"the {kind} tag below {tag.version.text}")
    others = [other for other in tags if other.version.dated != tag.version.dated and other.commit != tag.commit]
    if behind := _last_tagged(repository, revision, others):
        return release(repository, behind.name, "the last version tag behind it, of another scheme")
    return None


def _behind(repository: Repository, revision: str | None, tags: Sequence[Tag]) -> Release:
    """The release that what is not tagged yet follows."""
    if behind := _last_tagged(repository, revision, tags):
        return release(repository, behind.name, "the last version tag behind it")
    highest = ([tag for tag in tags if not tag.version.pre] or tags)[-1]
    return release(repository, highest.name, "the highest version tag")


def _other_content(repository: Repository, revision: str | None, target: Release) -> Release | None:
    """The last commit that holds another model."""
    for commit in islice(repository.commits(revision), _COMMITS_READ):
        earlier = repository.snapshot(commit.id)
        if earlier.files and differs(earlier, target.snapshot, leaving_out=_NO_CONTENT):
            return release(repository, commit.id, "the last commit with other model content")
    return None


def relatives(repository: Repository, old: Release, new: Release) -> Iterator[Snapshot]:
    """Other releases of a repository on this disk, the latest first: what the new one may be mixed from."""
    if any(file.remote for file in new.snapshot.files.values()):
        return
    commits = {one.snapshot.commit for one in (old, new)}
    others = [tag for tag in reversed(version_tags(repository)) if tag.commit not in commits]
    for tag in others[:_RELATIVES]:
        yield repository.snapshot(tag.name)


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


def _last_tagged(repository: Repository, revision: str | None, tags: Sequence[Tag]) -> Tag | None:
    by_commit = {tag.commit: tag for tag in tags}  # of several at one commit the highest, since they come lowest first
    for commit in islice(repository.commits(revision), _COMMITS_TAGGED):
        if commit.id in by_commit:
            return by_commit[commit.id]
    return None


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
