"""What a commit's title claims, and where the diff does not bear it out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semverlint.changes.base import Change
from semverlint.history.taxonomy import Part
from semverlint.terms import Bump
from semverlint.versions.schemes import Version, read_version

if TYPE_CHECKING:
    from semverlint.history.commit import Touched

_MENDING = re.compile(
    r"(?i)\b(bug ?fix(?:es|ed)?|hot ?fix|fix(?:e[sd]|ing|up)?|revert(?:s|ed)?|correct(?:s|ed|ion|ions)?|repair(?:s|ed)?"
    r"|typos?|wrong|mistakes?|patch(?:ed)?|broken|forg[eo]t(?:ten)?|missing|bugs?|incorrect(?:ly)?|mismatch(?:e[sd])?"
    r"|in order to match|oops|accident(?:al(?:ly)?)?|undo|roll(?:ed)? ?back)\b"
)
_CONVERSION = re.compile(
    r"(?i)\b(convert(?:s|ed|ing)?|conversion|variant of this model|compatib(?:le|ility)|port(?:ed|ing)? to"
    r"|(?:change|update|cast|move|switch)(?:d|ed|s)? (?:weights? )?to (?:bf|bfloat|fp|float|int)\d{1,2}"
    r"|support for|quanti[sz](?:ed?|ation|ing))\b"
)
"""Words for the same model made to fit elsewhere; they say it only of what a model is loaded from."""
_SAME_WEIGHTS = re.compile(r"(?i)\b(convert(?:s|ed|ing)?|conversion|variant of this model)\b")
_FILE = re.compile(
    r"(?<![\w/.-])([\w-][\w./-]{0,200}\.(?:json|safetensors|bin|md|py|txt|model|jinja|gguf|onnx|pt|h5|msgpack))\b"
)
_VERBS: dict[str, str] = {
    **dict.fromkeys(("add", "adds", "added", "adding", "create", "creates", "created"), "added"),
    **dict.fromkeys(("delete", "deletes", "deleted", "remove", "removes", "removed", "rm"), "removed"),
    **dict.fromkeys(
        (
            "update",
            "updates",
            "updated",
            "change",
            "changes",
            "changed",
            "edit",
            "modify",
            "fix",
            "upload",
            "uploads",
            "uploaded",
            "set",
            "correct",
            "improve",
            "replace",
        ),
        "changed",
    ),
}
_PARTS: tuple[tuple[Part, str], ...] = (
    ("card", r"readme(?:\.md)?|model ?card|documentation|docs?\b(?! ?string)"),
    ("licence", r"licen[cs]es?"),
    ("generation", r"generation[ _]config(?:\.json)?"),
    ("tokenizer", r"tokenizers?|vocab(?:ulary)?(?!_size)|special tokens?|chat[ _]?template|merges"),
    ("processing", r"(?:pre)?processor|feature[ _]extractor|image[ _]processor"),
    ("adapter", r"adapter[ _]config"),
    (
        "config",
        (
            r"(?<!tokenizer[ _])(?<!generation[ _])(?<!adapter[ _])(?<!quantize[ _])(?<!processor[ _])"
            r"config(?:\.json|uration)?"
        ),
    ),
    ("weights", r"(?:model )?weights?|checkpoints?|shards?|safetensors"),
)
_QUIET: frozenset[Part] = frozenset({"card", "metadata", "licence", "document", "repository", "evals", "training"})
"""Parts that no user of the model loads."""
_MOVES = re.compile(
    r"(?i)\b(decreas|reduc|lower|shrink|increas|rais|extend|enlarg)\w*\s+(?:the\s+)?[`'\"]?([A-Za-z]\w*(?:_\w+)+)"
)
_DOWN = ("decreas", "reduc", "lower", "shrink")
_VERSION_TITLE = re.compile(
    r"(?i)^\W*((?:new\s+)?(?:release|version|publish|tag|bump)(?:\s+(?:version|release))?(?:\s+(?:to|of|as))?[\s:]+)?"
    r"[\"'`(]?(v?\d[\w.+-]{0,40})[\"'`)]?\W*$"
)
_LONGEST = 2_000


@dataclass(frozen=True)
class Contradiction:
    """A place where a title and its diff disagree.

    Attributes:
        kind: `not-touched` for a part or file the title names and the diff leaves alone; `not-said` for a model that
            changed under a title about documents; `other-way` for a number that went the other way; `other-deed` for a
            file that was added, changed or removed where the title says otherwise.
        text: The sentence, with the stranger's words in it as they were.
    """

    kind: str
    text: str


def speaks_of_mending(title: str) -> str | None:
    """The word by which a title says that something was wrong; None where it does not."""
    match = _MENDING.search(title[:_LONGEST])
    return match[0].lower() if match else None


def speaks_of_conversion(title: str) -> str | None:
    """The words by which a title says that the same model was made to fit elsewhere; None where it does not."""
    match = _CONVERSION.search(title[:_LONGEST])
    return match[0].lower() if match else None


def speaks_of_same_weights(title: str) -> bool:
    """Whether a title says that weights which arrive are others converted: those that conversion services write."""
    return _SAME_WEIGHTS.search(title[:_LONGEST]) is not None


def version_in(title: str) -> Version | None:
    """The version that a title announces: `v1.2`, `Release 1.2.0`, `Bump version to 2.0`; not one it only mentions."""
    match = _VERSION_TITLE.match(title[:_LONGEST])
    version = read_version(match[2]) if match else None
    if match is None or version is None or version.scheme == "one-part":
        return None
    # A bare number of two parts may as well be a loss: 2.4835.
    sure = match[1] or match[2][0] in "vV" or version.scheme == "semver"
    return version if sure else None


def claimed_parts(title: str) -> tuple[Part, ...]:
    """The parts of a model a title names, in the order of the table."""
    text = title[:_LONGEST].lower()
    return tuple(part for part, pattern in _PARTS if re.search(rf"\b(?:{pattern})", text))


def contradictions(
    title: str, touched: "Sequence[Touched]", parts: Sequence[Part], changes: Sequence[Change], bump: Bump
) -> Iterator[Contradiction]:
    """Where a title and its diff disagree; a title that says nothing checkable contradicts nothing.

    Args:
        title: The commit's title.
        touched: The files the commit touched.
        parts: The parts it touched.
        changes: What comparing found in them.
        bump: What the commit would need.
    """
    text = title[:_LONGEST]
    files = list(dict.fromkeys(_FILE.findall(text)))
    of_files = list(_of_files(text, files, touched))
    yield from of_files
    claimed = claimed_parts(text)
    if claimed and not files and _verb(text) and touched and not _covers(parts, claimed):
        yield Contradiction("not-touched", f"the title speaks of the {claimed[0]}, and the commit leaves it alone")
    loaded = [part for part in parts if part not in _QUIET]
    if not of_files and claimed and set(claimed) <= _QUIET and loaded and bump >= Bump.MINOR:
        yield Contradiction("not-said", f"the title speaks of the {claimed[0]} only, and the {loaded[0]} changed too")
    yield from _of_moves(text, changes)


def _of_files(text: str, files: Sequence[str], touched: "Sequence[Touched]") -> Iterator[Contradiction]:
    """Files the title names, against those that were touched; with many files a title names one of them."""
    by_name: dict[str, list[Touched]] = {}
    for one in touched:
        by_name.setdefault(one.path.rpartition("/")[2], []).append(one)
    verb = _verb(text)
    for file in files if verb and touched else ():
        here = by_name.get(file.rpartition("/")[2])
        if here is None:
            if len(files) == 1:
                yield Contradiction("not-touched", f"the title names {file}, and the commit leaves it alone")
        elif verb == "removed" and all(one.how in {"changed", "added"} for one in here):
            yield Contradiction("other-deed", f"the title says {file} was removed; it was {here[0].how}")
        elif verb != "removed" and all(one.how == "removed" for one in here):
            yield Contradiction("other-deed", f"the title says {file} was {verb}; it was removed")


def _of_moves(text: str, changes: Sequence[Change]) -> Iterator[Contradiction]:
    """Numbers that the title says went up or down."""
    for word, key in _MOVES.findall(text):
        said = "lowered" if word.lower() in _DOWN else "raised"
        for change in changes:
            if getattr(change, "key", "").rpartition(".")[2] != key:
                continue
            went = getattr(change, "direction", said)
            if went in {"raised", "lowered"} and went != said:
                yield Contradiction("other-way", f"the title says {key} was {said}; it was {went}")


def _covers(parts: Sequence[Part], claimed: Sequence[Part]) -> bool:
    """Whether any claimed part was touched; a template may stand in settings, metadata in the card."""
    wider: set[str] = set(parts)
    if "metadata" in wider:
        wider.add("card")
    if "adapter" in wider or "embedding" in wider or "pipeline" in wider or "generation" in wider or "data" in wider:
        wider.add("config")
    if "adapter" in wider:
        wider.add("weights")
    if "licence" in claimed and wider & {"card", "metadata"}:
        return True
    return bool(wider & set(claimed))


def _verb(text: str) -> str | None:
    first = re.search(r"[A-Za-z]+", text)
    return _VERBS.get(first[0].lower()) if first else None
