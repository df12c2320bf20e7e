"""Which repositories of an author are consecutive releases of one thing, and which are only related.

Two repositories belong to one series where their names have the same segments and only the version or the date differs;
case and separators do not count. Whoever is quantised, converted, merged or tuned from another, by its card or by its
name, is its relative and not its successor. A card's `new_version` outweighs names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from semverlint.versions.diagnosis import Diagnosis, diagnose
from semverlint.versions.own import OwnVersion, by_last_number, own_version
from semverlint.versions.steps import Step, ZeroMajor, skips, step

Relation = Literal["quantized", "adapter", "merge", "finetune", "derived", "converted"]
"""How a model comes from another: as cards call it, `derived` where a card does not say, `converted` by its name."""

_NOT_NEXT: frozenset[Relation] = frozenset({"quantized", "adapter", "merge"})
"""Relations to what a model is made of that a next release does not have."""


@dataclass(frozen=True)
class Listed:
    """What a listing says of a repository.

    Attributes:
        id: `owner/name`.
        created: When it was created, ISO 8601; empty where that is not known.
        pipeline: What it is used for (`text-generation`); empty likewise.
        bases: What it is based on, each with the relation.
        successor: The repository its card names as `new_version`; empty without one.
        collections: Titles of the author's collections it stands in.
    """

    id: str
    created: str = ""
    pipeline: str = ""
    bases: tuple[tuple[Relation, str], ...] = ()
    successor: str = ""
    collections: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """Who published it; empty for the few models without."""
        return self.id.rpartition("/")[0]


@dataclass(frozen=True)
class Member:
    """A repository in its series.

    Attributes:
        listed: What the listing says of it.
        own: Its name, read.
        follows: The release before it; empty for the first, and for whoever is in no series.
        why: How that is known.
        step: What the two names declare; None without two versions.
        skipped: Whether numbers between the two were left out.
        equal: Other repositories whose names say the same version.
        early: Whether it was created before the release it follows.
        relation: How it comes from `origin`, where it does.
        origin: The release it was made from; empty where it is none of this listing's.
    """

    listed: Listed
    own: OwnVersion
    follows: str = ""
    why: str = ""
    step: Step | None = None
    skipped: bool = False
    equal: tuple[str, ...] = ()
    early: bool = False
    relation: Relation | None = None
    origin: str = ""

    @property
    def id(self) -> str:
        """`owner/name`."""
        return self.listed.id


@dataclass(frozen=True)
class Series:
    """Consecutive releases of one thing, lowest first; one alone where there are no others.

    Attributes:
        name: What their names have in common.
        members: The releases.
        diagnosis: Which version schemes they follow.
    """

    name: str
    members: tuple[Member, ...]
    diagnosis: Diagnosis


def find_series(listing: Iterable[Listed], zero_major: ZeroMajor = "cargo") -> list[Series]:
    """Every series of a listing, and every repository that is in none as a series of its own; by owner and name.

    Time and memory grow with the number of repositories; an id that is listed twice counts once.
    """
    known = {one.id: Member(one, own_version(one.id, one.pipeline)) for one in listing}
    groups = [group for one in _with_second_look(_by_stem(known.values())) for group in _by_spelling(one)]
    placed = {member.id: member for group in groups for member in _in_order(group, zero_major)}
    _follow_cards(placed, zero_major)
    _relate(placed)
    return sorted(
        _gathered(placed),
        key=lambda one: (one.members[0].listed.owner.casefold(), one.name.casefold(), one.members[0].id),
    )


def _by_stem(members: Iterable[Member]) -> list[list[Member]]:
    groups: defaultdict[tuple[str, str], list[Member]] = defaultdict(list)
    for member in members:
        groups[member.listed.owner.casefold(), member.own.stem].append(member)
    return list(groups.values())


def _with_second_look(groups: list[list[Member]]) -> list[list[Member]]:
    """The groups; of those that are alone the ones together that differ in nothing but their last number.

    `Llama-3-SOLAR-v0.1` and `-v0.2` may be read as two things of one version each, while only one can be meant.
    """
    alone = [group[0] for group in groups if len(group) == 1]
    looks = ((one, by_last_number(one.id, one.listed.pipeline)) for one in alone)
    again = _by_stem(replace(one, own=own) for one, own in looks if own is not None)
    found = [group for group in again if len(group) > 1]
    settled = {member.id for group in found for member in group}
    return [group for group in groups if group[0].id not in settled] + found


def _by_spelling(group: list[Member]) -> list[list[Member]]:
    """A group of one stem, apart by spelling where several spellings have the same version.

    Somebody's `Model-v1`, `Model-v2` and `model_v1`, `model_v2` are two series; `Model-v1` and `model-v2` are one.
    """
    spelled: defaultdict[str, list[Member]] = defaultdict(list)
    for member in group:
        spelled[member.own.spelled].append(member)
    places = [{member.own.place for member in members} for members in spelled.values()]
    clash = sum(map(len, places)) > len(set().union(*places))
    return list(spelled.values()) if clash else [group]


def _in_order(group: Sequence[Member], zero_major: ZeroMajor) -> Iterator[Member]:
    """The members of a group, each with the release it follows."""
    members = sorted(group, key=lambda member: (member.own.place, member.listed.created, member.id))
    numbered = [member for member in members if member.own.version or member.own.date]
    plain = [member for member in members if not (member.own.version or member.own.date)]
    if numbered and plain and not _later(plain[0], numbered[0]):
        numbered.insert(0, plain.pop(0))  # the first release had no version in its name
    yield from plain
    levels: list[list[Member]] = []
    for member in numbered:
        if levels and levels[-1][0].own.place == member.own.place:
            levels[-1].append(member)
        else:
            levels.append([member])
    before: list[Member] = []
    for level in levels:
        for member in level:
            equal = tuple(other.id for other in level if other is not member)
            alone = replace(member, equal=equal)
            yield (
                _after(_closest(member, before), alone, "only the version in their names differs", zero_major)
                if before
                else alone
            )
        before = level


def _later(one: Member, other: Member) -> bool:
    return bool(one.listed.created and other.listed.created) and one.listed.created > other.listed.created


def _closest(member: Member, level: Sequence[Member]) -> Member:
    """Of several with one version the one in a collection with the member, else spelled as it is, else the newest."""

    def likeness(other: Member) -> tuple[bool, bool, str, str]:
        together = not set(other.listed.collections).isdisjoint(member.listed.collections)
        return together, other.own.spelled == member.own.spelled, other.listed.created, other.id

    return max(level, key=likeness)


def _after(before: Member, member: Member, why: str, zero_major: ZeroMajor) -> Member:
    old, new = before.own, member.own
    declared, skipped = None, False
    if old.version and new.version:
        declared = step(old.version, new.version, zero_major)
        skipped = skips(old.version, new.version)
    elif old.version is None and new.version is None and old.date and new.date:
        declared = step(old.date, new.date, zero_major)
    together = sorted(set(before.listed.collections).intersection(member.listed.collections))
    told = f"{why}, both in the collection {together[0]}" if together else why
    return replace(member, follows=before.id, why=told, step=declared, skipped=skipped, early=_later(before, member))


def _follow_cards(placed: dict[str, Member], zero_major: ZeroMajor) -> None:
    """Let cards that name their successor outweigh names; a card that leads back to itself is passed by."""
    for member in sorted(placed.values(), key=lambda member: (member.own.place, member.id)):
        successor = placed.get(member.listed.successor)
        if successor is None or successor.id == member.id or _leads_to(placed, member.id, successor.id):
            continue
        why = f"the card of {member.id} names it as the new version"
        placed[successor.id] = _after(member, successor, why, zero_major)


def _leads_to(placed: Mapping[str, Member], start: str, wanted: str) -> bool:
    """Whether the way back from a release passes another one."""
    seen: set[str] = set()
    while start and start not in seen:
        if start == wanted:
            return True
        seen.add(start)
        start = placed[start].follows if start in placed else ""
    return False


def _relate(placed: dict[str, Member]) -> None:
    """Tell where models come from that are no next release: by their cards, else by their names."""
    by_name = {
        (member.listed.owner.casefold(), member.own.stem, member.own.place): member.id for member in placed.values()
    }
    for member in list(placed.values()):
        found = next(((relation, base) for relation, base in member.listed.bases if base in placed), None)
        if found is None and member.own.origin != member.own.stem:
            origin = by_name.get((member.listed.owner.casefold(), member.own.origin, member.own.place), "")
            found = ("quantized" if member.own.quantised else "converted", origin) if origin else None
        if found is None or found[1] == member.id:
            continue
        relation, origin = found
        if member.follows == origin and relation not in _NOT_NEXT:
            continue  # the next release, trained on from the last one
        changed = replace(member, relation=relation, origin=origin)
        if member.follows == origin:
            changed = replace(changed, follows="", why="", step=None, skipped=False, early=False)
        placed[member.id] = changed


def _gathered(placed: Mapping[str, Member]) -> Iterator[Series]:
    """Members that follow each other, put together again."""
    leader: dict[str, str] = {}
    for start in placed:
        way = []
        at = start
        while at not in leader and placed[at].follows:
            way.append(at)
            at = placed[at].follows
        first = leader.get(at, at)
        leader.update(dict.fromkeys((*way, at), first))
    together: defaultdict[str, list[Member]] = defaultdict(list)
    for one, first in leader.items():
        together[first].append(placed[one])
    for members in together.values():
        members.sort(key=lambda member: (member.own.place, member.listed.created, member.id))
        versions = [version for one in members if (version := one.own.version or one.own.date)]
        yield Series(members[-1].own.spelled, tuple(members), diagnose(versions))
