"""`semverlint accept`: stand by a finding, with a reason."""

from typing import TYPE_CHECKING, Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app

if TYPE_CHECKING:
    import datetime as dt


@app.command()
def accept(
    rule: Annotated[str, typer.Argument(help="The id of the rule whose findings are accepted.", metavar="RULE")],
    reason: Annotated[str, typer.Option("--reason", help="Why; shown in every report.", metavar="TEXT")],
    path: Annotated[str, typer.Option("--path", help="Only in files that match (* and ?).", metavar="PATTERN")] = "*",
    subject: Annotated[
        str, typer.Option("--subject", help="Only of this key, tensor, token (* and ?).", metavar="PATTERN")
    ] = "*",
    expires: Annotated[
        str | None, typer.Option("--expires", help="The last day it holds: 2027-06-30.", metavar="DATE")
    ] = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
) -> None:
    """Accept a finding: writes an [[accept]] into the configuration.

    The configuration of the folder you are in is used, or semverlint.toml made.
    What no longer matches anything, or has expired, is reported by every check.

    \b
    Example:
      semverlint accept end-token-replaced --path generation_config.json \\
        --reason "the old id was wrong" --expires 2027-06-30
    """  # noqa: D301 - click's mark for lines to keep
    from pathlib import Path  # noqa: PLC0415 - --help needs none of it

    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.config import accepting  # noqa: PLC0415 - likewise
    from semverlint.config.file import find_config  # noqa: PLC0415 - likewise
    from semverlint.config.overrides import Acceptance  # noqa: PLC0415 - likewise
    from semverlint.text import clean  # noqa: PLC0415 - likewise

    acceptance = Acceptance(rule, reason.strip(), path, subject, _day(expires) if expires else None)
    place = config or find_config(Path()) or Path("semverlint.toml")
    accepting.accept(place, acceptance, _session.rulebook(config, rules).rules)
    until = f" until {acceptance.expires}" if acceptance.expires else ""
    where = "everywhere" if path == "*" else f"in {clean(path)}"
    print(f"{place}: accepts {rule} {where}{until}")


def _day(text: str) -> "dt.date":
    import datetime as dt  # noqa: PLC0415 - --help needs none of it

    from semverlint.errors import UsageError  # noqa: PLC0415 - likewise
    from semverlint.text import clean  # noqa: PLC0415 - likewise

    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires {clean(text)}: not a day", "write it as 2027-06-30") from None
    if day < dt.datetime.now(dt.UTC).date():
        raise UsageError(f"--expires {clean(text)}: that day is gone by", "name one that is to come")
    return day
