"""How git is run: hardened, bounded in time and output, with every refusal made one line."""

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from semverlint.errors import SourceError
from semverlint.sources.git import places
from semverlint.text import clean

TIMEOUT = 60.0
"""Seconds that git may stay silent. Listing the largest known model repositories takes a hundredth of one."""

MOST_OUTPUT = 64_000_000
"""Bytes of one listing: a million files. A few nested trees can stand for billions."""

_AT_ONCE = 100
"""Questions written before the answers are read: few enough to fit into a pipe, or both sides would wait forever."""

_HARDENED = {
    "core.fsmonitor": "false",  # a program, asked about the working tree
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.useReplaceRefs": "false",  # what is pushed counts, not what a local replacement shows
    "core.warnAmbiguousRefs": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",  # would run gpg.program
    "protocol.allow": "never",
    "safe.bareRepository": "all",  # only a bare repository that was itself named is ever opened
    "submodule.recurse": "false",
}
"""Every setting a repository could run a program with, or lie with, that the commands used here would look at."""

_KEPT = re.compile(r"GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|PARAMETERS|KEY_\d+|VALUE_\d+)|EXEC_PATH)")
"""What of the caller's git environment holds for every repository: the user's own configuration."""


class Git:
    """The git program, in one repository.

    Args:
        root: What `places.work_tree_of` found.
        address: How the repository is named in messages.
    """

    def __init__(self, root: Path, address: str) -> None:
        self.root = root
        self.address = address
        settings = [part for name, value in _HARDENED.items() for part in ("-c", f"{name}={value}")]
        self._command = ["--no-pager", "-C", str(root), *settings]
        self._environment = _environment(root)
        self._program: str | None = None

    def run(self, *arguments: str, index: Path | None = None) -> bytes:
        """What a command prints.

        Raises:
            SourceError: If it fails, prints too much, or falls silent.
        """
        with self.start(*arguments, index=index) as running:
            output = running.read(MOST_OUTPUT + 1)
            if len(output) > MOST_OUTPUT:
                raise SourceError(
                    f"{clean(self.address)} lists more files than a model can have", "name the folder of one model"
                )
            running.finish()
        return output

    def lines(self, *arguments: str) -> Iterator[bytes]:
        """The lines a command prints, as they come; the command ends with the iteration."""
        with self.start(*arguments) as running:
            while line := running.read_line():
                yield line.rstrip(b"\n")
            running.finish()

    @contextmanager
    def start(self, *arguments: str, index: Path | None = None) -> Iterator["Running"]:
        """A running command, ended with the block."""
        running = self.keep(*arguments, index=index)
        try:
            yield running
        finally:
            running.close()

    def keep(self, *arguments: str, index: Path | None = None) -> "Running":
        """A running command that stays until it is closed, or nobody holds it any more."""
        if self._program is None:
            self._program = shutil.which("git")
        if self._program is None:
            raise SourceError(f"{clean(self.address)} is a git clone, and git is not on PATH", "install git")
        environment = self._environment | ({"GIT_INDEX_FILE": str(index)} if index else {})
        try:
            return Running([self._program, *self._command, *arguments], environment, self)
        except OSError as error:
            raise SourceError(f"git cannot be started ({error.strerror})", "check the installation of git") from None

    def refusal(self, said: str) -> SourceError:
        """What git complained about, as one line with the way out."""
        name = clean(self.address)
        for sign, problem, remedy in _REFUSALS:
            if re.search(sign, said):
                return SourceError(f"{name} {problem}", remedy.format(root=clean(self.root)))
        told = [line.removeprefix("fatal: ") for line in said.splitlines() if line.startswith("fatal: ")]
        return SourceError(
            f"{name}: git failed ({clean(told[-1] if told else said.strip() or 'without a word')})",
            "see what `git status` and `git fsck` say there",
        )


_REFUSALS = (
    (
        "dubious ownership",
        "belongs to another user, so git refuses to read it",
        "if you trust it, run `git config --global --add safe.directory {root}`",
    ),
    (
        "promisor remote|lazy fetching|transport '.*' not allowed",
        "is a partial clone that lacks the content of this revision",
        "fetch it with `git fetch --refetch --no-filter`",
    ),
    ("[Pp]ermission denied", "cannot be read by git (permission denied)", "check its permissions"),
    (
        "not a git repository|[Ii]nvalid gitfile",
        "has a .git that git cannot read",
        "mend it (a moved worktree: `git worktree repair`), or copy the model's folder out of it",
    ),
    ("repository extension|repo version|object-format|object hash", "needs a newer git", "update git"),
    ("index file|unknown index|bad index", "has an index that git cannot read", "run `git status` there"),
)
"""What git says (in the C locale), what that means, and the way out."""


