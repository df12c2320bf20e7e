"""Commits of one upload taken together: most models arrive file by file, and a revision in between mixes two of them.

Of consecutive commits on the Hub 87.8 % lie less than an hour apart (arXiv 2411.09645).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from semverlint.history.titles import version_in
from semverlint.sources.base import Commit

_PAUSE = timedelta(hours=1)
_MOST_TITLES = 20


@dataclass(frozen=True)
class Session:
    """Commits that are told as one.

    Attributes:
        commit: The newest of them, with the titles of all of them, the oldest first.
        count: How many they are.
    """

    commit: Commit
    count: int = 1


def sessions(listed: Sequence[Commit], released: Collection[str]) -> list[Session]:
    """Commits less than an hour apart taken together; one that is released ends its session.

    Args:
        listed: The commits, newest first.
        released: Ids of those that a tag names.
    """
    groups: list[list[Commit]] = []
    for commit in listed:
        ends = commit.id in released or version_in(commit.title) is not None
        if groups and not ends and _near(groups[-1][-1], commit):
            groups[-1].append(commit)
        else:
            groups.append([commit])
    return [_together(group) for group in groups]


def _near(newer: Commit, older: Commit) -> bool:
    try:
        return datetime.fromisoformat(newer.date) - datetime.fromisoformat(older.date) < _PAUSE
    except (ValueError, TypeError):
        return False  # a date that was made up


def _together(group: Sequence[Commit]) -> Session:
    newest = group[0]
    titles = list(dict.fromkeys(commit.title for commit in reversed(group)))
    more = f"; and {len(titles) - _MOST_TITLES} more" if len(titles) > _MOST_TITLES else ""
    title = "; ".join(titles[:_MOST_TITLES]) + more
    return Session(Commit(newest.id, title, newest.date), len(group))
