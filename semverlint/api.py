"""The Python interface: what the commands do, for programs. `semverlint/__init__.py` shows what is public."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from semverlint import check as story
from semverlint import explanation, release_notes
from semverlint.compare.pair import Options
from semverlint.config import Config, load_config
from semverlint.rulebook import load_rulebook
from semverlint.rulebook.card import Rule
from semverlint.run import Run
from semverlint.sources import Address, Settings, parse
from semverlint.sources.address import is_path, local_path
from semverlint.verdict import Report

if TYPE_CHECKING:
    import datetime as dt

    from semverlint.behaviour.comparison import Comparison
    from semverlint.fleet.badges import Score
    from semverlint.fleet.questions import Answer
    from semverlint.history.record import History
    from semverlint.setting_up import SetUp
    from semverlint.versions.series import Series

Target = str | os.PathLike[str]
"""An address as the command line takes it (`org/name@v1.2.0`, `./model`), or a path, which needs no `./`."""
Logs = tuple[Path, Path]
"""Evaluations of the old and of the new revision."""


class Linter:
    """What the command line offers, with its options given once.

    Every method reads what it needs and nothing more, runs nothing that a model holds, and counts the cost of its own
    report. A linter keeps nothing between calls, so one may serve several threads.

    Args:
        config: What the project sets: a `Config`, or the path of a file. By default the file in the target's own folder
            counts, and none for a model on the Hub.
        offline: Use only what is on this machine.
        full: Check every relation of the new revision, not only those that a change touches.
        exact: Read every value that a doubt asks for, whatever it costs.
        max_download: Bytes that may be downloaded for the values of each pair; when None, 16 MB for `check`,
            `check_all` and `diff`, and none for the methods that compare many pairs.
        probe: Run ONNX graphs of both revisions on the same inputs, in a process with limits.
        drawn: Gather what only a page draws (`render(report, "html")`): how far the values of the largest movers moved.
    """

    def __init__(  # noqa: PLR0913 - the options of the command line
        self,
        config: Config | Path | None = None,
        *,
        offline: bool = False,
        full: bool = False,
        exact: bool = False,
        max_download: int | None = None,
        probe: bool = False,
        drawn: bool = False,
    ) -> None:
        self._config = config
        self._offline = offline
        self._max_download = max_download
        self._options = Options(exact=exact, full=full, probe=probe, drawn=drawn)

    def check(self, target: Target = ".", against: Target | None = None, *, evals: Logs | None = None) -> Report:
        """Hold a release against the one before it, or against the one named.

        Args:
            target: The release; of a folder or clone the working tree, unless it names a revision.
            against: Another address, or a tag of the same repository.
            evals: Evaluations of the old and of the new revision: logs, or folders of them.

        Raises:
            UsageError: If an address or the configuration is wrong.
            SourceError: If a repository or revision cannot be reached or read.
            NoBaselineError: If there is no earlier release.
        """
        address = _address(target)
        named = None if against is None else str(against) if isinstance(against, str) else _address(against).text
        return story.check(address, named, replace(self._run(address), evals=evals))

    def check_all(self, target: Target = ".") -> Iterator[Report]:
        """Hold every tagged release against the one before it, oldest first; raises as `check` does."""
        address = _address(target)
        return story.check_all(address, self._run(address))

    def diff(self, old: Target, new: Target, *, evals: Logs | None = None) -> Report:
        """Compare any two revisions, whatever they declare; raises as `check` does."""
        before, after = _address(old), _address(new)
        return story.diff(before, after, replace(self._run(after), evals=evals))

    def log(self, target: Target = ".", since: str = "", limit: int = 1_000, *, sessions: bool = False) -> "History":
        """What each commit of a clone or a Hub repository did, and what is waiting for a release; newest first.

        Args:
            target: The repository, and the revision to walk back from.
            since: The first day that counts, `2024-05-01`; everything where it is empty.
            limit: Most commits to look at.
            sessions: Whether commits less than an hour apart are told as one.

        Raises:
            UsageError: If an address, the date or the configuration is wrong.
            SourceError: If the repository cannot be reached or read.
            NoBaselineError: If it has no history.
        """
        from semverlint.history.walk import history  # noqa: PLC0415 - for those who ask for it
        from semverlint.history.wanted import moment  # noqa: PLC0415 - likewise

        address = _address(target)
        return history(address, self._run(address, many=True), moment(since), limit, coalesced=sessions)

    def series(self, models: str | Iterable[str], *, collections: bool = False) -> "list[Series]":
        """Which repositories are releases of one thing.

        Args:
            models: An author on the Hub, whose models are listed; or ids (or records as JSON), which cost no request.
            collections: Whether the author's collections are asked for too; they settle doubts.

        Raises:
            UsageError: If an id is none.
            SourceError: If the author cannot be listed.
        """
        from semverlint.versions.listings import from_lines, of_author  # noqa: PLC0415 - for those who ask for it
        from semverlint.versions.series import find_series  # noqa: PLC0415 - likewise

        config = self._settled(None)
        settings = Settings(offline=self._offline, xet=config.xet)
        if isinstance(models, str):
            return find_series(of_author(models, settings, collections=collections), config.zero_major)
        return find_series(from_lines(models, "the list"), config.zero_major)

    def flips(self, old: Path, new: Path) -> "Comparison":
        """Which answers that were right are wrong now; budgets and margins are those of the configuration.

        Args:
            old: The logs of the old model, or a folder of them.
            new: The same of the new one.

        Raises:
            UsageError: If nothing there is a log that a reader knows.
            FileError: If a log is damaged.
        """
        from semverlint.behaviour.budget import settings_of  # noqa: PLC0415 - numpy, for those who ask for it
        from semverlint.behaviour.comparison import compare_logs  # noqa: PLC0415 - likewise

        return compare_logs(old, new, settings_of(self._settled(None).behaviour))

    def audit(
        self, targets: Iterable[Target] | None, folder: Path, *, commits: bool = False, again: bool = False
    ) -> Path:
        """Check many repositories into one table, which `answers` asks; what an earlier run has done is kept.

        Args:
            targets: The repositories; those the folder names already, when None.
            folder: Where the table is, or will be.
            commits: Whether every commit becomes a row of a second table.
            again: Whether repositories that failed are tried once more.

        Returns:
            The folder.

        Raises:
            UsageError: If an address is wrong, the folder holds another audit, or another run works on it now.
        """
        from semverlint.fleet import targets as listed  # noqa: PLC0415 - for those who audit
        from semverlint.fleet.audit import Audit, audit  # noqa: PLC0415 - likewise

        found = None if targets is None else listed.unique(listed.Target(_address(one).text) for one in targets)
        how = Audit(self._settled(None), self._max_download or 0, self._offline, commits, again=again)
        return audit(found, folder, how, lambda _done, _all: None)

    def badge(self, target: Target = ".") -> "Score":
        """How well a repository keeps its versions' promises, of a hundred points; raises as `check` does."""
        from semverlint.fleet import badges, rows  # noqa: PLC0415 - for those who ask for it
        from semverlint.fleet.targets import Target as Audited  # noqa: PLC0415 - likewise

        address = _address(target)
        return badges.score(rows.rows_of(Audited(address.text), self._run(address, many=True)))

    def rules(self) -> Mapping[str, Rule]:
        """The rules in force by id: the built-in ones, and those the configuration names.

        Raises:
            ConfigError: If a rule file or the configuration is wrong.
        """
        return load_rulebook(self._settled(None)).rules

    def _run(self, address: Address, *, many: bool = False) -> Run:
        config = self._settled(None if address.on_hub else local_path(address.place))
        load_rulebook(config, needed=False)
        most = (0 if many else 16_000_000) if self._max_download is None else self._max_download
        options = replace(self._options, max_download=most)
        return Run(config, options, Settings(offline=self._offline, xet=config.xet))

    def _settled(self, project: Path | None) -> Config:
        return self._config if isinstance(self._config, Config) else load_config(self._config, project)


