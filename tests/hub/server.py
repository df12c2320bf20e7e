"""A Hub of the tests' own: real HTTP on loopback, with the Hub's interface, its traps, and faults on demand."""

import hashlib
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_a_secret_that_nobody_may_print"  # noqa: S105 - a test's own
_LFS = (".safetensors", ".bin", ".gguf")


@dataclass(frozen=True)
class Asked:
    """One request, as the server saw it."""

    method: str
    path: str
    range: str
    authorized: bool
    on_store: bool


@dataclass(frozen=True)
class Kept:
    """One commit."""

    id: str
    title: str
    files: Mapping[str, bytes]


@dataclass
class Model:
    """One repository."""

    private: bool = False
    gated: bool = False
    commits: list[Kept] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)

    def find(self, revision: str) -> Kept | None:
        names = {"main": self.commits[-1].id, **self.tags, **self.pulls}
        wanted = names.get(revision, revision)
        return next((one for one in self.commits if len(wanted) >= 7 and one.id.startswith(wanted)), None)


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing when a client hangs up, which is what some tests are about."""

    def handle_error(self, *_: object) -> None:
        """Leave it to the client to tell."""


class Hub:
    """The server; use it in a `with`.

    Attributes:
        endpoint: What HF_ENDPOINT is set to.
        asked: Every request so far.
        sent: Bytes of every body so far.
        faults: How often each fault still strikes (a large number: always).
        page: Entries of a page.
    """

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.asked: list[Asked] = []
        self.sent = 0
        self.faults: dict[str, int] = {}
        self.page = 1000
        self.quiet = threading.Event()
        self._servers = [self._serve(on_store=False), self._serve(on_store=True)]
        self.endpoint, self.store = (f"http://127.0.0.1:{one.server_address[1]}" for one in self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.quiet.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def commit(self, name: str, files: Mapping[str, bytes], tag: str | None = None, pull: int | None = None) -> str:
        """Add a commit (beside main, for a pull request), and name it."""
        model = self.models.setdefault(name, Model())
        identity = hashlib.sha1(f"{name} {len(model.commits)}".encode(), usedforsecurity=False).hexdigest()
        kept = Kept(identity, f"Release {tag}", dict(files))
        if pull is None:
            model.commits.append(kept)
        else:
            model.commits.insert(0, kept)
            model.pulls[f"refs/pr/{pull}"] = identity
        if tag:
            model.tags[tag] = identity
        return identity

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.sent = 0

    def strikes(self, fault: str) -> bool:
        """Whether a fault happens now."""
        left = self.faults.get(fault, 0)
        self.faults[fault] = left - 1
        return left > 0

    def _serve(self, *, on_store: bool) -> ThreadingHTTPServer:
        hub = self

        class Handler(_Handler):
            owner = hub
            is_store = on_store

        server = QuietServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class _Handler(BaseHTTPRequestHandler):
    owner: Hub
    is_store: bool
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the overridden parameter
        """Nothing: `Hub.asked` has it."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        asked = Asked(self.command, self.path, self.headers.get("Range", ""), allowed, self.is_store)
        if "Authorization" in self.headers and not allowed:
            asked = Asked(asked.method, asked.path, asked.range, authorized=True, on_store=self.is_store)
        self.owner.asked.append(asked)
        with suppress(OSError):
            if not self._struck():
                self._route(allowed=allowed)

    def _struck(self) -> bool:
        strikes = self.owner.strikes
        if strikes("429"):
            self._answer(429, b"", {"Retry-After": "60"})
        elif strikes("500"):
            self._answer(500, b"")
        elif strikes("stall"):
            self.owner.quiet.wait(10)
            self.close_connection = True
        elif strikes("circle"):
            self._answer(302, b"", {"Location": self.path})
        elif strikes("bad-json"):
            self._answer(200, b"<html>")
        elif strikes("list"):
            self._answer(200, b"[1]")
        elif strikes("object"):
            self._answer(200, b"{}")
        elif strikes("deep"):
            self._answer(200, b"[" * 200_000)
        elif strikes("huge"):
            self._answer(200, b'["' + b"x" * 3_000_000 + b'"]')
        else:
            return False
        return True

    def _route(self, *, allowed: bool) -> None:
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        api = parts[:2] == ["api", "models"]
        if api:
            parts = parts[2:]
        name, rest = "/".join(parts[:2]), parts[2:]
        model = self.owner.models.get(name)
        if model is None or (model.private and not allowed and not self.is_store):
            self._refuse(404 if allowed else 401, "RepoNotFound")
        elif model.gated and not allowed and rest[:1] == ["resolve"]:
            self._refuse(403, "GatedRepo")
        elif api and rest == ["refs"]:
            self._refs(model, pulls="include_prs" in url.query)
        elif (kept := model.find(rest[1] if len(rest) > 1 else "main")) is None:
            self._refuse(404, "RevisionNotFound")
        elif not api:
            self._resolve(name, kept, "/".join(rest[2:]))
        elif rest[:1] == ["tree"]:
            self._page([_entry(path, data) for path, data in kept.files.items()], url.path)
        elif rest[:1] == ["commits"]:
            date = "2026-01-02T03:04:05.000Z"
            behind = model.commits[model.commits.index(kept) :: -1]
            user = [{"user": "someone"}]
            self._page(
                [{"id": one.id, "title": one.title, "message": "", "date": date, "authors": user} for one in behind],
                url.path,
            )
        else:
            siblings = [{"rfilename": path} for path in kept.files]
            self._json({"id": name, "modelId": name, "sha": kept.id, "private": model.private, "siblings": siblings})

    def _refs(self, model: Model, *, pulls: bool) -> None:
        def refs(prefix: str, names: Mapping[str, str]) -> list[dict[str, str]]:
            return [{"name": name, "ref": prefix + name, "targetCommit": id_} for name, id_ in names.items()]

        answer: dict[str, object] = {
            "branches": refs("refs/heads/", {"main": model.commits[-1].id}),
            "converts": [],
            "tags": refs("refs/tags/", model.tags),
        }
        if pulls:
            answer["pullRequests"] = refs("", model.pulls)
        self._json(answer)

    def _page(self, entries: list[dict[str, object]], path: str) -> None:
        query = parse_qs(urlsplit(self.path).query)
        start = int(query.get("cursor", ["0"])[0])
        endless = self.owner.faults.get("endless", 0) > 0
        if self.owner.strikes("outside"):
            entries = [*entries, {**_entry("config.json", b"{}"), "path": "../../outside.json"}]
        if self.owner.strikes("false-digest"):
            entries = [*entries, {**_entry("vocab.txt", b"{}"), "oid": "../refs/main"}]
        headers = {}
        if endless or start + self.owner.page < len(entries):
            host = "http://localhost:1" if self.owner.strikes("elsewhere") else self.owner.endpoint
            following = f"{host}{path}?recursive=true&expand=false&cursor={start + self.owner.page}"
            headers["Link"] = f'<{following}>; rel="next"'
        self._json(entries[start : start + self.owner.page], headers)

    def _resolve(self, name: str, kept: Kept, path: str) -> None:
        data = kept.files.get(path)
        if data is None:
            self._refuse(404, "EntryNotFound")
            return
        entry = _entry(path, data)
        headers = {"X-Repo-Commit": kept.id, "ETag": f'"{entry["oid"]}"'}
        if path.endswith(_LFS) and not self.is_store:
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
            headers["X-Linked-Size"] = str(len(data))
            headers["Location"] = f"{self.owner.store}/{name}/resolve/{kept.id}/{path}"
            self._answer(302, b"", headers)
            return
        wanted = self.headers.get("Range")
        if wanted is None or self.owner.strikes("no-range"):
            self._answer(200, data, headers)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), min(int(last or len(data)) + 1, len(data))
        told = start + 1 if self.owner.strikes("wrong-range") else start
        headers["Content-Range"] = f"bytes {told}-{stop - 1}/{len(data)}"
        self._answer(206, data[start:stop], headers)

    def _json(self, value: object, headers: Mapping[str, str] | None = None) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, b"", {"X-Error-Code": code, "X-Error-Message": "see the code"})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if body and self.owner.strikes("truncated"):
            body = body[: len(body) // 2]
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.owner.sent += len(body)
            self.wfile.write(body)


def _entry(path: str, data: bytes) -> dict[str, object]:
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    entry: dict[str, object] = {"type": "file", "path": path, "oid": blob, "size": len(data)}
    if path.endswith(_LFS):
        digest = hashlib.sha256(data).hexdigest()
        entry["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 134}
    return entry
