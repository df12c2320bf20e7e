"""The audit, told once: from a list of repositories to a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from semverlint.compare.pair import Options
from semverlint.config import Config
from semverlint.errors import IncompleteError
from semverlint.fleet.columns import columns_of
from semverlint.fleet.commits import CommitRow, commits_of
from semverlint.fleet.engine import Crew
from semverlint.fleet.rows import Row, failed, rows_of
from semverlint.fleet.table import Table
from semverlint.fleet.targets import Target
from semverlint.run import Run
from semverlint.sources import Settings, keep_pace
from semverlint.text import clean

PART = 200
"""Repositories of one part: a file of some hundred rows."""

Task = tuple[int, Target]
"""A repository, and the part it belongs to."""
Tables = dict[str, list[object]]
"""Rows by the table they belong to."""


@dataclass(frozen=True)
class Audit:
    """What is audited, and how.

    Attributes:
        config: What counts, and for whom.
        max_download: Bytes of values that may be downloaded a pair.
        offline: Whether only what is on this machine counts.
        with_commits: Whether every commit becomes a row too.
        rate: Requests to the Hub in a second, over all processes; None for a polite one.
        again: Whether repositories that failed are tried once more.
        crew: How much works at once.
    """

    config: Config = field(default_factory=Config)
    max_download: int = 0
    offline: bool = False
    with_commits: bool = False
    rate: float | None = None
    again: bool = False
    crew: Crew = field(default_factory=Crew)

    def prepare(self, processes: int) -> None:
        """Make one of so many processes ready."""
        keep_pace(self.rate, processes)

    def columns(self) -> dict[str, dict[str, str]]:
        """The columns of each table that is written."""
        return {"rows": columns_of(Row), **({"commits": columns_of(CommitRow)} if self.with_commits else {})}


def audit(
    targets: Sequence[Target] | None,
    folder: Path,
    how: Audit,
    progress: Callable[[int, int], None],
    part: int = PART,
) -> Path:
    """Fill the table of a folder; what an earlier run has done is not done again.

    Args:
        targets: The repositories; those the folder names already, when None.
        folder: Where the table is, or will be.
        how: What counts.
        progress: Called with the repositories that are done, and all of them.
        part: Repositories of one part.

    Raises:
        UsageError: If the folder holds another audit, or another run works on it now.
        IncompleteError: If the folder cannot be written.
    """
    try:
        _fill(Table(folder, how.columns()), targets, how, progress, part)
    except OSError as error:
        problem = f"{clean(folder)}: cannot be written ({clean(error.strerror or error, 120)})"
        raise IncompleteError(problem, "what is done is kept: mend that, then run the same command again") from None
    return folder


def _fill(
    table: Table, targets: Sequence[Target] | None, how: Audit, progress: Callable[[int, int], None], part: int
) -> None:
    with table.lock():
        plan = {"max_download": how.max_download, "commits": how.with_commits, "consumers": list(how.config.consumers)}
        table.begin(targets, plan, part)
        if how.again:
            table.reopen("status = 'failed'")
        remaining = list(table.remaining())
        left = {number: len(waiting) for number, waiting in remaining}
        done = table.total - sum(left.values())
        for number in [number for number, count in left.items() if not count]:
            table.finish(number)
        progress(done, table.total)
        tasks = ((number, target) for number, waiting in remaining for target in waiting)
        for (number, target), found in how.crew.map(partial(_tables_of, how), tasks, how.prepare, _lost):
            table.add(number, target, found)
            left[number] -= 1
            if not left[number]:
                table.finish(number)
            done += 1
            progress(done, table.total)


def _tables_of(how: Audit, task: Task) -> Tables:
    """Every row of one repository, by table; runs in a thread or on a worker."""
    _, target = task
    run = Run(how.config, Options(max_download=how.max_download), Settings(offline=how.offline, xet=how.config.xet))
    try:
        found: Tables = {"rows": [*rows_of(target, run)]}
        if how.with_commits:
            found["commits"] = [*commits_of(target, run)]
    except Exception as error:  # noqa: BLE001 - a mistake of ours in one repository must not end the audit of all others
        return _failed(target, f"{type(error).__name__}: {error}; this is a mistake in semverlint, please report it")
    return found


def _lost(task: Task) -> Tables:
    """What is told of a repository whose worker ended each time it was looked at."""
    return _failed(task[1], "every worker that looked at it ended; --again tries once more")


def _failed(target: Target, why: str) -> Tables:
    return {"rows": [failed(target, why)]}
