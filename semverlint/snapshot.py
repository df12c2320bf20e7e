"""A snapshot: the files of one revision, and the facts read from them so far."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from semverlint.errors import FileError
from semverlint.files import File

Facts = TypeVar("Facts")


class Snapshot:
    """All files of one revision, by path.

    Attributes:
        address: What was asked for, as it is shown (`./model`, `org/name`).
        revision: The name of the revision (`v1.2.0`, `main`, `:staged`), None for a plain folder.
        commit: The commit's full id, where there is one.
        below: The folder of its repository that the model stands in, with a `/` behind it; empty for the whole of it.
        files: The files, in path order.
        problems: Paths of the revision that could not be taken in, each with its reason.
    """

    def __init__(  # noqa: PLR0913 - what is known of a revision
        self,
        address: str,
        files: Iterable[File],
        *,
        revision: str | None = None,
        commit: str | None = None,
        below: str = "",
        problems: Iterable[FileError] = (),
    ) -> None:
        self.address = address
        self.revision = revision
        self.commit = commit
        self.below = below
        self.files = {file.path: file for file in sorted(files, key=lambda file: file.path)}
        self.problems = tuple(problems)
        self._facts: dict[tuple[object, str], object] = {}

    @property
    def name(self) -> str:
        """The address with its revision: `org/name@v1.2.0`."""
        return f"{self.address}@{self.revision}" if self.revision else self.address

    def facts(self, read: Callable[[File], Facts], path: str) -> Facts | None:
        """What the reader `read` says of the file at `path`; read once, None where there is no such file.

        Raises:
            FileError: As `read` raises it; raised again on every later call, without reading again.
        """
        if path not in self.files:
            return None
        key = (read, path)
        if key not in self._facts:
            self._facts[key] = _read(read, self.files[path])
        known = self._facts[key]
        if isinstance(known, FileError):
            raise known
        return known  # type: ignore[return-value]  # the key holds the reader, whose result type this is

    def forget(self, path: str) -> None:
        """Forget what readers said of a file, so that it is read again."""
        self._facts = {key: known for key, known in self._facts.items() if key[1] != path}

    def take_over(self, read: Callable[[File], object], path: str, other: "Snapshot") -> None:
        """Take what a reader said of the equal file of another revision for what it says of this one."""
        with suppress(FileError):  # it is read here, and refused, when it is asked for
            self._facts.setdefault((read, path), other.facts(read, path))


def _read(read: Callable[[File], Facts], file: File) -> Facts | FileError:
    """What a reader says of a file, or why it cannot; what came from far away may be spoilt, and is brought anew."""
    try:
        return read(file)
    except FileError as error:
        if file.store is None or not file.store.forget(file):
            return error
    try:
        return read(file)
    except FileError as error:
        return error
