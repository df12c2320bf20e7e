"""Real git repositories for the tests, made of a few lines and apart from the configuration of whoever runs them."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support import Model, write

from semverlint.sources import Settings
from semverlint.sources.git.repository import GitRepository

_SETTINGS = {"user.name": "A Maintainer", "user.email": "maintainer@example.org", "init.defaultBranch": "main"}


class Clone:
    """A git repository below a test's own folder."""

    def __init__(self, root: Path, *init: str) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", *init)

    def git(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return subprocess.run(
            ["git", "-C", str(self.root), *settings, *arguments],
            env={**os.environ, **(environment or {})},
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
        ).stdout.strip()

    def commit(
        self, model: Model, title: str = "A change", tag: str = "", date: str = "2024-05-01T12:00:00+02:00"
    ) -> str:
        """Write files, commit everything, tag it, and give the commit's id."""
        write(self.root, model)
        self.git("add", "--all")
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        self.git("commit", "-q", "--allow-empty", "-m", title, environment=dates)
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")

    def open(self, folder: str = ".", settings: Settings | None = None) -> GitRepository:
        return GitRepository("./model", self.root, self.root / folder, settings or Settings())


def pointer(content: bytes, *, extra: str = "", end: str = "\n") -> bytes:
    """The Git LFS pointer of a content."""
    oid = hashlib.sha256(content).hexdigest()
    lines = ["version https://git-lfs.github.com/spec/v1", *([extra] if extra else []), f"oid sha256:{oid}"]
    return (end.join([*lines, f"size {len(content)}"]) + end).encode()


def keep(storage: Path, content: bytes) -> Path:
    """Put a content where Git LFS keeps what it downloaded."""
    oid = hashlib.sha256(content).hexdigest()
    place = storage / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return place


def blob_id(content: bytes) -> str:
    """The SHA-1 id git gives a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
