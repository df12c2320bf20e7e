"""The step between two versions: what it declares, and which version rightly follows."""

from dataclasses import dataclass
from typing import Literal

from semverlint.terms import Bump
from semverlint.versions.schemes import Version

ZeroMajor = Literal["cargo", "free", "strict"]

_PARTS = {"one-part": 1, "two-part": 2}


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
    """The step between two versions. Versions of different schemes are compared by their numbers.

    A post-release, a local version and a fourth number are smaller than a patch and allow one: PEP 440 keeps them for
    what does not affect the software. A new epoch allows everything. Build metadata and zeros at the end are no step.
    """
    if why := _promises_nothing(old, new, zero_major):
        return Step(None, why=why)
    if old.order == new.order:
        return Step(Bump.NONE)
    if old.epoch != new.epoch:
        return Step(Bump.MAJOR)
    if old.padded == new.padded:
        return Step(Bump.PATCH)
    moved = next(i for i in range(3) if old.padded[i] != new.padded[i])
    bump = (Bump.MAJOR, Bump.MINOR, Bump.PATCH)[moved]
    if old.padded[0] == 0 and moved > 0 and zero_major == "cargo":
        # The first part that is not zero is the major one; the one behind it stands for minor and patch.
        bump = Bump.MAJOR if moved == 1 or old.padded[1] == 0 else Bump.MINOR
    has_no_smaller_part = moved >= parts(new) - 1
    return Step(bump, Bump.PATCH if has_no_smaller_part else bump)


def _promises_nothing(old: Version, new: Version, zero_major: ZeroMajor) -> str:  # noqa: PLR0911 - a reason a line
    """Why a step declares nothing; empty where it does."""
    if old.dated or new.dated:
        return "dates order releases and promise nothing"
    if not old.release or not new.release:
        return "words promise nothing"
    if old.order > new.order:
        return f"{new.text} does not come after {old.text}"
    if old.order == new.order or old.epoch != new.epoch:
        return ""
    if old.pre or (new.pre and old.padded == new.padded):
        return "pre-releases promise nothing"
    if old.padded == new.padded and "word" in {old.scheme, new.scheme}:
        return "words promise nothing"
    if old.padded[0] == new.padded[0] == 0 and old.padded != new.padded and zero_major == "free":
        return "0.y.z promises nothing here"
    return ""


def skips(old: Version, new: Version) -> bool:
    """Whether numbers between two versions were left out: `v1` and `v3`, `1.2` and `1.4`, `1.2` and `2.1`.

    Generations of a family take half steps (`Qwen2`, `Qwen2.5`): a number that is not called a version may.
    """
    if old.dated or new.dated or not old.release or not new.release or old.epoch != new.epoch:
        return False
    major, minor, patch = old.padded
    ways = {(major + 1, 0, 0), (major, minor + 1, 0), (major, minor, patch + 1), old.padded}
    half = not new.prefix and new.padded == (major, 5, 0)
    return new.padded not in ways and not half


def parts(version: Version) -> int:
    """How many of major, minor and patch the version's scheme has."""
    return min(3, len(version.release)) if version.scheme == "word" else _PARTS.get(version.scheme, 3)


def following(old: Version, bump: Bump, zero_major: ZeroMajor = "cargo", like: Version | None = None) -> str | None:
    """The version that rightly follows `old` for a bump; None where the scheme cannot say.

    It is written as `old` is, with as many numbers as `like` has where that has more: behind `v1`, where `v1.5.0` was
    wrong, `v2.0.0` is right.
    """
    if old.dated or not old.release or bump is Bump.NONE:
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
    wanted = parts(old)
    if like is not None and like.promises and not old.pre:
        wanted = max(wanted, parts(like))
    return old.written(_shortened(numbers, old, wanted))


def _shortened(numbers: list[int], old: Version, wanted: int) -> tuple[int, ...]:
    """So many of the numbers, moved by at least one step."""
    kept = numbers[:wanted]
    if tuple(kept) == old.padded[:wanted] and not old.pre:
        kept[-1] += 1
    return tuple(kept)
