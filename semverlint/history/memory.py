"""What earlier runs found out about a history: a commit never changes, so it is looked at once.

An answer holds for the rules, the configuration and the version of semverlint that gave it; with others everything is
looked at again. One that was left open holds as long as nothing is here that could settle it: neither content of LFS
files nor a package that was not here then. What failed is tried again.
"""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

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
Answer = TypeVar("Answer")
Looked = tuple[Answer, bool]
"""An answer, and whether it would be the same if it were looked for again."""

_SHAPE = 5
"""Raised when what is kept looks otherwise, or commits are classified otherwise."""


class Memory:
    """What is known of one repository.

    Args:
        place: The repository, by a name that is its own: an id of the Hub, the full path of a folder.
        rulebook: The rules in force.
        run: What holds for the run.
        at_hand: What is here of the content that may be missing.
    """

    def __init__(self, place: str, rulebook: Rulebook, run: Run, at_hand: Iterable[str]) -> None:
        self._cache = Cache(cache_folder())
        rules = [(one.id, one.change, one.when, one.bump, one.level, one.consumers) for one in rulebook.rules.values()]
        options = dataclasses.replace(run.options, drawn=False)  # how it is shown changes no answer
        self._seal = _digest([_SHAPE, __version__, place, rules, run.config.consumers, options])
        self._open_seal = _digest([self._seal, list(at_hand), _installed()])

    def entry(self, commit: Commit, parent: Commit | None, look: Callable[[], Looked[Entry]]) -> Entry:
        """What one commit did: as it is remembered, else by looking; without the tags that name it."""
        titled = hashlib.sha256(commit.title.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        name = f"{parent.id if parent else '-'} {commit.id} {titled}"
        if (known := self._known(name)) is not None:
            return _entry(known, commit)
        found, lasting = look()
        self._keep(name, dataclasses.asdict(found), decided=found.at_most == found.bump, lasting=lasting)
        return found

    def bumps(self, older: str, newer: str, look: Callable[[], Looked[tuple[Bump, Bump]]]) -> tuple[Bump, Bump]:
        """What the way between two commits needs at least and at most: as it is remembered, else by looking."""
        name = f"{older}..{newer}"
        if (known := self._known(name)) is not None:
            return Bump(known[0]), Bump(known[1])
        (needed, at_most), lasting = look()
        self._keep(name, [needed, at_most], decided=needed == at_most, lasting=lasting)
        return needed, at_most

    def _keep(self, name: str, answer: object, *, decided: bool, lasting: bool) -> None:
        if lasting:
            seal = self._seal if decided else self._open_seal
            self._cache.put(_KIND, f"{seal} {name}", json.dumps(answer).encode())

    def _known(self, name: str) -> Any:  # noqa: ANN401 - JSON that this class wrote
        for seal in (self._seal, self._open_seal):
            if (value := self._cache.get(_KIND, f"{seal} {name}")) is not None:
                return json.loads(value)
        return None


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _installed() -> list[str]:
    """The packages that are installed, by the folders that say so: an extra may settle what was open without it."""
    return sorted(found.name for place in sys.path for found in Path(place).glob("*.dist-info"))


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
