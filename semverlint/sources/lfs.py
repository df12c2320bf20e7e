"""Git LFS: a pointer stands in git for the content, and counts by the content's digest and size.

The pointer format is that of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md; git-lfs itself is never run.
"""

import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from semverlint.errors import FileError
from semverlint.files import File

POINTER_LIMIT = 1024
"""Bytes: the specification keeps every pointer below this, so that no larger file need be looked into."""

_POINTER = re.compile(
    rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v1\r?\n"
    rb"(?:ext-[0-9]-[^\r\n]+ sha256:[0-9a-f]{64}\r?\n)*"
    rb"oid sha256:([0-9a-f]{64})\r?\n"
    rb"size ([0-9]{1,18})[\r\n]*"
)


@dataclass(frozen=True)
class Pointer:
    """What an LFS pointer says of the content: its SHA-256 in lower-case hex, and its size in bytes."""

    sha256: str
    size: int


def parse_pointer(text: bytes) -> Pointer | None:
    """The pointer a file's whole content is, or None; `ext-N` lines, CRLF and a missing last line feed are accepted."""
    found = _POINTER.fullmatch(text) if len(text) <= POINTER_LIMIT else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


class LfsStore:
    """Where one clone keeps the content of LFS files.

    Args:
        usual: The `lfs` folder of the clone.
        configured: Asked, at most once and only when the usual folder lacks something, for other such folders.
    """

    def __init__(self, usual: Path, configured: Callable[[], Iterable[Path]] = tuple) -> None:
        self._folders = [usual]
        self._configured: Callable[[], Iterable[Path]] | None = configured

    def find(self, pointer: Pointer) -> Path | None:
        """The file that holds a pointer's content, if it was ever downloaded (or added) here."""
        if (found := self._find(pointer)) is None and self._configured is not None:
            self._folders += self._configured()
            self._configured = None
            found = self._find(pointer)
        return found

    def names(self) -> Iterator[str]:
        """The names of every content that is here."""
        self._folders += self._configured() if self._configured else ()
        self._configured = None
        for folder in self._folders:
            yield from sorted(place.name for place in (folder / "objects").glob("??/??/*"))

    def _find(self, pointer: Pointer) -> Path | None:
        name = pointer.sha256
        for folder in self._folders:
            place = folder / "objects" / name[:2] / name[2:4] / name
            try:
                state = place.lstat()
            except OSError:
                continue
            if stat.S_ISREG(state.st_mode) and state.st_size == pointer.size:
                return place
        return None


class AbsentFile(File):
    """An LFS file whose content is not on this machine: its digest and size are known, its bytes are not."""

    def __init__(self, path: str, pointer: Pointer, remedy: str) -> None:
        super().__init__(path, pointer.size, {"sha256": pointer.sha256})
        self._remedy = remedy

    def _read(self, start: int, stop: int) -> NoReturn:
        del start, stop
        raise FileError(self.path, "its Git LFS content was never downloaded", self._remedy)
