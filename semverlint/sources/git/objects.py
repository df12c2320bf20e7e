"""What git stores: objects by id, read through two `git cat-file` that stay for the whole run.

A blob of up to `HELD` bytes is kept in memory for a while, a larger one (weights that nobody gave to Git LFS) is copied
once to a temporary file: git packs have no random access, and a header or a block is asked for many times.
"""

import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, NoReturn

from semverlint.errors import FileError, SourceError
from semverlint.files import BLOCK, File, Meter
from semverlint.sources.git.process import Git, Running
from semverlint.sources.lfs import POINTER_LIMIT, Pointer, parse_pointer

HELD = 8_000_000
"""Bytes of the largest blob kept in memory; configurations and most tokenizers are smaller."""

HELD_TOGETHER = 64_000_000
"""Bytes of all blobs kept in memory; the one not used for longest goes first."""

COPIES = 4
"""Temporary copies kept at a time: comparing two weight files reads two of them in turn."""

_SHA1_HEX = 40


class Objects:
    """The objects of one repository."""

    def __init__(self, git: Git, meter: Meter) -> None:
        self._git = git
        self._meter = meter
        self._lock = threading.RLock()
        self._checks: Running | None = None
        self._contents: Running | None = None
        self._sizes: dict[str, int] = {}
        self._pointers: dict[str, Pointer | None] = {}
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._copies: OrderedDict[str, IO[bytes]] = OrderedDict()
        weakref.finalize(self, _close_all, self._copies)

    def check(self, names: Sequence[str]) -> list[tuple[str, str, int] | None]:
        """For each name git understands: the object's id, type and size in bytes; None where there is no such object.

        Raises:
            SourceError: If git gives up.
        """
        with self._lock:
            if self._checks is None:
                self._checks = self._git.keep("cat-file", "--batch-check")
            try:
                answers = list(self._checks.ask([name.encode("utf-8", "surrogateescape") for name in names]))
            except SourceError:
                self._checks.close()
                self._checks = None
                raise
        return [_header(answer) for answer in answers]

    def sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """The size in bytes of every blob among the ids that is here."""
        wanted = list(dict.fromkeys(ids))
        unknown = [name for name in wanted if name not in self._sizes]
        for found in self.check(unknown) if unknown else ():
            if found is not None:
                self._sizes[found[0]] = found[2]
        return {name: self._sizes[name] for name in wanted if name in self._sizes}

    def pointers(self, ids: Iterable[str]) -> dict[str, Pointer | None]:
        """The LFS pointer each blob holds, None for any other content; only small blobs are looked into."""
        sizes = self.sizes(ids)
        unknown = [name for name in sizes if name not in self._pointers]
        self._pointers |= dict.fromkeys(unknown)
        small = [name for name in unknown if sizes[name] <= POINTER_LIMIT]
        self._pointers |= {name: parse_pointer(text) for name, text in self.small(small).items()}
        return {name: self._pointers[name] for name in sizes}

    def small(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The whole content of blobs, each known to be here and of at most `HELD` bytes."""
        with self._lock:
            missing = [name for name in ids if name not in self._held]
            found = {name: self._held[name] for name in ids if name in self._held}
            for name, size, answer in self._answers(missing):
                found[name] = self._hold(name, answer.read_exactly(size + 1)[:size])
            return found

    def read(self, name: str, start: int, stop: int) -> bytes:
        """Some bytes of a blob."""
        with self._lock:
            if name in self._held or self.sizes([name]).get(name, 0) <= HELD:
                content = self.small([name])[name]
                self._held.move_to_end(name)
                return content[start:stop]
            copy = self._copies.get(name) or self._copy(name)
            self._copies.move_to_end(name)
            copy.seek(start)
            return copy.read(stop - start)

    def _answers(self, names: Sequence[str]) -> Iterator[tuple[str, int, Running]]:
        """Ask for contents: each one's name and size, and where its content and one line feed are to be read now."""
        if not names:
            return
        if self._contents is None:
            self._contents = self._git.keep("cat-file", "--batch")
        try:
            for name, answer in zip(names, self._contents.ask([name.encode() for name in names]), strict=True):
                if (found := _header(answer)) is None:
                    raise self._git.refusal(f"fatal: object {name} is missing")  # noqa: TRY301 - as where git dies
                yield name, found[2], self._contents
        except BaseException:  # what is left unread would be taken for the next answer
            self._contents.close()
            self._contents = None
            raise

    def _hold(self, name: str, content: bytes) -> bytes:
        self._meter.bytes_read += len(content)
        self._held[name] = content
        while len(self._held) > 1 and sum(map(len, self._held.values())) > HELD_TOGETHER:
            self._held.popitem(last=False)
        return content

    def _copy(self, name: str) -> IO[bytes]:
        while len(self._copies) >= COPIES:
            self._copies.popitem(last=False)[1].close()
        with ExitStack() as undo:
            copy = undo.enter_context(tempfile.TemporaryFile())
            for _, size, answer in self._answers([name]):
                for start in range(0, size, BLOCK):
                    copy.write(answer.read_exactly(min(BLOCK, size - start)))
                answer.read_exactly(1)
                self._meter.bytes_read += size
            undo.pop_all()
        self._copies[name] = copy
        return copy


class Blob(File):
    """A file as git stores it."""

    def __init__(self, path: str, name: str, size: int, objects: Objects) -> None:
        super().__init__(path, size, digests_of(name))
        self._name = name
        self._objects = objects

    def _read(self, start: int, stop: int) -> bytes:
        try:
            return self._objects.read(self._name, start, stop)
        except SourceError as error:
            raise FileError(self.path, error.problem, error.remedy) from None
        except OSError as error:
            raise FileError(
                self.path, f"cannot be copied out of git ({error.strerror})", "make room for temporary files"
            ) from None


class Submodule(File):
    """A submodule counts by the commit it names, the same or another; what it holds belongs to its own repository."""

    def __init__(self, path: str, commit: str) -> None:
        super().__init__(path, len(f"Subproject commit {commit}\n"), digests_of(commit))

    def _read(self, start: int, stop: int) -> NoReturn:
        del start, stop
        raise FileError(self.path, "is a submodule, whose files belong to another repository", "check it by itself")


def digests_of(name: str) -> dict[str, str]:
    """An object's id as a digest, where it is one: the ids of a SHA-256 repository are compared nowhere else."""
    return {"git": name} if len(name) == _SHA1_HEX else {}


def _header(answer: bytes) -> tuple[str, str, int] | None:
    """A `<id> <type> <size>` line of `cat-file`; None for `<name> missing` and `<name> ambiguous`."""
    if answer.endswith((b" missing", b" ambiguous")):
        return None
    name, kind, size = answer.decode("ascii").split(" ")
    return name, kind, int(size)


def _close_all(copies: "OrderedDict[str, IO[bytes]]") -> None:
    for copy in copies.values():
        copy.close()
