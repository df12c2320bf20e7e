"""The model card, field by field, and the licence with the direction in which it went."""

from collections.abc import Iterator
from typing import Literal

from semverlint.changes.base import Change, Value
from semverlint.changes.card import (
    BaseModelIsLocal,
    CardAdded,
    CardFieldChanged,
    CardRemoved,
    CardRewritten,
    LicenceChanged,
    LicenceFileAdded,
    LicenceFileRemoved,
    LicencesDisagree,
    LicenceTextChanged,
)
from semverlint.compare.json_values import shown
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.formats.card import CardFacts, read_card
from semverlint.formats.licence import STRICTNESS, canonical_licence, read_licence
from semverlint.snapshot import Snapshot

CARD = "README.md"

_EFFECTS: dict[str, Literal["routing", "derived", "gate", "successor", "prose", "version"]] = {
    **dict.fromkeys(("pipeline_tag", "library_name", "inference", "mask_token", "widget"), "routing"),
    **dict.fromkeys(("base_model", "base_model_relation", "instance_prompt"), "derived"),
    "new_version": "successor",
    **dict.fromkeys(("version", "model_version"), "version"),
}
_SCORES = "model-index"
_LICENCE = frozenset({"license", "license_name", "license_link"})
_LOCAL = ("/", "./", "../", "~", "\\", "file:")


@comparer
def compare_cards(pair: Pair) -> Iterator[Change]:
    """Changes of the card's head and of the licence files, and what they say about each other."""
    if CARD in pair.touched or pair.options.full:
        with pair.attempt(CARD):
            before, after = pair.facts(read_card, CARD)
            yield from _card(before, after)
            yield from _local_base(before, after)
    for path in pair.paths("licence"):
        with pair.attempt(path):
            yield from _licence_file(pair, path)
    if CARD in pair.touched or pair.paths("licence") or pair.options.full:
        with pair.attempt(CARD):
            already = _disagreement(pair.old) is not None
            if (found := _disagreement(pair.new)) is not None:
                yield LicencesDisagree(path=CARD, already=already, card=found[0], file=found[1])


def _card(before: CardFacts | None, after: CardFacts | None) -> Iterator[Change]:
    if before is None or after is None:
        if before is not after:
            yield CardAdded(path=CARD) if before is None else CardRemoved(path=CARD)
        return
    if before == after:
        return
    changes: list[Change] = []
    for key in sorted((before.head.keys() | after.head.keys()) - _LICENCE):
        old, new = before.head.get(key), after.head.get(key)
        if old != new and not (key == _SCORES and before.scores != after.scores):  # told score by score
            effect = "gate" if key.startswith(("gated", "extra_gated")) else _EFFECTS.get(key, "prose")
            changes.append(CardFieldChanged(path=CARD, key=key, effect=effect, before=shown(old), after=shown(new)))
    changes += _licence_field(before, after)
    if before.body != after.body or before.scores == after.scores:
        changes = changes or [CardRewritten(path=CARD)]
    yield from changes


def _licence_field(before: CardFacts, after: CardFacts) -> Iterator[Change]:
    old, new = _named_licence(before), _named_licence(after)
    if old != new:
        yield LicenceChanged(path=CARD, before=old, after=new, direction=direction(old, new))


def _named_licence(card: CardFacts) -> str | None:
    """The licence a card names; for `other`, the name it gives it."""
    names = card.listed("license")
    if not names:
        return None
    if canonical_licence(names[0]) == "other":
        return card.text("license_name") or "other"
    return " and ".join(sorted(canonical_licence(name) for name in names))


def direction(
    before: str | None, after: str | None
) -> Literal["tightened", "loosened", "sideways", "unknown", "named", "withdrawn"]:
    """Which way a licence went."""
    if before is None or after is None:
        return "named" if before is None else "withdrawn"
    old, new = STRICTNESS.get(canonical_licence(before)), STRICTNESS.get(canonical_licence(after))
    if old is None or new is None:
        return "unknown"
    if old == new:
        return "sideways"
    return "tightened" if new > old else "loosened"


def _licence_file(pair: Pair, path: str) -> Iterator[Change]:
    if path in pair.added:
        yield LicenceFileAdded(path=path)
    elif path in pair.removed:
        if path not in pair.renamed:
            yield LicenceFileRemoved(path=path)
    else:
        before, after = pair.facts(read_licence, path)
        if before == after:
            yield LicenceTextChanged(path=path)
        else:
            way = direction(before, after) if before and after else "unknown"
            unread = "terms that are not recognised"
            yield LicenceChanged(path=path, before=before or unread, after=after or unread, direction=way)


def _disagreement(snapshot: Snapshot) -> tuple[str, str] | None:
    """The licences that the card and the licence file name, where both are known and not the same."""
    try:
        card = snapshot.facts(read_card, CARD)
        name = _named_licence(card) if card else None
        for path in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt"):
            found = snapshot.facts(read_licence, path)
            if found and name is not None and name in STRICTNESS and found != name:
                return name, found
    except FileError:
        return None  # whatever cannot be read is reported where it was touched
    return None


def _local_base(before: CardFacts | None, after: CardFacts | None) -> Iterator[Change]:
    def local(card: CardFacts | None) -> Value:
        named = card.listed("base_model") if card else ()
        return next((one for one in named if one.startswith(_LOCAL) or one.count("/") > 1), None)

    if isinstance(found := local(after), str):
        yield BaseModelIsLocal(path=CARD, already=local(before) == found, base_model=found)
