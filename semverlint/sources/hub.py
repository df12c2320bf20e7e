"""The Hugging Face Hub: refs, commits, the tree with its digests, and files by range."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from semverlint.errors import FileError, SourceError
from semverlint.files import File
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.sources.folder import LocalFile
from semverlint.sources.hub_cache import HubCache, Listed, is_digest, is_path_within
from semverlint.sources.hub_client import HubClient
from semverlint.sources.hub_settings import is_offline
from semverlint.text import clean

MAIN = "main"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_FILES = 100_000
_SMALL = 1_000_000
"""Bytes of a file that is kept once it was read whole: cards and configurations are asked for by several readers, and
are often the same in both revisions."""


class HubFile(File):
    """A file on the Hub; read by range, or from the local cache where its content is there already."""

    def __init__(self, listed: Listed, commit: str, client: HubClient, cache: HubCache) -> None:
        super().__init__(listed.path, listed.size, listed.digests)
        self._commit = commit
        self._client = client
        self._cached = cache.blob(listed.digests, listed.size)

    @property
    def local(self) -> Path | None:
        return self._cached

    @property
    def remote(self) -> bool:
        return self._cached is None

    def _read(self, start: int, stop: int) -> bytes:
        try:
            if self._cached is not None:
                with self._cached.open("rb") as stream:
                    stream.seek(start)
                    return stream.read(stop - start)
            return self._fetch(start, stop)
        except OSError as error:
            raise FileError(self.path, f"cannot be read from the cache ({error.strerror})", "clear the cache") from None
        except SourceError as error:
            raise FileError(self.path, error.problem, error.remedy) from None

    def _fetch(self, start: int, stop: int) -> bytes:
        """Bytes from the Hub; a small file that is asked for whole is kept."""
        if stop - start < self.size or self.size > _SMALL:
            return self._client.read(self._commit, self.path, start, stop, self.size)
        key = repr(sorted(self.digests.items()))
        if key not in self._client.contents:
            self._client.contents[key] = self._client.read(self._commit, self.path, start, stop, self.size)
        return self._client.contents[key]


class MissingFile(File):
    """A file that is listed and was never downloaded, while nothing may be fetched."""

    def _read(self, start: int, stop: int) -> bytes:
        del start, stop
        raise FileError(self.path, "was never downloaded", "run without --offline, or download it with `hf download`")


class HubRepository(Repository):
    """A model repository on the Hub."""

    def __init__(self, place: str, settings: Settings) -> None:
        self.address = place
        self._settings = settings
        self._client = HubClient(place, settings.meter)
        self._cache = HubCache(place)
        self._offline = settings.offline or is_offline()
        self._refs: list[Revision] | None = None
        self._snapshots: dict[str, Snapshot] = {}

    def resolve(self, revision: str | None) -> Revision:
        """Which commit a revision names: a branch, a tag, `refs/pr/N`, or a commit."""
        name = revision or MAIN
        if _COMMIT.fullmatch(name):
            return Revision(name, name, "commit")
        known = {one.name: one for one in reversed(self._all_refs(pull_requests=name.startswith("refs/pr/")))}
        if name in known:
            return known[name]
        if not self._offline and re.fullmatch(r"[0-9a-f]{7,39}", name):
            answer = self._client.api(f"/revision/{quote(name, safe='')}")
            if _COMMIT.fullmatch(str(answer.get("sha"))):
                return Revision(name, str(answer["sha"]), "commit")
        if self._offline:
            remedy = f"run without --offline, or `hf download {self.address} --revision {clean(name)}`"
            raise SourceError(f"{self.address}@{clean(name)} was never downloaded", remedy)
        close = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {clean(close[0])}?" if close else "look at its tags and branches"
        raise SourceError(f"{self.address} has no revision {clean(name)}", remedy)

    def snapshot(self, revision: str | None) -> Snapshot:
        """The files of a revision; of the branch main, when None."""
        found = self.resolve(revision)
        key = f"{revision}@{found.commit}"
        if key not in self._snapshots:
            files, problems = self._files(found.commit)
            shown = revision or MAIN
            self._snapshots[key] = Snapshot(self.address, files, revision=shown, commit=found.commit, problems=problems)
        return self._snapshots[key]

    def tags(self) -> list[Revision]:
        """Every tag; while offline, every name that was downloaded."""
        return [one for one in self._all_refs(pull_requests=False) if one.kind == "tag"]

    def commits(self, revision: str | None) -> Iterator[Commit]:
        """The history of a revision, newest first; nothing while offline."""
        if self._offline:
            return
        commit = self.resolve(revision).commit
        for entry in self._client.pages(f"/commits/{commit}"):
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield Commit(entry["id"], str(entry.get("title", "")), str(entry.get("date", "")))

    def earlier(self, tag: str) -> str | None:
        """The commit a tag named when it was last downloaded, where it names another one today."""
        before = self._cache.commit(tag)
        if before is None or self._offline:
            return None
        today = next((one.commit for one in self.tags() if one.name == tag), None)
        return before if today is not None and before != today else None

    def _all_refs(self, *, pull_requests: bool) -> list[Revision]:
        """Tags, branches and, if asked for, pull requests; tags first, so that they win where names clash."""
        if self._offline:
            return [
                Revision(name, commit, "branch" if name == MAIN else "tag")
                for name, commit in self._cache.refs().items()
            ]
        if self._refs is None:
            self._refs = self._ask_refs("")
        if pull_requests and not any(one.kind == "pull-request" for one in self._refs):
            self._refs = self._ask_refs("?include_prs=1")
        return self._refs

    def _ask_refs(self, query: str) -> list[Revision]:
        answer = self._client.api("/refs", query)
        found: list[Revision] = []
        for group, kind in (
            ("tags", "tag"),
            ("branches", "branch"),
            ("converts", "branch"),
            ("pullRequests", "pull-request"),
        ):
            entries = answer.get(group)
            for entry in entries if isinstance(entries, list) else []:
                match entry:
                    case {"name": str(name), "ref": str(ref), "targetCommit": str(commit)} if _COMMIT.fullmatch(commit):
                        shown = ref if kind == "pull-request" or group == "converts" else name
                        found.append(
                            Revision(
                                shown,
                                commit,
                                "tag" if kind == "tag" else "branch" if kind == "branch" else "pull-request",
                            )
                        )
                    case _:
                        continue
        return found

    def _files(self, commit: str) -> tuple[list[File], list[FileError]]:
        if self._offline:
            return self._cached_files(commit)
        files: list[File] = []
        problems: list[FileError] = []
        for entry in self._client.pages(f"/tree/{commit}", "?recursive=true&expand=false"):
            if len(files) > _MOST_FILES:
                raise SourceError(
                    f"{self.address} holds more than {_MOST_FILES:,} files", "no model does; check the name"
                )
            if not isinstance(entry, dict) or entry.get("type") != "file":
                continue
            try:
                files.append(HubFile(_listed(entry), commit, self._client, self._cache))
            except FileError as error:
                problems.append(error)
        return files, problems

    def _cached_files(self, commit: str) -> tuple[list[File], list[FileError]]:
        listing = self._cache.listing(commit)
        if listing is None:
            raise SourceError(
                f"{self.address}@{commit[:12]} was never downloaded",
                f"run without --offline, or `hf download {self.address} --revision {commit}`",
            )
        entries, whole = listing
        files: list[File] = []
        for entry in entries:
            place = self._cache.place(commit, entry.path) or self._cache.blob(entry.digests, entry.size)
            if place is not None:
                files.append(LocalFile(entry.path, place, entry.size, self._settings.meter, entry.digests))
            else:
                files.append(MissingFile(entry.path, entry.size, entry.digests))
        told = "only what was downloaded is known; files that were not look as if they were gone"
        return files, [] if whole else [FileError(f"{self.address}@{commit[:12]}", told, "run without --offline")]


def _listed(entry: dict[str, Any]) -> Listed:
    """A file of the tree.

    Raises:
        FileError: If the server's entry is not one that a repository can have.
    """
    path = entry.get("path")
    if not isinstance(path, str) or not is_path_within(path):
        raise FileError(clean(path), "is no path of a repository", "ask the server's owner")
    lfs = entry.get("lfs")
    source: dict[str, Any] = lfs if isinstance(lfs, dict) else entry
    size, digest = source.get("size"), str(source.get("oid")).removeprefix("sha256:")
    if not isinstance(size, int) or size < 0 or not is_digest(digest):
        raise FileError(path, "is listed without its size or digest", "ask the server's owner")
    return Listed(path, size, {"sha256" if lfs else "git": digest})
