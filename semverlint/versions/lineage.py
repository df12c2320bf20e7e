"""The repository before a model's own in its series, found in one listing of its author's models."""

import re

from semverlint.errors import FileError, SourceError
from semverlint.formats.text_files import read_json_object
from semverlint.snapshot import Snapshot
from semverlint.sources import Repository, Settings, list_models, open_repository, parse
from semverlint.sources.address import is_path
from semverlint.text import clean
from semverlint.versions.releases import Release, release

_SHORTEST = 3
"""Letters and digits of a word that a listing is narrowed down to."""
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.txt", "vocab.json")
"""Files that are a tokenizer, the one that readers prefer first."""


def before_in_series(repository: Repository, target: Release, settings: Settings) -> Release | None:
    """The release before the target in its series of repositories, with why; None where there is none, or no telling.

    A name without a version follows nobody, and nothing is asked. What is asked for is a listing of the author's models
    with one word of the name, and then what comparing the two needs anyway.

    Raises:
        SourceError: If there is one, and it cannot be read.
    """
    name = repository.address
    if is_path(name) or name.count("/") != 1 or settings.offline:
        return None
    from semverlint.versions.own import own_version  # noqa: PLC0415 - only models of the Hub without tags get here

    own = own_version(name)
    if own.version is None and own.date is None:
        return None
    from semverlint.versions.listings import from_hub  # noqa: PLC0415 - likewise
    from semverlint.versions.series import find_series  # noqa: PLC0415 - likewise

    word = next((word for word in re.split(r"[^A-Za-z0-9]+", own.spelled) if len(word) >= _SHORTEST), None)
    try:
        listing = from_hub(list_models(name.partition("/")[0], settings, word))
    except SourceError:
        return None  # a mirror without listings, or no network to be had: the history is left
    members = {member.id: member for series in find_series(listing) for member in series.members}
    if name not in members or not (before := members[name].follows):
        return None
    found = release(open_repository(parse(f"hf://{before}"), settings), None)
    why = f"the repository before it: {members[name].why}{_evidence(found.snapshot, target.snapshot)}"
    return Release(found.snapshot, found.tag, found.declared, why)


def _evidence(old: Snapshot, new: Snapshot) -> str:
    """What the files of two repositories say of their kinship, each behind a comma."""
    return f"{_named_by(old, new)}{_likeness(old, new)}"


def _named_by(old: Snapshot, new: Snapshot) -> str:
    from semverlint.formats.card import read_card  # noqa: PLC0415 - only where a predecessor was found

    try:
        card = old.facts(read_card, "README.md")
    except FileError:
        return ""
    successor = card.text("new_version") if card else None
    if successor is None:
        return ""
    return (
        ", and its card names this one as the new version"
        if successor == new.address
        else (f", although its card names {clean(successor, 100)} as the new version")
    )


def _likeness(old: Snapshot, new: Snapshot) -> str:
    try:
        before, after = old.facts(read_json_object, "config.json"), new.facts(read_json_object, "config.json")
    except FileError:
        return ""
    if not before or not after or "model_type" not in before or "model_type" not in after:
        return ""
    if before["model_type"] != after["model_type"]:
        return ", of another architecture"
    tokenizer = next((path for path in _TOKENIZERS if path in old.files and path in new.files), None)
    if tokenizer is None:
        return ", of the same architecture"
    same = old.files[tokenizer].digests == new.files[tokenizer].digests
    return ", of the same architecture" + (" and tokenizer" if same else "")
