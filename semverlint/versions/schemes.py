"""Version names read by scheme, ordered, and the step between two of them.

| scheme     | looks like                        | what its parts promise              |
|------------|-----------------------------------|-------------------------------------|
| `semver`   | `1.2.3`, `1.0.0-rc.1+build.5`     | major, minor, patch                 |
| `pep440`   | `1.2rc1`, `1!2.0`, `1.2.3.post1`  | the first three numbers likewise    |
| `two-part` | `v0.2`, `1.5`                     | major, minor; a patch is a minor    |
| `one-part` | `v3`                              | every step is a major               |
| `date`     | `2024-05-01`, `20240806`, `24.05` | nothing: it orders releases         |

A leading `v`, and a word before it (`release-1.2.0`, `mymodel-v2.1`), are not part of the version.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from semverlint.terms import Bump

Scheme = Literal["semver", "pep440", "two-part", "one-part", "date"]
ZeroMajor = Literal["cargo", "free", "strict"]

_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
# Patterns are compiled when they are first needed, by `re` itself: most runs read no version at all.
_SEMVER = (  # https://semver.org/spec/v2.0.0.html, rules 2, 9 and 10
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
_START = r"(?i)(?:^|(?<=[\w.])[-_/ ])(?:(?:release|version|ver|rel)[-_ .]?)?v?(?=[0-9])"
_SAYS_VERSION = r"(?i)(?:v|(?:release|version|ver|rel)[-_ .]?)$"
# A year in two digits counts only before a month that SemVer could not write (`24.05`): `20.10.0` is a version.
_DATES = (
    r"(20[0-9]{2}|19[0-9]{2})([-._]?)(0?[1-9]|1[0-2])(?:\2(0?[1-9]|[12][0-9]|3[01]))?(?:[-._]([0-9]+))?",
    r"(2[0-9])(\.)(0[1-9])(?:\.([0-9]+))?",
)
_TWO_PARTS = rf"({_NUMBER})\.({_NUMBER})"
_PARTS = {"one-part": 1, "two-part": 2}
_LONGEST = 100
"""Characters; no version name is longer, and a stranger's may be."""
_LONGEST_COUNT = 3
"""Digits; a longer number of one part (`v2407`) is the date of a snapshot."""


@dataclass(frozen=True)
class Version:
    """A version name that was understood.

    Attributes:
        text: As it was written.
        prefix: What stands before the first number (`v`, `release-`).
        scheme: The scheme it follows.
        release: Its numbers: one to three of them, more under PEP 440 and for dates.
        pre: Whether it is a pre-release, which promises nothing.
        order: Sorts versions of one scheme.
    """

    text: str
    prefix: str
    scheme: Scheme
    release: tuple[int, ...]
    pre: bool
    order: tuple[Any, ...]

    @property
    def padded(self) -> tuple[int, int, int]:
        """Major, minor and patch, with zeros for parts that are not written."""
        major, minor, patch = (*self.release, 0, 0)[:3]
        return major, minor, patch

    @property
    def promises(self) -> bool:
        """Whether its parts say anything about compatibility."""
        return self.scheme != "date" and not self.pre


def read_version(text: str) -> Version | None:
    """The version that `text` (a tag, a field of a card) names; None where it names none."""
    if len(text) > _LONGEST or not any(character.isdecimal() for character in text):
        return None
    for match in re.finditer(_START, text):
        if (version := _read(text[: match.end()], text[match.end() :])) is not None:
            return version
    return None


def _read(prefix: str, body: str) -> Version | None:
    text = prefix + body
    if dated := next((match for pattern in _DATES if (match := re.fullmatch(pattern, body, re.ASCII))), None):
        numbers = tuple(int(group) for group in dated.groups() if group and group.isdigit())
        return Version(text, prefix, "date", numbers, pre=False, order=numbers)
    if match := re.fullmatch(_SEMVER, body, re.ASCII):
        release = (int(match[1]), int(match[2]), int(match[3]))
        return Version(
            text, prefix, "semver", release, pre=match[4] is not None, order=(*release, _precedence(match[4]))
        )
    if match := re.fullmatch(_TWO_PARTS, body, re.ASCII):
        pair = (int(match[1]), int(match[2]))
        return Version(text, prefix, "two-part", pair, pre=False, order=(*pair, 0, _FINAL))
    if re.fullmatch(_NUMBER, body, re.ASCII):
        return _read_one_part(prefix, body)
    return _read_pep440(prefix, body)


