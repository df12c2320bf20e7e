"""Requests to the Hub: bounded in time and size, tried again a few times, and every failure one line with its remedy.

`huggingface_hub` makes the session, the headers and the token; the HTTP library below it differs from release to
release, so none is imported here.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from huggingface_hub.utils import (  # type: ignore[attr-defined]  # documented as public, not re-exported for mypy
    build_hf_headers,
    get_session,
)

from semverlint import __version__
from semverlint.errors import SourceError
from semverlint.files import Meter
from semverlint.sources.hub_settings import endpoint
from semverlint.text import clean

_TRIES = 4
_LONGEST_WAIT = 5.0
"""Seconds waited before a further try, whatever the server asks for."""
_SILENCE = 15.0
"""Seconds without a byte after which a request is given up."""
_LARGEST_PAGE = 60_000_000
"""Bytes of one answer of the API; a page of 1,000 files has some hundred kilobytes."""
_MOST_PAGES = 1_000
Taken = TypeVar("Taken")
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_HTTP_LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})


class HubClient:
    """What is asked of one repository.

    Args:
        repository: `org/name`, or `name` for the oldest ones.
        meter: Where requests and bytes are counted.

    Attributes:
        contents: Small files read whole, by their digests.
    """

    def __init__(self, repository: str, meter: Meter) -> None:
        self._repository = repository
        self._meter = meter
        self.contents: dict[str, bytes] = {}

    def api(self, path: str, query: str = "") -> dict[str, Any]:
        """The object that answers `GET /api/models/{repository}{path}`."""
        body, _ = self._api(f"{endpoint()}/api/models/{self._repository}{path}{query}")
        if not isinstance(body, dict):
            raise self._nonsense()
        return body

    def pages(self, path: str, query: str = "") -> Iterator[Any]:
        """Every entry of an answer in pages, following `Link: <…>; rel="next"` on the same host."""
        url: str | None = f"{endpoint()}/api/models/{self._repository}{path}{query}"
        for _ in range(_MOST_PAGES):
            if url is None:
                return
            body, url = self._api(url)
            if not isinstance(body, list):
                raise self._nonsense()
            yield from body
        raise SourceError(f"{self._repository}: its list of files or commits has no end", "check HF_ENDPOINT")

    def read(self, commit: str, path: str, start: int, stop: int, size: int) -> bytes:
        """Bytes of a file; a server that ignores the range is refused before it sends the whole file."""
        url = f"{endpoint()}/{self._repository}/resolve/{commit}/{quote(path)}"

        def check(answer: Any) -> None:  # noqa: ANN401 - the HTTP library's answer
            if answer.status_code == 200 and start == 0 and stop == size:  # noqa: PLR2004 - OK
                return
            if answer.status_code != 206:  # noqa: PLR2004 - Partial Content
                raise SourceError(
                    f"{self._repository}: the server sends whole files instead of ranges", "use another endpoint"
                )
            sent = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")[0]
            if sent != f"{start}-{stop - 1}":
                raise SourceError(
                    f"{self._repository}: the server sent the bytes {clean(sent)} of {clean(path)}", "try again"
                )

        asked = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        return self._get(url, asked, stop - start, check)[0]

    def _api(self, url: str) -> tuple[Any, str | None]:
        body, following = self._get(url, {}, _LARGEST_PAGE, lambda _: None)
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise self._nonsense() from None
        if following is None:
            return value, None
        target = urljoin(url, following)
        if urlsplit(target)[:2] != urlsplit(url)[:2]:
            raise SourceError(
                f"{self._repository}: the server sends the reader on to another host", "check HF_ENDPOINT"
            )
        return value, target

    def _take(self, answer: Any, most: int) -> bytes:  # noqa: ANN401 - the HTTP library's answer
        data = bytearray()
        for piece in answer.iter_bytes():
            data += piece
            self._meter.bytes_read += len(piece)
            if len(data) > most:
                raise SourceError(f"{self._repository}: the server sends more than was asked for", "check HF_ENDPOINT")
        return bytes(data)

    def _get(
        self, url: str, headers: Mapping[str, str], most: int, check: Callable[[Any], None]
    ) -> tuple[bytes, str | None]:
        """An answer's body and the address of its next page; asked for again where that may help.

        A connection that breaks while the body arrives counts as one that could not be made.
        """
        sent = {**self._headers(), **headers}
        for attempt in range(1, _TRIES + 1):
            self._meter.requests += 1
            try:
                with get_session().stream("GET", url, headers=sent, timeout=_SILENCE, follow_redirects=True) as answer:
                    if answer.status_code < 400:  # noqa: PLR2004 - from here on they are errors
                        check(answer)
                        return self._take(answer, most), answer.links.get("next", {}).get("url")
                    if answer.status_code not in _AGAIN or attempt == _TRIES:
                        raise self._refusal(answer)  # noqa: TRY301 - an answer that is an error, not a failure to answer
                    wait = _wait(answer.headers.get("Retry-After"), attempt)
            except Exception as error:
                if type(error).__module__.partition(".")[0] not in _HTTP_LIBRARIES:
                    raise
                hopeless = any(word in type(error).__name__ for word in ("Redirect", "Timeout", "InvalidURL"))
                if attempt == _TRIES or hopeless:
                    raise self._unreachable(error) from None
                wait = _wait(None, attempt)
            time.sleep(wait)
        raise AssertionError  # the last try returns or raises

    def _headers(self) -> dict[str, str]:
        """The client's headers with the user's token, if there is one to be had."""
        try:
            headers: dict[str, str] = build_hf_headers(library_name="semverlint", library_version=__version__)
            headers.get("authorization", "").encode("ascii")
        except Exception:  # noqa: BLE001 - a login can fail in many ways, and its errors may quote the token
            raise SourceError(
                f"{self._repository}: your token cannot be used", "check HF_TOKEN, or log in with `hf auth login`"
            ) from None
        return headers

    def _refusal(self, answer: Any) -> SourceError:  # noqa: ANN401, PLR0911 - the HTTP library's; one sentence a refusal
        name, status = self._repository, answer.status_code
        code = answer.headers.get("X-Error-Code", "")
        page = f"https://{_host()}/{name}"
        if code == "GatedRepo":
            return SourceError(f"{name} is gated", f"accept its terms at {page}, then log in with `hf auth login`")
        if code == "RevisionNotFound":
            return SourceError(f"{name} has no such revision", "look at its tags and branches")
        if code == "EntryNotFound":
            return SourceError(f"{name} no longer has a file that it listed", "try again")
        if status == 403 and "disabled" in answer.headers.get("X-Error-Message", "").lower():  # noqa: PLR2004 - Forbidden
            return SourceError(f"{name} was disabled by the Hub", f"see {page}")
        if code == "RepoNotFound" or status in {401, 404}:
            return SourceError(
                f"{name} does not exist, or is private",
                "check the name, and log in with `hf auth login` if it is private",
            )
        if status == 403:  # noqa: PLR2004 - Forbidden
            return SourceError(f"{name}: your token may not read it", "check the token with `hf auth whoami`")
        if status == 429:  # noqa: PLR2004 - Too Many Requests
            return SourceError(
                f"{name}: the Hub asks for a pause (429)", "try again in five minutes, logged in for a larger quota"
            )
        return SourceError(f"{name}: the server answers {status}", "try again later")

    def _unreachable(self, error: Exception) -> SourceError:
        if "Redirect" in type(error).__name__:
            return SourceError(f"{self._repository}: the server sends the reader round in circles", "check HF_ENDPOINT")
        host = _host()
        slow = "Timeout" in type(error).__name__
        problem = f"{host} is silent" if slow else f"{host} cannot be reached"
        return SourceError(
            f"{self._repository}: {problem}", "check the network, or use --offline for what was downloaded before"
        )

    def _nonsense(self) -> SourceError:
        return SourceError(f"{self._repository}: the server's answer cannot be understood", "check HF_ENDPOINT")


def _host() -> str:
    """The endpoint's host as it is shown: an address may hold a password."""
    return clean(urlsplit(endpoint()).netloc.rpartition("@")[2])


def _wait(asked: str | None, attempt: int) -> float:
    """Seconds to the next try: what the server asks for, or a little longer each time."""
    if asked and asked.isdecimal():
        return min(float(asked), _LONGEST_WAIT)
    return min(0.2 * float(2**attempt) * random.uniform(0.5, 1.0), _LONGEST_WAIT)  # noqa: S311 - so that many do not come back at once
