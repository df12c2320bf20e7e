"""Where a version is declared, in order of precedence: the tag, the card, the configuration, the repository's name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semverlint.changes.base import Change
from semverlint.errors import FileError
from semverlint.formats.text_files import read_json_object, read_text
from semverlint.snapshot import Snapshot
from semverlint.versions.schemes import Version, read_version

_MENTIONS_VERSION_KEY = re.compile(r'"(model_)?version"')
_MENTIONS_VERSION = re.compile(r"^[\"']?(model_)?version[\"']?\s*:", re.MULTILINE)
_CONFIG_KEYS = ("model_version", "version")
"""Keys of a config.json in which publishers write the model's own version."""


@dataclass(frozen=True)
class Declaration:
    """One place that names a version.

    Attributes:
        text: The version as it stands there.
        place: Where it stands: `tag`, `README.md`, `config.json` or `name`.
        version: What it was read as; None where it follows no known scheme.
    """

    text: str
    place: str
    version: Version | None


def declarations(snapshot: Snapshot, tag: str | None) -> list[Declaration]:
    """Every place that declares the version of a revision, the one that counts first.

    Args:
        snapshot: The revision.
        tag: The version tag that names it, if one does.
    """
    found = [Declaration(tag, "tag", read_version(tag))] if tag else []
    found += [Declaration(text, "README.md", read_version(text)) for text in _in_card(snapshot)]
    found += [Declaration(text, "config.json", read_version(text)) for text in _in_config(snapshot)]
    if not found and (version := read_version(snapshot.address.rstrip("/").rpartition("/")[2])):
        found.append(Declaration(version.text, "name", version))
    return [declaration for declaration in found if declaration.version or declaration.place != "config.json"]


def _in_card(snapshot: Snapshot) -> list[str]:
    try:
        text = snapshot.facts(read_text, "README.md")
        if text is None or not _MENTIONS_VERSION.search(text):
            return []  # most cards name no version, and reading YAML takes longer than looking
        from semverlint.formats.card import read_card  # noqa: PLC0415 - likewise

        card = snapshot.facts(read_card, "README.md")
    except FileError:
        return []  # the card's own comparer reports it
    return [card.declared_version] if card is not None and card.declared_version else []


def _in_config(snapshot: Snapshot) -> list[str]:
    try:
        text = snapshot.facts(read_text, "config.json")
        if text is None or not _MENTIONS_VERSION_KEY.search(text):
            return []  # likewise
        config = snapshot.facts(read_json_object, "config.json") or {}
    except FileError:
        return []
    return [value for key in _CONFIG_KEYS if isinstance(value := config.get(key), str)][:1]


def version_changes(declared: Sequence[Declaration], before: Sequence[Declaration]) -> Iterator[Change]:
    """A version that went back, and places of the new revision whose version is not the one that counts.

    Args:
        declared: What the new revision declares.
        before: What the old one declares: places that disagreed there too are marked `already`.
    """
    from semverlint.changes.versions import (  # noqa: PLC0415 - only two declared versions can disagree or go back
        VersionsDisagree,
        VersionWentBack,
    )

    old, new = (before[0].version if before else None), (declared[0].version if declared else None)
    if old and new and old.promises and new.promises and new.padded < old.padded:
        yield VersionWentBack(path=declared[0].place, before=old.text, after=new.text)
    disagreed = {other.place for other in before[1:] if not _agree(before[0], other)}
    for other in declared[1:]:
        first = declared[0]
        if not _agree(first, other):
            yield VersionsDisagree(
                path=other.place,
                already=other.place in disagreed,
                place=first.place,
                version=first.text,
                other_place=other.place,
                other_version=other.text,
            )


def _agree(one: Declaration, other: Declaration) -> bool:
    if one.version is None or other.version is None:
        return one.text == other.text
    return one.version.padded == other.version.padded and one.version.pre == other.version.pre