class Running:
    """One running git. Where it falls silent, it is killed (but on Windows, whose pipes cannot be waited for)."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], git: Git) -> None:
        self._git = git
        self._read = bytearray()
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603 - git itself, with arguments made here
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env=environment,
            )
        except OSError:
            self._complaints.close()
            raise
        self._questions = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        self.close = weakref.finalize(self, _end, self._process, self._complaints)

    def ask(self, questions: Sequence[bytes]) -> Iterator[bytes]:
        """Write questions, one a line, and yield after each the first line of its answer (the rest is to be read)."""
        for first in range(0, len(questions), _AT_ONCE):
            some = questions[first : first + _AT_ONCE]
            try:
                self._questions.write(b"".join(question + b"\n" for question in some))
            except OSError:
                raise self._failure() from None
            for _ in some:
                if not (line := self.read_line()):
                    raise self._failure()
                yield line.rstrip(b"\n")

    def read(self, count: int) -> bytes:
        """Up to `count` bytes; fewer only at the end."""
        while len(self._read) < count and self._more():
            pass
        return self._take(count)

    def read_exactly(self, count: int) -> bytes:
        """The next `count` bytes; raises `SourceError` where git ends before."""
        if len(data := self.read(count)) < count:
            raise self._failure()
        return data

    def read_line(self) -> bytes:
        """The next line with its line feed; empty at the end."""
        seen = 0
        while (end := self._read.find(b"\n", seen)) < 0:
            seen = len(self._read)
            if not self._more():
                return self._take(seen)
        return self._take(end + 1)

    def finish(self) -> None:
        """Wait for the end; raises `SourceError` unless it was a good one."""
        try:
            failed = self._process.wait(TIMEOUT) != 0
        except subprocess.TimeoutExpired:
            raise self._silence() from None
        if failed:
            raise self._failure()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._read[:count])
        del self._read[:count]
        return taken

    def _more(self) -> bool:
        """Read what is there, waiting for some; False at the end."""
        if sys.platform != "win32":
            waiting = select.poll()
            waiting.register(self._answers, select.POLLIN)
            if not waiting.poll(TIMEOUT * 1000):
                raise self._silence()
        data = os.read(self._answers.fileno(), 1 << 16)
        self._read += data
        return bool(data)

    def _silence(self) -> SourceError:
        self._process.kill()
        return SourceError(
            f"{clean(self._git.address)}: git did not answer for {TIMEOUT:.0f} s", "try again when the disk is idle"
        )

    def _failure(self) -> SourceError:
        self._process.kill()
        self._process.wait()
        self._complaints.seek(0)
        return self._git.refusal(self._complaints.read(10_000).decode("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout, complaints):
        try:
            if stream is not None:
                stream.close()
        except OSError:
            pass  # what was still to be written to a process that is gone
    process.wait()


def _environment(root: Path) -> dict[str, str]:
    """The environment git runs in: the user's, without what was meant for another repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _KEPT.fullmatch(name)}
    kept |= {
        "GIT_ALLOW_PROTOCOL": "",  # unlike protocol.allow, no configuration can overrule it
        "GIT_CEILING_DIRECTORIES": str(root.parent),
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    if not places.is_bare(root):
        kept["GIT_WORK_TREE"] = str(root)  # core.worktree of a stranger's configuration could name any folder
    return kept | _quarantine(root)


def _quarantine(root: Path) -> dict[str, str]:
    """Inside a pre-receive hook of this very repository, the folder in which pushed objects wait to be accepted."""
    waiting = os.environ.get("GIT_QUARANTINE_PATH")
    if not waiting or not Path(waiting).resolve().is_relative_to(places.common_dir(root)):
        return {}
    others = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "").split(os.pathsep)
    return {
        "GIT_OBJECT_DIRECTORY": str(Path(waiting).resolve()),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(str(Path(other).resolve()) for other in others if other),
    }


def index_in_use(root: Path) -> Path | None:
    """The index that `git commit` prepared for the hook this runs in; None where the repository's own one is meant.

    `git commit -a` and `git commit FILE` hand a temporary index to their hooks through `GIT_INDEX_FILE`: it, and not
    the usual one, is what will be committed. It counts for the repository whose git folder it lies in, and for the one
    the caller stands in; any other repository that a hook looks at keeps its own.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    index = (root / named).resolve()
    is_ours = index.parent == places.git_dir(root) or places.work_tree_of(Path.cwd()) == root
    return index if is_ours and index.is_file() else None
