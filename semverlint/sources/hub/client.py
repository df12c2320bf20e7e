"""What is asked of one repository on the Hub."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from semverlint.errors import SourceError
from semverlint.files import Meter
from semverlint.sources.hub.downloads import Listed
from semverlint.sources.hub.refusals import nonsense
from semverlint.sources.hub.settings import endpoint
from semverlint.sources.hub.wire import AgainError, Wire
from semverlint.text import clean

MOST_PAGES = 1_000
_ENOUGH = 1 << 16
"""Bytes that a try must bring to count as progress: with less, a line that breaks at once would be tried for ever."""
_OK, _PARTIAL = 200, 206
_SENT = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class HubClient:
    """The answers about one repository.

    Args:
        repository: `org/name`, or `name` for the oldest ones.
        meter: Where requests and bytes are counted.
        offline: Whether nothing may be asked.

    Attributes:
        repository: Its name; the new one, once the Hub has sent the reader on from an old one.
        wire: How it is asked.
    """

    def __init__(self, repository: str, meter: Meter, *, offline: bool = False) -> None:
        self.repository = repository
        self.meter = meter
        self.wire = Wire(repository, meter, offline=offline)
        self._places: dict[str, str] = {}

    def api(self, path: str, query: str = "") -> dict[str, Any]:
        """The object that answers `GET /api/models/{repository}{path}`."""
        answer = self.wire.json(self._address(path, query))
        if not isinstance(answer.value, dict):
            raise nonsense(self.repository)
        self._follow(answer.url, path)
        return answer.value

    def page(self, url: str) -> tuple[list[Any], str | None]:
        """One page of an answer in pages, and the address of the next, where there is one."""
        answer = self.wire.json(url)
        if not isinstance(answer.value, list):
            raise nonsense(self.repository)
        return answer.value, answer.next

    def pages(
        self, path: str, query: str = "", ask: Callable[[str], tuple[list[Any], str | None]] | None = None
    ) -> Iterator[list[Any]]:
        """Every page of an answer in pages, following `Link: <…>; rel="next"` on the same host.

        Args:
            path: Below the repository's own address in the API.
            query: What follows it, from the `?` on.
            ask: Gives a page by its address; `page`, unless told.
        """
        url: str | None = self._address(path, query)
        for _ in range(MOST_PAGES):
            if url is None:
                return
            entries, url = (ask or self.page)(url)
            yield entries
        if url is not None:
            raise SourceError(f"{self.repository}: its list of files or commits has no end", "check HF_ENDPOINT")

    def read(self, commit: str, listed: Listed, start: int, stop: int) -> bytes:
        """Bytes of a file; a body that breaks off is resumed where it broke.

        A server that ignores the range is refused before it sends the whole file. Where the Hub sends the reader on,
        for a large file to an address of its own, for all small ones to another path, is asked at once the next time.

        Raises:
            SourceError: If they cannot be had, or belong to other content than the listed one.
        """
        reading = _Reading(self.wire, commit, listed, start, stop)
        below = f"{quote(commit, safe='')}/{quote(listed.path)}"
        key = repr(listed.digests) if "sha256" in listed.digests else ""
        if (place := self._places.get(key)) is not None:
            try:
                self.wire.ask(place if key else f"{place}{below}", reading.take, headers=reading.headers)
            except SourceError:
                self._places.pop(key, None)  # its signature has expired, mostly: the Hub gives a new one
            else:
                return bytes(reading.data)
        asked = f"{endpoint()}/{self.repository}/resolve/{below}"
        self.wire.ask(asked, reading.take, headers=reading.headers)
        here = urlsplit(reading.came_from)[:2] == urlsplit(asked)[:2]
        if key and not here:
            self._places[key] = reading.came_from
        elif not key and here and reading.came_from.endswith(below):
            self._places[key] = reading.came_from.removesuffix(below)
        return bytes(reading.data)

    def _address(self, path: str, query: str) -> str:
        return f"{endpoint()}/api/models/{self.repository}{path}{query}"

    def _follow(self, url: str, path: str) -> None:
        """Take over the new name of a repository that was renamed, so that the reader is not sent on each time."""
        found = re.fullmatch(
            r".*/api/models/([^/]+(?:/[^/]+)?)", unquote(urlsplit(url).path).removesuffix(unquote(path))
        )
        if found and re.fullmatch(r"[\w.-]+(/[\w.-]+)?", found[1]):
            self.repository = self.wire.subject = found[1]


class _Reading:
    """A range on its way, over as many answers as it takes.

    Attributes:
        data: What has arrived of it.
        came_from: The address that sent it in the end.
    """

    def __init__(self, wire: Wire, commit: str, listed: Listed, start: int, stop: int) -> None:
        self.data = bytearray()
        self.came_from = ""
        self._wire = wire
        self._commit = commit
        self._listed = listed
        self._start = start
        self._stop = stop

    def headers(self) -> dict[str, str]:
        """What asks for the rest of it."""
        return {"Range": f"bytes={self._start + len(self.data)}-{self._stop - 1}", "Accept-Encoding": "identity"}

    def take(self, answer: Any) -> None:  # noqa: ANN401 - the HTTP library's answer
        """Take in an answer, after a look at whether it is the right one."""
        begun = len(self.data)
        _check_content(self._wire.subject, self._commit, answer, self._listed)
        _check_range(self._wire.subject, answer, self._listed, self._start + begun, self._stop)
        self.came_from = str(answer.url)
        try:
            self._wire.take(answer, self.data, self._stop - self._start)
        except SourceError:
            raise
        except Exception as error:
            if len(self.data) - begun > _ENOUGH:
                raise self._broken(begun) from error
            raise
        if len(self.data) < self._stop - self._start:
            raise self._broken(begun)

    def _broken(self, begun: int) -> AgainError:
        problem = f"{self._wire.subject}: {clean(self._listed.path)} breaks off on its way"
        why = SourceError(problem, "try again on a better network")
        return AgainError(why, progress=len(self.data) - begun > _ENOUGH)


def _check_content(name: str, commit: str, answer: Any, listed: Listed) -> None:  # noqa: ANN401 - the HTTP library's
    """That an answer is about the content that was listed, as far as it says."""
    known = listed.digests.get("sha256")
    for one in (*answer.history, answer):
        etag = one.headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
        other = known and re.fullmatch(r"[0-9a-f]{64}", etag) and etag != known
        if other or one.headers.get("X-Repo-Commit", commit) != commit:
            raise SourceError(f"{name}: the server sent other content than {clean(listed.path)}", "try again")


def _check_range(name: str, answer: Any, listed: Listed, start: int, stop: int) -> None:  # noqa: ANN401 - likewise
    """That an answer is the range that was asked for, of a file as long as was listed."""
    if answer.status_code == _OK and start == 0 and stop == listed.size:
        return
    if answer.status_code != _PARTIAL:
        raise SourceError(f"{name}: the server sends whole files instead of ranges", "use another endpoint")
    sent = answer.headers.get("Content-Range", "")
    found = _SENT.fullmatch(sent)
    if found is None or (int(found[1]), int(found[2])) != (start, stop - 1):
        told = clean(sent.removeprefix("bytes ").partition("/")[0], 60)
        raise SourceError(f"{name}: the server sent the bytes {told} of {clean(listed.path)}", "try again")
    if found[3] not in {"*", str(listed.size)}:
        problem = f"{name}: {clean(listed.path)} has {found[3]} bytes, and {listed.size} were listed"
        raise SourceError(problem, "try again")
