"""Which version tags are about to be pushed, as git and pre-commit tell their hooks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from semverlint.errors import SourceError
from semverlint.sources import Repository
from semverlint.versions.releases import Tag, version_tags

_TAGS = "refs/tags/"
_COMMITS_PUSHED = 1_000
"""Commits walked in search of tagged ones; a push of more is a copy of a whole history."""


@dataclass(frozen=True)
class Pushed:
    """A version tag on its way.

    Attributes:
        tag: The tag.
        before: The commit it names where it is pushed to, if it stands there already and that commit is known here.
    """

    tag: Tag
    before: str | None = None


def from_git(repository: Repository, lines: Iterable[str]) -> list[Pushed]:
    """What git says on the standard input of a pre-push hook: `<local ref> <local id> <remote ref> <remote id>`.

    https://git-scm.com/docs/githooks#_pre_push
    """
    tags = {tag.name: tag for tag in version_tags(repository)}
    found = []
    for line in lines:
        words = line.split()
        if len(words) != 4 or not words[2].startswith(_TAGS) or not words[1].strip("0"):  # noqa: PLR2004 - see above
            continue  # a branch, or a tag that is deleted
        if tag := tags.get(words[2].removeprefix(_TAGS)):
            before = _commit(repository, words[3]) if words[3].strip("0") else None
            found.append(Pushed(tag, before if before != tag.commit else None))
    return found


def from_pre_commit(repository: Repository, environment: Mapping[str, str]) -> list[Pushed]:
    """What pre-commit makes of a push: the tag, or the version tags at the commits of a branch.

    pre-commit runs its hooks once a push, for the first ref that brings a commit, and tells of no other. A tag at a
    commit on its way is taken to go along: it is one `git push --follow-tags` away.
    """
    tags = version_tags(repository)
    local = environment.get("PRE_COMMIT_LOCAL_BRANCH", "")
    if local.startswith(_TAGS):
        return [Pushed(tag) for tag in tags if tag.name == local.removeprefix(_TAGS)]
    if not tags or not (pushed := environment.get("PRE_COMMIT_TO_REF") or local):
        return []
    commits = set(_commits(repository, pushed, environment.get("PRE_COMMIT_FROM_REF")))
    return [Pushed(tag) for tag in tags if tag.commit in commits]


def _commits(repository: Repository, last: str, known: str | None) -> Iterator[str]:
    """The commits that a push brings, newest first."""
    end = _commit(repository, known) if known else None
    for commit in islice(repository.commits(last), _COMMITS_PUSHED):
        if commit.id == end:
            return
        yield commit.id


def _commit(repository: Repository, revision: str) -> str | None:
    try:
        found = repository.resolve(revision)
    except SourceError:
        return None  # of the other side, and never fetched
    return found.commit if found else None
