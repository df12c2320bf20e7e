"""Which models and collections an author has on the Hub."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from semverlint.errors import SourceError
from semverlint.sources.base import Settings
from semverlint.sources.hub.client import MOST_PAGES
from semverlint.sources.hub.refusals import nonsense
from semverlint.sources.hub.settings import endpoint, is_offline
from semverlint.sources.hub.wire import Wire
from semverlint.sources.listed import Collected, ListedModel
from semverlint.text import clean

_FIELDS = (
    *("author", "createdAt", "lastModified", "sha", "tags", "library_name", "pipeline_tag"),
    *("private", "gated", "disabled"),
)
_PAGE = 500
_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_MOST_TAGS = 1_000


def list_models(author: str, settings: Settings, search: str | None = None) -> Iterator[ListedModel]:
    """The models of an author (of anybody, for an empty name) in the order they were made; 500 are one request.

    Raises:
        SourceError: If they cannot be listed.
    """
    query = [("author", author)] if author else []
    query += [("limit", str(_PAGE)), ("sort", "createdAt"), ("direction", "-1")]
    query += [("search", search)] if search else []
    query += [("expand", name) for name in _FIELDS]
    found = [
        one
        for said in _pages(f"/api/models?{urlencode(query)}", author or search or "the Hub", settings)
        if (one := _model(said))
    ]
    yield from sorted(found, key=lambda one: (one.created, one.id))


def list_collections(owner: str, settings: Settings) -> Iterator[Collected]:
    """The collections of an owner, in the order the Hub gives; each with the first of its models, as the Hub shows it.

    Raises:
        SourceError: If they cannot be listed.
    """
    for said in _pages(f"/api/collections?{urlencode({'owner': owner, 'limit': 100})}", owner, settings):
        if found := _collection(said):
            yield found


def collection(slug: str, settings: Settings) -> Collected:
    """One collection with all of its models.

    Raises:
        SourceError: If it cannot be had.
    """
    wire = _wire(f"the collection {clean(slug)}", settings)
    found = _collection(wire.json(f"{endpoint()}/api/collections/{quote(slug)}").value)
    if found is None:
        raise nonsense(wire.subject)
    return found


def _pages(path: str, author: str, settings: Settings) -> Iterator[Any]:
    wire = _wire(clean(author), settings)
    url: str | None = f"{endpoint()}{path}"
    for _ in range(MOST_PAGES):
        if url is None:
            return
        answer = wire.json(url)
        if not isinstance(answer.value, list):
            raise nonsense(wire.subject)
        yield from answer.value
        url = answer.next
    raise SourceError(f"{wire.subject}: the list of models has no end", "check HF_ENDPOINT")


def _wire(subject: str, settings: Settings) -> Wire:
    if settings.offline or is_offline():
        raise SourceError(f"{subject}: what there is on the Hub is not known offline", "run without --offline")
    return Wire(subject, settings.meter)


def _model(said: object) -> ListedModel | None:
    if not isinstance(said, dict) or not _ID.fullmatch(name := _text(said, "id")):
        return None
    return ListedModel(
        id=name,
        created=_text(said, "createdAt"),
        modified=_text(said, "lastModified"),
        commit=_text(said, "sha"),
        tags=tuple(_texts(said.get("tags"))),
        library=_text(said, "library_name"),
        task=_text(said, "pipeline_tag"),
        readable=not (said.get("gated") or said.get("disabled")),
    )


def _collection(said: object) -> Collected | None:
    if not isinstance(said, dict) or not isinstance(items := said.get("items"), list):
        return None
    models = [_text(one, "id") for one in items if isinstance(one, dict) and one.get("type") == "model"]
    return Collected(_text(said, "slug"), _text(said, "title"), tuple(name for name in models if _ID.fullmatch(name)))


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _texts(said: object) -> Sequence[str]:
    return [one for one in said if isinstance(one, str)][:_MOST_TAGS] if isinstance(said, list) else []
