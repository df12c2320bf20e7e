"""Progress: on a terminal alone, gone before anything else is printed."""

import os
import pty
import sys
import termios
from pathlib import Path

from support import run, write

from semverlint.cli import _progress


def test_nothing_is_shown_where_nobody_watches(tmp_path: Path) -> None:
    old = write(tmp_path / "old", {"model.bin": os.urandom(1_000_000)})
    new = write(tmp_path / "new", {"model.bin": os.urandom(1_000_000)})
    assert "reading" not in run("diff", str(old), str(new)).stderr
    assert type(_progress.meter(quiet=True)) is type(_progress.meter(quiet=False))  # under the tests it is no terminal


def test_a_bar_shows_how_much_of_how_much_and_goes_away() -> None:
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 80))
    with os.fdopen(writer, "w", buffering=1) as terminal:
        meter = _progress.Watched(terminal, patience=0)
        meter.at_most = 4_000_000
        meter.bytes_read += 1_000_000
        meter.clear()
        terminal.write("the report")
        terminal.flush()
        shown = ""
        while not shown.endswith("the report"):  # a terminal hands on what it is given when it likes
            shown += os.read(reader, 100_000).decode()
    os.close(reader)
    assert "reading" in shown
    assert "4.00M" in shown
    assert shown.endswith("\rthe report")
    assert meter.bytes_read == 1_000_000


def test_short_work_shows_nothing() -> None:
    meter = _progress.Watched(sys.stderr, patience=3600)
    meter.bytes_read += 5
    meter.clear()
    assert meter.bytes_read == 5
