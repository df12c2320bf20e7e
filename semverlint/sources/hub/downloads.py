"""What the Hub's own client has downloaded to this machine before: refs, listings, files.

The layout is that of `huggingface_hub` (https://huggingface.co/docs/huggingface_hub/guides/manage-cache): `refs/{name}`
holds a commit, `snapshots/{commit}/` links to `blobs/{etag}`, and `trees/{commit}.json` lists a commit's files.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from semverlint.sources.hub.settings import cache_home

_LARGEST_LISTING = 100_000_000
_ETAG = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a commit: its path, size and known digests, and its name in the store of chunks, if it is there."""

    path: str
    size: int
    digests: dict[str, str]
    xet: str | None = None


class Downloads:
    """The part of the cache that belongs to one repository."""

    def __init__(self, repository: str) -> None:
        self._home = cache_home() / f"models--{repository.replace('/', '--')}"

    @cached_property
    def any(self) -> bool:
        """Whether anything of the repository was downloaded."""
        return (self._home / "blobs").is_dir()

    def commit(self, name: str) -> str | None:
        """The commit that a branch or tag named when it was last downloaded."""
        if ".." in name.split("/"):
            return None
        try:
            text = (self._home / "refs" / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return text if re.fullmatch(r"[0-9a-f]{40}", text) else None

    def refs(self) -> dict[str, str]:
        """Every name that was downloaded, with the commit it named then."""
        folder = self._home / "refs"
        names = (
            sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            if folder.is_dir()
            else []
        )
        return {name: commit for name in names if (commit := self.commit(name))}

    def commits(self) -> list[str]:
        """Commits of which something was downloaded."""
        folder = self._home / "snapshots"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def blob(self, digests: dict[str, str], size: int) -> Path | None:
        """Where a content lies, by its digest."""
        if not self.any:
            return None
        for name in digests.values():
            path = self._home / "blobs" / name
            try:
                if path.stat().st_size == size:
                    return path
            except OSError:
                continue
        return None

    def listing(self, commit: str) -> tuple[list[Listed], bool] | None:
        """The files of a commit, and whether the listing is whole; None where nothing of it was downloaded."""
        whole = self._tree(commit)
        if whole is not None:
            return whole, True
        folder = self._home / "snapshots" / commit
        return (list(self._snapshot(folder)), False) if folder.is_dir() else None

    def _tree(self, commit: str) -> list[Listed] | None:
        path = self._home / "trees" / f"{commit}.json"
        try:
            if path.stat().st_size > _LARGEST_LISTING:
                return None
            files = json.loads(path.read_text(encoding="utf-8"))["files"]
            return [_listed(name, entry) for name, entry in files.items()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def _snapshot(self, folder: Path) -> Iterator[Listed]:
        for place in sorted(folder.rglob("*")):
            if place.is_file():
                name = place.resolve().name
                known = _ETAG.fullmatch(name) and place.is_symlink()
                digests = {"sha256" if len(name) == 64 else "git": name} if known else {}  # noqa: PLR2004 - digits of SHA-256
                yield Listed(place.relative_to(folder).as_posix(), place.stat().st_size, digests)

    def place(self, commit: str, path: str) -> Path | None:
        """Where a file of a commit lies, if it was downloaded."""
        place = self._home / "snapshots" / commit / path
        return place if place.is_file() else None


def is_path_within(path: str) -> bool:
    """Whether a path that a server named stays within its repository."""
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def is_xet_hash(name: str) -> bool:
    """Whether a text is a file's name in the store of chunks."""
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None


def is_digest(name: str) -> bool:
    """Whether a text is a digest: it becomes a file's name in the cache."""
    return _ETAG.fullmatch(name) is not None


def _listed(path: str, entry: dict[str, object]) -> Listed:
    """An entry of the client's listing: LFS files by their SHA-256, others by their blob."""
    sha256 = entry.get("lfs_sha256")
    size = entry["lfs_size"] if sha256 else entry["size"]
    digest = str(sha256 or entry["blob_id"])
    if not is_path_within(path) or not is_digest(digest):
        raise ValueError(path)
    xet = str(entry.get("xet_hash"))
    return Listed(path, int(str(size)), {"sha256" if sha256 else "git": digest}, xet if is_xet_hash(xet) else None)
