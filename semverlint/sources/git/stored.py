"""The files of a commit or of the index: made of what git and Git LFS store, without a look at the working tree."""

from collections.abc import Callable, Iterable, Sequence

from semverlint.errors import FileError
from semverlint.files import File, Meter
from semverlint.sources.folder import LocalFile
from semverlint.sources.git.listing import LINK, SUBMODULE, Entry, follow
from semverlint.sources.git.objects import Blob, Objects, Submodule
from semverlint.sources.lfs import AbsentFile, LfsStore, Pointer

_LONGEST_TARGET = 4096
"""Bytes of a link's target: PATH_MAX of Linux. A longer one is no link but an attack."""


class Stored:
    """Makes files of entries.

    Args:
        objects: What git stores.
        lfs: Where the content of LFS files is kept.
        meter: Where the bytes read are counted.
        remedy: How LFS content that is not here is fetched.
    """

    def __init__(self, objects: Objects, lfs: LfsStore, meter: Meter, remedy: str) -> None:
        self._objects = objects
        self._lfs = lfs
        self._meter = meter
        self._remedy = remedy

    def prepare(self, entries: Iterable[Entry]) -> None:
        """Ask git about many entries at once, so that asking about each of them later costs nothing."""
        self._objects.pointers(entry.id for entry in entries if entry.id and entry.mode != SUBMODULE)

    def size(self, entry: Entry) -> int | None:
        """Bytes of an entry's blob; None where it is not here."""
        return self._objects.sizes([entry.id]).get(entry.id)

    def pointer(self, entry: Entry) -> Pointer | None:
        """The LFS pointer that an entry's blob is, if it is one."""
        return self._objects.pointers([entry.id]).get(entry.id)

    def file(self, path: str, entry: Entry) -> File:
        """The file of an entry that is no link, to be shown as `path`; raises `FileError` where there is none."""
        if entry.mode == SUBMODULE:
            return Submodule(path, entry.id)
        if entry.stage:
            raise FileError(path, "is in conflict", "resolve the conflict and `git add` it")
        if (size := self.size(entry)) is None:
            raise FileError(path, "its content is missing from the clone", "run `git fsck`, then fetch it again")
        pointer = self.pointer(entry)
        return self.pointed(path, pointer) if pointer else Blob(path, entry.id, size, self._objects)

    def pointed(self, path: str, pointer: Pointer) -> File:
        """The file that an LFS pointer stands for."""
        if (place := self._lfs.find(pointer)) is None:
            return AbsentFile(path, pointer, self._remedy)
        return LocalFile(path, place, pointer.size, self._meter, {"sha256": pointer.sha256})

    def files(
        self, entries: Sequence[Entry], below: str, everywhere: Callable[[], Sequence[Entry]]
    ) -> tuple[list[File], list[FileError]]:
        """All files of a listing, links followed, and what could not be taken in.

        Args:
            entries: The files in the folder `below`.
            below: That folder with a final `/`, empty for the root; the files' paths are relative to it.
            everywhere: Lists the whole repository; called only where a link leads out of the folder.
        """
        self.prepare(entries)
        known = {entry.path: entry for entry in entries}
        if below and any(entry.mode == LINK for entry in entries):
            known = {entry.path: entry for entry in everywhere()}
        links = self._targets([entry for entry in known.values() if entry.mode == LINK])
        files: list[File] = []
        problems: dict[str, FileError] = {}
        for entry in entries:
            path = entry.path.removeprefix(below)
            try:
                files.append(self.file(path, self._end_of(path, entry, known, links)))
            except FileError as error:
                problems[path] = error  # each side of a conflict is listed
        return files, list(problems.values())

    def _targets(self, entries: Sequence[Entry]) -> dict[str, str]:
        sizes = self._objects.sizes(entry.id for entry in entries)
        short = [entry for entry in entries if sizes.get(entry.id, _LONGEST_TARGET) < _LONGEST_TARGET]
        contents = self._objects.small([entry.id for entry in short])
        return {entry.path: contents[entry.id].decode("utf-8", "surrogateescape") for entry in short}

    def _end_of(self, path: str, entry: Entry, known: dict[str, Entry], links: dict[str, str]) -> Entry:
        if entry.mode != LINK:
            return entry
        if (target := follow(entry.path, links)) is None:
            raise FileError(path, "is a link that leads out of the repository", "put the file itself there")
        if target not in known or known[target].mode == LINK:
            raise FileError(path, "is a link to nothing, or no regular file", "put the file itself there")
        return known[target]
