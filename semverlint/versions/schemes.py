"""Version names read by scheme, and ordered.

| scheme     | looks like                              | what its parts promise                           |
|------------|-----------------------------------------|--------------------------------------------------|
| `semver`   | `1.2.3`, `1.0.0-rc.1+build.5`           | major, minor, patch                              |
| `pep440`   | `1.2rc1`, `1!2.0`, `1.2.3.post1`        | the first three numbers likewise                 |
| `two-part` | `v0.2`, `1.5`                           | major, minor; a patch is a minor                 |
| `one-part` | `v3`                                    | every step is a major                            |
| `date`     | `2024-05-01`, `20240806`, `24.05`       | nothing: it orders releases                      |
| `snapshot` | `0324` (month, day), `2407`, `240806`   | nothing, likewise                                |
| `word`     | `v2-beta`, `v1.5b`, `v2-final`, `final` | its numbers as above; a word promises nothing    |

A leading `v`, and a word before it (`release-1.2.0`, `mymodel-v2.1`), are not part of the version.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from semverlint.versions.semver import Identifiers, identifiers, parse_semver

Scheme = Literal["semver", "pep440", "two-part", "one-part", "date", "snapshot", "word"]

_NUMBER = r"(?:0|[1-9][0-9]*)"
_START = r"(?i)(?:^|(?<=[\w.])[-_/ ])(?:(?:release|version|ver|rel)[-_ .]?)?v?(?=[0-9])"
_SAYS_VERSION = r"(?i)(?:v|(?:release|version|ver|rel)[-_ .]?)$"
# A year in two digits counts only before a month that SemVer could not write (`24.05`): `20.10.0` is a version.
_DATES = (
    r"(20[0-9]{2}|19[0-9]{2})([-._]?)(0?[1-9]|1[0-2])(?:\2(0?[1-9]|[12][0-9]|3[01]))?(?:[-._T]([0-9]+))?",
    r"(2[0-9])(\.)(0[1-9])(?:\.([0-9]+))?",
)
_SNAPSHOTS = (  # a month is never above 12 and no model of this kind is older than 2018, so that no two of them clash
    r"(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])",
    r"(?P<year>1[89]|[2-4][0-9])(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])?",
)
_YEARS = range(1990, 2100)
"""A first number that is a year makes a version a date, whatever stands behind it: `2024.13`, `2025.1.0-rc.1`."""
_TWO_PARTS = rf"({_NUMBER})\.({_NUMBER})"
_WORDED = rf"({_NUMBER}(?:\.{_NUMBER}){{0,2}})(?:([A-Za-z])|[-_. ]?([A-Za-z]{{2,20}}))"
_BEFORE = frozenset(
    {"alpha", "beta", "dev", "draft", "early", "exp", "experimental", "nightly", "pre", "prerelease", "preview", "rc"}
    | {"snapshot", "test", "unstable", "wip"}
)
"""Words for what is not yet the version it is named after."""
_AFTER = frozenset(
    {"final", "fix", "fixed", "ga", "hotfix", "patch", "patched", "release", "released", "update", "updated"}
)
"""Words for what comes behind it; `latest` and `stable` are names that move, and name no version."""
_LONGEST = 100
"""Characters; no version name is longer, and a stranger's may be."""
_LONGEST_COUNT = 3
"""Digits; a longer number of one part (`v2407`) is the date of a snapshot."""

Phase: TypeAlias = tuple[int, Identifiers, int, tuple[int, int], Identifiers]
"""Rank (below, at or behind the bare numbers), identifiers, post-release, development release, local version."""
Order: TypeAlias = tuple[int, int, tuple[int, ...], Phase]
_WORDS, _NUMBERS, _DATED = range(3)
"""What sorts first: bare words, numbers, dates. Between them the order says nothing, and is the same every time."""
_NO_DEV = (1, 0)
_FINAL: Phase = (1, (), -1, _NO_DEV, ())


@dataclass(frozen=True)
class Version:
    """A version name that was understood.

    Attributes:
        text: As it was written.
        prefix: What stands before the first number (`v`, `release-`).
        scheme: The scheme it follows.
        release: Its numbers: one to three of them, more under PEP 440 and for dates; none for a bare word.
        pre: Whether it is a pre-release, which promises nothing.
        order: Sorts all versions; equal for two that mean the same (`v2`, `v2.0`; build metadata does not count).
    """

    text: str
    prefix: str
    scheme: Scheme
    release: tuple[int, ...]
    pre: bool
    order: Order

    @property
    def padded(self) -> tuple[int, int, int]:
        """Major, minor and patch, with zeros for parts that are not written."""
        major, minor, patch = (*self.release, 0, 0, 0)[:3]
        return major, minor, patch

    @property
    def epoch(self) -> int:
        """The epoch of PEP 440, with which numbers begin anew."""
        return self.order[1]

    @property
    def dated(self) -> bool:
        """Whether it is a date, which orders releases and promises nothing."""
        return self.scheme in {"date", "snapshot"}

    @property
    def promises(self) -> bool:
        """Whether its parts say anything about compatibility."""
        return not self.dated and not self.pre and bool(self.release)

    def written(self, numbers: tuple[int, ...]) -> str:
        """Other numbers, written as this version is."""
        epoch = f"{self.epoch}!" if self.epoch else ""
        return self.prefix + epoch + ".".join(map(str, numbers))


