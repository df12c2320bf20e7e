"""Ranges of contents that are at hand in memory: what came first goes first. Several threads may use it."""

import threading
from collections.abc import Iterator

ROOM = 40_000_000
"""Bytes that are held."""


class Memory:
    """Ranges by the name of their content."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], bytes] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, name: str, start: int, stop: int) -> bytes | None:
        """The bytes from one to another, where a range holds them all."""
        with self._lock:
            for first, data in self._of(name):
                if first <= start and stop <= first + len(data):
                    return data[start - first : stop - first]
        return None

    def hold(self, name: str, start: int, data: bytes) -> None:
        """Hold a range, unless it would take the place of too many others."""
        with self._lock:
            if len(data) > ROOM // 2 or len(self._held.get((name, start), b"")) >= len(data):
                return
            self._bytes += len(data) - len(self._held.pop((name, start), b""))
            self._held[name, start] = data
            while self._bytes > ROOM:
                self._bytes -= len(self._held.pop(next(iter(self._held))))

    def forget(self, name: str, start: int, stop: int) -> int:
        """Drop the ranges that hold one of some bytes; how many those were."""
        with self._lock:
            met = [first for first, data in self._of(name) if first < stop and start < first + len(data)]
            for first in met:
                self._bytes -= len(self._held.pop((name, first)))
        return len(met)

    def contradicts(self, name: str, start: int, data: bytes) -> bool:
        """Whether a range holds other bytes than these, which begin at `start`."""
        with self._lock:
            return any(other is not data and _differ((first, other), (start, data)) for first, other in self._of(name))

    def _of(self, name: str) -> Iterator[tuple[int, bytes]]:
        return ((first, data) for (held, first), data in self._held.items() if held == name)


def _differ(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    """Whether two ranges, each with its beginning, hold other bytes where they overlap."""
    first = max(one[0], other[0])
    last = min(one[0] + len(one[1]), other[0] + len(other[1]))
    parts = [memoryview(data)[first - begin : last - begin] for begin, data in (one, other)]
    return first < last and parts[0] != parts[1]
