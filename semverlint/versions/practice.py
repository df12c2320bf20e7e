"""How versions are used: whether they go forward, agree, stay where they were put, and tell of other weights."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from semverlint.changes.base import Change
from semverlint.errors import FileError
from semverlint.snapshot import Snapshot
from semverlint.versions.declared import Declaration, spoken
from semverlint.versions.releases import Release, Tag

_OWN_PLACES = frozenset({"tag", "revision", "README.md", "config.json"})
"""Places where only the model's own version can stand; elsewhere it may be that of what the model is made from."""


def version_changes(old: Release, new: Release, tags: Sequence[Tag], compared: Iterable[Change]) -> Iterator[Change]:
    """What two releases and their repository's tags say of its versions.

    Args:
        old: The release before.
        new: The release under test.
        tags: Every version tag of its repository, lowest first.
        compared: What the comparers found between the two.
    """
    if new.declared or old.declared:
        yield from _step(old, new)
        yield from _disagreements(new, old)
    yield from _moved(old, new)
    yield from _same_name(old, new, compared)
    if len(tags) > 1:
        yield from _history(new, tags)


def _pair(old: Release, new: Release) -> tuple[Declaration | None, Declaration | None]:
    return spoken(new.declared, old.declared, same_repository=old.snapshot.address == new.snapshot.address)


def _step(old: Release, new: Release) -> Iterator[Change]:
    """A version that went back, or left numbers out."""
    after, before = _pair(old, new)
    if before is None or after is None or before.version is None or after.version is None:
        return
    from semverlint.changes.versions import VersionSkipped, VersionWentBack  # noqa: PLC0415 - two versions are needed
    from semverlint.versions.steps import skips  # noqa: PLC0415 - likewise

    if before.version.promises and after.version.promises and after.version.order < before.version.order:
        yield VersionWentBack(path=after.place, before=before.text, after=after.text)
    elif skips(before.version, after.version):
        yield VersionSkipped(path=after.place, before=before.text, after=after.text)


def _disagreements(new: Release, old: Release) -> Iterator[Change]:
    """Places of the new revision whose version is not the one that counts."""
    from semverlint.changes.versions import VersionsDisagree  # noqa: PLC0415 - only two places can disagree

    disagreed = {other.place for other in old.declared[1:] if not _agree(old.declared[0], other)}
    for other in new.declared[1:]:
        first = new.declared[0]
        if not _agree(first, other) and not _borrowed(new.snapshot, other):
            yield VersionsDisagree(
                path=other.place,
                already=other.place in disagreed,
                place=first.place,
                version=first.text,
                other_place=other.place,
                other_version=other.text,
            )


def _agree(one: Declaration, other: Declaration) -> bool:
    """Whether two places say the same version, or the second as much of it as such a place tells."""
    if one.version is None or other.version is None:
        return one.text == other.text
    if one.version.order == other.version.order:
        return True
    if other.place in _OWN_PLACES:
        return False
    if one.version.dated != other.version.dated:
        return True  # a date in a name says when, not which
    told = other.version.release
    return one.version.padded[: len(told)] == told[:3]


def _borrowed(snapshot: Snapshot, other: Declaration) -> bool:
    """Whether a name's version is that of the model this one is made from: `Mistral-7B-v0.3-GGUF`."""
    if other.place in _OWN_PLACES or other.version is None:
        return False
    from semverlint.formats.card import read_card  # noqa: PLC0415 - only where two places disagree
    from semverlint.versions.own import own_version  # noqa: PLC0415 - likewise

    try:
        card = snapshot.facts(read_card, "README.md")
    except FileError:
        return False
    bases = (own_version(base.rpartition("/")[2]).version for base in (card.listed("base_model") if card else ()))
    return any(base and base.order == other.version.order for base in bases)


def _moved(old: Release, new: Release) -> Iterator[Change]:
    """A tag that named another commit when it was released."""
    before, after = old.snapshot.commit, new.snapshot.commit
    if new.tag and old.moved and before and after:
        from semverlint.changes.versions import TagMoved  # noqa: PLC0415 - few tags ever move

        yield TagMoved(path="tag", tag=new.tag.name, before=before[:12], after=after[:12])


def _same_name(old: Release, new: Release, compared: Iterable[Change]) -> Iterator[Change]:
    """Weights that are others under a version, or for want of one a name, that is the same."""
    same_repository = old.snapshot.address == new.snapshot.address
    after, before = _pair(old, new)
    if old.moved or (after is None) != (before is None) or (after is None and not same_repository):
        return
    if after and before:
        same = before.version and after.version and before.version.order == after.version.order
        if not (same or before.text == after.text):
            return
    from semverlint.changes.versions import WeightsChangedUnderName  # noqa: PLC0415 - a new version is the rule
    from semverlint.changes.weights import WeightsChanged  # noqa: PLC0415 - likewise

    name = after.text if after else _called(new.snapshot.address)
    for change in compared:
        if isinstance(change, WeightsChanged):
            declared = after is not None and after.place != "name"
            yield WeightsChangedUnderName(path=change.path, name=name, declared=declared, what=change.what)


def _called(address: str) -> str:
    """What a repository without a version is called."""
    return "as before" if address.rstrip("/").rpartition("/")[2] in {"", ".", ".."} else address


def _history(new: Release, tags: Sequence[Tag]) -> Iterator[Change]:
    """Tags of several schemes, and tags that mean one version and name two commits."""
    from semverlint.changes.versions import SchemesMixed, VersionTaggedTwice  # noqa: PLC0415 - one tag has no history
    from semverlint.versions.diagnosis import diagnose  # noqa: PLC0415 - likewise

    kept = _without_aliases(tags)
    found = diagnose(tag.version for tag in kept)
    if found.mixed:
        without = diagnose(tag.version for tag in kept if tag != new.tag)
        yield SchemesMixed(
            path="tag",
            already=len(without.schemes) == len(found.schemes),
            versions=found.versions,
            schemes=len(found.schemes),
            told=found.told,
            proposal=found.proposal,
        )
    for one, other in pairwise(kept):
        if one.version.order == other.version.order and one.commit != other.commit:
            already = new.tag not in {one, other}
            yield VersionTaggedTwice(path="tag", already=already, first=one.name, second=other.name)


def _without_aliases(tags: Iterable[Tag]) -> list[Tag]:
    """The tags without short names that move with a longer one: `v1` at the commit of `v1.4.2`."""
    numbers: defaultdict[str, set[tuple[int, ...]]] = defaultdict(set)
    for tag in tags:
        release = tag.version.release
        numbers[tag.commit].update(release[:length] for length in range(1, min(len(release), 4)))
    return [tag for tag in tags if tag.version.release not in numbers[tag.commit]]
