"""A plain folder: no revisions, every file on this disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from semverlint.errors import FileError, SourceError, UsageError
from semverlint.files import File, Meter, ReadInto
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Repository, Settings
from semverlint.text import clean

MOST_FILES = 100_000
"""Files taken in from one folder; the largest model repositories hold some ten thousand."""

LEFT_OUT = frozenset({".git", ".cache", "__pycache__", ".venv", "node_modules", ".huggingface"})
"""Folders that tools leave behind; no part of a model."""


class LocalFile(File):
    """A file on this disk."""

    def __init__(self, path: str, place: Path, size: int, meter: Meter, digests: dict[str, str] | None = None) -> None:
        super().__init__(path, size, digests or {})
        self._place = place
        self._meter = meter

    @property
    def local(self) -> Path | None:
        return self._place

    def _read(self, start: int, stop: int) -> bytes:
        try:
            with self._place.open("rb", buffering=0) as stream:
                stream.seek(start)
                data = stream.read(stop - start)  # nearly always all of it; appending costs a copy
                while len(data) < stop - start and (block := stream.read(stop - start - len(data))):
                    data += block
        except OSError as error:
            raise FileError(self.path, f"cannot be read ({error.strerror})", "check its permissions") from None
        self._meter.bytes_read += len(data)
        return data

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        """One open file for many blocks, read straight into the reader's memory."""
        try:
            with self._place.open("rb", buffering=0) as stream:

                def read_into(start: int, buffer: memoryview) -> None:
                    if hasattr(os, "preadv"):  # one call in place of two: other threads wait less
                        got = os.preadv(stream.fileno(), [buffer], start)
                    else:
                        stream.seek(start)
                        got = stream.readinto(buffer)
                    while got < len(buffer) and stream.seek(start + got) and (more := stream.readinto(buffer[got:])):
                        got += more
                    if got != len(buffer):
                        raise FileError(self.path, f"{len(buffer)} bytes were asked for, {got} came", "fetch it again")
                    self._meter.bytes_read += got

                yield read_into
        except OSError as error:
            raise FileError(self.path, f"cannot be read ({error.strerror})", "check its permissions") from None


class FolderRepository(Repository):
    """A folder of model files."""

    def __init__(self, address: str, place: Path, settings: Settings) -> None:
        self.address = address
        self._place = place
        self._settings = settings

    def snapshot(self, revision: str | None) -> Snapshot:
        """The folder as it is now."""
        if revision is not None:
            raise UsageError(f"{self.address} is a plain folder; it has no revision {revision}", "leave the @ out")
        files: list[File] = []
        problems: list[FileError] = []
        for path, place in walk(self._place, self.address):
            try:
                files.append(LocalFile(path, place, _size_within(self._place, path, place), self._settings.meter))
            except FileError as error:
                problems.append(error)
        return Snapshot(self.address, files, problems=problems)


def walk(root: Path, address: str) -> Iterator[tuple[str, Path]]:
    """Every file below a folder: its path with `/`, and where it lies.

    Raises:
        SourceError: If the folder cannot be listed, or holds more than `MOST_FILES` files.
    """

    def refuse(error: OSError) -> None:
        raise SourceError(f"{clean(error.filename)}: cannot be listed ({error.strerror})", "check its permissions")

    count = 0
    for parent, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted(names) + linked:
            count += 1
            if count > MOST_FILES:
                raise SourceError(
                    f"{clean(address)} holds more than {MOST_FILES:,} files", "name the folder of one model"
                )
            place = Path(parent) / name
            yield place.relative_to(root).as_posix(), place


def _size_within(root: Path, path: str, place: Path) -> int:
    """The size of a regular file that lies below `root`; links may lead to files of the folder, and nowhere else."""
    try:
        if place.is_symlink() and not _is_inside(root, place):
            raise FileError(path, "is a link that leads out of the repository", "put the file itself there")
        if not place.is_file():
            raise FileError(path, "is a link to nothing, or no regular file", "put the file itself there")
        return place.stat().st_size
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror})", "check its permissions") from None


def _is_inside(root: Path, place: Path) -> bool:
    """Whether a link ends below `root`, or in the blobs beside a snapshot of the Hub's own cache."""
    target, home = Path(os.path.realpath(place)), root.resolve()  # unlike resolve, realpath bears a circle of links
    in_hub_cache = home.parent.name == "snapshots" and target.parent == home.parent.parent / "blobs"
    return target.is_relative_to(home) or in_hub_cache
