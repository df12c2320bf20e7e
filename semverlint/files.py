"""A file of a revision: its path, size and known digests, and a ranged reader.

Sources make files; nothing else touches disk, git or network. Whether two files hold the same content is answered by
digests wherever both sides know one, and by reading only where they do not.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from semverlint.errors import FileError
from semverlint.text import size as readable

BLOCK = 1 << 20
"""Bytes read at a time where a whole file must be streamed."""


ReadInto: TypeAlias = Callable[[int, memoryview], None]


@dataclass
class Meter:
    """What a run has cost so far. Sources count here; the report shows it."""

    requests: int = 0
    bytes_read: int = 0


class File(ABC):
    """One file of one revision.

    Attributes:
        path: The path in the repository, with `/`, as the stranger wrote it.
        size: Bytes of the content (of the object an LFS pointer names, not of the pointer).
        digests: What is known without reading: `sha256` and `git` (the blob's SHA-1), each in lower-case hex.
    """

    def __init__(self, path: str, size: int, digests: Mapping[str, str]) -> None:
        self.path = path
        self.size = size
        self.digests = dict(digests)

    @abstractmethod
    def _read(self, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop`, within the file. Raises `FileError` where they cannot be had."""

    @property
    def local(self) -> Path | None:
        """Where the content lies on this disk as a plain file, if it does."""
        return None

    @property
    def remote(self) -> bool:
        """Whether reading costs a download."""
        return False

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Exactly the bytes `start` to `stop` (the end, when None).

        Raises:
            FileError: If the range is not inside the file, or fewer bytes came back than were asked for.
        """
        end = self.size if stop is None else stop
        if not 0 <= start <= end <= self.size:
            raise FileError(
                self.path, f"bytes {start}-{end} lie outside its {self.size}", "it is truncated; fetch it again"
            )
        data = self._read(start, end) if end > start else b""
        if len(data) != end - start:
            raise FileError(self.path, f"{end - start} bytes were asked for, {len(data)} came", "fetch it again")
        return data

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        """A function that fills a buffer with the bytes from an offset on: for reading much, block by block.

        Raises:
            FileError: As `read`; the function too.
        """

        def read_into(start: int, buffer: memoryview) -> None:
            buffer[:] = self.read(start, start + len(buffer))

        yield read_into

    def read_all(self, limit: int) -> bytes:
        """The whole content, refused above `limit` bytes with a `FileError`."""
        if self.size > limit:
            raise FileError(
                self.path,
                f"{readable(self.size)} is more than the {readable(limit)} read of such a file",
                "check that it is the file it claims to be",
            )
        return self.read()

    def blocks(self, length: int = BLOCK) -> Iterator[bytes]:
        """The content from first to last byte, in blocks of at most `length` bytes."""
        for start in range(0, self.size, length):
            yield self.read(start, min(start + length, self.size))

    def digest(self, algorithm: str) -> str:
        """The content's `sha256` or `git` digest, streamed from the content where it is not known yet."""
        if algorithm not in self.digests:
            import hashlib  # noqa: PLC0415 - most files are told apart without hashing

            state = hashlib.sha256() if algorithm == "sha256" else hashlib.sha1(usedforsecurity=False)
            if algorithm == "git":
                state.update(b"blob %d\0" % self.size)
            for block in self.blocks():
                state.update(block)
            self.digests[algorithm] = state.hexdigest()
        return self.digests[algorithm]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, {self.size})"


def same_content(old: File, new: File) -> bool:
    """Whether two files hold the same bytes, at the smallest cost.

    Sizes first; then a digest both sides know; then, for two local files, the bytes themselves (far faster than hashing
    them); else the digest that one side knows, computed for the other. Where the sides know different ones, that is the
    `sha256`: it may stand for LFS content that is not here.

    Raises:
        FileError: If the answer needs content that cannot be read.
    """
    if old.size != new.size:
        return False
    shared = old.digests.keys() & new.digests.keys()
    if shared:
        return all(old.digests[name] == new.digests[name] for name in shared)
    if not old.digests and not new.digests:
        return all(a == b for a, b in zip(old.blocks(), new.blocks(), strict=True))
    algorithm = "sha256" if "sha256" in old.digests or "sha256" in new.digests else "git"
    return old.digest(algorithm) == new.digest(algorithm)
