"""What the tests' Hub answers: paths, parameters, headers and shapes are those of the Hub's own."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode

from hub.cas import reconstruct
from hub.contents import Content, blob, pointer
from hub.messages import Answer, Request, as_json, refuse
from hub.models import Collection, Kept, Model

if TYPE_CHECKING:
    from hub.server import Hub

LFS = (".safetensors", ".bin", ".gguf", ".onnx", ".pt", ".h5")
"""Endings of files that are kept in LFS."""
_OF_A_REVISION = frozenset({"tree", "commits", "paths-info", "revision", "xet-read-token"})
_YES = frozenset({"true", "True", "1"})


def answer(hub: "Hub", asked: Request) -> Answer:
    """The answer to a request."""
    match asked.parts:
        case _ if asked.store == "cas":
            return reconstruct(hub, asked)
        case ["api", "models"]:
            return _models(hub, asked)
        case ["api", "collections", *slug]:
            return _collections(hub, asked, "/".join(slug))
        case ["api", "resolve-cache", "models", owner, name, *rest]:
            return _of_model(hub, asked, f"{owner}/{name}", ["cached", *rest])
        case ["api", "models", *parts]:
            name, rest = _name(hub, parts)
            return _of_model(hub, asked, name, ["api", *rest])
        case parts:
            name, rest = _name(hub, parts)
            return _of_model(hub, asked, name, rest)


def _page(hub: "Hub", asked: Request, entries: Sequence[object], most: int | None = None) -> Answer:
    """One page of entries, with a link to the next."""
    size = min(int(asked.query.get("limit", most or hub.page)), most or hub.page)
    start = int(asked.query.get("cursor", "0"))
    headers: dict[str, str] = {}
    if hub.faults.get("endless", 0) > 0 or start + size < len(entries):
        host = "http://localhost:1" if hub.strikes("elsewhere", asked) else hub.endpoint
        query = urlencode({**asked.queries, "cursor": start + size}, doseq=True)
        headers["Link"] = f'<{host}{asked.path}?{query}>; rel="next"'
    return as_json(entries[start : start + size], headers)


def _name(hub: "Hub", parts: Sequence[str]) -> tuple[str, list[str]]:
    """A model's name, of one part (`gpt2`) or two, and what follows it."""
    if parts[0] in hub.models or parts[0] in hub.moved:
        return parts[0], list(parts[1:])
    return "/".join(parts[:2]), list(parts[2:])


def _of_model(hub: "Hub", asked: Request, name: str, rest: list[str]) -> Answer:  # noqa: PLR0911 - one answer a case
    if name in hub.moved:
        target = asked.target.replace(f"/{name}", f"/{hub.moved[name]}", 1)
        return Answer(307, f"Temporary Redirect. Redirecting to {target}".encode(), {"Location": target})
    model = hub.models.get(name)
    if model is None or (model.private and not (asked.allowed or asked.store)):
        message = "Repository not found" if asked.allowed else "Invalid username or password."
        return refuse(404 if asked.allowed else 401, "RepoNotFound", message)
    if model.disabled:
        return refuse(403, "", "Access to this resource is disabled.")
    if rest[:1] == ["api"]:
        return _api(hub, asked, model, rest[1:])
    if rest[:1] not in (["resolve"], ["raw"], ["cached"]):
        return refuse(404, "", "Sorry, we can't find the page you are looking for.")
    if model.gated and not asked.allowed and not asked.store:
        message = f"Access to model {name} is restricted. You must be authenticated to access it."
        return refuse(401, "GatedRepo", message)
    revision, path = _revision(model, rest[1:])
    if (kept := model.find(revision)) is None:
        return refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return _file(hub, asked, model, kept, path, rest[0])


def _revision(model: Model, rest: Sequence[str]) -> tuple[str, str]:
    """A revision, and the path behind it; not every client quotes the slashes of a revision."""
    whole = "/".join(rest)
    name = next((name for name in model.pulls if f"{whole}/".startswith(f"{name}/")), rest[0])
    return name, whole[len(name) + 1 :]


def _api(hub: "Hub", asked: Request, model: Model, rest: list[str]) -> Answer:  # noqa: PLR0911 - one answer a path
    if rest == ["refs"]:
        return _refs(model, pulls=asked.query.get("include_prs") == "1")
    if rest and rest[0] not in _OF_A_REVISION:
        return refuse(404, "", "Sorry, we can't find the page you are looking for.")
    revision, path = _revision(model, rest[1:]) if len(rest) > 1 else ("HEAD", "")
    if (kept := model.find(revision)) is None:
        return refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    match rest[:1]:
        case ["tree"]:
            return _tree(hub, asked, kept, path)
        case ["commits"]:
            return _page(hub, asked, [_commit(one) for one in model.behind(kept)])
        case ["paths-info"]:
            form = parse_qs(asked.body.decode())
            if asked.headers.get("content-type", "").startswith("application/json"):
                form = {"paths": json.loads(asked.body)["paths"]}
            return as_json([entry(hub, path, kept.files[path]) for path in form.get("paths", []) if path in kept.files])
        case ["xet-read-token"]:
            return _token(hub)
        case _:
            return as_json(_expanded(about(model, kept, whole=True), asked.queries.get("expand", [])))


