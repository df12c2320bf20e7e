"""What the commands of `semverlint audit` lead to, imported late."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from semverlint.atomic import write_atomically
from semverlint.cli._session import size_of
from semverlint.compare.pair import Options
from semverlint.config import load_config
from semverlint.errors import UsageError
from semverlint.fleet import answers, badges
from semverlint.fleet.audit import Audit, audit
from semverlint.fleet.engine import Crew
from semverlint.fleet.questions import ask
from semverlint.fleet.rows import rows_of
from semverlint.fleet.targets import Target, clones_in, read_targets, unique
from semverlint.run import Run
from semverlint.sources import Settings, list_models, parse
from semverlint.sources.address import local_path
from semverlint.text import clean


def targets(
    named: Sequence[str],
    lists: Sequence[Path],
    clones: Sequence[Path],
    authors: Sequence[str],
    searches: Sequence[str],
    *,
    offline: bool,
) -> list[Target] | None:
    """Every repository that was asked for, once and in order; None where none was named."""
    if not (named or lists or clones or authors or searches):
        return None
    found = unique(_all(named, lists, clones, authors, searches, offline=offline))
    if not found:
        raise UsageError("no repositories to audit: the lists are empty, or the Hub finds none", "check what you named")
    for target in found:
        parse(target.address)  # a wrong address is told before anything is read
    return found


def _all(
    named: Sequence[str],
    lists: Sequence[Path],
    clones: Sequence[Path],
    authors: Sequence[str],
    searches: Sequence[str],
    *,
    offline: bool,
) -> Iterator[Target]:
    yield from (Target(address) for address in named)
    for path in lists:
        try:
            lines = sys.stdin.readlines() if str(path) == "-" else path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--from {clean(path)}: cannot be read ({clean(error, 80)})", "check the file") from None
        yield from read_targets(lines, str(path))
    for folder in clones:
        yield from clones_in(folder)
    if authors or searches:
        settings = Settings(offline=offline)
        for author in authors:
            yield from (Target(model.id) for model in list_models(author, settings))
        for text in searches:
            yield from (Target(model.id) for model in list_models("", settings, text))


def run(
    found: list[Target] | None,
    folder: Path,
    config: Path | None,
    max_download: str,
    threads: int,
    workers: int,
    scheduler: str | None,
    rate: float | None,
    *,
    offline: bool,
    commits: bool,
    again: bool,
    quiet: bool,
) -> None:
    """Audit, and say on standard error how far it is."""
    crew = Crew(threads, workers, scheduler)
    how = Audit(load_config(config, None), size_of(max_download), offline, commits, rate, again, crew)
    shown = sys.stderr.isatty() and not quiet

    def progress(done: int, total: int) -> None:
        if shown:
            print(f"\r{done:,} of {total:,} repositories", end="", file=sys.stderr, flush=True)

    try:
        place = audit(found, folder, how, progress)
    finally:
        if shown:
            print(file=sys.stderr)
    if not quiet:
        print(f"{place}: the table is whole; `semverlint audit report {place}` answers questions")


def report(folder: Path, sql: str | None, form: str, output: Path | None) -> None:
    """Answer questions."""
    _deliver(answers.FORMATS, form, output)(ask(folder, sql))


def badge(
    target: str, form: str, output: Path | None, config: Path | None, max_download: str, *, offline: bool
) -> None:
    """Score one repository."""
    deliver = _deliver(badges.FORMATS, form, output)
    address = parse(target)
    settled = load_config(config, None if address.on_hub else local_path(address.place))
    options = Options(max_download=size_of(max_download))
    deliver(badges.score(rows_of(Target(target), Run(settled, options, Settings(offline=offline, xet=settled.xet)))))


Found = TypeVar("Found")


def _deliver(formats: Mapping[str, Callable[[Found], str]], form: str, output: Path | None) -> Callable[[Found], None]:
    """What prints a result in a format, or writes it to a file; a wrong format is told before any work."""
    if form not in formats:
        raise UsageError(f"--format {clean(form)}: no such format", f"choose one of {', '.join(formats)}")

    def deliver(found: Found) -> None:
        text = formats[form](found)
        if output is None:
            sys.stdout.write(text)
        else:
            write_atomically(output, text)

    return deliver
