"""`semverlint hook`: what git hooks run, with or without pre-commit."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from semverlint.cli import _options as options
from semverlint.cli import app

if TYPE_CHECKING:
    from semverlint.cli._session import Common
    from semverlint.verdict import Report

_NO_MODEL = {"document", "repository", "training"}
"""Roles of files that no user of a model loads; a commit of nothing else is let through at once."""


@app.command()
def hook(
    stage: Annotated[Literal["pre-commit", "pre-push"], typer.Argument(help="When it runs.", metavar="STAGE")],
    folder: Annotated[str, typer.Argument(help="The folder of the model in the clone.", metavar="FOLDER")] = ".",
    against: options.Against = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    consumer: options.Consumers = None,
    fail_on: options.FailOn = None,
    full: options.Full = False,
    exact: options.Exact = False,
) -> None:
    """Check a commit or a push from a git hook, offline.

    STAGE pre-commit holds what is staged against the last release; pre-push
    holds each version tag about to be pushed against the one before it. A first
    release, which has nothing to be compared with, passes.

    \b
    Examples:
      semverlint hook pre-commit
      semverlint hook pre-push ./models/small
    """  # noqa: D301 - click's mark for lines to keep
    if stage == "pre-commit":
        from semverlint.roles import role  # noqa: PLC0415 - --help needs none of it
        from semverlint.sources.address import local_path  # noqa: PLC0415 - likewise
        from semverlint.sources.git.staged import staged_paths  # noqa: PLC0415 - likewise

        if all(role(path) in _NO_MODEL for path in staged_paths(local_path(folder))):
            print("semverlint: nothing that the model consists of is staged", file=sys.stderr)
            return
    from semverlint.cli._session import Common, complain  # noqa: PLC0415 - a hook with nothing to do needs none of it

    common = Common(
        config=config, rules=rules, consumers=consumer, fail_on=fail_on, full=full, exact=exact, offline=True
    )
    reports = _staged(folder, against, common) if stage == "pre-commit" else _pushed(folder, against, common)
    for report in reports:
        common.quieter(_exit_status(report) == 0).publish([report])
    complain(reports)
    raise typer.Exit(max(map(_exit_status, reports), default=0))


def _exit_status(report: "Report") -> int:
    """As elsewhere; but content that cannot be read (LFS never downloaded) blocks only where it could matter."""
    fails = report.status in report.config.fail_on and (report.status != "undecided" or report.could_change)
    return report.exit_status if fails else 0


def _staged(folder: str, against: str | None, common: "Common") -> "list[Report]":
    from semverlint.check import check  # noqa: PLC0415 - a hook with nothing to do needs none of it
    from semverlint.errors import NoBaselineError  # noqa: PLC0415 - likewise
    from semverlint.sources import Address  # noqa: PLC0415 - likewise

    address = Address(f"{folder}@:staged", folder, ":staged", on_hub=False)
    try:
        report = check(address, against, common.run(address))
    except NoBaselineError as error:
        print(f"semverlint: {error.problem}: a first release passes", file=sys.stderr)
        return []
    if sentence := staged_sentence(report):
        print(f"semverlint: {sentence}", file=sys.stderr)
    return [report]


def _pushed(folder: str, against: str | None, common: "Common") -> "list[Report]":
    from dataclasses import replace  # noqa: PLC0415 - a hook with nothing to do needs none of it

    from semverlint.check import check, judge  # noqa: PLC0415 - likewise
    from semverlint.errors import NoBaselineError  # noqa: PLC0415 - likewise
    from semverlint.sources import Address, open_repository  # noqa: PLC0415 - likewise
    from semverlint.versions import pushed  # noqa: PLC0415 - likewise
    from semverlint.versions.releases import release  # noqa: PLC0415 - likewise

    address = Address(folder, folder, None, on_hub=False)
    run = common.run(address)
    repository = open_repository(address, run.settings)
    if "PRE_COMMIT" in os.environ:
        tags = pushed.from_pre_commit(repository, os.environ)
    else:
        tags = pushed.from_git(repository, () if sys.stdin.isatty() else sys.stdin)
    if not tags:
        print("semverlint: no version tag is pushed", file=sys.stderr)
    reports = []
    for one in tags:
        try:
            if one.before and not against:
                old = release(repository, one.before, f"what {one.tag.name} names where it is pushed to", moved=True)
                reports.append(judge(repository, old, release(repository, one.tag.name), run))
            else:
                reports.append(check(replace(address, revision=one.tag.name), against, run))
        except NoBaselineError as error:
            print(f"semverlint: {error.problem}: a first release passes", file=sys.stderr)
    return reports


def staged_sentence(report: "Report") -> str:
    """What the staged changes need, and what is declared, in a sentence; empty where nothing need be said."""
    from semverlint.text import clean  # noqa: PLC0415 - a hook with nothing to do needs none of it

    new, needs = report.declared.new, f"these staged changes need a {report.required} release"
    match report.status:
        case "undeclared" if new:
            return f"{needs}; {new.place} still says {clean(new.text, 40)}"
        case "under-declared" if new:
            return f"{needs}; {new.place} says {clean(new.text, 40)}, only a {report.declared.step.bump}"
        case "not-declared" if report.required and report.next_version:
            return f"{needs}: the next version is {clean(report.next_version, 40)}"
        case _:
            return ""