def _commit(one: Kept) -> dict[str, object]:
    user = {"user": "someone", "avatar": "https://huggingface.co/avatars/someone.svg"}
    return {"id": one.id, "title": one.title, "message": "", "date": one.written, "authors": [user]}


def _tree(hub: "Hub", asked: Request, kept: Kept, below: str) -> Answer:
    inside = {path: each for path, each in kept.files.items() if not below or path.startswith(f"{below}/")}
    folders = {path[:at] for path in inside for at, letter in enumerate(path) if letter == "/" and at > len(below)}
    entries: list[dict[str, object]] = [
        {"type": "directory", "oid": blob(path.encode()), "size": 0, "path": path} for path in sorted(folders)
    ]
    entries += [entry(hub, path, content) for path, content in inside.items()]
    if asked.query.get("recursive") not in _YES:
        entries = [one for one in entries if "/" not in str(one["path"])[len(below) + bool(below) :]]
    if hub.strikes("outside", asked):
        entries.append({"type": "file", "path": "../../outside.json", "oid": blob(b"{}"), "size": 2})
    if hub.strikes("false-digest", asked):
        entries.append({"type": "file", "path": "vocab.txt", "oid": "../refs/main", "size": 2})
    return _page(hub, asked, entries, 50 if asked.query.get("expand") in _YES else None)


def _refs(model: Model, *, pulls: bool) -> Answer:
    def refs(prefix: str, names: Mapping[str, str]) -> list[dict[str, str]]:
        return [{"name": name, "ref": prefix + name, "targetCommit": id_} for name, id_ in names.items()]

    found: dict[str, object] = {
        "branches": refs("refs/heads/", model.branches),
        "converts": [],
        "tags": refs("refs/tags/", model.tags),
    }
    if pulls:
        found["pullRequests"] = [
            {"name": name.removeprefix("refs/pr/"), "ref": name, "targetCommit": id_}
            for name, id_ in model.pulls.items()
        ]
    return as_json(found)


def is_lfs(path: str, content: Content) -> bool:
    """Whether a file is kept in LFS."""
    return content.lfs or path.endswith(LFS)


def entry(hub: "Hub", path: str, content: Content) -> dict[str, object]:
    """A file of a tree."""
    if not is_lfs(path, content):
        return {"type": "file", "oid": blob(content.read(0, content.size)), "size": content.size, "path": path}
    written = pointer(content)
    lfs = {"oid": content.sha256, "size": content.size, "pointerSize": len(written)}
    found: dict[str, object] = {"type": "file", "oid": blob(written), "size": content.size, "lfs": lfs, "path": path}
    return found | ({"xetHash": content.xet_hash} if hub.xet else {})


def about(model: Model, kept: Kept, *, whole: bool) -> dict[str, object]:
    """The description of a model: what a listing says of it, or all."""
    dates = [one.written for one in model.commits.values()]
    owner, _, _ = model.name.rpartition("/")
    found: dict[str, object] = {"_id": blob(model.name.encode())[:24], "id": model.name, "modelId": model.name}
    found |= {"private": model.private, "likes": 0, "downloads": 0, "tags": [], "createdAt": min(dates)}
    if whole:
        found |= {"author": owner, "sha": kept.id, "lastModified": max(dates), "disabled": model.disabled}
        found |= {"gated": "manual" if model.gated else False}
        found |= {"siblings": [{"rfilename": path} for path in kept.files]}
    return found | model.about


def _models(hub: "Hub", asked: Request) -> Answer:
    """A listing: the public models, and those that the token may read."""
    query = asked.query
    seen = [one for one in hub.models.values() if asked.allowed or not one.private]
    if author := query.get("author"):
        seen = [one for one in seen if one.name.rpartition("/")[0] == author]
    if word := query.get("search"):
        seen = [one for one in seen if word.lower() in one.name.lower()]
    for tag in asked.queries.get("filter", []):
        seen = [one for one in seen if tag in str(one.about.get("tags"))]
    if (key := query.get("sort", "")) in {"lastModified", "createdAt"}:
        backwards = query.get("direction") == "-1"
        seen.sort(key=lambda one: str(about(one, one.main, whole=True)[key]), reverse=backwards)
    whole = query.get("full") in _YES
    expand = asked.queries.get("expand", [])
    return _page(hub, asked, [_expanded(about(one, one.main, whole=whole or bool(expand)), expand) for one in seen])


