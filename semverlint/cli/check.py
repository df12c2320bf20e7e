"""`semverlint check`: the main job."""

from dataclasses import replace
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app
from semverlint.errors import UsageError


@app.command()
def check(
    target: options.Target = ".",
    against: options.Against = None,
    staged: Annotated[bool, typer.Option("--staged", help="Check what is staged, against the last release.")] = False,
    all_releases: Annotated[bool, typer.Option("--all-releases", help="Check every tagged release in turn.")] = False,
    evals: options.Evals = None,
    probe: options.Probe = False,
    format: options.Format = "text",  # noqa: A002 - the option is called --format
    output: options.Output = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    fail_on: options.FailOn = None,
    full: options.Full = False,
    exact: options.Exact = False,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "16MB",
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    explain: options.Explain = False,
) -> None:
    """Hold a release against the one before it.

    \b
    Examples:
      semverlint check .
      semverlint check org/model@v1.2.0
      semverlint check ./model --staged
      semverlint check ./new --against ./old
      semverlint check . --evals logs/v1 logs/v2
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.check import check as run  # noqa: PLC0415 - --help needs none of it
    from semverlint.check import check_all  # noqa: PLC0415 - likewise
    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.sources import parse  # noqa: PLC0415 - likewise

    common = _session.Common(
        format, output, config, rules, consumer, fail_on, full, exact, offline, max_download, quiet, verbose, probe
    )
    address = parse(target)
    if staged:
        if address.on_hub or address.revision:
            raise UsageError("--staged checks the index of a local clone", "leave the revision out")
        address = replace(address, revision=":staged")
    if all_releases:
        if against or staged or address.revision or evals:
            raise UsageError(
                "--all-releases walks every tag", "leave --against, --staged, --evals and the revision out"
            )
        reports = list(check_all(address, common.run(address)))
    else:
        reports = [run(address, against, replace(common.run(address), evals=evals))]
    common.publish(reports)
    if explain:
        _session.explain(reports)
    _session.complain(reports)
    raise typer.Exit(max((report.exit_status for report in reports), default=4))
