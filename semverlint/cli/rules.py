"""`semverlint rules`: all rules, as a list or as pages."""

from pathlib import Path
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app


@app.command()
def rules(
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write a page a rule, their index and the schema there.", metavar="FOLDER"),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As tables in Markdown.")] = False,
) -> None:
    """List the rules; --markdown as tables, --write as a page each.

    \b
    Examples:
      semverlint rules --rules ./house-rules
      semverlint rules --markdown
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _session  # noqa: PLC0415 - --help needs none of it
    from semverlint.rulebook.pages import rule_list, rule_tables, write_pages  # noqa: PLC0415 - likewise

    book = _session.rulebook(config, rules)
    if write is None:
        print(rule_tables(book) if markdown else rule_list(book), end="")
        return
    for path in write_pages(book, write):
        print(path)
