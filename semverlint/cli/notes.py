"""`semverlint notes`: release notes from the evidence."""

from typing import Annotated, Literal

import typer

from semverlint.cli import _options as options
from semverlint.cli import app


@app.command()
def notes(
    target: options.Target = ".",
    place: Annotated[
        Literal["release", "card"],
        typer.Option("--for", help="release (with rules and remedies) or card (shorter).", metavar="PLACE"),
    ] = "release",
    against: options.Against = None,
    output: options.Output = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    exact: options.Exact = False,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "16MB",
) -> None:
    """Write release notes: what changed for whoever uses the model.

    In Markdown, as Keep a Changelog has it: added, changed, removed; what
    breaks says so, and for whom. The step is the one `check` would judge.

    \b
    Examples:
      semverlint notes . --output notes.md
      semverlint notes org/model@v1.2.0 --for card
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.check import check  # noqa: PLC0415 - --help needs none of it
    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.release_notes import release_notes  # noqa: PLC0415 - likewise
    from semverlint.sources import parse  # noqa: PLC0415 - likewise

    address = parse(target)
    common = _session.Common(
        output=output,
        config=config,
        rules=rules,
        consumers=consumer,
        exact=exact,
        offline=offline,
        max_download=max_download,
    )
    report = check(address, against, common.run(address))
    common.deliver(lambda _: release_notes(report, place))
    _session.complain([report])
    raise typer.Exit(3 if report.failed else 0)
