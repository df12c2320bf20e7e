"""What a name was read as: its segments, and the fields they add up to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

KINDS = (
    "organisation", "family", "variant", "identifier", "modality", "base", "version", "family-version", "size",
    "experts", "active", "stage", "quantisation", "precision", "format", "language", "dataset", "task", "context",
    "date", "step", "epoch", "tokens", "layers", "hidden", "heads", "vocabulary", "patch", "window", "image", "casing",
    "shard", "sidecar", "environment", "algorithm", "setting",
)  # fmt: skip
"""Every kind a segment can have. `identifier` is a word nobody knows, `setting` a hyperparameter of the training."""

FAMILY = frozenset({"family", "variant", "identifier", "modality"})
"""Kinds that make up what stays the same from release to release."""

_KEPT = frozenset({"", "-", "_", ".", " ", "+"})
"""Separators within a family that stay as they were written."""
_NAMING = frozenset({"task", "dataset", "algorithm"})
"""Kinds that make up the family where nothing else does (`speaker-diarization-3.1`)."""

_OTHER = {
    "context": "context", "patch": "patch", "window": "window", "image": "image", "casing": "casing",
    "language": "language", "dataset": "dataset", "task": "task", "base": "base", "experts": "experts",
    "active": "active", "step": "step", "epoch": "epoch", "tokens": "tokens", "family-version": "family_version",
    "environment": "environment", "shard": "shard", "vocabulary": "vocabulary", "hidden": "hidden",
}  # fmt: skip
_BY_VALUE = frozenset({"patch", "window", "image", "context", "step", "epoch", "tokens", "family-version", "hidden"})


class Alternative(NamedTuple):
    """Another way to read a segment.

    Attributes:
        kind: What it would be.
        value: Its value then.
        confidence: How likely, from 0 to 1.
    """

    kind: str
    value: str
    confidence: float


class Segment(NamedTuple):
    """One part of a name.

    Attributes:
        kind: One of `KINDS`.
        text: As written.
        start: Where it begins in the name, in characters.
        end: Where it ends.
        value: What it says: `1.1` for `v1_1`, `16` for `patch16`, `2024-07` for `2407`; else the text.
        confidence: How sure the kind is, from 0 to 1.
        alternatives: Other ways to read it, the likeliest first.
    """

    kind: str
    text: str
    start: int
    end: int
    value: str
    confidence: float
    alternatives: tuple[Alternative, ...] = ()


class Name(NamedTuple):
    """A model name, read.

    Attributes:
        text: The name.
        segments: Its parts in order; what lies between them are separators.
    """

    text: str
    segments: tuple[Segment, ...]

    def of(self, *kinds: str) -> Iterator[Segment]:
        """The segments of some kinds, in order."""
        return (segment for segment in self.segments if segment.kind in kinds)

    def first(self, kind: str) -> Segment | None:
        """The first segment of a kind."""
        return next(self.of(kind), None)

    @property
    def version(self) -> str | None:
        """The version of the thing released, as numbers: `0.3`, `2`."""
        found = self.first("version")
        return found.value if found else None

    @property
    def family(self) -> str:
        """What stays the same from release to release: the words that are none of the technical parts."""
        kinds = FAMILY
        for segment in self.segments:
            if segment.kind in kinds:
                break
        else:
            kinds = _NAMING
        text, behind = "", -1
        for kind, part, start, end, *_ in self.segments:
            if kind in kinds:
                between = self.text[behind:start]  # what was written in one piece stays so
                text += (between if between in _KEPT else "-") + part if text else part
                behind = end
        return text

    def fields(self) -> dict[str, Any]:
        """The name as a table's row: `name`, `family`, `version`, `size`, `stage`, … and `other` (typed parts)."""
        named = any(segment.kind in FAMILY for segment in self.segments)
        row: dict[str, Any] = {
            "name": self.text, "family": self.family or None, "version": None, "size": None, "stage": [],
            "quantization": None, "format": None, "date": None, "other": {},
        }  # fmt: skip
        other = row["other"]
        for kind, text, _, _, value, _, _ in self.segments:
            if kind == "stage":
                row["stage"].append(text)
            elif kind == "version":
                row["version"] = value
            elif kind in {"quantisation", "precision"}:
                row["quantization"] = f"{row['quantization']}-{text}" if row["quantization"] else text
            elif kind in {"size", "format"}:
                row[kind] = row[kind] or text
            elif kind == "date":
                row["date"] = row["date"] or text.upper().partition("T")[0].translate(_DATE_SEPARATORS).strip("-")
            elif kind in _OTHER and (named or kind not in _NAMING):
                key, said = _OTHER[kind], value if kind in _BY_VALUE else text
                other[key] = f"{other[key]}-{said}" if key in other and kind != "base" else other.get(key, said)
        return row


_DATE_SEPARATORS = str.maketrans("_./ ", "----", "V")