def _read_one_part(prefix: str, body: str) -> Version | None:
    """`v3` and a bare `3`; a number with a word before it (`step-1000`) counts something else."""
    if prefix and not re.search(_SAYS_VERSION, prefix):
        return None
    scheme: Scheme = "one-part" if len(body) <= _LONGEST_COUNT else "date"
    if scheme == "date" and not prefix:
        return None
    number = int(body)
    return Version(prefix + body, prefix, scheme, (number,), pre=False, order=(number, 0, 0, _FINAL))


def _read_pep440(prefix: str, body: str) -> Version | None:
    from packaging import version as pep440  # noqa: PLC0415 - most names never need it

    try:
        version = pep440.Version(body)
    except pep440.InvalidVersion:
        return None
    if "." not in body and not re.search(_SAYS_VERSION, prefix):
        return None
    pre = version.is_prerelease
    return Version(prefix + body, prefix, "pep440", version.release, pre=pre, order=(version.epoch, version))


_FINAL: tuple[int, tuple[tuple[int, int, str], ...]] = (1, ())
"""Sorts a release above all its pre-releases (rule 11.3)."""


def _precedence(pre: str | None) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """Rule 11.4: numbers compare as numbers and below words; a longer list of identifiers is the higher."""
    if pre is None:
        return _FINAL
    return 0, tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split("."))


@dataclass(frozen=True)
class Step:
    """What the way from one version to the next declares.

    Attributes:
        bump: The largest change it allows; None where it promises nothing.
        least: The smallest change for which it is not too big a step: a scheme with two parts has none for a patch.
        why: Why it promises nothing; empty otherwise.
    """

    bump: Bump | None
    least: Bump = Bump.NONE
    why: str = ""


def step(old: Version, new: Version, zero_major: ZeroMajor = "cargo") -> Step:
    """The step between two versions. Versions of different schemes are compared by their numbers."""
    if why := _promises_nothing(old, new, zero_major):
        return Step(None, why=why)
    if old.padded == new.padded:
        return Step(Bump.NONE)
    moved = next(i for i in range(3) if old.padded[i] != new.padded[i])
    bump = (Bump.MAJOR, Bump.MINOR, Bump.PATCH)[moved]
    if old.padded[0] == 0 and moved > 0 and zero_major == "cargo":
        # The first part that is not zero is the major one; the one behind it stands for minor and patch.
        bump = Bump.MAJOR if moved == 1 or old.padded[1] == 0 else Bump.MINOR
    has_no_smaller_part = moved >= _PARTS.get(new.scheme, 3) - 1
    return Step(bump, Bump.PATCH if has_no_smaller_part else bump)


def _promises_nothing(old: Version, new: Version, zero_major: ZeroMajor) -> str:
    """Why a step declares nothing; empty where it does."""
    if "date" in (old.scheme, new.scheme):
        return "dates order releases and promise nothing"
    if old.padded > new.padded:
        return f"{new.text} does not come after {old.text}"
    if old.pre or (new.pre and old.padded == new.padded):
        return "" if old.order == new.order else "pre-releases promise nothing"
    if old.padded[0] == new.padded[0] == 0 and old.padded != new.padded and zero_major == "free":
        return "0.y.z promises nothing here"
    return ""


def following(old: Version, bump: Bump, zero_major: ZeroMajor = "cargo") -> str | None:
    """The version that rightly follows `old` for a bump, written as `old` is; None where the scheme cannot say."""
    if old.scheme == "date" or bump is Bump.NONE:
        return None
    major, minor, patch = old.padded
    if old.pre:
        numbers = [major, minor, patch]
    elif major == 0 and zero_major == "cargo":
        breaks = bump is Bump.MAJOR and (minor > 0 or patch == 0)
        numbers = [0, minor + 1, 0] if breaks else [0, minor, patch + 1]
    elif bump is Bump.MAJOR:
        numbers = [major + 1, 0, 0]
    else:
        numbers = [major, minor + 1, 0] if bump is Bump.MINOR else [major, minor, patch + 1]
    parts = _PARTS.get(old.scheme, 3)
    return old.prefix + ".".join(str(n) for n in _shortened(numbers, old, parts))


def _shortened(numbers: list[int], old: Version, parts: int) -> list[int]:
    """The numbers in the parts that the scheme has, moved by at least one step."""
    kept = numbers[:parts]
    if tuple(kept) == old.release and not old.pre:
        kept[-1] += 1
    return kept
