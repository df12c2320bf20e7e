"""A Hub of the tests' own: HTTP on loopback, with the Hub's interface, its traps, slow lines and faults on demand."""

import secrets
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from hub.answers import answer
from hub.contents import Content
from hub.faults import Faults
from hub.messages import Answer, Request
from hub.models import Collection, Model
from hub.xet import ChunkStore

TOKEN = "hf_a_secret_that_nobody_may_print"  # noqa: S105 - a test's own
_PIECE = 1 << 16
"""Bytes written at a time, so that several answers share a slow line."""


@dataclass(frozen=True)
class Asked:
    """One request, as the server saw it."""

    method: str
    path: str
    range: str
    authorized: bool
    on_store: bool


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing when a client hangs up, which is what some tests are about."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Leave it to the client to tell."""


class Hub:
    """The server; use it in a `with`.

    Attributes:
        endpoint: What HF_ENDPOINT is set to.
        store: Where LFS files are sent from: another host.
        cas: Where Xet's chunk lists are asked for.
        models: Every repository by name.
        moved: Old names of repositories, and their new ones.
        collections: What people put together.
        asked: Every request so far, those that redirects lead to as well.
        sent: Bytes of every body so far.
        faults: How often each fault still strikes, and which strikes the n-th request.
        page: Entries of a page.
        latency: Seconds between a request and the first byte of its answer.
        rate: Bytes in a second that all connections share; None for no limit.
        xet: Which of Xet's interfaces there is: `v2` (and v1), `v1`, `none` (tokens, no store); empty for no Xet.
        resolve_cache: Whether small files are sent on to `/api/resolve-cache`, as on the real Hub.
        signature: What a store's address must carry; a new one makes all that were given out expire.
    """

    def __init__(self, port: int = 0) -> None:
        self.models: dict[str, Model] = {}
        self.moved: dict[str, str] = {}
        self.collections: list[Collection] = []
        self.asked: list[Asked] = []
        self.sent = 0
        self.faults = Faults()
        self.page = 1000
        self.latency = 0.0
        self.rate: float | None = None
        self.xet = ""
        self.resolve_cache = True
        self.signature = "a" * 900  # as long as real ones: it stands in the body of each redirect as well
        self.chunks = ChunkStore()
        self.token_lifetime = 3600.0
        self.closing = threading.Event()
        self._tokens: dict[str, float] = {}
        self._by_hash: dict[str, Content] = {}
        self._lock = threading.Lock()
        self._line_free = 0.0
        self._servers = [self._serve("", port), self._serve("cdn"), self._serve("cas")]
        self.endpoint, self.store, self.cas = (f"http://127.0.0.1:{one.server_address[1]}" for one in self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def model(self, name: str) -> Model:
        """The repository of a name, made where there is none."""
        return self.models.setdefault(name, Model(name))

    def commit(
        self, name: str, files: Mapping[str, bytes | Content], tag: str | None = None, pull: int | None = None
    ) -> str:
        """Add a commit (beside main, for a pull request), and name it."""
        model = self.model(name)
        kept = model.commit(files, f"Release {tag}", model.branches.get("main"), branch=None if pull else "main")
        if pull is not None:
            model.pulls[f"refs/pr/{pull}"] = kept.id
        if tag:
            model.tags[tag] = kept.id
        return kept.id

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()
        self.sent = 0

    def strikes(self, fault: str, asked: Request) -> bool:
        """Whether a fault happens to a request now."""
        return self.faults.strike(fault, asked)

    def issue(self) -> tuple[str, int]:
        """A token for the chunk store, and when it expires (seconds since 1970)."""
        token, expires = secrets.token_hex(8), time.time() + self.token_lifetime
        self._tokens[token] = expires
        return token, int(expires)

    def knows(self, token: str) -> bool:
        """Whether a token for the chunk store was given out here and holds yet."""
        return self._tokens.get(token, 0.0) > time.time()

    def by_xet_hash(self, name: str) -> Content | None:
        """The content that Xet calls by a hash."""
        if name not in self._by_hash:
            with self._lock:
                contents = (
                    each
                    for one in self.models.values()
                    for kept in one.commits.values()
                    for each in kept.files.values()
                )
                self._by_hash = {each.xet_hash: each for each in set(contents)}
        return self._by_hash.get(name)

    def count(self, asked: Asked) -> int:
        """Take down a request; how many there were."""
        with self._lock:
            self.asked.append(asked)
            return len(self.asked)

    def carry(self, size: int) -> None:
        """Take as long as the line does for so many bytes."""
        with self._lock:
            self.sent += size
            if self.rate is None:
                return
            now = time.monotonic()
            self._line_free = max(self._line_free, now) + size / self.rate
            wait = self._line_free - now
        time.sleep(wait)

    def _serve(self, store: str, port: int = 0) -> ThreadingHTTPServer:
        handler = type("Handler", (_Handler,), {"hub": self, "store": store})
        server = QuietServer(("127.0.0.1", port), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    store: str
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the overridden parameter
        """Nothing: `Hub.asked` has it."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        given = self.headers.get("Authorization")
        asked = Asked(self.command, self.path, self.headers.get("Range", ""), given is not None, bool(self.store))
        number = self.hub.count(asked)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        allowed = given == f"Bearer {TOKEN}"
        request = Request(number, self.command, self.path, headers, allowed, self.store, body)
        with suppress(OSError):
            if self.hub.latency:
                time.sleep(self.hub.latency)
            right = self.hub.faults.instead(request) or answer(self.hub, request)
            self._send(*self.hub.faults.spoil(right, request))

    def _send(self, told: Answer, fault: str) -> None:
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if fault == "stall":
            self._hang()
            return
        if fault == "trickle-head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.hub.closing.wait(0.05):
                self.wfile.write(b"X-Patience: more\r\n")
                self.wfile.flush()
            return
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(told.length))
        self.end_headers()
        if self.command == "HEAD":
            return
        stop = told.length // 2 if fault in {"truncated", "stall-body"} else told.length
        piece = 1 if fault == "trickle" else _PIECE
        for start in range(0, stop, piece):
            self._write(told, start, min(start + piece, stop))
            if fault == "trickle" and self.hub.closing.wait(0.05):
                break
        if fault == "stall-body":
            self._hang()
        self.close_connection |= fault in {"truncated", "trickle"}

    def _write(self, told: Answer, start: int, stop: int) -> None:
        data = told.content.read(told.start + start, told.start + stop) if told.content else told.body[start:stop]
        self.hub.carry(len(data))
        self.wfile.write(data)
        self.wfile.flush()

    def _hang(self) -> None:
        self.wfile.flush()
        self.hub.closing.wait(30)
        self.close_connection = True