def notes(report: Report, place: release_notes.Place = "release") -> str:
    """What changed for whoever uses the model, in Markdown: for the `release`, or shorter for the model's `card`."""
    return release_notes.release_notes(report, place)


def explain(report: Report) -> list[str]:
    """How a verdict came about, a line a step: the baseline, the versions, the bump needed, the exit status."""
    return explanation.explanation(report)


def answers(folder: Path, sql: str | None = None) -> "list[Answer]":
    """The studies' questions, or one of your own, asked of an audit's table.

    Args:
        folder: The folder of the audit.
        sql: A query of the tables `rows` and `commits`, in DuckDB's SQL.

    Raises:
        UsageError: If there is no table, the query is wrong, or the extra `audit` is not installed.
    """
    from semverlint.fleet.questions import ask  # noqa: PLC0415 - for those who audit

    return ask(folder, sql)


def write_version(folder: Path, version: str) -> list[str]:
    """Declare a version in a folder's card, and in a `config.json` that declares one; every other byte stays.

    Args:
        folder: The model's folder.
        version: The version, as `Report.next_version` has it.

    Returns:
        The names of the files that were changed.

    Raises:
        FileError: If a file is written so that it cannot be changed safely; then none is.
        UsageError: If a file cannot be written.
    """
    from semverlint.versions import declaring  # noqa: PLC0415 - for those who write

    return declaring.write_version(folder, version)


def accept(  # noqa: PLR0913 - what an acceptance has
    rule: str,
    reason: str,
    *,
    path: str = "*",
    subject: str = "*",
    expires: "dt.date | None" = None,
    folder: Path = Path(),
) -> Path:
    """Write an acceptance into the configuration of a folder, which is made where there is none.

    Args:
        rule: The rule's id.
        reason: Why; shown in every report.
        path: A pattern for the finding's file.
        subject: A pattern for what inside the file.
        expires: The last day it holds; None for good.
        folder: The model's folder.

    Returns:
        The configuration file.

    Raises:
        UsageError: If there is no such rule, no reason, or the file accepts this already.
        ConfigError: If the file is written so that nothing can be appended.
    """
    from semverlint.config import accepting  # noqa: PLC0415 - for those who write
    from semverlint.config.file import find_config  # noqa: PLC0415 - likewise
    from semverlint.config.overrides import Acceptance  # noqa: PLC0415 - likewise

    place = find_config(folder) or folder / "semverlint.toml"
    rules = load_rulebook(load_config(None, folder)).rules
    accepting.accept(place, Acceptance(rule, reason.strip(), path, subject, expires), rules)
    return place


def set_up(folder: Path = Path(), *, force: bool = False) -> "list[SetUp]":
    """Write configuration, hooks and workflow for a model's repository; what exists is left, unless forced.

    Raises:
        SourceError: If there is no such folder.
        UsageError: If it is a bare repository, or a file cannot be written.
        ConfigError: If nothing can be appended to pre-commit's configuration.
    """
    from semverlint import setting_up  # noqa: PLC0415 - for those who write

    return list(setting_up.set_up(setting_up.look(folder), force=force))


def _address(target: Target) -> Address:
    """An address; of a path object the path itself, whatever its name looks like."""
    if isinstance(target, str):
        return parse(target)
    place = os.fspath(target)
    shown = place if is_path(place) else f"./{place}"
    return Address(shown, shown, None, on_hub=False)
