"""`semverlint log`: the history of one model, commit by commit."""

from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app


@app.command()
def log(
    target: Annotated[
        str, typer.Argument(help="A clone, or a model id of the Hub; with @revision if you like.", metavar="TARGET")
    ] = ".",
    since: Annotated[
        str, typer.Option("--since", help="Only commits of this day or later: 2024-05-01.", metavar="DATE")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Look at so many commits at most.", min=1)] = 1_000,
    least: Annotated[
        str | None, typer.Option("--at-least", help="Only commits that need patch, minor or major.", metavar="BUMP")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only commits about this: 'output data'.", metavar="NAME")
    ] = None,
    part: Annotated[
        list[str] | None, typer.Option("--part", help="Only commits that touch this: weights, config.", metavar="NAME")
    ] = None,
    disagreeing: Annotated[
        bool, typer.Option("--disagreeing", help="Only commits whose title and diff disagree.")
    ] = False,
    sessions: Annotated[
        bool, typer.Option("--sessions", help="Take commits less than an hour apart as one: one upload.")
    ] = False,
    format: Annotated[  # noqa: A002 - the option is called --format
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, json, jsonl or html.")
    ] = "text",
    output: options.Output = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "0",
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what each commit did, and what is waiting for a release.

    \b
    Examples:
      semverlint log .
      semverlint log org/model --since 2024-05-01
      semverlint log . --at-least minor --part tokenizer
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _session  # noqa: PLC0415 - --help needs none of it
    from semverlint.history import pages  # noqa: PLC0415 - likewise
    from semverlint.history.walk import history  # noqa: PLC0415 - likewise
    from semverlint.history.wanted import Wanted, moment  # noqa: PLC0415 - likewise
    from semverlint.sources import parse  # noqa: PLC0415 - likewise

    wanted = Wanted.read(least, category, part, disagreeing=disagreeing)
    common = _session.Common(
        format, output, config, rules, consumer, None, False, False, offline, max_download, quiet, verbose
    )
    address = parse(target)
    run = common.run(address, pages.FORMATS)
    found = wanted.among(history(address, run, moment(since), limit, coalesced=sessions))
    common.deliver(lambda style: pages.render(format, found, style))
