"""The files of a commit: from the cache, from what the Hub's own client has listed, or from the Hub."""

import json
from collections.abc import Iterator
from typing import Any

from semverlint.errors import FileError, SourceError
from semverlint.sources.cache import Cache
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.downloads import Downloads, Listed, is_digest, is_path_within, is_xet_hash
from semverlint.sources.hub.settings import endpoint
from semverlint.text import clean

MOST_FILES = 50_000
"""Files of one commit. The Hub advises its users to stay below 100,000; half of that, all of them changed, take 190 MB
here."""


class Trees:
    """The trees of one repository.

    Args:
        client: Where they are asked for.
        cache: Where they are kept: a commit's files never change.
        downloads: What the Hub's own client left here.
    """

    def __init__(self, client: HubClient, cache: Cache, downloads: Downloads) -> None:
        self._client = client
        self._cache = cache
        self._downloads = downloads

    def is_known(self, commit: str) -> bool:
        """Whether the files of a commit were listed before."""
        return self._cache.get("tree", self._name(commit)) is not None

    def files(self, commit: str) -> tuple[list[Listed], list[FileError]]:
        """The files of a commit, and the entries that no repository can have.

        Raises:
            SourceError: If they cannot be listed, or are too many.
        """
        name = self._name(commit)
        if (kept := self._cache.get("tree", name)) is not None:
            return [_unpacked(entry) for entry in json.loads(kept)], []
        if (listing := self._downloads.listing(commit)) is not None and listing[1]:
            return listing[0], []
        files: list[Listed] = []
        problems: list[FileError] = []
        for entry in self._entries(commit):
            try:
                files.append(_listed(entry))
            except FileError as error:
                problems.append(error)
            if len(files) + len(problems) > MOST_FILES:
                problem = f"{self._client.repository} holds more than {MOST_FILES:,} files"
                raise SourceError(problem, "no model needs so many; name a repository with the model alone")
        if not problems:
            packed = [_packed(one) for one in files]
            self._cache.put("tree", name, json.dumps(packed, separators=(",", ":")).encode())
        return files, problems

    def _name(self, commit: str) -> str:
        return f"{endpoint()} {self._client.repository} {commit}"

    def _entries(self, commit: str) -> Iterator[dict[str, Any]]:
        for page in self._client.pages(f"/tree/{commit}", "?recursive=true&expand=false"):
            yield from (entry for entry in page if isinstance(entry, dict) and entry.get("type") == "file")


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
    xet = str(entry.get("xetHash"))
    return Listed(path, size, {"sha256" if lfs else "git": digest}, xet if is_xet_hash(xet) else None)


def _packed(one: Listed) -> list[object]:
    return [one.path, one.size, one.digests, one.xet]


def _unpacked(entry: list[Any]) -> Listed:
    path, size, digests, xet = entry
    return Listed(path, size, digests, xet)
