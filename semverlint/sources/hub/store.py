"""Where the bytes of a repository's files come from: memory, this disk, the Hub; several of them at once."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semverlint.errors import FileError, SourceError
from semverlint.files import File, Range, Store, Term
from semverlint.sources.cache import Cache
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.downloads import Downloads, Listed
from semverlint.sources.hub.settings import endpoint
from semverlint.sources.hub.xet import Reconstructions

TOGETHER = 8
"""Ranges fetched at the same time."""
_AHEAD = 1 << 14
"""Bytes read of a file's beginning at once, whatever little of it is asked for: most headers are shorter."""
_WHOLE = 1 << 16
"""Bytes of a file up to which it is read whole, so that its digest shows whether the bytes are right."""
_HELD = 40_000_000
"""Bytes kept in memory; what came first goes first."""
_SHORT = 1 << 16
"""Bytes of a range that is kept on disk wherever it lies; longer ones are kept if they begin the file."""
_FETCHED = 2_000_000
"""Bytes of a range that is kept on disk if it was fetched ahead: all but what `--exact` streams."""


class HubFile(File):
    """A file on the Hub; read by range, or from where the Hub's own client has put its content."""

    def __init__(self, listed: Listed, commit: str, store: "HubStore", downloads: Downloads) -> None:
        super().__init__(listed.path, listed.size, listed.digests)
        self.listed = listed
        self.commit = commit
        self._store = store
        self._downloaded = downloads.blob(listed.digests, listed.size)

    @property
    def local(self) -> Path | None:
        return self._downloaded

    @property
    def remote(self) -> bool:
        return self._downloaded is None

    @property
    def store(self) -> Store | None:
        return self._store if self._downloaded is None else None

    def _read(self, start: int, stop: int) -> bytes:
        if self._downloaded is None:
            return self._store.read(self, start, stop)
        try:
            with self._downloaded.open("rb") as stream:
                stream.seek(start)
                return stream.read(stop - start)
        except OSError as error:
            raise FileError(self.path, f"cannot be read from the cache ({error.strerror})", "clear the cache") from None


class MissingFile(File):
    """A file that is listed and was never downloaded, while nothing may be fetched."""

    def _read(self, start: int, stop: int) -> bytes:
        del start, stop
        raise FileError(self.path, "was never downloaded", "run without --offline, or download it with `hf download`")


