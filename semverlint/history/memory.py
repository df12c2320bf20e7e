"""What earlier runs found out about a history: a commit never changes, so it is looked at once.

Kept is only what was decided. An answer holds for the rules, the configuration and the version of semverlint that gave
it; with others everything is looked at again.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

from semverlint import __version__
from semverlint.history.commit import Touched, Work
from semverlint.history.record import Entry, Released
from semverlint.history.titles import Contradiction
from semverlint.rulebook import Rulebook
from semverlint.run import Run
from semverlint.sources.base import Commit
from semverlint.sources.cache import Cache, cache_folder
from semverlint.terms import Bump

_KIND = "log"
_SHAPE = 3
"""Raised when what is kept looks otherwise, or commits are classified otherwise."""


class Memory:
    """What is known of one repository.

    Args:
        place: The repository, by a name that is its own: an id of the Hub, the full path of a folder.
        rulebook: The rules in force.
        run: What holds for the run.
    """

    def __init__(self, place: str, rulebook: Rulebook, run: Run) -> None:
        self._cache = Cache(cache_folder())
        rules = [(one.id, one.change, one.when, one.bump, one.level, one.consumers) for one in rulebook.rules.values()]
        settled = [_SHAPE, __version__, place, rules, run.config.consumers, run.options]
        self._seal = hashlib.sha256(repr(settled).encode("utf-8", "surrogateescape")).hexdigest()

    def entry(self, commit: Commit, parent: Commit | None, look: Callable[[], Entry]) -> Entry:
        """What one commit did: as it is remembered, else by looking; without the tags that name it."""
        titled = hashlib.sha256(commit.title.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        name = f"{self._seal} {parent.id if parent else '-'} {commit.id} {titled}"
        if (known := self._known(name)) is not None:
            return _entry(known, commit)
        found = look()
        if found.at_most == found.bump:
            self._cache.put(_KIND, name, json.dumps(dataclasses.asdict(found)).encode())
        return found

    def bumps(self, older: str, newer: str, look: Callable[[], tuple[Bump, Bump]]) -> tuple[Bump, Bump]:
        """What the way between two commits needs at least and at most: as it is remembered, else by looking."""
        name = f"{self._seal} {older}..{newer}"
        if (known := self._known(name)) is not None:
            return Bump(known[0]), Bump(known[1])
        needed, at_most = look()
        if needed == at_most:
            self._cache.put(_KIND, name, json.dumps([needed, at_most]).encode())
        return needed, at_most

    def _known(self, name: str) -> Any:  # noqa: ANN401 - JSON that this class wrote
        value = self._cache.get(_KIND, name)
        return None if value is None else json.loads(value)


def _entry(known: dict[str, Any], commit: Commit) -> Entry:
    work = known["work"]
    return Entry(
        commit=commit,
        parent=known["parent"],
        touched=[Touched(**one) for one in known["touched"]],
        work=Work(tuple(work["parts"]), work["categories"], work["purpose"], work["basis"]),
        bump=Bump(known["bump"]),
        at_most=Bump(known["at_most"]),
        decided_by=tuple(known["decided_by"]),
        contradictions=tuple(Contradiction(**one) for one in known["contradictions"]),
        released=tuple(Released(**one) for one in known["released"]),
    )
