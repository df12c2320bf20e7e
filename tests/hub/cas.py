"""The chunk store's HTTP interface: how files are made of chunks. Chunks themselves are not handed out."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.contents import Content, Term
from hub.messages import Answer, Request, as_json, refuse

if TYPE_CHECKING:
    from hub.server import Hub


def reconstruct(hub: "Hub", asked: Request) -> Answer:  # noqa: PLR0911 - one answer a path
    """How one file (`GET /v2/…`, `/v1/…`) or several (`POST /v1/…`) are made of chunks."""
    if not hub.knows(asked.headers.get("authorization", "").removeprefix("Bearer ")):
        return refuse(401, "", "Unauthorized")
    match asked.method, asked.parts:
        case "GET", ["v2", "reconstructions", _] if hub.xet != "v2":
            return refuse(501 if hub.xet == "v1" else 404, "", "Not implemented")
        case ("GET", [_, "reconstructions", _]) | ("POST", ["v1", "reconstructions"]) if hub.xet == "none":
            return refuse(404, "", "Not found")
        case "GET", ["v2" | "v1" as version, "reconstructions", name]:
            content = hub.by_xet_hash(name)
            return as_json(_one(hub, content, version)) if content else refuse(404, "", "Not found")
        case "POST", ["v1", "reconstructions"]:
            names = [str(one["hash"]) for one in json.loads(asked.body)]
            contents = {name: hub.by_xet_hash(name) for name in names}
            if None in contents.values():
                return refuse(404, "", "Not found")
            terms = {name: hub.chunks.terms(content) for name, content in contents.items() if content}
            info = _places(hub, [term for each in terms.values() for term in each], "fetch_info")
            return as_json({"files": {name: _terms(each) for name, each in terms.items()}, "fetch_info": info})
        case _:
            return refuse(404, "", "Not found")


def _one(hub: "Hub", content: Content, version: str) -> dict[str, object]:
    terms = hub.chunks.terms(content)
    name = "xorbs" if version == "v2" else "fetch_info"
    return {"offset_into_first_range": 0, "terms": _terms(terms), name: _places(hub, terms, name)}


def _terms(terms: Sequence[Term]) -> list[dict[str, object]]:
    return [
        {"hash": one.xorb, "unpacked_length": one.length, "range": {"start": one.start, "end": one.stop}}
        for one in terms
    ]


def _places(hub: "Hub", terms: Sequence[Term], form: str) -> dict[str, list[dict[str, object]]]:
    """Where the chunks would be fetched: chunks end exclusive, bytes end inclusive."""
    found: dict[str, list[dict[str, object]]] = {}
    for one in terms:
        chunks = {"start": one.start, "end": one.stop}
        size = {"start": 0, "end": one.length - 1}
        url = f"{hub.store}/xorbs/default/{one.xorb}"
        place: dict[str, object] = {"range": chunks, "url": url, "url_range": size}
        if form == "xorbs":
            place = {"url": url, "ranges": [{"chunks": chunks, "bytes": size}]}
        found.setdefault(one.xorb, []).append(place)
    return found
