"""Series of repositories for people, as a tree, and for programs, as JSON."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from semverlint.text import clean, plural, some
from semverlint.versions.series import Member, Series

SCHEMA = "semverlint/series/1"
"""The version of the JSON format: a field is renamed or removed only with the next number."""

FORMATS = ("text", "json")
_NUMBERS = frozenset({"one-part", "two-part", "semver"})
"""Schemes whose mixture in names is no more than leaving zeros out; the JSON tells it."""
_PLAIN = str.maketrans({"├": "|", "└": "`", "─": "-", "│": "|", "→": "->", "…": "..."})


def series_text(found: Sequence[Series], *, everything: bool = False, unicode: bool = True) -> str:
    """The series as a tree: every release below the name of its series, its relatives below it.

    Args:
        found: The series, lowest release first.
        everything: Whether models that stand alone are listed too.
        unicode: Whether the reader's encoding has lines.
    """
    children = _children(found)
    shown = [one for one in found if len(one.members) > 1 or any(child.id in children for child in one.members)]
    several = sum(len(one.members) > 1 for one in found)
    models = sum(len(one.members) for one in found)
    lines = [f"{plural(models, 'model')}, {plural(several, 'series', 'series')} of releases"]
    for one in shown:
        lines += ["", *_tree(one, children)]
    told = {
        name for one in shown for member in one.members for name in member.equal
    }  # beside the one they are equal to
    firsts = [one.members[0] for one in found if one not in shown]
    alone = [first.id for first in firsts if not first.origin and first.id not in told]
    if alone:
        lines += ["", f"{plural(len(alone), 'model')} in no series" + (":" if everything else f": {some(alone)}")]
        lines += [f"  {clean(name, 100)}" for name in alone] if everything else []
    text = "\n".join(lines) + "\n"
    return text if unicode else text.translate(_PLAIN)


def _children(found: Sequence[Series]) -> Mapping[str, Sequence[Member]]:
    children: defaultdict[str, list[Member]] = defaultdict(list)
    for one in found:
        for member in one.members:
            if member.origin:
                children[member.origin].append(member)
    return children


def _tree(one: Series, children: Mapping[str, Sequence[Member]]) -> Iterator[str]:
    owner = one.members[0].listed.owner
    name = f"{owner}/{one.name}" if owner else one.name
    yield f"{clean(name, 100)} · {plural(len(one.members), 'release')}"
    if one.diagnosis.mixed and not one.diagnosis.schemes.keys() <= _NUMBERS:
        yield f"│  {plural(len(one.diagnosis.schemes), 'scheme')}: {one.diagnosis.told}"
        yield f"│  go on with {one.diagnosis.proposal}"
    for number, member in enumerate(one.members, 1):
        last = number == len(one.members)
        above = one.members[number - 2] if number > 1 else None
        yield f"{'└' if last else '├'}─ {clean(member.id, 100)}{_remarks(member, above)}"
        below = children.get(member.id, ())
        for place, child in enumerate(below, 1):
            stem = " " if last else "│"
            yield f"{stem}  {'└' if place == len(below) else '├'}─ {clean(child.id, 100)} ({child.relation})"


def _remarks(member: Member, above: Member | None) -> str:
    """What is to be said of a release, behind its name."""
    said = []
    if member.step is not None and member.step.bump is not None:
        said.append(f"declares {member.step.bump}" if member.step.bump else "declares nothing new")
    if member.follows and (above is None or above.id != member.follows):
        said.append(f"follows {clean(member.follows, 100)}")
    if member.why.startswith("the card"):
        said.append("by the card of that one")
    if member.skipped:
        said.append("numbers left out")
    if member.equal:
        said.append(f"same version as {some(member.equal, 2)}")
    if member.early:
        said.append("created before the one it follows")
    return f"  {', '.join(said)}" if said else ""


def series_json(found: Sequence[Series]) -> str:
    """The series as one JSON document."""
    document = {
        "schema": SCHEMA,
        "models": sum(len(one.members) for one in found),
        "series": [
            {
                "owner": one.members[0].listed.owner,
                "name": one.name,
                "schemes": one.diagnosis.schemes,
                "mixed": one.diagnosis.mixed,
                "proposal": one.diagnosis.proposal or None,
                "releases": [_release(member) for member in one.members],
            }
            for one in found
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _release(member: Member) -> dict[str, object]:
    version, date, step = member.own.version, member.own.date, member.step
    return {
        "id": member.id,
        "version": version.text if version else None,
        "date": date.text if date else None,
        "scheme": version.scheme if version else date.scheme if date else None,
        "follows": member.follows or None,
        "why": member.why,
        "declares": str(step.bump) if step and step.bump is not None else None,
        "skipped": member.skipped,
        "equal_to": list(member.equal),
        "created": member.listed.created or None,
        "created_before_predecessor": member.early,
        "relation": member.relation,
        "origin": member.origin or None,
        "successor": member.listed.successor or None,
        "collections": list(member.listed.collections),
    }
