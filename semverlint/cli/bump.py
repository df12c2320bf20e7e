"""`semverlint bump`: the right next version, and where it is written down."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app

if TYPE_CHECKING:
    from semverlint.verdict import Report


@app.command()
def bump(
    target: options.Target = ".",
    write: Annotated[bool, typer.Option("--write", help="Write it into the card and the configuration.")] = False,
    against: options.Against = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    exact: options.Exact = False,
    offline: options.Offline = False,
    max_download: options.MaxDownload = "16MB",
) -> None:
    """Name the right next version; --write puts it where it is declared.

    The version alone is printed on standard output, what led to it and the
    command that tags it on standard error. With --write the card (README.md)
    declares it, and config.json where it declared one before.

    \b
    Examples:
      semverlint bump
      semverlint bump ./model --write

    Exit status: 0 also where no release is needed (nothing is printed then);
    1 where the next version could not be decided.
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.check import check  # noqa: PLC0415 - --help needs none of it
    from semverlint.cli import _progress, _session  # noqa: PLC0415 - likewise
    from semverlint.errors import UsageError  # noqa: PLC0415 - likewise
    from semverlint.sources import open_repository, parse  # noqa: PLC0415 - likewise
    from semverlint.sources.address import local_path  # noqa: PLC0415 - likewise
    from semverlint.text import clean  # noqa: PLC0415 - likewise
    from semverlint.versions.declaring import number_of, write_version  # noqa: PLC0415 - likewise
    from semverlint.versions.releases import release  # noqa: PLC0415 - likewise
    from semverlint.wording import headline  # noqa: PLC0415 - likewise

    address = parse(target)
    if write and (address.on_hub or address.revision):
        raise UsageError("--write changes files of a folder on this disk", "name the folder, without a revision")
    common = _session.Common(
        config=config, rules=rules, consumers=consumer, exact=exact, offline=offline, max_download=max_download
    )
    settled = common.run(address)
    if address.revision is None and not against:
        here = release(open_repository(address, settled.settings), None)
        if here.tag is not None:
            print(f"semverlint: nothing changed since {clean(here.tag.name)}: no release is needed", file=sys.stderr)
            return
    report = check(address, against, settled)
    _progress.clear()
    print(f"semverlint: {headline(report)}", file=sys.stderr)
    _session.complain([report])
    if why := _undecided(report):
        print(f"semverlint: {why}", file=sys.stderr)
        raise typer.Exit(3 if report.failed else 1)
    if report.next_version is None:
        print("semverlint: no release is needed", file=sys.stderr)
        return
    version = clean(report.next_version)
    print(version)
    written = write_version(local_path(address.place), report.next_version) if write else []
    for name in written:
        print(f"semverlint: {name} declares {number_of(version)}", file=sys.stderr)
    print(f"semverlint: to release it: {_command(report, address.on_hub, version, written)}", file=sys.stderr)


def _undecided(report: "Report") -> str:
    """Why no version can be named; empty where one can, or where none is needed."""
    from semverlint.text import clean  # noqa: PLC0415 - --help needs none of it

    if report.could_rise:
        first = next(doubt for doubt in report.undecided if doubt.at_most > report.required)
        return f"undecided: {clean(first.path)}: {clean(first.reason)}; {clean(first.would_settle)}"
    if report.required and report.next_version is None:
        why = report.declared.step.why or "the version before it has no parts to count up"
        return f"a {report.required} release is needed, and its name is yours to choose: {clean(why)}"
    return ""


def _command(report: "Report", on_hub: bool, version: str, written: list[str]) -> str:
    """How the release is made."""
    import shlex  # noqa: PLC0415 - --help needs none of it

    tag = shlex.quote(version)
    if on_hub:
        return f"hf repos tag create {shlex.quote(report.new.address)} {tag}"
    commit = f"git add {' '.join(written)} && git commit -m {shlex.quote(f'Release {version}')} && " if written else ""
    return f"{commit}git tag {tag}"
