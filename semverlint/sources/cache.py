"""What was read far away before, kept on this disk: what is named by a commit or a digest never changes.

Entries stand in one SQLite file. SQLite makes writes atomic and several processes safe; each entry carries a seal over
its name and its bytes, so that a damaged one is dropped and read again. A cache that cannot be used is left alone: it
saves time and decides nothing.
"""

import contextlib
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

NAME = "semverlint.sqlite"
LIMIT = 1_000_000_000
"""Bytes of the whole file; what was not used for longest goes first."""
LARGEST = 32_000_000
"""Bytes of one entry."""
_KEPT_AT_LIMIT = 0.8
"""The share that stays when the limit is reached, so that not every further entry has to make room."""
_PATIENCE = 5.0
"""Seconds waited for another process that writes."""
_DAY = 86_400
_SHAPE = 1
"""Raised when tables change; a file of another shape is begun anew."""

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    kind TEXT NOT NULL, name TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    used INTEGER NOT NULL, seal BLOB NOT NULL, value BLOB NOT NULL,
    UNIQUE (kind, name, start, stop)
);
CREATE INDEX IF NOT EXISTS by_use ON entries (used);
"""
_FIND = """
SELECT rowid, start, stop, used, seal, value FROM entries
WHERE kind = ? AND name = ? AND start <= ? AND stop >= ? ORDER BY stop - start LIMIT 1
"""
_PUT = "INSERT OR REPLACE INTO entries (kind, name, start, stop, used, seal, value) VALUES (?, ?, ?, ?, ?, ?, ?)"
_OLDEST = "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY used, rowid LIMIT 100)"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Usage:
    """What the cache holds of one kind: entries, and the bytes of their values."""

    kind: str
    entries: int
    bytes: int


def cache_folder() -> Path | None:
    """Where the cache stands: `SEMVERLINT_CACHE`, else below the user's cache folder; None where that is set empty."""
    named = os.environ.get("SEMVERLINT_CACHE")
    if named is not None:
        return Path(named).expanduser() if named else None
    home = os.environ.get("XDG_CACHE_HOME") or ""
    try:
        return (Path(home) if Path(home).is_absolute() else Path("~/.cache").expanduser()) / "semverlint"
    except RuntimeError:
        return None  # nobody's home


class Cache:
    """The cache in one folder.

    Args:
        folder: Where it stands; made when something is kept. None for a cache that keeps nothing.
        limit: Bytes it may take.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self.place = folder / NAME if folder is not None else None
        self._limit = limit
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def __del__(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def get(self, kind: str, name: str) -> bytes | None:
        """The entry of a name; None where there is none."""
        return self.part(kind, name, 0, 0)

    def put(self, kind: str, name: str, value: bytes) -> None:
        """Keep an entry."""
        self.put_part(kind, name, 0, value)

    def part(self, kind: str, name: str, start: int, stop: int) -> bytes | None:
        """Bytes of what a name stands for, where an entry covers them; of a smallest such entry all, for no bytes."""
        return self._try(lambda connection: self._part(connection, kind, name, start, stop))

    def put_part(self, kind: str, name: str, start: int, value: bytes) -> None:
        """Keep the bytes from `start` on of what a name stands for."""
        if len(value) <= LARGEST:
            self._try(lambda connection: self._put(connection, kind, name, start, value))

    def forget(self, kind: str, name: str, start: int, stop: int) -> int:
        """Drop every entry that holds one of some bytes of what a name stands for; how many those were."""
        asked = "DELETE FROM entries WHERE kind = ? AND name = ? AND start < ? AND stop > ?"
        return self._try(lambda connection: connection.execute(asked, (kind, name, stop, start)).rowcount) or 0

    def usage(self) -> list[Usage]:
        """What is kept, by kind."""
        asked = "SELECT kind, count(*), sum(length(value)) FROM entries GROUP BY kind ORDER BY kind"
        if self.place is None or not self.place.is_file():
            return []
        return self._try(lambda connection: [Usage(*row) for row in connection.execute(asked)]) or []

    def clear(self) -> None:
        """Keep nothing any longer.

        Raises:
            OSError: If the file cannot be removed.
        """
        with self._lock:
            self._drop()

    def _part(self, connection: sqlite3.Connection, kind: str, name: str, start: int, stop: int) -> bytes | None:
        row = connection.execute(_FIND, (kind, name, start, stop)).fetchone()
        if row is None:
            return None
        identity, first, last, used, seal, value = row
        if not isinstance(value, bytes) or seal != _seal(kind, name, first, value) or last != first + len(value):
            connection.execute("DELETE FROM entries WHERE rowid = ?", (identity,))
            return None
        if used < (now := int(time.time())) - _DAY:
            connection.execute("UPDATE entries SET used = ? WHERE rowid = ?", (now, identity))
        return value[start - first : stop - first] if stop > start else value

    def _put(self, connection: sqlite3.Connection, kind: str, name: str, start: int, value: bytes) -> None:
        sealed = _seal(kind, name, start, value)
        connection.execute(_PUT, (kind, name, start, start + len(value), int(time.time()), sealed, value))
        if _size(connection) > self._limit:
            while _size(connection) > self._limit * _KEPT_AT_LIMIT and connection.execute(_OLDEST).rowcount:
                continue

    def _try(self, work: Callable[[sqlite3.Connection], Found]) -> Found | None:
        """Do one piece of work in one transaction; a damaged file is begun anew, any other trouble means no cache."""
        if self.place is None:
            return None
        with self._lock:
            try:
                with self._opened(self.place) as connection:
                    return work(connection)
            except sqlite3.OperationalError:
                return None  # busy, read-only, full
            except (sqlite3.DatabaseError, OverflowError):
                with contextlib.suppress(OSError):
                    self._drop()
                return None
            except OSError:
                self.place = None
                return None

    @contextmanager
    def _opened(self, place: Path) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(place, timeout=_PATIENCE, check_same_thread=False)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        with self._connection:
            yield self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self.place is not None:
            for name in (NAME, f"{NAME}-journal"):
                self.place.with_name(name).unlink(missing_ok=True)


def _prepare(connection: sqlite3.Connection) -> None:
    # Neither power failures nor crashes need be survived by an entry, only noticed: nothing waits for the disk.
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    shape = connection.execute("PRAGMA user_version").fetchone()[0]
    if shape not in {0, _SHAPE}:
        raise sqlite3.DatabaseError("of another version")
    if shape == 0:
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {_SHAPE}")


def _size(connection: sqlite3.Connection) -> int:
    """Bytes of the pages in use."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _seal(kind: str, name: str, start: int, value: bytes) -> bytes:
    state = hashlib.blake2b(f"{kind}\0{name}\0{start}\0".encode(), digest_size=16)
    state.update(value)
    return state.digest()
