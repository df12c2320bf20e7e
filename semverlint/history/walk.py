"""A history walked commit by commit: what each did and needs, which are releases, and what is waiting for the next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise, takewhile

from semverlint.changes.base import Change
from semverlint.changes.card import CardFieldChanged
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.errors import NoBaselineError
from semverlint.findings import Finding
from semverlint.history.commit import classify, touched_by
from semverlint.history.memory import Looked, Memory
from semverlint.history.record import Entry, History, Released, Stretch
from semverlint.history.sessions import Session, sessions
from semverlint.history.titles import contradictions, version_in
from semverlint.rulebook import Rulebook, load_rulebook
from semverlint.run import Run
from semverlint.snapshot import Snapshot
from semverlint.sources import Address, Repository, open_repository
from semverlint.sources.address import local_path
from semverlint.sources.base import Commit
from semverlint.sources.lfs import AbsentFile
from semverlint.terms import Bump
from semverlint.verdict import required_by
from semverlint.versions.releases import version_tags
from semverlint.versions.schemes import read_version
from semverlint.versions.steps import step

MOST_COMMITS = 10_000
"""Commits of one history that are looked at; the study leaves out repositories with more than 500."""


def history(
    target: Address, run: Run, since: str = "", limit: int = MOST_COMMITS, *, coalesced: bool = False
) -> History:
    """The history of a revision, along first parents.

    Args:
        target: The repository, and the revision to walk back from.
        run: What holds for the run.
        since: The first day (or moment) that counts, ISO 8601; everything where it is empty.
        limit: Most commits to look at.
        coalesced: Whether commits of one upload are told as one.

    Raises:
        NoBaselineError: If there are no commits to look at.
        SourceError: If the repository cannot be read.
    """
    repository = open_repository(target, run.settings)
    listed = list(islice(repository.commits(target.revision), limit + 1))
    if not listed:
        raise NoBaselineError(f"{target.place} has no history", "name a clone, or a repository of the Hub")
    recent = sum(1 for _ in takewhile(lambda commit: commit.date >= since, listed[:limit]))
    place = target.place if target.on_hub else str(local_path(target.place).resolve())
    cut = repository.cut_short if recent == len(listed) and not target.on_hub else None
    walk = _Walk(repository, place, load_rulebook(run.config), run, cut=cut is not None)
    steps = sessions(listed[:recent], walk.tags) if coalesced else [Session(commit) for commit in listed[:recent]]
    before = [*(step.commit for step in steps[1:]), listed[recent] if recent < len(listed) else None]
    entries = [walk.entry(new, old) for new, old in zip(steps, before, strict=True)] if steps else []
    waiting, *releases = walk.stretches(entries)
    return History(
        address=repository.address,
        revision=target.revision or "HEAD",
        entries=entries,
        releases=releases,
        waiting=waiting,
        whole=0 < recent == len(listed) and cut is None,
        cut="; ".join(cut or ()),
    )


class _Walk:
    """What one walk knows."""

    def __init__(self, repository: Repository, place: str, rulebook: Rulebook, run: Run, *, cut: bool) -> None:
        self._repository = repository
        self._cut = cut
        self._rulebook = rulebook
        self._run = run
        self._memory = Memory(place, rulebook, run, repository.at_hand())
        self.tags: dict[str, list[str]] = {}
        for tag in version_tags(repository):
            self.tags.setdefault(tag.commit, []).append(tag.name)

    def entry(self, session: Session, parent: Commit | None) -> Entry:
        """What one commit did, or several of one upload, and the tags that name it today."""
        commit = session.commit
        entry = self._memory.entry(commit, parent, lambda: self._look(commit, parent))
        tags = [Released(version=name, source="tag") for name in self.tags.get(commit.id, ())]
        return replace(entry, commits=session.count, released=(*tags, *entry.released))

    def _look(self, commit: Commit, parent: Commit | None) -> Looked[Entry]:
        new = self._repository.snapshot(commit.id)
        old = self._repository.snapshot(parent.id) if parent else Snapshot(new.address, ())
        pair = Pair(old, new, self._run.options)
        changes, findings, at_most = self._judge(pair) if parent else ([], [], Bump.NONE)
        bump = required_by(findings, self._run.config)
        touched = [] if self._cut and not parent else touched_by(pair)  # of the oldest that is here nobody can say
        work = classify(commit.title, touched, changes, pair)
        entry = Entry(
            commit=commit,
            parent=parent.id if parent else None,
            touched=touched,
            work=work,
            bump=bump,
            at_most=max(bump, at_most),
            decided_by=tuple(sorted({one.rule for one in findings if bump and one.bump == bump})),
            contradictions=tuple(contradictions(commit.title, touched, work.parts, changes, bump)) if parent else (),
            released=tuple(_announced(commit, changes)),
        )
        return entry, _lasting(pair)

    def stretches(self, entries: Sequence[Entry]) -> list[Stretch]:
        """The ways between releases, the newest first: what is waiting, and then one a release."""
        marks = [at for at, entry in enumerate(entries) if entry.released]
        ways = [(begin, end) for begin, end in pairwise([*marks, len(entries)])]
        return [
            self._stretch(entries, 0, (marks or [len(entries)])[0], None),
            *(self._stretch(entries, begin, end, entries[begin].released[0]) for begin, end in ways),
        ]

    def _stretch(self, entries: Sequence[Entry], begin: int, end: int, released: Released | None) -> Stretch:
        """The way to the commit at `begin` from the one at `end`, which is older; from nowhere, where there is none."""
        steps = [entry for entry in entries[begin:end] if entry.parent]
        start = entries[end].released[0].version if end < len(entries) else None
        required = max((entry.bump for entry in steps), default=Bump.NONE)
        at_most = max((entry.at_most for entry in steps), default=Bump.NONE)
        if end < len(entries) and len(steps) > 1:
            older, newer = (entries[at].commit.id for at in (end, begin))
            required, at_most = self._memory.bumps(older, newer, lambda: self._between(older, newer))
        bumps = Counter(entry.bump for entry in steps if entry.bump)
        return Stretch(
            start=start,
            end=released,
            commits=len(entries[begin:end]),
            bumps={bump: bumps[bump] for bump in sorted(bumps, reverse=True)},
            declared=self._declared(start, released),
            required=required,
            at_most=at_most,
        )

    def _declared(self, start: str | None, released: Released | None) -> Bump | None:
        old, new = (read_version(text) if text else None for text in (start, released and released.version))
        return step(old, new, self._run.config.zero_major).bump if old and new else None

    def _judge(self, pair: Pair) -> tuple[list[Change], list[Finding], Bump]:
        """The changes of a pair, what the rules make of them, and what is undecided could ask for."""
        changes = list(compare(pair))
        findings = self._rulebook.judge(changes)
        return changes, findings, max((doubt.at_most for doubt in pair.undecided), default=Bump.NONE)

    def _between(self, older: str, newer: str) -> Looked[tuple[Bump, Bump]]:
        """What the way from one commit to a later one needs at least and at most."""
        pair = Pair(self._repository.snapshot(older), self._repository.snapshot(newer), self._run.options)
        _, findings, doubt = self._judge(pair)
        required = required_by(findings, self._run.config)
        return (required, max(required, doubt)), _lasting(pair)


def _lasting(pair: Pair) -> bool:
    """Whether looking again would find the same: what failed may not fail again, unless its content is not here."""
    sides = (pair.old.files, pair.new.files)
    return all(
        not doubt.failed or any(isinstance(side.get(doubt.path), AbsentFile) for side in sides)
        for doubt in pair.undecided
    )


def _announced(commit: Commit, changes: Sequence[Change]) -> Iterator[Released]:
    """The versions that a commit announces: by its title, by the version its card now names."""
    if version := version_in(commit.title):
        yield Released(version=version.text, source="title")
    for change in changes:
        if isinstance(change, CardFieldChanged) and change.effect == "version" and change.after is not None:
            yield Released(version=str(change.after), source="card")
