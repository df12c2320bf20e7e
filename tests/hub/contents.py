"""What a file of the tests' Hub holds: bytes at hand, or bytes computed when they are asked for."""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Term:
    """A run of chunks of a xorb: what Xet's reconstruction of a file is made of.

    Attributes:
        xorb: The xorb's hash, 64 hexadecimal digits.
        start: Its first chunk.
        stop: The chunk behind its last.
        length: Bytes of these chunks, unpacked.
    """

    xorb: str
    start: int
    stop: int
    length: int


class Content(ABC):
    """The content of one file.

    Attributes:
        size: Its bytes.
        lfs: Whether it is kept in LFS, whatever its path says.
    """

    size: int
    lfs = False

    @abstractmethod
    def read(self, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop`; both lie within."""

    @property
    @abstractmethod
    def sha256(self) -> str:
        """Its digest; that of a description, where the content is too large to be computed."""

    @cached_property
    def xet_hash(self) -> str:
        """What Xet calls the file (no Merkle root here: nobody computes it again)."""
        return hashlib.sha256(f"xet {self.sha256}".encode()).hexdigest()

    def terms(self) -> list[Term] | None:
        """Its chunks, where it knows them itself; None where the store has to cut it."""
        return None


class Plain(Content):
    """Bytes at hand."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def blob(data: bytes) -> str:
    """Git's name of a content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def pointer(content: Content) -> bytes:
    """The LFS pointer that stands in git for a content."""
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (
        content.sha256.encode(),
        content.size,
    )
