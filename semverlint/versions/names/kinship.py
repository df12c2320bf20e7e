"""Which family a name is of, which one it was built on, and whose the versions are."""

from itertools import pairwise

from semverlint.versions.names.joins import Part
from semverlint.versions.names.record import Alternative
from semverlint.versions.names.vocabulary import owned

_RANK = {"llm": 1, "derived": 2, "vision": 2, "deep": 2, "model": 2, "composite": 3}
"""A family of a higher rank is built on one of a lower rank that stands beside it."""
_BASES = frozenset({"llm", "derived"})
"""Families that others are built on and say so; `twitter-roberta` is a family of its own."""
_ATTACHED = frozenset({"controlnet", "ip-adapter", "t2i-adapter"})
"""Models that are attached to another one, whose name may stand first (`FLUX.1-dev-ControlNet-Union-Pro-2.0`)."""
_WORD = 0.6
"""Confidence of a word that is nobody's; what is below joins words, or may be a language."""


def relate(parts: list[Part], organisation: str) -> list[Part]:
    """Mark the families that others were built on as bases, with their versions; choose the name's own version."""
    families = [part for part in parts if part.kind == "family"]
    if families and (len(families) > 1 or families[0].sort in _BASES):
        bases = _bases(parts, families, owned().get(organisation.lower(), frozenset()))
        for base in bases:
            base.kind = "base"
        if bases:
            parts = _with_versions(parts)
    if any(part.sort == "dotless" for part in parts) and _for_diffusion(parts):
        parts = _with_versions(parts)
    versions = [part for part in parts if part.kind == "version"]
    if len(versions) > 1:
        _choose(parts, versions)
    return parts


def _bases(parts: list[Part], families: list[Part], mine: frozenset[str]) -> list[Part]:
    """The families that are not the name's own."""
    own = max(families, key=lambda part: _RANK[part.sort])  # of equals the first
    said = own.value.lower()
    bases = [part for part in families if part.sort in _BASES and part.value.lower() not in {said, *mine}]
    words = (part for part in parts if part.kind == "identifier" and part.confidence >= _WORD)
    if own.sort == "llm" and said not in mine and any(len(part.value) > 2 for part in words):  # noqa: PLR2004 - letters say nothing
        bases.append(own)  # somebody's own words stand beside it
    return bases


def _for_diffusion(parts: list[Part]) -> bool:
    """Mark the `sd15` of what was made for it (`my-style-sd15`); the name itself may be no more than that."""
    made = any(
        (part.kind == "identifier" and part.confidence >= _WORD) or part.value.lower() == "lora" for part in parts
    )
    found = False
    for part, after in pairwise(parts):
        if part.kind == "family" and part.value.lower() == "sd" and after.sort == "dotless":
            other = made or any(one.kind == "family" and one is not part for one in parts)
            part.kind, found = ("base", True) if other else (part.kind, found)
    return found


def _with_versions(parts: list[Part]) -> list[Part]:
    """The parts with each base and the number that is glued or joined to it as one.

    The last number behind a `v` is the name's own, also where a base stands before it (`dolly_llama-v2`).
    """
    own = next((part for part in reversed(parts) if part.kind == "version" and part.sort == "explicit"), None)
    joined: list[Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        whole = before is not None and before.kind == "base" and before.sort != "whole"
        if whole and before is not None and part.kind == "version" and part is not own:
            value = f"{before.value.lower()}-{part.value}"
            joined[-1] = Part(before.start, part.end, "base", "whole", value, 0.85)
        else:
            if part.kind == "base":
                part.confidence, part.value = 0.85, part.value.lower()
            joined.append(part)
    return joined


def _choose(parts: list[Part], versions: list[Part]) -> None:
    """Of several versions the one of the thing released: the last behind a `v`, else the likeliest.

    A `v` behind a base that stands behind the own version is the base's (`go-bruins-v2-Mistral-7B-Instruct-v0.1`).
    """
    explicit = [part for part in versions if part.sort == "explicit"]
    if explicit:
        own = explicit[-1]
        before = [part for part in versions if part.start < own.start]
        bases = [part.start for part in parts if part.kind == "base"]
        if any(part.sort == "explicit" for part in before) and any(
            before[0].start < start < own.start for start in bases
        ):
            own = before[-1]
    else:
        own = max(versions, key=lambda part: part.confidence)
        attached = next((part.start for part in parts if part.value.lower() in _ATTACHED), 0)
        if (last := versions[-1]).start > attached > own.start:
            own = last
    for part in versions:
        if part is not own:
            kept = part.start < own.start or part.sort == "explicit"
            other = Alternative("version", part.value, 0.2)
            part.become("family-version" if kept else "setting", 0.7, other)
