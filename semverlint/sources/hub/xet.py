"""Xet: which chunks files are made of, without any of them (https://huggingface.co/docs/xet/api).

Nothing here can fail a check: where the store does not say, is switched off or is not understood, bytes are read.
"""

import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from semverlint.errors import SourceError
from semverlint.files import Term
from semverlint.sources.cache import Cache
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.refusals import RefusedError
from semverlint.sources.hub.settings import endpoint
from semverlint.sources.hub.wire import Wire

_TOGETHER = 8
_BATCH = 16
"""Files asked about in one request; a list of a 5 GB file has some hundred kilobytes."""
_LARGEST_LIST = 16_000_000
_HASH = re.compile(r"[0-9a-f]{64}")
_MARGIN = 30.0
"""Seconds before its end from which on a token is replaced."""
_UNAUTHORISED, _NOT_FOUND, _NOT_IMPLEMENTED = 401, 404, 501
Lists = dict[str, "list[Term] | None"]
"""Terms by a file's hash; None where it is settled that the store does not say."""


@dataclass(frozen=True)
class _Access:
    """Where chunk lists are asked for, with which token, and until when (seconds since 1970)."""

    url: str
    token: str
    until: float


class Reconstructions:
    """The chunk lists of one repository's files.

    Args:
        client: The repository.
        cache: Where lists are kept: a file's hash says what is in it, whichever way it is put together.
    """

    def __init__(self, client: HubClient, cache: Cache) -> None:
        self._client = client
        self._cache = cache
        self._wire = Wire(client.repository, client.meter, offline=client.wire.offline)
        self._access: _Access | None = None
        self._lock = threading.Lock()
        self._missing = False

    def terms(self, names: Sequence[str], commit: str) -> dict[str, Sequence[Term]]:
        """The terms of files by their hashes; those that cannot be had are left out.

        Args:
            names: Hashes, as the Hub writes them.
            commit: Of a revision that has the files: a token is given for one.
        """
        found: dict[str, Sequence[Term]] = {}
        unknown: list[str] = []
        for name in names:
            kept = self._cache.get("chunks", f"{endpoint()} {name}")
            if kept is None:
                unknown.append(name)
            elif terms := read_terms(json.loads(kept)):
                found[name] = terms
        for name, terms in self._asked(unknown, commit).items() if unknown else ():
            self._cache.put("chunks", f"{endpoint()} {name}", _written(terms or []))
            if terms:
                found[name] = terms
        return found

    def _asked(self, names: Sequence[str], commit: str) -> Lists:
        """What the store says of files: several at once where it lets that be asked, else each by itself."""

        def together(batch: Sequence[str]) -> Lists:
            found = self._batch(batch, commit) if len(batch) > 1 else {}
            for name in batch:
                if name not in found:
                    found |= self._one(name, commit)
            return found

        batches = [names[at : at + _BATCH] for at in range(0, len(names), _BATCH)]
        with ThreadPoolExecutor(min(_TOGETHER, len(batches))) as workers:
            return {name: terms for found in workers.map(together, batches) for name, terms in found.items()}

    def _batch(self, names: Sequence[str], commit: str) -> Lists:
        asked = [{"prefix": "default", "hash": name} for name in names]
        try:
            answer = self._ask("/v1/reconstructions", commit, asked)
        except SourceError:
            return {}  # one unknown hash refuses all of them
        files = answer.get("files") if isinstance(answer, dict) else None
        if not isinstance(files, dict):
            return {}
        read = {name: read_terms(files.get(name)) for name in names}
        return {name: terms for name, terms in read.items() if terms}

    def _one(self, name: str, commit: str) -> Lists:
        for version in ("v2", "v1"):
            try:
                answer = self._ask(f"/{version}/reconstructions/{name}", commit)
            except RefusedError as error:
                if error.status not in {_NOT_FOUND, _NOT_IMPLEMENTED}:
                    return {}
            except SourceError:
                return {}
            else:
                return {name: read_terms(answer.get("terms") if isinstance(answer, dict) else None)}
        return {name: None}

    def _ask(self, path: str, commit: str, post: object = None) -> Any:  # noqa: ANN401 - JSON
        """An answer of the store; with a new token, once, where it does not take the one there is."""
        for last in (False, True):
            access = self._permit(commit)
            allowed = {"Authorization": f"Bearer {access.token}"}
            try:
                return self._wire.json(f"{access.url}{path}", headers=allowed, post=post, most=_LARGEST_LIST).value
            except RefusedError as error:
                if last or error.status != _UNAUTHORISED:
                    raise
                with self._lock:
                    self._access = None if self._access == access else self._access
        raise AssertionError  # the last try returns or raises

    def _permit(self, commit: str) -> _Access:
        """The token there is, or a new one.

        Raises:
            SourceError: If the Hub gives none; it is not asked again.
        """
        with self._lock:
            if self._missing:
                raise SourceError(f"{self._client.repository} has no store of chunks", "let its files be read")
            if self._access is None or self._access.until < time.time() + _MARGIN:
                try:
                    self._access = _access(self._client.api(f"/xet-read-token/{commit}"))
                except SourceError:
                    self._missing = True
                    raise
            return self._access


def _access(said: Mapping[str, object]) -> _Access:
    match said:
        case {"casUrl": str(url), "accessToken": str(token), "exp": int(until)} if token.isascii():
            secure = urlsplit(url).scheme == "https" or urlsplit(endpoint()).scheme == "http"
            if secure and urlsplit(url).netloc:
                return _Access(url.rstrip("/"), token, until)
    raise SourceError("the Hub's token for its store of chunks cannot be understood", "try again later")


def read_terms(said: object) -> list[Term] | None:
    """The terms of one file as the store writes them; None where they are none that a file can have."""
    found: list[Term] = []
    for one in said if isinstance(said, list) else []:
        match one:
            case {"hash": str(block), "unpacked_length": int(length), "range": {"start": int(first), "end": int(last)}}:
                if not (_HASH.fullmatch(block) and 0 <= first < last <= length):
                    return None
                found.append(Term(block, first, last, length))
            case _:
                return None
    return found or None


def _written(terms: Sequence[Term]) -> bytes:
    said = [
        {"hash": one.block, "unpacked_length": one.length, "range": {"start": one.first, "end": one.last}}
        for one in terms
    ]
    return json.dumps(said, separators=(",", ":")).encode()
