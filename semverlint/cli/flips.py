"""`semverlint flips`: which answers that were right are wrong now."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app
from semverlint.errors import UsageError
from semverlint.text import clean


@app.command()
def flips(
    old: Annotated[Path, typer.Argument(help="A log of evaluations, or a folder of them, of the old model.")],
    new: Annotated[Path, typer.Argument(help="The same of the new model.")],
    format: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text, json or markdown.")] = "text",  # noqa: A002 - the option is called --format
    output: options.Output = None,
    config: options.ConfigFile = None,
    seed_baseline: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--seed-baseline", metavar="A B", help="Two runs of one model: what differs by chance."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option("--margin", help="How far a score must fall to be a flip, where it is no right or wrong."),
    ] = None,
    patch_budget: Annotated[
        float | None, typer.Option("--patch-budget", help="Share of answers that a patch may break (0.01).")
    ] = None,
    minor_budget: Annotated[
        float | None, typer.Option("--minor-budget", help="Share that a minor release may break (0.05).")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every measure, slice and example.")] = False,
) -> None:
    """Compare the answers of two models, sample by sample.

    \b
    Reads lm-evaluation-harness, lighteval, Inspect and HELM logs, and plain
    JSONL, JSON, CSV and Parquet of id, reference, prediction or score.

    \b
    Examples:
      semverlint flips logs/v1 logs/v2
      semverlint flips old.jsonl new.jsonl --format json
      semverlint flips v1 v2 --seed-baseline v1-seed1 v1-seed2

    Exits 0 once it has compared, whatever it found; 2 where the command is
    wrong, 3 where a log is damaged, 4 where nothing could be compared.
    """  # noqa: D301 - click's mark for lines to keep
    from dataclasses import replace  # noqa: PLC0415 - --help needs none of it

    from semverlint.atomic import write_atomically  # noqa: PLC0415 - likewise
    from semverlint.behaviour.budget import settings_of  # noqa: PLC0415 - likewise
    from semverlint.behaviour.comparison import compare_logs  # noqa: PLC0415 - likewise
    from semverlint.cli import _session  # noqa: PLC0415 - likewise
    from semverlint.config import load_config  # noqa: PLC0415 - likewise
    from semverlint.flip_reports import Look, flip_formats, render_flips  # noqa: PLC0415 - likewise

    if format not in flip_formats():
        raise UsageError(f"--format {clean(format)}: no such format", f"choose one of {', '.join(flip_formats())}")
    for name, value in (("--margin", margin), ("--patch-budget", patch_budget), ("--minor-budget", minor_budget)):
        if value is not None and not 0 <= value < float("inf"):
            raise UsageError(f"{name} {value}: no size", "give a number from 0 up")
    settings = settings_of(load_config(config, Path()).behaviour)
    budget = replace(
        settings.budget,
        patch=settings.budget.patch if patch_budget is None else patch_budget,
        minor=settings.budget.minor if minor_budget is None else minor_budget,
    )
    margins = settings.margins if margin is None else {"*": margin}
    noise = seed_baseline or settings.seed_baseline
    comparison = compare_logs(old, new, replace(settings, budget=budget, margins=margins, seed_baseline=noise))
    style = _session.style(verbose=verbose, quiet=False)
    look = Look(style.width, style.unicode, verbose) if output is None else Look(verbose=verbose)
    text = render_flips(format, comparison, look)
    if output is None:
        sys.stdout.write(text)
    else:
        write_atomically(output, text)
    raise typer.Exit(0 if comparison.tasks or comparison.bounds else 4)
