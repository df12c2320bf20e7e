"""What a history of versions says of itself: whether it keeps to one scheme, and how it could."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semverlint.terms import Bump
from semverlint.text import clean, some
from semverlint.versions.schemes import Version
from semverlint.versions.steps import following


@dataclass(frozen=True)
class Diagnosis:
    """How many schemes a history follows.

    Attributes:
        versions: How many versions were looked at.
        schemes: Scheme → how many of them follow it, the commonest first.
        examples: Scheme → one of them, as written.
        proposal: The versions to go on with; empty where all follow one scheme.
    """

    versions: int
    schemes: dict[str, int]
    examples: dict[str, str]
    proposal: str

    @property
    def mixed(self) -> bool:
        """Whether there is more than one scheme."""
        return len(self.schemes) > 1

    @property
    def told(self) -> str:
        """`4 semver (v1.2.0), 2 date (2024-05-01), 1 word (final) and 1 more`."""
        parts = [f"{count} {scheme} ({clean(self.examples[scheme], 14)})" for scheme, count in self.schemes.items()]
        return some(parts, 3)


def diagnose(versions: Iterable[Version]) -> Diagnosis:
    """Count the schemes of a history, and propose how to go on where there are several.

    A pre-release, a post-release or a word behind numbers belongs to the scheme of its numbers: `v2.0-beta` beside
    `v2.0` is no second one.
    """
    everything = sorted(versions, key=lambda version: (version.order, version.text))
    counted = Counter(_scheme(version) for version in everything)
    schemes = dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    examples = {_scheme(version): version.text for version in everything}
    return Diagnosis(len(everything), schemes, examples, _proposal(everything) if len(schemes) > 1 else "")


def _scheme(version: Version) -> str:
    if version.scheme not in {"pep440", "word"} or not version.release:
        return version.scheme
    return {1: "one-part", 2: "two-part", 3: "semver"}.get(len(version.release), "pep440")


def _proposal(versions: Sequence[Version]) -> str:
    """Three numbers above the highest; a date is kept behind a plus, where it promises nothing."""
    numbered = [version for version in versions if version.release and not version.dated]
    dated = [version for version in versions if version.dated]
    if not numbered:
        return "v1.0.0, and leave the old names as they are"
    highest = numbered[-1]
    whole = Version(highest.text, highest.prefix, "semver", highest.padded, highest.pre, highest.order)
    patch, minor, major = (following(whole, bump, "strict") for bump in (Bump.PATCH, Bump.MINOR, Bump.MAJOR))
    told = str(major) if highest.pre else f"{patch}, {minor} or {major}"
    return f"{told}, with a date behind a plus ({minor}+{dated[-1].text.lstrip('v')})" if dated else told
