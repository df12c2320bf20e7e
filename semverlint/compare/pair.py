"""Two snapshots side by side: which paths agree, which do not, and what could not be decided."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from semverlint.changes.base import Undecided
from semverlint.errors import FileError
from semverlint.files import File, same_content
from semverlint.roles import Role, folder, role
from semverlint.snapshot import Snapshot

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Options:
    """How far comparing may go.

    Attributes:
        exact: Read every value that a doubt asks for, whatever it costs.
        full: Check every relation of the new revision, not only those that touch a changed file.
        max_download: Bytes that may be downloaded for values; local files do not count.
        probe: Run the graphs of both revisions on the same inputs, in a process with limits.
        drawn: Count for a page how far the values of the tensors moved that moved furthest.
    """

    exact: bool = False
    full: bool = False
    max_download: int = 16_000_000
    probe: bool = False
    drawn: bool = False


class Pair:
    """An old and a new snapshot, and what their digests say.

    Attributes:
        undecided: What could not be decided so far; comparers add to it through `attempt` and `doubt`.
    """

    def __init__(
        self, old: Snapshot, new: Snapshot, options: Options | None = None, known: Iterable[Snapshot] = ()
    ) -> None:
        self.old = old
        self.new = new
        self.options = options or Options()
        self._known = known
        self.undecided: list[Undecided] = []

    @cached_property
    def changed(self) -> frozenset[str]:
        """Paths of both revisions whose content differs (or could not be shown to agree)."""
        both = self.old.files.keys() & self.new.files.keys()
        return frozenset(path for path in sorted(both) if not self._same(self.old.files[path], self.new.files[path]))

    @property
    def in_doubt(self) -> int:
        """Bytes of the files of which no digest says that they agree: about what may have to be read."""
        sides = ((self.old.files, self.new.files), (self.new.files, self.old.files))
        doubtful = (
            file.size
            for mine, others in sides
            for path, file in mine.items()
            if (other := others.get(path)) is None or not file.digests.items() & other.digests.items()
        )
        return sum(doubtful)

    @cached_property
    def known(self) -> tuple[Snapshot, ...]:
        """Other revisions of the model that are at hand, asked for only where the new one may be mixed from them."""
        return tuple(self._known)

    @cached_property
    def added(self) -> frozenset[str]:
        """Paths that only the new revision has."""
        return frozenset(self.new.files.keys() - self.old.files.keys())

    @cached_property
    def removed(self) -> frozenset[str]:
        """Paths that only the old revision has."""
        return frozenset(self.old.files.keys() - self.new.files.keys())

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Removed path → added path that holds the same content (files of no bytes are nobody's rename)."""
        found: dict[str, str] = {}
        for gone in sorted(self.removed):
            before = self.old.files[gone]
            for came in sorted(self.added):
                after = self.new.files[came]
                if before.size and before.size == after.size and self._same(before, after):
                    found[gone] = came
                    break
        return found

    @property
    def touched(self) -> frozenset[str]:
        """Every path that was added, removed or changed."""
        return self.changed | self.added | self.removed

    def paths(self, wanted: Role) -> list[str]:
        """Touched paths with a role, in order."""
        return sorted(path for path in self.touched if role(path) == wanted)

    def folders(self, *wanted: Role) -> list[str]:
        """Folders in which a file with one of the roles was touched, in order; with `full`, all that hold one."""
        paths = self.old.files.keys() | self.new.files.keys() if self.options.full else self.touched
        return sorted({folder(path) for path in paths if role(path) in wanted})

    def facts(self, read: Callable[[File], Facts], path: str) -> tuple[Facts | None, Facts | None]:
        """What a reader says of `path` in the old and in the new revision; None where it is not there."""
        return self.old.facts(read, path), self.new.facts(read, path)

    @contextmanager
    def attempt(self, path: str) -> Iterator[None]:
        """Do one unit of work; a file in it that cannot be read becomes an entry of `undecided`, not a crash."""
        try:
            yield
        except FileError as error:
            self.doubt(error.path or path, error.reason, error.remedy or "mend the file", failed=True)

    def doubt(self, path: str, reason: str, would_settle: str, *, failed: bool = False) -> None:
        """Note, once, that something about `path` could not be decided."""
        entry = Undecided(path=path, reason=reason, would_settle=would_settle, failed=failed)
        if entry not in self.undecided:
            self.undecided.append(entry)

    def _same(self, old: File, new: File) -> bool:
        try:
            return same_content(old, new)
        except FileError as error:
            self.doubt(error.path, error.reason, error.remedy or "make the file readable", failed=True)
            return False
