"""Listings of repositories as `find_series` wants them: from the Hub, and from lines of a file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from semverlint.errors import UsageError
from semverlint.formats.text_files import Json
from semverlint.sources import Settings, list_collections, list_models
from semverlint.sources.listed import Collected, ListedModel
from semverlint.text import clean
from semverlint.versions.series import Listed, Relation

_RELATIONS: dict[str, Relation] = {
    "quantized": "quantized",
    "adapter": "adapter",
    "merge": "merge",
    "finetune": "finetune",
}
_TAG = "base_model:"
_LONGEST = 1_000_000
"""Characters of a line; a record with its tags and card is a page."""
_LONGEST_ID = 200
_MOST = 2_000_000
"""Lines of a list."""


def of_author(author: str, settings: Settings, *, collections: bool) -> list[Listed]:
    """What an author has on the Hub.

    Args:
        author: Whose models.
        settings: What holds for the run.
        collections: Whether the author's collections are asked for, too.

    Raises:
        SourceError: If it cannot be listed; offline, always.
    """
    together = list_collections(author, settings) if collections else ()
    return from_hub(list_models(author, settings), together)


def from_hub(models: Iterable[ListedModel], collections: Iterable[Collected] = ()) -> list[Listed]:
    """What an author's listing on the Hub tells, with the collections they put together."""
    titles: defaultdict[str, list[str]] = defaultdict(list)
    for one in collections:
        for model in one.models:
            titles[model].append(one.title)
    return [
        Listed(model.id, model.created, model.task, _bases(model.tags), collections=tuple(titles.get(model.id, ())))
        for model in models
    ]


def from_lines(lines: Iterable[str], name: str) -> list[Listed]:
    """What a list tells: an id a line, or a record of the Hub's interface as JSON a line; empty lines are passed by.

    Args:
        lines: The lines.
        name: What errors call the list.

    Raises:
        UsageError: If a line is neither.
    """
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if len(text) > _LONGEST or number > _MOST:
            raise UsageError(f"{clean(name)}:{number}: more than a list of models has", "split it by author")
        if text:
            found.append(_record(text, f"{clean(name)}:{number}") if text.startswith("{") else _id(text, name, number))
    return found


def _id(text: str, name: str, number: int) -> Listed:
    if len(text) > _LONGEST_ID or any(character.isspace() for character in text):
        raise UsageError(f"{clean(name)}:{number}: {clean(text, 40)} is no id of a model", "write org/name, one a line")
    return Listed(text)


def _record(text: str, place: str) -> Listed:
    import json  # noqa: PLC0415 - most lists are plain

    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{place}: not JSON", "write a record a line, or an id a line") from None
    identity = record.get("id") or record.get("modelId")
    if not isinstance(identity, str) or not 0 < len(identity) <= _LONGEST_ID:
        raise UsageError(f"{place}: the record has no id", "keep the field `id`")
    card = record.get("cardData")
    card = card if isinstance(card, dict) else {}
    tags = record.get("tags")
    bases = _bases([tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [])
    return Listed(
        identity,
        _text(record.get("createdAt")),
        _text(record.get("pipeline_tag")),
        bases or _named(card),
        _text(card.get("new_version")),
    )


def _bases(tags: Iterable[str]) -> tuple[tuple[Relation, str], ...]:
    """What the Hub's tags say: `base_model:quantized:org/model`, and `base_model:org/model` for want of a relation."""
    found: dict[str, Relation] = {}
    for tag in tags:
        if tag.startswith(_TAG):
            relation, _, base = tag.removeprefix(_TAG).rpartition(":")
            if relation in _RELATIONS or base not in found:
                found[base] = _RELATIONS.get(relation, "derived")
    return tuple((relation, base) for base, relation in found.items())


def _named(card: dict[str, Json]) -> tuple[tuple[Relation, str], ...]:
    """What a card's own fields say of its bases."""
    bases = card.get("base_model")
    relation = _RELATIONS.get(_text(card.get("base_model_relation")), "derived")
    named: Iterator[Json] = iter(bases if isinstance(bases, list) else [bases])
    return tuple((relation, base) for base in named if isinstance(base, str))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
