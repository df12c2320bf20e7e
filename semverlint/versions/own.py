"""The version that a repository's name gives to the thing released, apart from the rest of the name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semverlint.versions.names import Segment, parse_name
from semverlint.versions.schemes import Order, Version, read_version

_SEPARATORS = re.compile(r"[-_. ]+")
_CONVERSION = frozenset({"quantisation", "precision", "format", "shard", "sidecar"})
"""Kinds of segments that a conversion adds to the name of what was converted."""
_TIME = 1_000_000
"""Numbers from here on that nobody calls a version are seconds since 1970: `Models-BERT-1715610947.538098`."""
_ENVIRONMENT = "reinforcement-learning"
"""Models of this pipeline are named after the environment they play in, and its version."""


@dataclass(frozen=True)
class OwnVersion:
    """A name taken apart into what stays from release to release and what moves.

    Attributes:
        spelled: The name without its version and date, as written.
        stem: The same without case and separators: equal for names of one series.
        version: The version; None without one.
        date: The date or snapshot beside it, likewise.
        origin: The stem without quantisation, format and precision: that of the model it was converted from.
        quantised: Whether a quantisation is among these.
    """

    spelled: str
    stem: str
    version: Version | None = None
    date: Version | None = None
    origin: str = ""
    quantised: bool = False

    @property
    def place(self) -> tuple[Order | tuple[()], Order | tuple[()]]:
        """Where it stands in its series: by version, then by date; a name without either comes first."""
        return self.version.order if self.version else (), self.date.order if self.date else ()


def own_version(name: str, pipeline: str | None = None) -> OwnVersion:
    """A repository's name, read.

    Args:
        name: `org/Model-7B-v0.3`, or without the owner.
        pipeline: What the Hub says it is used for, where that is known.
    """
    if pipeline == _ENVIRONMENT:
        bare = name.rpartition("/")[2]
        return OwnVersion(bare, _stem(bare), origin=_stem(bare))
    segments = [one for one in parse_name(name, pipeline or None).segments if one.kind != "organisation"]
    found = {kind: next(_said(segments, kind), None) for kind in ("version", "date")}
    moving = [one[0] for one in found.values() if one]
    version, date = (one[1] if one else None for one in found.values())
    converted = [segment for segment in segments if segment.kind in _CONVERSION]
    start = name.find("/") + 1
    spelled = _without(name, moving, start)
    return OwnVersion(
        spelled,
        _stem(spelled),
        version,
        date,
        _stem(_without(name, [*moving, *converted], start)),
        any(segment.kind == "quantisation" for segment in converted),
    )


def by_last_number(name: str, pipeline: str | None = None) -> OwnVersion | None:
    """The same of a name whose last part is a version behind a `v`, whoever's version the grammar takes it for.

    None where it is none, or that of an environment.
    """
    bare = name.rpartition("/")[2]
    version = read_version(bare)
    if version is None or not version.prefix.lower().endswith("v"):
        return None
    if pipeline == _ENVIRONMENT or (not pipeline and parse_name(name).first("environment")):
        return None
    spelled = version.prefix[:-1].rstrip("-_. ")
    return OwnVersion(spelled, _stem(spelled), version, origin=_stem(spelled))


def _said(segments: Iterable[Segment], kind: str) -> Iterator[tuple[Segment, Version]]:
    """The segments of a kind with the version each says, as written where that alone tells it."""
    for one in segments:
        if one.kind == kind:
            written = one.value if one.text.isdecimal() and "." in one.value else one.text  # the 15 of `sd15` is 1.5
            said = read_version(written) or read_version(one.value) or read_version(f"v{one.value}")
            if said and (said.prefix or said.dated or max(said.release, default=0) < _TIME):
                yield one, said


def _without(name: str, segments: Iterable[Segment], start: int) -> str:
    """The name from `start` on with some segments cut out, each with the separator ahead of it."""
    left, at = "", start
    for segment in sorted(segments, key=lambda segment: segment.start):
        left += name[at : segment.start].rstrip("-_. ")
        at = segment.end
    return (left + name[at:]).lstrip("-_. ")


def _stem(text: str) -> str:
    return _SEPARATORS.sub("-", text.casefold()).strip("-")
