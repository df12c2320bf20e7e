"""Which release the one under test follows, where nobody says."""

from collections.abc import Sequence
from itertools import islice

from semverlint.errors import FileError, NoBaselineError, SourceError
from semverlint.roles import Role
from semverlint.sources import Repository, Settings
from semverlint.text import clean, some
from semverlint.versions.lineage import before_in_series
from semverlint.versions.releases import Release, Tag, differs, predecessor, release, version_tags

_COMMITS_TAGGED = 1_000
"""Commits walked back in search of a tagged one."""
_COMMITS_READ = 25
"""Commits whose files are listed in search of one with other content; each is a request on the Hub."""
_NO_CONTENT: frozenset[Role] = frozenset({"document", "repository", "training", "card", "licence", "evals"})
"""Roles of files that a model's users do not load."""


def baseline(repository: Repository, revision: str | None, target: Release, settings: Settings) -> Release:
    """The release that `target` follows, with why it was chosen.

    In this order: what the target's tag named before it was moved; for a tagged release the version tag below it, or
    one of another scheme behind it; for what has tags behind it the last of them; the repository before it in its
    series; the last commit with other model content.

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
        found = _below(repository, revision, target.tag, tags) or before_in_series(repository, target, settings)
    elif tags:
        found = _behind(repository, revision, tags)
    else:
        listed = before_in_series(repository, target, settings) if revision is None else None
        found = listed or _other_content(repository, revision, target)
    if found is not None:
        return found
    problem = f"{target.snapshot.name} has no earlier release to compare with"
    if repository.cut_short:
        why, remedy = repository.cut_short
        raise NoBaselineError(f"{problem}: {why}", remedy)
    if target.tag and (others := [tag for tag in tags if tag.commit != target.tag.commit]):
        near = _last_tagged(repository, revision, others) or others[-1]
        raise NoBaselineError(
            f"{problem}: no version tag lies below {clean(target.tag.name)}",
            f"name one with --against, such as {clean(near.name)}",
        )
    raise NoBaselineError(problem, f"tag a release, or name one with --against{_made_from(target)}")


def _made_from(target: Release) -> str:
    """The model that a card names as the base: a relative that it can be held against, and no release before it."""
    from semverlint.formats.card import read_card  # noqa: PLC0415 - only where there is nothing to compare with

    try:
        card = target.snapshot.facts(read_card, "README.md")
    except FileError:
        return ""
    bases = card.listed("base_model") if card else ()
    return f": it is made from {some(bases, 2)}" if bases else ""


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


def _last_tagged(repository: Repository, revision: str | None, tags: Sequence[Tag]) -> Tag | None:
    by_commit = {tag.commit: tag for tag in tags}  # of several at one commit the highest, since they come lowest first
    for commit in islice(repository.commits(revision), _COMMITS_TAGGED):
        if commit.id in by_commit:
            return by_commit[commit.id]
    return None
