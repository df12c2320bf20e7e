"""What git lists: the files of a tree, of the index, and those it does not track; and where links in them lead."""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from semverlint.errors import SourceError
from semverlint.sources.git.process import Git
from semverlint.text import clean

LINK, SUBMODULE = "120000", "160000"
"""Modes of entries that are no plain files."""

_MOST_LINKS = 40
"""Links followed for one path, as in Linux; more are a circle."""

_INTENT_TO_ADD, _SKIP_WORKTREE = 1 << 29, 1 << 30
"""Flags of an index entry (read-cache-ll.h): announced by `git add -N`; left out of a sparse checkout."""

_ENTRY = re.compile(
    rb"(?:\? (?P<untracked>[^\0]+)|[A-Z] (?P<mode>\d{6}) (?P<id>[0-9a-f]+) (?P<stage>[0-3])\t(?P<path>[^\0]+))\0"
    rb"(?:  ctime: (?P<csec>\d+):(?P<cnano>\d+)\n  mtime: (?P<msec>\d+):(?P<mnano>\d+)\n"
    rb"  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n  size: (?P<size>\d+)\tflags: (?P<flags>[0-9a-f]+)\n)?"
)


@dataclass(frozen=True)
class Entry:
    """One path of a tree, of the index, or of neither.

    Attributes:
        path: From the root of the repository.
        mode: As git writes it in octal; empty for a file git does not track.
        id: Of the blob, or of a submodule's commit.
        stage: 0, or the side of a conflict (1 to 3).
        size, mtime, ctime: Of the file when it was last seen equal to the blob: bytes and (seconds, nanoseconds), cut
            to 32 bits each; zero where the index does not know.
        flags: Of the index entry.
    """

    path: str
    mode: str = ""
    id: str = ""
    stage: int = 0
    size: int = 0
    mtime: tuple[int, int] = (0, 0)
    ctime: tuple[int, int] = (0, 0)
    flags: int = 0

    @property
    def is_only_announced(self) -> bool:
        """Whether `git add -N` put it there: its content is not in the index yet."""
        return bool(self.flags & _INTENT_TO_ADD)

    @property
    def is_left_out(self) -> bool:
        """Whether a sparse checkout leaves it out of the working tree."""
        return bool(self.flags & _SKIP_WORKTREE)


def tree(git: Git, commit: str, below: str) -> list[Entry]:
    """The files of a commit, in the folder `below` (with a final `/`) or everywhere."""
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit, *(["--", below] if below else []))
    entries = []
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, name = head.decode("ascii").split(" ")
        entries.append(Entry(os.fsdecode(path), mode, name))
    return entries


def index(git: Git, below: str, used: Path | None, *, untracked: bool = False) -> list[Entry]:
    """The files of the index, with what it remembers of the working tree; with `untracked`, also those not ignored.

    `--debug` is the one way to the index's memory that does not look at the working tree itself: looking would run the
    filters that the repository configures.
    """
    more = ["--others", "--exclude-standard"] if untracked else []
    listed = git.run("ls-files", "-z", "-t", "--stage", "--debug", *more, "--", *([below] if below else []), index=used)
    return list(_entries(listed, git.address))


def _entries(listed: bytes, address: str) -> Iterator[Entry]:
    end = 0
    while found := _ENTRY.match(listed, end):
        end = found.end()
        if (untracked := found["untracked"]) is not None:
            if not untracked.endswith(b"/"):  # a repository inside this one is no part of it
                yield Entry(os.fsdecode(untracked))
            continue
        seconds = [int(found[name] or 0) for name in ("msec", "mnano", "csec", "cnano", "size")]
        yield Entry(
            os.fsdecode(found["path"]),
            found["mode"].decode(),
            found["id"].decode(),
            int(found["stage"]),
            seconds[4],
            (seconds[0], seconds[1]),
            (seconds[2], seconds[3]),
            int(found["flags"] or b"0", 16),
        )
    if end != len(listed):
        raise SourceError(f"{clean(address)}: git lists its files in an unknown way", "use git 2.25 to 2.52")


def follow(path: str, links: Mapping[str, str]) -> str | None:
    """Where a path leads once every link on its way is followed; None out of the repository, or in a circle.

    Args:
        path: From the root of the repository.
        links: The target of every link of the repository, as it is written.
    """
    ahead, done, followed = path.split("/")[::-1], "", 0
    while ahead:
        done = posixpath.normpath(posixpath.join(done, ahead.pop()))
        if done == ".." or done.startswith(("../", "/")):
            return None
        if done in links:
            followed += 1
            if followed > _MOST_LINKS or links[done].startswith("/"):
                return None
            ahead += links[done].split("/")[::-1]
            done = posixpath.dirname(done)
    return done
