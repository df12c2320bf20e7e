"""`semverlint init`: everything a model's repository needs to be checked without being remembered."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from semverlint.cli import app


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the model.", metavar="FOLDER")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there already.")] = False,
) -> None:
    """Set a model's repository up: configuration, hooks, workflow.

    Nothing is asked: whether there is a clone, where it came from, and what is
    released is found out. A file that exists is left as it is, unless --force
    is given; what it lacks is shown.

    \b
    Example: semverlint init ./model
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.setting_up import look, set_up  # noqa: PLC0415 - --help needs none of it

    place = look(folder)
    print(f"semverlint: {place.released}", file=sys.stderr)
    if place.root is None:
        print("semverlint: this is no git clone, so there are no hooks to set up", file=sys.stderr)
    for one in set_up(place, force=force):
        shown = one.path.relative_to(place.root) if place.root and one.path.is_absolute() else one.path
        if one.written:
            print(f"== wrote {shown}\n{one.text}")
        else:
            print(f"== {shown} exists and is left as it is{'; add to it:' if one.text else ''}\n{one.text}")
    print("semverlint: next: `pre-commit install`, then `semverlint check`", file=sys.stderr)
