"""A file of a revision: its path, size and known digests, and a ranged reader.

Sources make files; nothing else touches disk, git or network. Whether two files hold the same content is answered by
digests wherever both sides know one, and by reading only where they do not.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from semverlint.errors import FileError
from semverlint.text import size as readable

BLOCK = 1 << 20
"""Bytes read at a time where a whole file must be streamed."""


ReadInto: TypeAlias = Callable[[int, memoryview], None]


@dataclass
class Meter:
    """What a run has cost so far. Sources count here; the report shows it.

    Attributes:
        requests: Requests made.
        bytes_read: Bytes read or downloaded.
        at_most: About how many bytes may have to be read in all; 0 where nobody said.
    """

    requests: int = 0
    bytes_read: int = 0
    at_most: int = 0


class Term(NamedTuple):
    """A part of a file's content, as a store of chunks keeps it: a run of neighbouring chunks of one block.

    Attributes:
        block: The hash of the block, over all chunks in it: equal chunks of equal blocks are equal bytes.
        first: The number of its first chunk.
        last: The number of the chunk behind its last one.
        length: Bytes of the run.
    """

    block: str
    first: int
    last: int
    length: int


Range: TypeAlias = tuple["File", int, int]
"""Bytes of a file: the first, and the one behind the last."""


class Store(ABC):
    """Where the content of several files is kept far away, and can be asked for of all of them at once."""

    @abstractmethod
    def fetch(self, ranges: "Sequence[Range]", *, passing: bool = False) -> None:
        """Bring ranges of its files that will be read soon, side by side; a failure shows where they are read.

        Args:
            ranges: What will be read.
            passing: Whether it is read once, on the way through a whole file, and not to be kept for later runs.
        """

    def agrees(self, file: "File") -> bool | None:
        """Whether all bytes of a file passed by and are those of its digest; None where that cannot be told.

        Where they are others, whatever is kept of it is forgotten.
        """
        del file
        return None

    def renew(self, ranges: "Sequence[Range]") -> None:
        """Bring ranges anew, past what is kept of them: nothing else tells whether a range came as it is."""
        self.fetch(ranges)

    def forget(self, file: "File") -> bool:
        """Forget what is kept of a file, except what agreed with its digest; whether there was anything to forget."""
        del file
        return False

    @abstractmethod
    def terms(self, files: "Sequence[File]") -> "Mapping[File, Sequence[Term]]":
        """How files are put together, as far as the store says so; what it does not say costs reading, never truth."""

    def recall(self, name: str) -> bytes | None:
        """What was computed from its files in an earlier run and kept by a name; None where nothing was."""
        del name
        return None

    def keep(self, name: str, value: bytes) -> None:
        """Keep what was computed from its files for later runs, where there is a place for it.

        The name says all that decides the value: the digests of the files, what was computed, and with what version of
        the computation. Keeping may fail, and a kept value may be gone.
        """
        del name, value


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

    @property
    def store(self) -> Store | None:
        """Where the content is kept, if that is far away and shared with other files."""
        return None

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


class HeldFile(File):
    """Content that is in memory: what was packed in a file, or is not stored as plain bytes there."""

    def __init__(self, path: str, content: bytes) -> None:
        super().__init__(path, len(content), {})
        self._content = content

    def _read(self, start: int, stop: int) -> bytes:
        return self._content[start:stop]


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


def fetch_ahead(ranges: Iterable[Range], *, passing: bool = False) -> None:
    """Have ranges of files brought side by side, where reading them one by one would wait for each.

    Args:
        ranges: What will be read.
        passing: Whether it is read once, on the way through whole files, and not to be kept for later runs.
    """
    for store, asked in _by_store(ranges).items():
        store.fetch(asked, passing=passing)


def agrees(file: File) -> bool | None:
    """Whether a file that was read through is what its digest says; None where nobody can tell. See `Store.agrees`."""
    return None if file.store is None else file.store.agrees(file)


def fetch_anew(ranges: Iterable[Range]) -> None:
    """Have ranges of files that are kept far away brought once more, whatever is known of them."""
    for store, asked in _by_store(ranges).items():
        store.renew(asked)


def _by_store(ranges: Iterable[Range]) -> dict[Store, list[Range]]:
    stores: dict[Store, list[Range]] = {}
    for one in ranges:
        if (store := one[0].store) is not None:
            stores.setdefault(store, []).append(one)
    return stores


def terms_of(files: Iterable[File]) -> dict[File, Sequence[Term]]:
    """How stores of chunks put files together, for those whose stores say so; each store is asked once."""
    stores: dict[Store, list[File]] = {}
    for file in files:
        if file.store is not None:
            stores.setdefault(file.store, []).append(file)
    return {file: terms for store, asked in stores.items() for file, terms in store.terms(asked).items()}
