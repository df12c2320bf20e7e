"""Which commit is meant: tags, branches, pull requests, ids of commits and their beginnings, dates."""

import difflib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from semverlint.errors import SourceError
from semverlint.sources.base import Commit, Revision
from semverlint.sources.cache import Cache
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.refusals import RefusedError
from semverlint.sources.hub.settings import endpoint
from semverlint.text import clean

MAIN = "main"
COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?Z?)?")
_MOST_COMMITS = 100_000
"""Commits walked back in search of a date; each page of them is a request."""
_NOT_FOUND = 404
_FEW, _MANY = 100, 1_000
"""Commits asked for at once: where few may do, and where all are walked."""


class Names:
    """The names of one repository.

    Args:
        client: Where they are asked for.
        cache: Where it is kept what never changes: the history of a commit, and which one an id begins; and the names
            of the last time they were asked for, which are used where nothing may be asked.
    """

    def __init__(self, client: HubClient, cache: Cache) -> None:
        self._client = client
        self._cache = cache
        self._refs: dict[bool, list[Revision]] = {}
        self._asked_for = client.repository

    def all(self, *, pull_requests: bool = False) -> list[Revision]:
        """Tags, branches and, if asked for, pull requests; tags first, so that they win where names clash."""
        if not pull_requests and True in self._refs:
            return [one for one in self._refs[True] if one.kind != "pull-request"]
        if pull_requests not in self._refs:
            self._refs[pull_requests] = list(_revisions(self._answer(pull_requests=pull_requests)))
        return self._refs[pull_requests]

    @property
    def seen(self) -> bool:
        """Whether the names of an earlier run are known."""
        return any(self._kept(pull_requests=both) is not None for both in (False, True))

    def _answer(self, *, pull_requests: bool) -> dict[str, Any]:
        """The names as the Hub has them; as it had them the last time, while offline."""
        kept = self._kept(pull_requests=pull_requests) or self._kept(pull_requests=True)
        if self._client.wire.offline and kept is not None:
            repository, answer = json.loads(kept)
            self._client.repository = self._client.wire.subject = repository
            return dict(answer)
        answer = self._client.api("/refs", "?include_prs=1" if pull_requests else "")
        said = json.dumps([self._client.repository, answer], separators=(",", ":")).encode()
        self._cache.put("refs", self._name(pull_requests=pull_requests), said)
        return answer

    def _kept(self, *, pull_requests: bool) -> bytes | None:
        return self._cache.get("refs", self._name(pull_requests=pull_requests))

    def _name(self, *, pull_requests: bool) -> str:
        return f"{endpoint()} {self._asked_for}{' and pull requests' if pull_requests else ''}"

    def find(self, name: str) -> Revision:
        """The commit that a name leads to.

        Raises:
            SourceError: If it leads nowhere.
        """
        if COMMIT.fullmatch(name):
            return Revision(name, name, "commit")
        refs = self.all(pull_requests=name.startswith("refs/pr/"))
        known = {one.name: one for one in reversed(refs)}
        short = name.removeprefix("refs/heads/").removeprefix("refs/tags/")
        for wanted in (name, short):
            if wanted in known:
                return known[wanted]
        if _SHORT.fullmatch(name) and (whole := self._whole(name)):
            return Revision(name, whole, "commit")
        if (moment := _moment(name)) is not None:
            return Revision(name, self._at(name, moment, known), "commit")
        address = clean(self._client.repository)
        close = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {clean(close[0])}?" if close else "look at its tags and branches"
        raise SourceError(f"{address} has no revision {clean(name)}", remedy)

    def commits(self, commit: str, *, all_of_them: bool = False) -> Iterator[Commit]:
        """The history of a commit along first parents, newest first, as far as it is asked for."""
        size = _MANY if all_of_them else _FEW
        for page in self._client.pages(f"/commits/{commit}", f"?limit={size}", self._page):
            yield from (Commit(*entry) for entry in page)

    def _page(self, url: str) -> tuple[list[list[str]], str | None]:
        """A page of a commit's history: its entries and the address of the next one; asked for once."""
        if (kept := self._cache.get("commits", url)) is not None:
            entries, following = json.loads(kept)
            return entries, following
        page, following = self._client.page(url)
        entries = [
            [str(entry["id"]), str(entry.get("title", "")), str(entry.get("date", ""))]
            for entry in page
            if isinstance(entry, dict) and COMMIT.fullmatch(str(entry.get("id")))
        ]
        self._cache.put("commits", url, json.dumps([entries, following]).encode())
        return entries, following

    def _whole(self, short: str) -> str | None:
        """The id that begins so; None where there is none, or several."""
        name = f"{endpoint()} {self._client.repository} {short}"
        if (kept := self._cache.get("short", name)) is not None:
            return kept.decode("ascii", "replace")
        try:
            answer = self._client.api(f"/revision/{quote(short, safe='')}", "?expand=sha")
        except RefusedError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        sha = str(answer.get("sha"))
        if not COMMIT.fullmatch(sha) or not sha.startswith(short):
            return None
        self._cache.put("short", name, sha.encode())
        return sha

    def _at(self, name: str, moment: datetime, known: dict[str, Revision]) -> str:
        """The commit that main was at, at a moment: the first one on the way back that is not later."""
        address = clean(self._client.repository)
        if MAIN not in known:
            raise SourceError(f"{address} has no branch {MAIN} to look for {name} on", "name a tag or a commit")
        oldest = ""
        for number, commit in enumerate(self.commits(known[MAIN].commit, all_of_them=True)):
            if number >= _MOST_COMMITS:
                problem = f"{address} has more than {_MOST_COMMITS:,} commits since {name}"
                raise SourceError(problem, "name a tag or a commit")
            oldest = commit.date[:10]
            if (made := _moment(commit.date.partition(".")[0])) is not None and made <= moment:
                return commit.id
        raise SourceError(f"{address} has no commit as old as {name}", f"its first is of {clean(oldest)}")


def _revisions(answer: dict[str, Any]) -> Iterator[Revision]:
    for group in ("tags", "branches", "converts", "pullRequests"):
        entries = answer.get(group)
        for entry in entries if isinstance(entries, list) else []:
            match group, entry:
                case _, {"targetCommit": str(commit)} if not COMMIT.fullmatch(commit):
                    continue
                case "tags", {"name": str(name), "targetCommit": str(commit)}:
                    yield Revision(name, commit, "tag")
                case "branches", {"name": str(name), "targetCommit": str(commit)}:
                    yield Revision(name, commit, "branch")
                case "converts", {"ref": str(name), "targetCommit": str(commit)}:
                    yield Revision(name, commit, "branch")
                case "pullRequests", {"ref": str(name), "targetCommit": str(commit)}:
                    yield Revision(name, commit, "pull-request")
                case _:
                    continue


def _moment(text: str) -> datetime | None:
    """A date (its last second, in UTC) or a time as the Hub writes them; None for anything else."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, *clock = (int(part) if part else None for part in found.groups())
    hour, minute, second = clock
    try:
        if hour is None:
            return datetime(year or 0, month or 0, day or 0, tzinfo=UTC) + timedelta(days=1, seconds=-1)
        return datetime(year or 0, month or 0, day or 0, hour, minute or 0, second or 0, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