def _expanded(said: dict[str, object], wanted: Sequence[str]) -> dict[str, object]:
    """A description with the fields that `expand` names, and no others."""
    kept = {"_id", "id", *wanted}
    return {name: value for name, value in said.items() if not wanted or name in kept}


def _collections(hub: "Hub", asked: Request, slug: str) -> Answer:
    """One collection, or a listing of those of an owner, with the first of each one's models."""
    if slug:
        named = next((one for one in hub.collections if one.slug == slug), None)
        return as_json(_collection(hub, named)) if named else refuse(404, "", "Collection not found")
    owner = asked.query.get("owner")
    return _page(hub, asked, [_collection(hub, one, 4) for one in hub.collections if owner in {None, one.owner}])


def _collection(hub: "Hub", one: Collection, shown: int | None = None) -> dict[str, object]:
    items = [
        {"_id": blob(name.encode())[:24], "id": name, "type": "model", "position": at}
        | ({"private": hub.models[name].private} if name in hub.models else {})
        for at, name in enumerate(one.items[:shown])
    ]
    owner = {"_id": blob(one.owner.encode())[:24], "name": one.owner, "fullname": one.owner, "type": "org"}
    said: dict[str, object] = {"slug": one.slug, "title": one.title, "lastUpdated": "2026-01-02T03:04:05.000Z"}
    if shown is None:
        said["position"] = 0
    return said | {
        "owner": owner,
        "items": items,
        "private": False,
        "upvotes": 0,
        "theme": "blue",
        "gating": False,
    }


def _token(hub: "Hub") -> Answer:
    if not hub.xet:
        return refuse(404, "", "Xet is not enabled for this repository")
    token, expires = hub.issue()
    said = {"casUrl": hub.cas, "exp": expires, "accessToken": token}
    headers = {"X-Xet-Cas-Url": hub.cas, "X-Xet-Token-Expiration": str(expires), "X-Xet-Access-Token": token}
    return as_json(said, headers)


def _file(hub: "Hub", asked: Request, model: Model, kept: Kept, path: str, how: str) -> Answer:
    content = kept.files.get(path)
    if content is None:
        return refuse(404, "EntryNotFound", "Entry not found")
    lfs = is_lfs(path, content)
    if lfs and how == "raw":
        return Answer(200, pointer(content), {"X-Repo-Commit": kept.id})
    etag = content.sha256 if lfs else blob(content.read(0, content.size))
    headers = {"X-Repo-Commit": kept.id, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    if lfs and not asked.store:
        return _redirect(
            302,
            f"{hub.store}/{_place(model, kept, path)}?signature={hub.signature}",
            headers | _linked(hub, model, kept, content),
        )
    if asked.store and asked.query.get("signature") != hub.signature:
        return Answer(403, b"<Error><Code>AccessDenied</Code></Error>")
    if hub.resolve_cache and how == "resolve" and not lfs and "/" in model.name:
        return _redirect(307, f"/api/resolve-cache/models/{model.name}/{kept.id}/{quote(path)}", headers)
    return _ranged(hub, asked, content, headers)


def _place(model: Model, kept: Kept, path: str) -> str:
    return f"{model.name}/resolve/{kept.id}/{quote(path)}"


def _linked(hub: "Hub", model: Model, kept: Kept, content: Content) -> dict[str, str]:
    """The headers that stand on the redirect to a large file, and only there."""
    headers = {"X-Linked-Etag": f'"{content.sha256}"', "X-Linked-Size": str(content.size)}
    if hub.xet:
        route = f"{hub.endpoint}/api/models/{model.name}/xet-read-token/{kept.id}"
        chunks = f"{hub.cas}/v2/reconstructions/{content.xet_hash}"
        headers["X-Xet-Hash"] = content.xet_hash
        headers["Link"] = f'<{route}>; rel="xet-auth", <{chunks}>; rel="xet-reconstruction-info"'
    return headers


def _redirect(status: int, target: str, headers: Mapping[str, str]) -> Answer:
    return Answer(status, f"Redirecting to {target}".encode(), {**headers, "Location": target})


def _ranged(hub: "Hub", asked: Request, content: Content, headers: dict[str, str]) -> Answer:
    wanted = asked.headers.get("range")
    if wanted is None or hub.strikes("no-range", asked):
        return Answer(200, headers=headers, content=content, stop=content.size)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start = int(first) if first else max(0, content.size - int(last))
    stop = min(int(last or content.size) + 1, content.size) if first else content.size
    if start >= stop:
        return Answer(416, headers={"Content-Range": f"bytes */{content.size}"})
    told = start + 1 if hub.strikes("wrong-range", asked) else start
    headers["Content-Range"] = f"bytes {told}-{stop - 1}/{content.size}"
    return Answer(206, headers=headers, content=content, start=start, stop=stop)
