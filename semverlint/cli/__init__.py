"""The command line: one file a command, and the only place that prints or exits."""

import os
import sys
from importlib import import_module
from pathlib import Path

import typer

from semverlint import __version__
from semverlint.errors import NoBaselineError, SemverlintError

app = typer.Typer(
    name="semverlint",
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes long to import, and executes markup in a stranger's strings
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_INTERRUPTED = 130
"""The exit status of a run that a person ended: 128 and the number of the signal, as shells have it."""


def _version(value: bool) -> None:
    if value:
        print(f"semverlint {__version__}")
        raise typer.Exit


@app.callback()
def semverlint(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    """Does a model's version number tell the truth about what an update costs?

    semverlint compares two revisions of a model, finds out what changed for
    whoever uses it, and holds that against the version that is declared.

    \b
    Example: semverlint check ./my-model

    Exit status: 0 the promise holds; 1 it does not, or could not be decided;
    2 usage or configuration is wrong; 3 the work could not be completed;
    4 there is no earlier release to compare with.
    """  # noqa: D301 - click's mark for lines to keep


def load_commands(asked: str | None = None) -> None:
    """Import the one command that is asked for by the name of its file, so that a run costs nothing for the others.

    Without such a name (help, completion, a slip of the pen) all of them are imported.
    """
    files = Path(__file__).parent.glob("[!_]*.py")  # iter_modules would do, and take a millisecond to import
    names = [file.stem for file in files]
    wanted = (asked or "").replace("-", "_")
    for name in [wanted] if wanted in names else names:
        import_module(f"{__name__}.{name}")


def main() -> None:
    """Run the command; every error semverlint raises on purpose is one line and an exit status."""
    load_commands(sys.argv[1] if len(sys.argv) > 1 else None)
    try:
        app()
    except NoBaselineError as error:
        _clear_progress()
        print(f"semverlint: {error}", file=sys.stderr)
        sys.exit(0 if "PRE_COMMIT" in os.environ else error.exit_status)  # a hook lets a first release pass
    except SemverlintError as error:
        _clear_progress()
        for line in str(error).splitlines():
            print(f"semverlint: {line}", file=sys.stderr)
        sys.exit(error.exit_status)
    except (KeyboardInterrupt, SystemExit) as ended:  # typer makes the one into the other, and says nothing
        if isinstance(ended, SystemExit) and ended.code != _INTERRUPTED:
            raise
        _clear_progress()
        print("semverlint: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)


def _clear_progress() -> None:
    """Take a progress bar away, where one was begun, before an error is told."""
    if progress := sys.modules.get(f"{__name__}._progress"):
        progress.clear()
