"""Where the bytes of a repository's files come from: memory, this disk, the Hub; several of them at once."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from semverlint.errors import FileError, SourceError, SpoiltError
from semverlint.files import File, Range, Store, Term
from semverlint.sources.cache import Cache
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.downloads import Downloads, Listed
from semverlint.sources.hub.memory import ROOM, Memory
from semverlint.sources.hub.settings import endpoint
from semverlint.sources.hub.witness import Witness, is_content
from semverlint.sources.hub.xet import Reconstructions

TOGETHER = 8
"""Ranges fetched at the same time."""
_AHEAD = 1 << 14
"""Bytes read of a file's beginning at once, whatever little of it is asked for: most headers are shorter."""
_WHOLE = 1 << 16
"""Bytes of a file up to which it is read whole, so that its digest shows whether the bytes are right."""
_SHORT = 1 << 16
"""Bytes of a range that is kept on disk wherever it lies; longer ones are kept if they begin the file."""
_MIDDLING = 2_000_000
"""Bytes of a range that stays in memory when it was read by itself."""
_FETCHED = 1 << 24
"""Bytes of a range that is kept on disk if it was fetched ahead: all but what only passes by."""
_LONGEST = 1 << 22
"""Bytes up to which neighbouring ranges are brought as one."""
_BETWEEN = 1 << 10
"""Bytes between two ranges that are brought with them: a request of their own would take as many."""
_BESIDE = 1 << 16
"""Bytes beside the values of a file, between them or at its end, that are read so that its digest can be told."""
_AHEAD_OF_VALUES = 1 << 24
"""Bytes ahead of them, likewise: the header."""


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
        self._memory = Memory()
        self._reconstructions = Reconstructions(client, cache) if xet else None
        self._witnesses: dict[str, Witness] = {}

    def read(self, file: HubFile, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop` of a file.

        Raises:
            FileError: If they cannot be had, or are not those of the file's digest.
        """
        return self._read(file, start, stop, keep=stop - start <= _SHORT, hold=stop - start <= _MIDDLING)

    def fetch(self, ranges: Sequence[Range], *, passing: bool = False) -> None:
        """Bring ranges side by side, as many as memory holds; after a failure the rest is left to who reads it."""
        wanted = _together(self._wanted(ranges))
        failed = threading.Event()

        def bring(one: tuple[HubFile, int, int]) -> bytes:
            file, start, stop = one
            keep = not passing and stop - start <= _FETCHED
            try:
                return b"" if failed.is_set() else self._read(file, start, stop, keep=keep, hold=True)
            except FileError:
                failed.set()
                return b""

        if wanted:
            with ThreadPoolExecutor(min(TOGETHER, len(wanted))) as workers:
                brought = list(workers.map(bring, wanted))
            for (file, start, _), data in zip(wanted, brought, strict=True):
                if passing and data:
                    self._pass_by(file, start, data)

    def agrees(self, file: File) -> bool | None:
        """Whether all of a file passed by and is what its digest says; None where a part did not pass by."""
        if not isinstance(file, HubFile) or (witness := self._witnesses.get(_name(file))) is None:
            return None
        if 0 < file.size - witness.at <= _BESIDE:
            self._pass_by(file, file.size, b"")
        if witness.agrees is False:
            del self._witnesses[_name(file)]
            self._forget(_name(file), 0, file.size)
        return witness.agrees

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
        whole = _name(file), 0, file.size
        if self._memory.find(*whole) is not None or self._cache.part("bytes", *whole) is not None:
            return False
        return self._forget(*whole) > 0

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
        if (known := self._memory.find(name, start, stop)) is not None:
            return known
        first, last = self._planned(file, start, stop)
        witness = self._passed(file)
        data = self._cache.part("bytes", name, first, last)
        if data is None or (witness and not witness.fits(first, data)):
            data = self._from_hub(file, first, last)
            if witness is None and (keep or first == 0):
                self._cache.put_part("bytes", name, first, data)
            elif keep:
                self._cache.put_part("bytes", name, start, data[start - first : stop - first])
        if hold:
            self._memory.hold(name, first, data)
        return data[start - first : stop - first]

    def _from_hub(self, file: HubFile, start: int, stop: int) -> bytes:
        """Bytes from the Hub, asked for once more where they are not those that are known."""
        if self._client.wire.offline:
            remedy = "run without --offline, or download it with `hf download`"
            raise FileError(file.path, "was never downloaded", remedy)
        for _ in range(2):
            try:
                data = self._client.read(file.commit, file.listed, start, stop)
            except SourceError as error:
                raise FileError(file.path, error.problem, error.remedy) from None
            if self._is_right(file, start, data):
                return data
        raise SpoiltError(file.path)

    def _passed(self, file: HubFile) -> Witness | None:
        """What saw all of a file pass by, and agrees with its digest."""
        witness = self._witnesses.get(_name(file))
        return witness if witness is not None and witness.agrees else None

    def _is_right(self, file: HubFile, start: int, data: bytes) -> bool:
        """Whether bytes are those of a file, as far as that is known: of all of it, or of what passed by before."""
        if witness := self._passed(file):
            return witness.fits(start, data)
        return len(data) < file.size or is_content(data, file.digests)

    def _wanted(self, ranges: Iterable[Range]) -> list[tuple[HubFile, int, int]]:
        """What has to be fetched for ranges, as much of it as memory holds."""
        wanted: dict[tuple[str, int, int], tuple[HubFile, int, int]] = {}
        room = ROOM
        for file, start, stop in ranges:
            if isinstance(file, HubFile) and file.remote and 0 <= start < stop <= file.size and stop - start <= room:
                first, last = self._planned(file, start, stop)
                if wanted.setdefault((_name(file), first, last), (file, first, last))[0] is file:
                    room -= last - first
        return list(wanted.values())

    def _planned(self, file: HubFile, start: int, stop: int) -> tuple[int, int]:
        """The range that is fetched where a part of it is asked for, so that it is met again."""
        if witness := self._passed(file):
            return witness.cells(start, stop)
        if file.size <= _WHOLE:
            return 0, file.size
        return (start, stop) if start else (0, min(max(stop, _AHEAD), file.size))

    def _pass_by(self, file: HubFile, start: int, data: bytes) -> None:
        """Let the witness of a file see bytes of it, and what lies between these and those it saw last."""
        name = _name(file)
        witness = self._witnesses.setdefault(name, Witness(file.size, file.digests))
        if 0 < start - witness.at <= (_BESIDE if witness.at else _AHEAD_OF_VALUES):
            with suppress(FileError):
                witness.add(witness.at, self._read(file, witness.at, start, keep=False, hold=False))
        witness.add(start, data)
        witness.differs |= self._memory.contradicts(name, start, data)

    def _forget(self, name: str, start: int, stop: int) -> int:
        """Drop what is kept of some bytes; how many ranges it was, in memory and on this disk."""
        return self._cache.forget("bytes", name, start, stop) + self._memory.forget(name, start, stop)


def _name(file: HubFile) -> str:
    """A content's name in the cache: what one endpoint says must not be believed of another."""
    algorithm, digest = next(iter(file.digests.items()))
    return f"{endpoint()} {algorithm}:{digest}"


def _together(wanted: Sequence[tuple[HubFile, int, int]]) -> list[tuple[HubFile, int, int]]:
    """Ranges by file and place, those that lie beside each other as one."""
    found: list[tuple[HubFile, int, int]] = []
    for file, start, stop in sorted(wanted, key=lambda one: (_name(one[0]), *one[1:])):
        if found and _name(found[-1][0]) == _name(file):
            first, last = found[-1][1:]
            if start - last <= _BETWEEN and max(stop, last) - first <= max(_LONGEST, last - first):
                found[-1] = file, first, max(stop, last)
                continue
        found.append((file, start, stop))
    return found
