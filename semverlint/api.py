"""The Python interface: what the commands do, for programs. `semverlint/__init__.py` shows what is public."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from semverlint import check as story
from semverlint import explanation, release_notes
from semverlint.compare.pair import Options
from semverlint.config import Config, load_config
from semverlint.errors import UsageError
from semverlint.reports import Style, formats
from semverlint.reports import render as rendered
from semverlint.rulebook import load_rulebook
from semverlint.rulebook.card import Rule
from semverlint.run import Run
from semverlint.sources import Address, Settings, parse
from semverlint.sources.address import local_path
from semverlint.text import clean
from semverlint.verdict import Report

Target = str | os.PathLike[str]
"""An address as the command line takes it (`org/name@v1.2.0`, `./model`), or a path, which needs no `./`."""


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
        max_download: Bytes that may be downloaded for values.
    """

    def __init__(
        self,
        config: Config | Path | None = None,
        *,
        offline: bool = False,
        full: bool = False,
        exact: bool = False,
        max_download: int = 16_000_000,
    ) -> None:
        self._config = config
        self._offline = offline
        self._options = Options(exact=exact, full=full, max_download=max_download)

    def check(self, target: Target = ".", against: Target | None = None) -> Report:
        """Hold a release against the one before it, or against the one named.

        Args:
            target: The release; of a folder or clone the working tree, unless it names a revision.
            against: Another address, or a tag of the same repository.

        Raises:
            UsageError: If an address or the configuration is wrong.
            SourceError: If a repository or revision cannot be reached or read.
            NoBaselineError: If there is no earlier release.
        """
        address = _address(target)
        named = None if against is None else str(against) if isinstance(against, str) else _address(against).text
        return story.check(address, named, self._run(address))

    def check_all(self, target: Target = ".") -> Iterator[Report]:
        """Hold every tagged release against the one before it, oldest first; raises as `check` does."""
        address = _address(target)
        return story.check_all(address, self._run(address))

    def diff(self, old: Target, new: Target) -> Report:
        """Compare any two revisions, whatever they declare; raises as `check` does."""
        before, after = _address(old), _address(new)
        return story.diff(before, after, self._run(after))

    def rules(self) -> Mapping[str, Rule]:
        """The rules in force by id: the built-in ones, and those the configuration names.

        Raises:
            ConfigError: If a rule file or the configuration is wrong.
        """
        return load_rulebook(self._settled(None)).rules

    def _run(self, address: Address) -> Run:
        config = self._settled(None if address.on_hub else local_path(address.place))
        load_rulebook(config, needed=False)
        return Run(config, self._options, Settings(offline=self._offline, xet=config.xet))

    def _settled(self, project: Path | None) -> Config:
        return self._config if isinstance(self._config, Config) else load_config(self._config, project)


def render(
    report: Report | Sequence[Report],
    format: str = "text",  # noqa: A002 - as the option is called
    *,
    width: int = 80,
    verbose: bool = False,
) -> str:
    """A report, or the reports of several releases, as text that ends with a line break.

    Args:
        report: What to show.
        format: As `--format` names it: `text`, `json`, `jsonl`, `markdown`, `sarif` and others.
        width: Columns of the format `text`.
        verbose: Whether to say why, and how to mend it, for every finding.

    Raises:
        UsageError: If there is no such format.
    """
    if format not in formats():
        raise UsageError(f"{clean(format)}: no such format", f"choose one of {', '.join(formats())}")
    single = isinstance(report, Report)
    several = [replace(one, one_of_many=not single) for one in ([report] if isinstance(report, Report) else report)]
    return rendered(format, several, Style(width=width, verbose=verbose))


def notes(report: Report, place: release_notes.Place = "release") -> str:
    """What changed for whoever uses the model, in Markdown: for the `release`, or shorter for the model's `card`."""
    return release_notes.release_notes(report, place)


def explain(report: Report) -> list[str]:
    """How a verdict came about, a line a step: the baseline, the versions, the bump needed, the exit status."""
    return explanation.explanation(report)


def _address(target: Target) -> Address:
    """An address; of a path object the path itself, whatever its name looks like."""
    if isinstance(target, str):
        return parse(target)
    place = os.fspath(target)
    shown = place if place.startswith((".", "/", "~")) else f"./{place}"
    return Address(shown, shown, None, on_hub=False)
