"""Progress on a terminal: how much was read, of how much that may have to be read. Nothing where nobody watches."""

import sys
import time
from typing import TYPE_CHECKING, NoReturn, TextIO

from semverlint.files import Meter

if TYPE_CHECKING:
    from tqdm import tqdm

_PATIENCE = 0.5
"""Seconds without a word; most runs are over by then."""

_shown: "list[Watched]" = []


class Watched(Meter):
    """A meter that shows what it counts, once a run takes long.

    Args:
        stream: The terminal.
        patience: Seconds until it begins to show.
    """

    def __init__(self, stream: TextIO, patience: float = _PATIENCE) -> None:
        self._stream = stream
        self._begin = time.monotonic() + patience
        self._bar: tqdm[NoReturn] | None = None
        self._read = 0
        super().__init__()

    @property
    def bytes_read(self) -> int:
        """What was read so far; setting it moves the bar."""
        return self._read

    @bytes_read.setter
    def bytes_read(self, value: int) -> None:
        self._read = value
        if self._bar is None and value and time.monotonic() >= self._begin:
            from tqdm import tqdm  # noqa: PLC0415 - only long work on a terminal needs it

            self._bar = tqdm(
                desc="reading",
                total=self._total(),
                initial=value,
                unit="B",
                unit_scale=True,
                leave=False,
                file=self._stream,
                dynamic_ncols=True,
            )
        elif self._bar is not None:
            self._bar.total = self._total()
            self._bar.update(value - self._bar.n)

    def _total(self) -> int | None:
        return max(self.at_most, self._read) if self.at_most else None

    def clear(self) -> None:
        """Take the bar away again."""
        if self._bar is not None:
            self._bar.close()


def meter(*, quiet: bool) -> Meter:
    """What a run counts with: shown on a terminal unless it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        return Meter()
    _shown.append(Watched(sys.stderr))
    return _shown[-1]


def clear() -> None:
    """Take every bar away, before anything else is printed."""
    while _shown:
        _shown.pop().clear()