def read_version(text: str) -> Version | None:
    """The version that `text` (a tag, a field of a card) names; None where it names none."""
    if len(text) > _LONGEST:
        return None
    if text.isalpha():
        return _read_word(text)
    for match in re.finditer(_START, text):
        if (version := _read(text[: match.end()], text[match.end() :])) is not None:
            return version
    return None


def _read_word(text: str) -> Version | None:
    """A word that is the whole name: `final`, `beta`."""
    word = text.lower()
    if word not in _BEFORE | _AFTER:
        return None
    return Version(text, "", "word", (), word in _BEFORE, (_WORDS, 0, (), _worded(word)))


def _read(prefix: str, body: str) -> Version | None:
    text = prefix + body
    if dated := next((match for pattern in _DATES if (match := re.fullmatch(pattern, body, re.ASCII))), None):
        numbers = tuple(int(group) for group in dated.groups() if group and group.isdigit())
        full = numbers if numbers[0] in _YEARS else (2000 + numbers[0], *numbers[1:])
        return Version(text, prefix, "date", numbers, pre=False, order=(_DATED, 0, full, _FINAL))
    if semver := parse_semver(body):
        release = (semver.major, semver.minor, semver.patch)
        phase = (0, identifiers(semver.pre), -1, _NO_DEV, ()) if semver.pre else _FINAL
        return _numbered((prefix, body), "semver", release, phase)
    if match := re.fullmatch(_TWO_PARTS, body, re.ASCII):
        return _numbered((prefix, body), "two-part", (int(match[1]), int(match[2])), _FINAL)
    if body.isdecimal() and body.isascii():
        return _read_digits(prefix, body)
    if worded := re.fullmatch(_WORDED, body, re.ASCII):
        return _read_worded(prefix, body, worded)
    return _read_pep440(prefix, body)


def _numbered(
    written: tuple[str, str], scheme: Scheme, release: tuple[int, ...], phase: Phase, epoch: int = 0
) -> Version:
    """A version of numbers; `written` is what stands before the first of them, and the rest."""
    text, prefix, pre = "".join(written), written[0], phase[0] < _FINAL[0]
    if release[0] in _YEARS:
        return Version(text, prefix, "date", release, pre, (_DATED, 0, release, phase))
    trimmed = release
    while trimmed and not trimmed[-1]:
        trimmed = trimmed[:-1]
    return Version(text, prefix, scheme, release, pre, (_NUMBERS, epoch, trimmed, phase))


def _read_digits(prefix: str, body: str) -> Version | None:
    """`v3`, a bare `3`, a snapshot; a number with a word before it (`step-1000`) counts something else."""
    text = prefix + body
    if prefix and not re.search(_SAYS_VERSION, prefix):
        return None
    for pattern in _SNAPSHOTS:
        if match := re.fullmatch(pattern, body):
            parts = {name: int(value) for name, value in match.groupdict().items() if value}
            year = (2000 + parts["year"],) if "year" in parts else (0,)
            full = (*year, *(parts[name] for name in ("month", "day") if name in parts))
            return Version(text, prefix, "snapshot", tuple(parts.values()), pre=False, order=(_DATED, 0, full, _FINAL))
    if len(body) <= _LONGEST_COUNT:
        return _numbered((prefix, body), "one-part", (int(body),), _FINAL)
    if not prefix and int(body) not in _YEARS:
        return None
    scheme: Scheme = "date" if int(body) in _YEARS else "snapshot"
    return Version(text, prefix, scheme, (int(body),), pre=False, order=(_DATED, 0, (int(body),), _FINAL))


def _read_worded(prefix: str, body: str, match: re.Match[str]) -> Version | None:
    """Numbers with a letter or a word behind them; `2.7b` behind a name is a size."""
    word = (match[2] or match[3]).lower()
    if not re.search(_SAYS_VERSION, prefix) and ("." not in body or (prefix and match[2])):
        return None
    if match[3] and word not in _BEFORE | _AFTER:
        return None
    phase: Phase = (2, identifiers(word), -1, _NO_DEV, ()) if match[2] else _worded(word)
    release = tuple(int(number) for number in match[1].split("."))
    return _numbered((prefix, body), "word", release, phase)


def _worded(word: str) -> Phase:
    return 0 if word in _BEFORE else 2, identifiers(word), -1, _NO_DEV, ()


_PEP_WORDS = {"a": "alpha", "b": "beta", "rc": "rc"}


def _read_pep440(prefix: str, body: str) -> Version | None:
    if "." not in body and not re.search(_SAYS_VERSION, prefix):
        return None
    from packaging import version as pep440  # noqa: PLC0415 - most names never need it

    try:
        version = pep440.Version(body)
    except pep440.InvalidVersion:
        return None
    before: Identifiers = ()
    if version.pre:
        before = ((1, 0, _PEP_WORDS[version.pre[0]]), (0, version.pre[1], ""))
    only_dev = version.dev is not None and version.pre is None and version.post is None
    rank = -1 if only_dev else 0 if version.pre else 1
    post = -1 if version.post is None else version.post
    dev = _NO_DEV if version.dev is None else (0, version.dev)
    local = tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in (version.local or "").split("."))
    phase = (rank, before, post, dev, local if version.local else ())
    found = _numbered((prefix, body), "pep440", version.release, phase, version.epoch)
    return replace(found, pre=version.is_prerelease)  # 1.0.post1.dev1 is none that counts, although behind 1.0
