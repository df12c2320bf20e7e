"""What the shared options lead to: a run, and reports that leave the program."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from semverlint.atomic import write_atomically
from semverlint.cli import _progress
from semverlint.compare.pair import Options
from semverlint.config import load_config
from semverlint.errors import UsageError
from semverlint.reports import Style, formats, render
from semverlint.rulebook import Rulebook, load_rulebook
from semverlint.run import Run
from semverlint.sources import Address, Settings
from semverlint.sources.address import local_path
from semverlint.terms import CONSUMERS, STATUSES
from semverlint.text import clean, some
from semverlint.verdict import Report


@dataclass(frozen=True)
class Common:
    """The shared options of one call, as typed."""

    format: str = "text"
    output: Path | None = None
    config: Path | None = None
    rules: list[Path] | None = None
    consumers: list[str] | None = None
    fail_on: str | None = None
    full: bool = False
    exact: bool = False
    offline: bool = False
    max_download: str = "16MB"
    quiet: bool = False
    verbose: bool = False
    probe: bool = False

    def run(self, target: Address, known: Sequence[str] | None = None) -> Run:
        """What holds for the run, checked before anything is read; rules of the project's own included.

        Args:
            target: The address that is looked at.
            known: The formats the command offers; those of the verdict unless told.
        """
        known = formats() if known is None else known
        if self.format not in known:
            raise UsageError(f"--format {clean(self.format)}: no such format", f"choose one of {', '.join(known)}")
        config = load_config(self.config, None if target.on_hub else local_path(target.place))
        if self.consumers:
            config = replace(config, consumers=tuple(_words(self.consumers, CONSUMERS, "--consumer")))
        if self.fail_on is not None:
            words = [] if self.fail_on == "none" else [self.fail_on]
            config = replace(config, fail_on=tuple(_words(words, STATUSES, "--fail-on")))
        config = replace(config, rule_folders=(*config.rule_folders, *(self.rules or ())))
        load_rulebook(config, needed=False)
        options = Options(
            exact=self.exact,
            full=self.full,
            max_download=size_of(self.max_download),
            probe=self.probe or bool(config.behaviour and config.behaviour.probe),
            drawn=self.format == "html",
        )
        settings = Settings(offline=self.offline, meter=_progress.meter(quiet=self.quiet), xet=config.xet, tell=_tell)
        return Run(config, options, settings)

    def quieter(self, quiet: bool) -> "Common":
        """The same, with the headline and the next step alone where `quiet`."""
        return replace(self, quiet=self.quiet or quiet)

    def publish(self, reports: Sequence[Report]) -> None:
        """Print the reports, or write them to a file; on a terminal in colour, piped without."""
        self.deliver(lambda style: render(self.format, reports, style))

    def deliver(self, rendered: Callable[[Style], str]) -> None:
        """Print what is rendered for standard output, or write it to a file as it looks without a terminal."""
        _progress.clear()
        if self.output is None:
            sys.stdout.write(rendered(style(verbose=self.verbose, quiet=self.quiet)))
        else:
            write_atomically(self.output, rendered(Style(verbose=self.verbose, quiet=self.quiet)))


def style(*, verbose: bool, quiet: bool) -> Style:
    """How a report may look on standard output: in colour on a terminal, in 80 columns without when piped."""
    stream = sys.stdout
    terminal = stream.isatty()
    wanted = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return Style(
        width=max(40, min(os.get_terminal_size(stream.fileno()).columns, 100)) if terminal else 80,
        colour=terminal and wanted,
        unicode="utf" in (stream.encoding or "").lower(),
        verbose=verbose,
        quiet=quiet,
    )


def rulebook(config: Path | None, folders: list[Path] | None) -> Rulebook:
    """The rules in force in this folder."""
    settled = load_config(config, Path())
    return load_rulebook(replace(settled, rule_folders=(*settled.rule_folders, *(folders or ()))))


def _tell(line: str) -> None:
    _progress.clear()
    print(f"semverlint: {clean(line)}", file=sys.stderr)


def explain(reports: Sequence[Report]) -> None:
    """Say on standard error how each verdict came about."""
    from semverlint.explanation import explanation  # noqa: PLC0415 - few ask for it

    for report in reports:
        for line in explanation(report):
            print(line, file=sys.stderr)


def complain(reports: Sequence[Report]) -> None:
    """Say on standard error which files could not be read, a line for each reason; the report has the rest."""
    failed: dict[tuple[str, str], set[str]] = {}
    for doubt in (doubt for report in reports for doubt in report.undecided if doubt.failed):
        failed.setdefault((doubt.reason, doubt.would_settle), set()).add(doubt.path)
    for paths, (reason, remedy) in sorted((sorted(paths), why) for why, paths in failed.items()):
        print(f"semverlint: {some(paths)}: {clean(reason)}; {clean(remedy)}", file=sys.stderr)


T = TypeVar("T")


def _words(given: Sequence[str], known: Sequence[T], option: str) -> list[T]:
    words = [word.strip() for text in given for word in text.split(",")]
    if wrong := [word for word in words if word not in known]:
        raise UsageError(f"{option} {clean(wrong[0])}: not known", f"choose from {', '.join(map(str, known))}")
    return [word for word in known if word in words]


_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}


def size_of(text: str) -> int:
    """Bytes of a size as it is typed; raises `UsageError` where it is none."""
    number = text.strip().rstrip("BKMGbkmg ")
    unit = text.strip()[len(number) :].strip().lower()
    try:
        size = int(float(number) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = -1
    if size < 0:
        raise UsageError(f"--max-download {clean(text)}: not a size", "write it as 500kB, 16MB or 2GB")
    return size
