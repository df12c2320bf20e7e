"""`semverlint rule`: a rule explained."""

import difflib
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app
from semverlint.errors import UsageError
from semverlint.text import clean


@app.command()
def rule(
    name: Annotated[
        str | None, typer.Argument(help="The id of a rule; all are listed without one.", metavar="[ID]")
    ] = None,
    config: options.ConfigFile = None,
    rules: options.RuleFolders = None,
) -> None:
    """Explain a rule with its examples, or list them all.

    \b
    Example: semverlint rule token-moved
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli import _session  # noqa: PLC0415 - --help needs none of it
    from semverlint.rulebook.pages import rule_list, rule_text  # noqa: PLC0415 - likewise

    book = _session.rulebook(config, rules)
    if name is None:
        print(rule_list(book), end="")
        return
    if name not in book.rules:
        close = difflib.get_close_matches(name, book.rules, n=1)
        remedy = f"did you mean {close[0]}?" if close else "`semverlint rule` lists them all"
        raise UsageError(f"there is no rule {clean(name)}", remedy)
    print(rule_text(book.rules[name], width=_session.style(verbose=True, quiet=False).width), end="")
