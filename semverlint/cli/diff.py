"""`semverlint diff`: any two revisions, whatever they declare."""

from dataclasses import replace
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The address of the earlier revision.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The address of the later revision.", metavar="NEW")],
    evals: options.Evals = None,
    probe: options.Probe = False,
    format: options.Format = "text",  # noqa: A002 - the option is called --format
    output: options.Output = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    full: options.Full = False,
    exact: options.Exact = False,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "16MB",
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    explain: options.Explain = False,
) -> None:
    """Compare any two revisions; no version need be declared.

    \b
    Examples:
      semverlint diff ./old ./new
      semverlint diff org/model@v1.0 org/model@v1.1
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.check import diff as run  # noqa: PLC0415 - --help needs none of it
    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.sources import parse  # noqa: PLC0415 - likewise

    common = _session.Common(
        format, output, config, rules, consumer, None, full, exact, offline, max_download, quiet, verbose, probe
    )
    before, after = parse(old), parse(new)
    report = run(before, after, replace(common.run(after), evals=evals))
    common.publish([report])
    if explain:
        _session.explain([report])
    _session.complain([report])
    raise typer.Exit(3 if report.failed else 0)