class HubStore(Store):
    """The content of one repository's files. Its methods may be called from several threads.

    Args:
        client: Where bytes are asked for.
        cache: Where they are kept, by digest: equal contents of several files and revisions are read once.
        xet: Whether chunk lists are looked at, those in the cache included.
    """

    def __init__(self, client: HubClient, cache: Cache, *, xet: bool) -> None:
        self._client = client
        self._cache = cache
        self._held: dict[tuple[str, int], bytes] = {}
        self._bytes_held = 0
        self._lock = threading.Lock()
        self._reconstructions = Reconstructions(client, cache) if xet else None

    def read(self, file: HubFile, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop` of a file.

        Raises:
            FileError: If they cannot be had, or are not those of the file's digest.
        """
        return self._read(file, start, stop, keep=stop - start <= _SHORT, hold=stop - start <= _FETCHED)

    def fetch(self, ranges: Sequence[Range]) -> None:
        """Bring ranges side by side, as many as memory holds; after a failure the rest is left to who reads it."""
        wanted: dict[tuple[str, int, int], Range] = {}
        room = _HELD
        for file, start, stop in ranges:
            if isinstance(file, HubFile) and file.remote and 0 <= start < stop <= file.size and stop - start <= room:
                first, last = _planned(file, start, stop)
                if wanted.setdefault((_name(file), first, last), (file, start, stop))[0] is file:
                    room -= last - first
        failed = threading.Event()

        def bring(one: Range) -> None:
            file, start, stop = one
            if not failed.is_set() and isinstance(file, HubFile):
                try:
                    self._read(file, start, stop, keep=stop - start <= _FETCHED, hold=True)
                except FileError:
                    failed.set()

        if wanted:
            with ThreadPoolExecutor(min(TOGETHER, len(wanted))) as workers:
                list(workers.map(bring, wanted.values()))

    def renew(self, ranges: Sequence[Range]) -> None:
        """Bring ranges once more, past memory and this disk."""
        for file, start, stop in ranges:
            if isinstance(file, HubFile) and file.remote:
                self._forget(_name(file), start, stop)
        self.fetch(ranges)

    def forget(self, file: File) -> bool:
        """Drop the ranges of a file; not where it was read whole, and agreed with its digest."""
        if not isinstance(file, HubFile) or not file.remote or file.size <= _WHOLE:
            return False
        name = _name(file)
        if self._known(name, 0, file.size) is not None or self._cache.part("bytes", name, 0, file.size) is not None:
            return False
        return self._forget(name, 0, file.size) > 0

    def terms(self, files: Sequence[File]) -> Mapping[File, Sequence[Term]]:
        """How files are made of chunks, as far as the Hub says so."""
        asked = {file: file.listed.xet for file in files if isinstance(file, HubFile) and file.listed.xet}
        if not asked or self._reconstructions is None:
            return {}
        commit = next(iter(asked)).commit
        known = self._reconstructions.terms(sorted({name for name in asked.values() if name}), commit)
        return {file: known[name] for file, name in asked.items() if name in known}

    def recall(self, name: str) -> bytes | None:
        return self._cache.get("computed", f"{endpoint()} {name}")

    def keep(self, name: str, value: bytes) -> None:
        self._cache.put("computed", f"{endpoint()} {name}", value)

    def _read(self, file: HubFile, start: int, stop: int, *, keep: bool, hold: bool) -> bytes:
        name = _name(file)
        if (known := self._known(name, start, stop)) is not None:
            return known
        first, last = _planned(file, start, stop)
        if (data := self._cache.part("bytes", name, first, last)) is None:
            data = self._from_hub(file, first, last)
            if keep or first == 0:
                self._cache.put_part("bytes", name, first, data)
        if hold:
            self._hold(name, first, data)
        return data[start - first : stop - first]

    def _from_hub(self, file: HubFile, start: int, stop: int) -> bytes:
        """Bytes from the Hub; whole files are held against their digest, and asked for once more where they differ."""
        for _ in range(2):
            try:
                data = self._client.read(file.commit, file.listed, start, stop)
            except SourceError as error:
                raise FileError(file.path, error.problem, error.remedy) from None
            if stop - start < file.size or _is_of(data, file.digests):
                return data
        raise FileError(file.path, "what the server sends is not the content it listed", "check HF_ENDPOINT, try again")

    def _known(self, name: str, start: int, stop: int) -> bytes | None:
        with self._lock:
            for (held, first), data in self._held.items():
                if held == name and first <= start and stop <= first + len(data):
                    return data[start - first : stop - first]
        return None

    def _forget(self, name: str, start: int, stop: int) -> int:
        """Drop what is kept of some bytes; how many ranges it was, in memory and on this disk."""
        kept = self._cache.forget("bytes", name, start, stop)
        with self._lock:
            held = [
                key
                for key, data in self._held.items()
                if key[0] == name and key[1] < stop and start < key[1] + len(data)
            ]
            for key in held:
                self._bytes_held -= len(self._held.pop(key))
        return kept + len(held)

    def _hold(self, name: str, start: int, data: bytes) -> None:
        with self._lock:
            if len(data) > _HELD // 2 or len(self._held.get((name, start), b"")) >= len(data):
                return
            self._bytes_held += len(data) - len(self._held.pop((name, start), b""))
            self._held[name, start] = data
            while self._bytes_held > _HELD:
                self._bytes_held -= len(self._held.pop(next(iter(self._held))))


def _name(file: HubFile) -> str:
    """A content's name in the cache: what one endpoint says must not be believed of another."""
    algorithm, digest = next(iter(file.digests.items()))
    return f"{endpoint()} {algorithm}:{digest}"


def _planned(file: HubFile, start: int, stop: int) -> tuple[int, int]:
    """The range that is fetched where a part of it is asked for: nothing else decides it, so that it is met again."""
    if file.size <= _WHOLE:
        return 0, file.size
    return (start, stop) if start else (0, min(max(stop, _AHEAD), file.size))


def _is_of(data: bytes, digests: Mapping[str, str]) -> bool:
    if "sha256" in digests:
        return hashlib.sha256(data).hexdigest() == digests["sha256"]
    blob = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    blob.update(data)
    return blob.hexdigest() == digests["git"]
