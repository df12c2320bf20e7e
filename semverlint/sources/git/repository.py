"""A clone, as a repository: its revisions, and the snapshot of each."""

import difflib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from semverlint.errors import FileError, SourceError, UsageError
from semverlint.files import File
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.sources.folder import MOST_FILES
from semverlint.sources.git import listing, places
from semverlint.sources.git.listing import Entry
from semverlint.sources.git.objects import Objects
from semverlint.sources.git.process import Git, index_in_use
from semverlint.sources.git.stored import Stored
from semverlint.sources.git.worktree import WorkTree
from semverlint.sources.lfs import LfsStore
from semverlint.text import clean, some

STAGED: Final = ":staged"
WORKTREE: Final = ":worktree"

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EXPRESSION = re.compile(r"[~^:]|@\{")
"""What no name of a tag or branch contains (git-check-ref-format): a revision that git has to work out."""

_LONGEST_NAME = 1000
"""Characters of a revision's name; git's own limit on most disks is 255."""

_LONGEST_REFLOG = 4_000_000
"""Bytes of a tag's reflog: twenty thousand moves."""


class GitRepository(Repository):
    """A clone, a bare repository, or a folder in one of them.

    Args:
        address: What was asked for, as it is shown.
        root: What `work_tree_of` found.
        place: The folder asked for: the root, or one below it. Only files below it count.
        settings: What holds for the run.
    """

    def __init__(self, address: str, root: Path, place: Path, settings: Settings) -> None:
        self.address = address
        self._root = root.resolve()
        relative = place.resolve().relative_to(self._root).as_posix()
        self._below = "" if relative == "." else f"{relative}/"
        self._meter = settings.meter
        self._git = Git(self._root, address)
        self._objects = Objects(self._git, settings.meter)
        self._lfs = LfsStore(places.common_dir(self._root) / "lfs", self._configured_lfs)

    @cached_property
    def tracks_its_folder(self) -> bool:
        """Whether git tracks anything there; where it does not (an ignored folder), the folder stands for itself."""
        if not self._below or places.is_bare(self._root):
            return True
        with self._git.start("ls-files", "-z", "--", self._below) as listed:
            if listed.read(1):
                return True
            listed.finish()
        return False

    def snapshot(self, revision: str | None) -> Snapshot:
        """The files of a revision: of the working tree when None, of `HEAD` in a bare repository.

        `:staged` is the index (inside a hook of `git commit`, the one it prepared), `:worktree` the working tree with
        the files git tracks and the new ones it does not ignore. A submodule is one file that cannot be read.
        """
        named = self._named(revision)
        if named == WORKTREE:
            files, problems = self._working_files()
            return self._snapshot(named, None, files, problems)
        if named == STAGED:
            entries, stored, commit = self._index(self._below), self._stored("git lfs pull"), None
        else:
            commit = self._commit(named).commit
            entries = listing.tree(self._git, commit, self._below)
            stored = self._stored("git lfs pull" if named == "HEAD" else f"git lfs fetch origin {clean(named)}")
        files, problems = stored.files(
            self._few(entries), self._below, lambda: listing.tree(self._git, commit, "") if commit else self._index("")
        )
        return self._snapshot(named, commit, files, problems)

    def resolve(self, revision: str | None) -> Revision | None:
        """Which commit a revision names: for the index and the working tree, the one they are based on."""
        named = self._named(revision)
        if named not in (STAGED, WORKTREE):
            return self._commit(named)
        head = self._objects.check(["HEAD^{commit}"])[0]
        return Revision(named, head[0], "index" if named == STAGED else "worktree") if head else None

    def tags(self) -> list[Revision]:
        """Every tag that finally points to a commit, by name."""
        listed = self._git.run(
            "for-each-ref", "--format=%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)", "refs/tags"
        )
        names, commits = [], []
        for line in listed.splitlines():
            own, kind, peeled, peeled_kind, name = os.fsdecode(line).split(" ", 4)
            names.append(name.removeprefix("refs/tags/"))
            simple = own if kind == "commit" else peeled if peeled_kind == "commit" else ""
            commits.append(simple or f"{own}^{{commit}}")  # a tag of a tag, or of no commit at all
        doubtful = [commit for commit in commits if commit.endswith("}")]
        found = dict(zip(doubtful, self._objects.check(doubtful) if doubtful else (), strict=True))
        peeled_to = [answer[0] if (answer := found.get(commit)) else commit for commit in commits]
        return [Revision(n, c, "tag") for n, c in zip(names, peeled_to, strict=True) if _FULL_ID.fullmatch(c)]

    def commits(self, revision: str | None) -> Iterator[Commit]:
        if (start := self.resolve(revision)) is None:
            return
        listed = self._git.lines("rev-list", "--first-parent", "--format=%H%x00%ct%x00%s", start.commit, "--")
        for line in listed:
            if b"\0" in line:  # the other lines repeat the id
                name, seconds, title = line.decode("utf-8", "replace").split("\0", 2)
                yield Commit(name, title, _utc(seconds))

    def earlier(self, tag: str) -> str | None:
        """The last other commit in the tag's reflog; git keeps one where `core.logAllRefUpdates` is `always`."""
        now = (
            self._objects.check([f"refs/tags/{tag}^{{commit}}"])[0]
            if _is_name(tag) and not _EXPRESSION.search(tag)
            else None
        )
        if now is None:
            return None
        try:
            with (places.common_dir(self._root) / "logs" / "refs" / "tags" / tag).open("rb") as stream:
                moves = [line.split(b" ", 2)[:2] for line in stream.read(_LONGEST_REFLOG).splitlines()]
        except OSError:
            return None
        ids = [name.decode("ascii", "replace") for move in reversed(moves) for name in reversed(move)]
        asked = [f"{name}^{{commit}}" for name in dict.fromkeys(ids) if _FULL_ID.fullmatch(name)]
        found = self._objects.check(asked) if asked else []
        return next((answer[0] for answer in found if answer is not None and answer[0] != now[0]), None)

    def _named(self, revision: str | None) -> str:
        """A revision's name, checked; raises `UsageError` where it cannot be one, or there is no such thing here."""
        bare = places.is_bare(self._root)
        if revision is None:
            return "HEAD" if bare else WORKTREE
        if revision in (STAGED, WORKTREE):
            if bare:
                raise UsageError(f"{clean(self.address)} is a bare repository; it has no {revision}", "name a commit")
        elif revision.startswith(":"):
            raise UsageError(f"{clean(revision)} names nothing", f"{STAGED} is the index, {WORKTREE} the working tree")
        elif not _is_name(revision):
            raise UsageError(f"{clean(revision)} cannot be a revision", "name a tag, a branch or a commit")
        return revision

    def _commit(self, name: str) -> Revision:
        """The commit a name stands for; a tag comes before a branch of its name, as for git."""
        spelt_out = name == "HEAD" or _FULL_ID.fullmatch(name) or _EXPRESSION.search(name)
        asked = [name] if spelt_out else [name, *(f"refs/{kind}/{name}" for kind in ("tags", "heads", "remotes"))]
        try:
            itself, *others = self._objects.check([f"{ref}^{{commit}}" for ref in asked])
        except SourceError:
            self._objects.check(
                ["HEAD"]
            )  # v1@{9} of a shorter reflog makes git give up; if it still works, that was it
            itself, others = None, []
        tag, *branches = others or [None]
        if (found := tag or itself) is None:
            raise self._unknown(name)
        if spelt_out:
            return Revision(name, found[0], "commit")
        if tag or name.startswith("refs/tags/"):
            return Revision(name, found[0], "tag")
        if name.startswith(("refs/pr/", "refs/pull/")):
            return Revision(name, found[0], "pull-request")
        is_branch = any(branches) or name.startswith(("refs/heads/", "refs/remotes/"))
        return Revision(name, found[0], "branch" if is_branch else "commit")

    @property
    def cut_short(self) -> tuple[str, str] | None:
        shallow = (places.common_dir(self._root) / "shallow").exists()
        return ("it is a shallow clone", "run `git fetch --unshallow --tags`") if shallow else None

    def _unknown(self, name: str) -> SourceError:
        if name == "HEAD":
            return SourceError(f"{clean(self.address)} has no commits", "commit the model first")
        known = [tag.name for tag in self.tags()]
        problem = f"{clean(self.address)} has no revision {clean(name)}"
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.7)
        if self.cut_short:
            why, remedy = self.cut_short
            return SourceError(f"{problem}: {why}", f"{remedy}, or did you mean {some(close)}?" if close else remedy)
        if close:
            return SourceError(problem, f"did you mean {some(close)}?")
        return SourceError(problem, "see `git tag`, or run `git fetch --tags`" if known else "run `git fetch --tags`")

    def _snapshot(self, name: str, commit: str | None, files: list[File], problems: list[FileError]) -> Snapshot:
        return Snapshot(self.address, files, revision=name, commit=commit, below=self._below, problems=problems)

    def _working_files(self) -> tuple[list[File], list[FileError]]:
        used = index_in_use(self._root)
        try:
            index_time = (used or places.git_dir(self._root) / "index").stat().st_mtime_ns
        except OSError:
            index_time = 0
        entries = self._few(listing.index(self._git, self._below, used, untracked=True))
        stored = self._stored("git lfs pull")
        return WorkTree(self._root, stored, self._meter, index_time).files(entries, self._below)

    def _index(self, below: str) -> list[Entry]:
        entries = listing.index(self._git, below, index_in_use(self._root))
        return [entry for entry in entries if not entry.is_only_announced]

    def _few(self, entries: list[Entry]) -> list[Entry]:
        if len(entries) > MOST_FILES:
            raise SourceError(f"{clean(self.address)} holds more than {MOST_FILES:,} files", "name one model's folder")
        return entries

    def _stored(self, command: str) -> Stored:
        return Stored(self._objects, self._lfs, self._meter, f"run `{command}`")

    def at_hand(self) -> Iterator[str]:
        """The contents of LFS files that were downloaded."""
        return self._lfs.names()

    def _configured_lfs(self) -> list[Path]:
        """The folder that `lfs.storage` names, relative to the git folder."""
        try:
            named = os.fsdecode(self._git.run("config", "--null", "--type=path", "--get", "lfs.storage")).rstrip("\0")
        except SourceError:
            return []  # not set
        return [places.common_dir(self._root) / named]


def _is_name(revision: str) -> bool:
    """Whether a text can name a revision, and is no option in disguise."""
    return 0 < len(revision) <= _LONGEST_NAME and revision.isprintable() and not revision.startswith("-")


def _utc(seconds: str) -> str:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # a date that was made up
        return "1970-01-01T00:00:00Z"
