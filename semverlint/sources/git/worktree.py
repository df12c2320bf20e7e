"""The files of the working tree: unchanged ones carry the digest that the index remembers, so nothing is hashed twice.

Git is not asked which files changed: to answer, it would run the filters (`clean`, `process`) that the repository
configures. The index remembers size and times of every file; the comparison is made here.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from semverlint.errors import FileError
from semverlint.files import File, Meter
from semverlint.sources.folder import LEFT_OUT, LocalFile
from semverlint.sources.git.listing import LINK, SUBMODULE, Entry
from semverlint.sources.git.objects import Submodule, digests_of
from semverlint.sources.git.stored import Stored
from semverlint.sources.lfs import POINTER_LIMIT, Pointer, parse_pointer

_SECOND = 1_000_000_000
_CUT = 0xFFFF_FFFF
"""The index keeps the lower 32 bits of sizes and seconds."""


class WorkTree:
    """The working tree of a clone.

    Args:
        root: Its root.
        stored: What git and Git LFS store.
        meter: Where the bytes read are counted.
        index_time: When the index was written, in nanoseconds: a file as young as that may have changed unseen.
    """

    def __init__(self, root: Path, stored: Stored, meter: Meter, index_time: int) -> None:
        self._root = root
        self._stored = stored
        self._meter = meter
        self._index_time = index_time
        self._beyond_link: dict[Path, bool] = {}

    def files(self, entries: Iterable[Entry], below: str) -> tuple[list[File], list[FileError]]:
        """All files of a listing as they are on this disk, and what could not be taken in."""
        known = {entry.path: entry for entry in entries}
        self._stored.prepare(known.values())
        files: list[File] = []
        problems: list[FileError] = []
        for entry in known.values():
            path = entry.path.removeprefix(below)
            if not entry.mode and not LEFT_OUT.isdisjoint(path.split("/")[:-1]):
                continue
            try:
                if (file := self._file(path, entry, known)) is not None:
                    files.append(file)
            except FileError as error:
                problems.append(error)
            except OSError as error:
                problems.append(FileError(path, f"cannot be read ({error.strerror})", "check its permissions"))
        return files, problems

    def _file(self, path: str, entry: Entry, known: dict[str, Entry]) -> File | None:
        """The file at an entry's path; None where it was deleted."""
        place = self._root / entry.path
        try:
            state = None if self._is_beyond_link(place.parent) else place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            state = None
        if entry.mode == SUBMODULE:
            return Submodule(path, entry.id)
        if state is None or stat.S_ISDIR(state.st_mode):
            if entry.is_left_out and entry.mode == LINK:
                raise FileError(
                    path, "is a link that the sparse checkout leaves out", "run `git sparse-checkout disable`"
                )
            return self._stored.file(path, entry) if entry.is_left_out else None
        if stat.S_ISLNK(state.st_mode):
            place = self._target(path, place)
            state = place.stat()
            entry = known.get(place.relative_to(self._root).as_posix(), Entry(""))
        if not stat.S_ISREG(state.st_mode):
            raise FileError(path, "is no regular file", "put a file there, or delete it")
        if entry.mode and entry.mode != LINK and not entry.stage and self._is_unchanged(entry, state):
            return self._unchanged(path, place, state.st_size, entry)
        pointer = _pointer_at(place, state.st_size)
        return self._stored.pointed(path, pointer) if pointer else LocalFile(path, place, state.st_size, self._meter)

    def _unchanged(self, path: str, place: Path, size: int, entry: Entry) -> File:
        """A file whose content the index knows, read from the disk where the disk holds exactly that content."""
        pointer = self._stored.pointer(entry)
        if pointer and size == pointer.size and _pointer_at(place, size) != pointer:
            return LocalFile(path, place, size, self._meter, {"sha256": pointer.sha256})
        if not pointer and size == self._stored.size(entry):
            return LocalFile(path, place, size, self._meter, digests_of(entry.id))
        return self._stored.file(path, entry)  # a pointer that was not replaced; or line ends, converted at checkout

    def _is_unchanged(self, entry: Entry, state: os.stat_result) -> bool:
        """Whether the index has seen this very state of the file, well before it was written itself.

        As git does it (read-cache.c, `ie_match_stat`), and stricter where the index knows nanoseconds.
        """
        exact = entry.mtime[1] != 0
        written = (
            (state.st_mtime_ns, self._index_time)
            if exact
            else (state.st_mtime_ns // _SECOND, self._index_time // _SECOND)
        )
        return (
            entry.size == state.st_size & _CUT
            and _is_same_time(entry.mtime, state.st_mtime_ns)
            and _is_same_time(entry.ctime, state.st_ctime_ns)
            and written[0] < written[1]
        )

    def _target(self, path: str, link: Path) -> Path:
        target = Path(os.path.realpath(link))  # unlike resolve, realpath bears a circle of links
        if not target.is_relative_to(self._root) or ".git" in target.relative_to(self._root).parts:
            raise FileError(path, "is a link that leads out of the repository", "put the file itself there")
        if not target.is_file():
            raise FileError(path, "is a link to nothing, or no regular file", "put the file itself there")
        return target

    def _is_beyond_link(self, folder: Path) -> bool:
        """Whether a folder is reached through a link: for git, what lies there is not in the working tree."""
        if folder not in self._beyond_link:
            self._beyond_link[folder] = os.path.realpath(folder) != str(folder)
        return self._beyond_link[folder]


def _is_same_time(seen: tuple[int, int], now: int) -> bool:
    seconds, nanoseconds = divmod(now, _SECOND)
    return seen[0] == seconds & _CUT and seen[1] in (0, nanoseconds)


def _pointer_at(place: Path, size: int) -> Pointer | None:
    return parse_pointer(place.read_bytes()) if size <= POINTER_LIMIT else None
