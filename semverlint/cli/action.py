"""`semverlint action`: what the GitHub Action runs (action.yml)."""

import typer

from semverlint.cli import app


@app.command(hidden=True)
def action() -> None:
    """Do the work of the GitHub Action; docs/github-action.md explains it.

    \b
    Example: uses: semverlint/semverlint@v0.1.0
    """  # noqa: D301 - click's mark for lines to keep
    import os  # noqa: PLC0415 - --help needs none of it

    from semverlint.cli import _action, _github  # noqa: PLC0415 - likewise
    from semverlint.errors import NoBaselineError, SemverlintError  # noqa: PLC0415 - likewise
    from semverlint.markdown import as_text  # noqa: PLC0415 - likewise

    environment = dict(os.environ)
    try:
        raise typer.Exit(_action.run(environment))
    except NoBaselineError as error:
        text = f"{error.problem}: a first release passes"
        _github.annotate("notice", text)
        _github.summarise(environment, f"### semverlint\n\n{as_text(text)}.\n")
        _github.answer(environment, {"status": "no-baseline"})
    except SemverlintError as error:
        _github.annotate("error", str(error))
        raise
