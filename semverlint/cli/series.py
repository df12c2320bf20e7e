"""`semverlint series`: which repositories of an author are releases of one thing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from semverlint.cli import _options as options
from semverlint.cli import app
from semverlint.errors import UsageError
from semverlint.text import clean

if TYPE_CHECKING:
    from semverlint.versions.series import Listed

_LONGEST = 1_000_000
"""Bytes of a line that are read; more is refused where it is understood."""


@app.command()
def series(
    name: Annotated[
        str | None, typer.Argument(help="An author, or one model of theirs: org, or org/Model-v2.", metavar="[NAME]")
    ] = None,
    listing: Annotated[
        str | None,
        typer.Option("--from", help="Read ids, or records as JSON, a line each; - for standard input.", metavar="FILE"),
    ] = None,
    format: Annotated[  # noqa: A002 - the option is called --format
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")
    ] = "text",
    output: options.Output = None,
    collections: Annotated[
        bool, typer.Option("--collections", help="Ask for the author's collections, too; they settle doubts.")
    ] = False,
    config: options.ConfigFile = None,
    offline: options.Offline = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List models that stand alone, too.")] = False,
) -> None:
    """Draw the releases of an author's models as a tree.

    Repositories whose names differ only in the version or the date follow
    each other; quantised, converted and tuned models are relatives.

    \b
    Examples:
      semverlint series mistralai
      semverlint series org/Model-7B-v0.3
      semverlint series --from ids.txt --format json
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.atomic import write_atomically  # noqa: PLC0415 - --help needs none of it
    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.config import load_config  # noqa: PLC0415 - likewise
    from semverlint.series_tree import FORMATS, series_json, series_text  # noqa: PLC0415 - likewise
    from semverlint.versions.series import find_series  # noqa: PLC0415 - likewise

    if format not in FORMATS:
        raise UsageError(f"--format {clean(format)}: no such format", f"choose one of {', '.join(FORMATS)}")
    settled = load_config(config, Path())
    found = find_series(_listing(name, listing, collections=collections, offline=offline), settled.zero_major)
    if name and "/" in name:
        found = [one for one in found if any(name in {member.id, member.origin} for member in one.members)]
        if not found:
            raise UsageError(f"{clean(name)} is not among the models that were listed", "check the name")
    if format == "json":
        text = series_json(found)
    else:
        shown = _session.style(verbose=verbose, quiet=False)
        text = series_text(found, everything=verbose, unicode=shown.unicode or output is not None)
    if output is not None:
        write_atomically(output, text)
    else:
        print(text, end="")


def _listing(name: str | None, listing: str | None, *, collections: bool, offline: bool) -> "list[Listed]":
    """The models to look at: those of a list, else of standard input, else of the author on the Hub."""
    from semverlint.versions.listings import from_lines, of_author  # noqa: PLC0415 - --help needs none of it

    if listing == "-" or (listing is None and name is None and not sys.stdin.isatty()):
        return from_lines(_lines(sys.stdin.buffer, "standard input"), "standard input")
    if listing is not None:
        try:
            with Path(listing).open("rb") as stream:
                return from_lines(_lines(stream, listing), listing)
        except OSError as error:
            raise UsageError(f"{clean(listing)}: cannot be read ({error.strerror})", "check the path") from None
    if name is None:
        raise UsageError("whose models?", "name an author, or give a list with --from")
    from semverlint.sources import Settings, parse  # noqa: PLC0415 - likewise

    address = parse(name)
    if not address.on_hub or address.revision:
        raise UsageError(f"{clean(name)} is no author on the Hub", "write org or org/Model; for a list use --from")
    return of_author(address.place.partition("/")[0], Settings(offline=offline), collections=collections)


def _lines(stream: BinaryIO, name: str) -> Iterator[str]:
    for line in iter(lambda: stream.readline(_LONGEST + 2), b""):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise UsageError(f"{clean(name)} is not UTF-8", "save it as UTF-8") from None
