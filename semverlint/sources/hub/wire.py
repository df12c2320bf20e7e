"""Requests: bounded in number, time and size, tried again where that may help, each failure one line with its remedy.

`huggingface_hub` makes the session, the headers and the token; the HTTP library below it differs from release to
release, so none is imported here.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from huggingface_hub import close_session
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # documented as public, not re-exported for mypy
    build_hf_headers,
    get_session,
)

from semverlint import __version__
from semverlint.errors import SourceError, UsageError
from semverlint.files import Meter
from semverlint.sources.hub.pace import PACE
from semverlint.sources.hub.refusals import host, nonsense, refusal, too_slow, unreachable
from semverlint.sources.hub.settings import PUBLIC, endpoint, silence
from semverlint.text import clean

TRIES = 4
LONGEST_PAUSE = 30.0
"""Seconds waited before a further try; a server that asks for more is not asked again."""
LARGEST_ANSWER = 4_000_000
"""Bytes of one answer of the API: a page of 1,000 files has half a million. What is read from JSON takes many times
its size in memory."""
_FIRST_PAUSE = 0.4
_PACE = 10_000
"""Bytes in a second below which an answer is given up, after some patience."""
_LATE = 3.0
"""Times the longest silence that the head of an answer, or the whole of a small one, may take."""
_LINES = threading.BoundedSemaphore(8)
"""Requests at the same time, over everything in this process."""
_COUNTING = threading.Lock()
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_ERRORS_FROM = 400
_HTTP_LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})
_RESET = re.compile(r";\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d{1,6})")
Taken = TypeVar("Taken")


class AgainError(Exception):
    """An answer that is not right and may be the next time.

    Args:
        why: What to say when it never is.
        progress: Whether a part of what was asked for has arrived, so that this try does not count.
    """

    def __init__(self, why: SourceError, *, progress: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.progress = progress


@dataclass(frozen=True)
class Json:
    """An answer in JSON.

    Attributes:
        value: What it says.
        next: The address of the next page; None on the last.
        url: Where it came from in the end, behind redirects.
        headers: Its headers, as the HTTP library has them.
    """

    value: Any
    next: str | None
    url: str
    headers: Mapping[str, str]


class Wire:
    """The way to the Hub, and to where it sends its readers.

    Args:
        subject: What is asked about, as it is shown in errors.
        meter: Where requests and bytes are counted.
        offline: Whether nothing may be asked.
    """

    def __init__(self, subject: str, meter: Meter, *, offline: bool = False) -> None:
        self.subject = subject
        self.offline = offline
        self._meter = meter
        self._let_in = False
        self._own: dict[str, str] | None = None

    def json(
        self, url: str, *, headers: Mapping[str, str] | None = None, post: object = None, most: int | None = None
    ) -> Json:
        """The JSON that answers a GET, or a POST of some.

        Raises:
            SourceError: If there is none to be had.
        """

        def take(answer: Any) -> Json:  # noqa: ANN401 - the HTTP library's answer
            body = bytearray()
            self.take(answer, body, most or LARGEST_ANSWER)
            try:
                value = json.loads(bytes(body))
            except (ValueError, RecursionError):
                raise AgainError(nonsense(self.subject)) from None
            following = answer.links.get("next", {}).get("url")
            return Json(value, self._same_host(url, following) if following else None, str(answer.url), answer.headers)

        return self.ask(url, take, headers=headers, post=post)

    def ask(
        self,
        url: str,
        take: Callable[[Any], Taken],
        *,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        post: object = None,
    ) -> Taken:
        """What `take` makes of an answer below 400; asked for again where that may help.

        Args:
            url: The address. Only the Hub's own host is sent the user's token.
            take: Given the HTTP library's answer, its body yet to come; may raise `AgainError`.
            headers: Further headers, or what gives them anew for every try.
            post: What to send as JSON; None for a GET.

        Raises:
            SourceError: If no answer can be had.
        """
        self._check_asking()
        tried = 0
        while True:
            tried += 1
            pause: float | None = None
            why: SourceError
            try:
                more = headers() if callable(headers) else headers or {}
                with _LINES, self._answer(url, more, post) as answer:
                    if answer.status_code < _ERRORS_FROM:
                        taken = take(answer)
                        self._let_in = True
                        return taken
                    why = refusal(
                        self.subject, answer, let_in=self._let_in, token="authorization" in self._headers(url)
                    )
                    hopeless = answer.status_code not in _AGAIN
                    pause = _pause_asked(answer.headers)
            except AgainError as error:
                why, hopeless = error.why, False
                tried -= error.progress
            except SourceError:
                raise
            except Exception as error:
                if not _of_the_network(error):
                    raise
                why = unreachable(self.subject, error)
                slow = "Timeout" in type(error).__name__ and tried > 1  # twice silent is silent
                hopeless = slow or any(
                    word in type(error).__name__ for word in ("Redirect", "InvalidURL", "Unsupported")
                )
            if hopeless or tried >= TRIES:
                raise why from None
            if pause is not None and pause > LONGEST_PAUSE:
                raise SourceError(f"{self.subject}: the Hub asks for a pause of {pause:.0f} s", why.remedy) from None
            time.sleep(_pause(tried) if pause is None else pause)

    def take(self, answer: Any, into: bytearray, most: int) -> None:  # noqa: ANN401 - the HTTP library's answer
        """Append an answer's body to what is there, to `most` bytes in all; given up where it trickles.

        Raises:
            SourceError: If there is more, or it does not end.
        """
        started, begun = time.monotonic(), len(into)
        for piece in answer.iter_bytes():
            into += piece
            with _COUNTING:
                self._meter.bytes_read += len(piece)
            if len(into) > most:
                raise SourceError(f"{self.subject}: the server sends more than was asked for", "check HF_ENDPOINT")
            if time.monotonic() - started > _LATE * silence() + (len(into) - begun) / _PACE:
                raise too_slow(self.subject)

    def _check_asking(self) -> None:
        """That somebody may be asked at all, and can be."""
        if self.offline:
            raise SourceError(f"{self.subject}: what this needs was never downloaded", "run without --offline")
        if urlsplit(endpoint()).scheme not in {"http", "https"} or not host():
            shown = clean(endpoint().rpartition("@")[2])  # what stands before it may be a password
            raise UsageError(f"HF_ENDPOINT {shown}: not an address", f"write it as {PUBLIC}")

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str], post: object) -> Iterator[Any]:
        PACE.wait()
        sent = {**self._headers(url), **headers}
        with _COUNTING:
            self._meter.requests += 1
        method, content = ("GET", None) if post is None else ("POST", json.dumps(post).encode())
        if content is not None:
            sent["Content-Type"] = "application/json"
        late = threading.Timer(_LATE * silence(), close_session)  # a head that trickles in keeps no other clock busy
        late.daemon = True
        late.start()
        try:
            session = get_session()
            with session.stream(
                method, url, headers=sent, content=content, timeout=silence(), follow_redirects=True
            ) as answer:
                late.cancel()
                with _COUNTING:
                    self._meter.requests += len(answer.history)
                yield answer
        finally:
            late.cancel()

    def _headers(self, url: str) -> dict[str, str]:
        """The client's headers; with the user's token, if there is one to be had, for the Hub's own host alone."""
        if self._own is None:
            try:
                self._own = build_hf_headers(library_name="semverlint", library_version=__version__)
                self._own.get("authorization", "").encode("ascii")
            except Exception:  # noqa: BLE001 - a login can fail in many ways, and its errors may quote the token
                self._own = None
                raise SourceError(
                    f"{self.subject}: your token cannot be used", "check HF_TOKEN, or log in with `hf auth login`"
                ) from None
        ours = urlsplit(url)[:2] == urlsplit(endpoint())[:2]
        return {name: value for name, value in self._own.items() if ours or name.lower() != "authorization"}

    def _same_host(self, url: str, following: str) -> str:
        target = urljoin(url, following)
        if urlsplit(target)[:2] != urlsplit(url)[:2]:
            raise SourceError(f"{self.subject}: the server sends the reader on to another host", "check HF_ENDPOINT")
        return target


def _of_the_network(error: Exception) -> bool:
    """Whether an error is the HTTP library's: a class of it, or what it says when a late answer had it closed."""
    library = type(error).__module__.partition(".")[0] in _HTTP_LIBRARIES
    return library or (type(error) is RuntimeError and "closed" in str(error))


def _pause(tried: int) -> float:
    """Seconds to the next try: longer each time, and never the same for many who were turned away together."""
    return min(_FIRST_PAUSE * 2.0 ** (tried - 1) * random.uniform(0.5, 1.5), LONGEST_PAUSE)  # noqa: S311 - no secret


def _pause_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: `RateLimit: "api";r=0;t=55`, or `Retry-After` in seconds or as a date."""
    if found := _RESET.search(headers.get("RateLimit", "")):
        return float(found[1]) + 1
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
