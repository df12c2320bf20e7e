"""How fast a process may ask the Hub: so many requests in a second, evenly, over everything in the process."""

import threading
import time

QUOTA = 1_000 / 300
"""Requests in a second that the public Hub takes from a free account: 1,000 in five minutes."""


class Pace:
    """Lets requests through one after the other.

    Attributes:
        rate: Requests in a second; 0 lets everything through.
    """

    def __init__(self) -> None:
        self.rate = 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for the turn of one request."""
        if self.rate <= 0:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + 1 / self.rate
        time.sleep(turn - now)


PACE = Pace()
"""The pace of this process; only audits, which ask for much, set it."""
