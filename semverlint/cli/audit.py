"""`semverlint audit`: many repositories in one table, and the questions asked of it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from semverlint.cli import _options as options
from semverlint.cli import app


class _RunsByDefault(TyperGroup):
    """`semverlint audit org/model` means `semverlint audit run org/model`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's own context
        """Put the default command in front where none is named."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args.insert(0, "run")
        return super().parse_args(ctx, args)


audits = typer.Typer(cls=_RunsByDefault, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(audits, name="audit")


@audits.callback()
def audit() -> None:
    """Check many repositories into one table, and ask it questions.

    \b
    Examples:
      semverlint audit org/one org/two --to audit
      semverlint audit --clones ./models --to audit --commits
      semverlint audit report audit
    """  # noqa: D301 - click's mark for lines to keep


@audits.command()
def run(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Addresses, as `check` takes them.", metavar="[TARGET]…")
    ] = None,
    to: Annotated[
        Path, typer.Option("--to", help="The folder of the table; an audit that stands there goes on.", metavar="DIR")
    ] = Path("audit"),
    listed: Annotated[
        list[Path] | None,
        typer.Option("--from", help="A list: an address a line, and behind it one to compare with.", metavar="FILE"),
    ] = None,
    clones: Annotated[
        list[Path] | None, typer.Option("--clones", help="Every clone in this folder.", metavar="FOLDER")
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", help="Every model of this author on the Hub.", metavar="NAME")
    ] = None,
    search: Annotated[
        list[str] | None, typer.Option("--search", help="Every model the Hub finds for this text.", metavar="TEXT")
    ] = None,
    commits: Annotated[bool, typer.Option("--commits", help="Make every commit a row of a second table.")] = False,
    threads: Annotated[int, typer.Option("--threads", help="Repositories a process works on.", min=1, max=64)] = 8,
    workers: Annotated[int, typer.Option("--workers", help="Processes to start, with Dask.", min=0, max=256)] = 0,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="A Dask cluster that runs: tcp://host:8786.", metavar="ADDRESS")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option("--rate", help="Requests to the Hub in a second, over all processes; 0 for any.", min=0),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Try repositories that failed once more.")] = False,
    config: options.ConfigFile = None,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "0",
    quiet: options.Quiet = False,
) -> None:
    """Check many repositories into one table; killed at any moment, it goes on where it was.

    \b
    Examples:
      semverlint audit org/one org/two@v2.0 --to audit
      semverlint audit --from ids.txt --to audit --workers 4
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _audit  # noqa: PLC0415 - --help needs none of it

    found = _audit.targets(targets or (), listed or (), clones or (), author or (), search or (), offline=offline)
    _audit.run(
        found, to, config, max_download, threads, workers, scheduler, rate,
        offline=offline, commits=commits, again=again, quiet=quiet,
    )  # fmt: skip


@audits.command()
def report(
    folder: Annotated[Path, typer.Argument(help="The folder of the table.", metavar="DIR")] = Path("audit"),
    sql: Annotated[
        str | None, typer.Option("--sql", help="Ask this of the tables `rows` and `commits` instead.", metavar="QUERY")
    ] = None,
    format: Annotated[  # noqa: A002 - the option is called --format
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, markdown, json or html.")
    ] = "text",
    output: options.Output = None,
) -> None:
    """Answer the studies' questions from a table.

    \b
    Examples:
      semverlint audit report audit
      semverlint audit report audit --format html --output audit.html
      semverlint audit report audit --sql "SELECT target FROM rows LIMIT 9"
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _audit  # noqa: PLC0415 - --help needs none of it

    _audit.report(folder, sql, format, output)


@audits.command()
def badge(
    target: Annotated[str, typer.Argument(help="An address, as `check` takes it.", metavar="TARGET")] = ".",
    format: Annotated[  # noqa: A002 - the option is called --format
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, svg, or json for a badge endpoint.")
    ] = "text",
    output: options.Output = None,
    config: options.ConfigFile = None,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "0",
) -> None:
    """Score how well a repository keeps its versions' promises.

    \b
    Examples:
      semverlint audit badge .
      semverlint audit badge . --format svg --output semver.svg
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _audit  # noqa: PLC0415 - --help needs none of it

    _audit.badge(target, format, output, config, max_download, offline=offline)
