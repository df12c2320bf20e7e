"""A model repository on the Hub: its revisions, and the files of each."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from semverlint.errors import FileError, SourceError
from semverlint.files import File
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Commit, Repository, Revision, Settings
from semverlint.sources.cache import Cache, cache_folder
from semverlint.sources.folder import LocalFile
from semverlint.sources.hub.client import HubClient
from semverlint.sources.hub.downloads import Downloads
from semverlint.sources.hub.names import COMMIT, MAIN, Names
from semverlint.sources.hub.settings import endpoint, is_offline, uses_xet
from semverlint.sources.hub.store import HubFile, HubStore
from semverlint.sources.hub.trees import Trees
from semverlint.text import clean

_SQUASHED = "Super-squash branch"
"""How the Hub's client begins the title of the one commit it leaves (`HfApi.super_squash_history`)."""

_COMMITS_LOOKED_AT = 500
"""A squash leaves one commit, and few come after it before somebody asks."""


class HubRepository(Repository):
    """A model repository on the Hub."""

    def __init__(self, place: str, settings: Settings) -> None:
        self.address = place
        self._settings = settings
        self._offline = settings.offline or is_offline()
        self._client = HubClient(place, settings.meter, offline=self._offline)
        self._downloads = Downloads(place)
        self._cache = Cache(cache_folder())
        self._names = Names(self._client, self._cache)
        self._trees = Trees(self._client, self._cache, self._downloads)
        self._store = HubStore(self._client, self._cache, xet=settings.xet and uses_xet())
        self._snapshots: dict[str, Snapshot] = {}

    def resolve(self, revision: str | None) -> Revision:
        """Which commit a revision names: a branch, a tag, `refs/pr/N`, a commit or its beginning, or a date.

        A date (`2024-05-01`, or `2024-05-01T12:30Z`) is the last commit of main that was made by then, in UTC.
        """
        name = revision or MAIN
        if not self._only_downloads:
            found = self._names.find(name)
            self._follow()
            return found
        if COMMIT.fullmatch(name):
            return Revision(name, name, "commit")
        if (commit := self._downloads.refs().get(name)) is not None:
            return Revision(name, commit, "branch" if name == MAIN else "tag")
        remedy = f"run without --offline, or `hf download {self.address} --revision {clean(name)}`"
        raise SourceError(f"{self.address}@{clean(name)} was never downloaded", remedy)

    def snapshot(self, revision: str | None) -> Snapshot:
        """The files of a revision; of the branch main, when None."""
        found = self.resolve(revision)
        key = f"{revision}@{found.commit}"
        if key not in self._snapshots:
            files, problems = self._files(found.commit)
            shown = revision or MAIN
            self._snapshots[key] = Snapshot(self.address, files, revision=shown, commit=found.commit, problems=problems)
        return self._snapshots[key]

    def tags(self) -> list[Revision]:
        """Every tag; while offline, those of the last time, or every name that was downloaded."""
        if self._only_downloads:
            return [Revision(name, commit, "tag") for name, commit in self._downloads.refs().items() if name != MAIN]
        found = [one for one in self._names.all() if one.kind == "tag"]
        self._follow()
        return found

    def commits(self, revision: str | None) -> Iterator[Commit]:
        """The history of a revision, newest first; while offline, as far as it is known."""
        found = self._names.commits(self.resolve(revision).commit)
        return _known(found) if self._offline else found

    @property
    def cut_short(self) -> tuple[str, str] | None:
        squashed = any(one.title.startswith(_SQUASHED) for one in islice(self.commits(None), _COMMITS_LOOKED_AT))
        remedy = "name the release before it with --against, or tag releases: tags keep what a squash forgets"
        return ("its history was squashed on the Hub", remedy) if squashed else None

    def earlier(self, tag: str) -> str | None:
        """The commit a tag named when it was first seen, or last downloaded, where it names another one today."""
        if self._offline:
            return None
        today = next((one.commit for one in self.tags() if one.name == tag), None)
        if today is None:
            return None
        name = f"{endpoint()} {self._client.repository} {tag}"
        seen = (self._cache.get("tag", name) or b"").decode("ascii", "replace")
        if not COMMIT.fullmatch(seen):
            self._cache.put("tag", name, today.encode())
        before = [commit for commit in (self._downloads.commit(tag), seen) if commit and COMMIT.fullmatch(commit)]
        return next((commit for commit in before if commit != today), None)

    @property
    def _only_downloads(self) -> bool:
        """Whether nothing is known but what the Hub's own client left here."""
        return self._offline and not self._names.seen

    def _follow(self) -> None:
        """Go by the new name of a repository that was renamed, and say so once."""
        if self._client.repository != self.address:
            self._settings.tell(f"{self.address} was renamed: it is {self._client.repository} now")
            self.address = self._client.repository

    def _files(self, commit: str) -> tuple[list[File], list[FileError]]:
        if self._offline and not self._trees.is_known(commit):
            return self._downloaded(commit)
        listed, problems = self._trees.files(commit)
        return [HubFile(one, commit, self._store, self._downloads) for one in listed], problems

    def _downloaded(self, commit: str) -> tuple[list[File], list[FileError]]:
        """What the Hub's own client left here of a commit that nobody listed."""
        listing = self._downloads.listing(commit)
        if listing is None:
            raise SourceError(
                f"{self.address}@{commit[:12]} was never downloaded",
                f"run without --offline, or `hf download {self.address} --revision {commit}`",
            )
        entries, whole = listing
        files: list[File] = []
        for entry in entries:
            place = self._downloads.place(commit, entry.path) or self._downloads.blob(entry.digests, entry.size)
            if place is not None:
                files.append(LocalFile(entry.path, place, entry.size, self._settings.meter, entry.digests))
            else:
                files.append(HubFile(entry, commit, self._store, self._downloads))
        told = "only what was downloaded is known; files that were not look as if they were gone"
        return files, [] if whole else [FileError(f"{self.address}@{commit[:12]}", told, "run without --offline")]


def _known(commits: Iterator[Commit]) -> Iterator[Commit]:
    """Commits up to where somebody would have to be asked."""
    with suppress(SourceError):
        yield from commits
