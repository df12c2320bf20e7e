"""What a release is called beside what else is known of it: whether anything versions it, and when it was committed."""

from collections.abc import Iterator
from datetime import date, timedelta

from semverlint.changes.base import Change
from semverlint.changes.naming import DateContradictsCommit, VersionAmbiguous, VersionNowhere
from semverlint.sources import Repository
from semverlint.versions.names import Name, Segment, name_of, parse_name
from semverlint.versions.releases import Release

_SURE = 0.7
"""Confidence from which a version in a name is not called ambiguous."""
_LATE = 31
"""Days by which a commit may miss its date: uploads take a while, and `2407` is said of the weeks around July."""


def naming_changes(repository: Repository, old: Release, new: Release) -> Iterator[Change]:
    """What the name of the new release says too little or something wrong about.

    A plain folder is called whatever it is called, so only revisions of a clone or of the Hub are looked at.

    Args:
        repository: Where the new release is; asked for the commit's date where a name holds one.
        old: The release before it: what was so there is marked `already`.
        new: The release under test.
    """
    if new.snapshot.commit is None and repository.resolve(new.snapshot.revision) is None:
        return
    name = name_of(new.snapshot.address)
    version = name.first("version")
    if version is not None and all(one.place == "name" for one in new.declared):
        others = _other_readings(name, version)
        if others:
            before = name_of(old.snapshot.address).text == name.text and not old.tag
            yield VersionAmbiguous(
                path="name", already=before, name=name.text, version=f"version {version.value}", others=others
            )
    elif not new.declared and not old.tag and name.first("date") is None:  # behind a tag: it is not released yet
        yield VersionNowhere(path="name", already=not old.declared)
    yield from _misdated(repository, old, new, name)


def _other_readings(name: Name, version: Segment) -> str:
    """The other ways to read the version of a name; empty where it is sure."""
    if version.confidence < _SURE:
        return ", ".join(f"{other.kind} {other.value}" for other in version.alternatives)
    rivals = [one for one in name.of("family-version") if one.text[0] in "vV"]
    if version.text[0] in "vV" and rivals:
        return ", ".join(f"version {one.value}" for one in rivals)
    return ""


def _misdated(repository: Repository, old: Release, new: Release, name: Name) -> Iterator[Change]:
    """A dated tag that names a commit of another time, or a dated name ahead of its commit."""
    tag = parse_name(new.tag.name).first("date") if new.tag else None
    dated = tag or name.first("date")
    spans = [span for value in _readings(dated) if (span := _span(value))]
    if dated is None or not spans or new.snapshot.commit is None:
        return  # what is not committed has no date yet
    commit = next(iter(repository.commits(new.snapshot.revision)), None)
    try:
        committed = date.fromisoformat(commit.date[:10]) if commit is not None else None
    except ValueError:
        return
    if committed is None:
        return
    missed = [_missed(span, committed, late=tag is not None) for span in spans]
    if min(missed) > _LATE:
        yield DateContradictsCommit(
            path="tag" if tag else "name",
            already=tag is None and name_of(old.snapshot.address).text == name.text,
            name=new.tag.name if tag and new.tag else name.text,
            said=dated.value,
            committed=committed.isoformat(),
            days=min(missed),
        )


def _readings(dated: Segment | None) -> list[str]:
    return [] if dated is None else [dated.value, *(one.value for one in dated.alternatives if one.kind == "date")]


def _span(value: str) -> tuple[date, date] | None:
    """First and last day of `2024-07` or `2024-07-15`; None of a day without its year, or of a year alone."""
    try:
        year, month, *day = (int(part) for part in value.split("-"))
        first = date(year, month, *day) if day else date(year, month, 1)
    except (ValueError, TypeError):
        return None
    return first, first if day else (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _missed(span: tuple[date, date], committed: date, *, late: bool) -> int:
    """Days that a commit lies ahead of its date; with `late`, or behind it."""
    first, last = span
    return max((first - committed).days, (committed - last).days if late else 0)
