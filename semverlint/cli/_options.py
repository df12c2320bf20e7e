"""The options that commands share, as typer wants them; what they lead to is in `_session.py`, imported late."""

from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[
    str, typer.Argument(help="A path, or a model id of the Hub; with @revision if you like.", metavar="TARGET")
]
Against = Annotated[
    str | None,
    typer.Option("--against", help="Compare with this address, or this tag, instead.", metavar="ADDRESS"),
]
Format = Annotated[
    str,
    typer.Option("--format", "-f", help="text, json, jsonl, github, markdown, sarif, junit or html.", metavar="FORMAT"),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.", metavar="FILE")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Use this configuration file.", metavar="FILE")]
RuleFolders = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="A folder with rules of your own; may be repeated.", metavar="FOLDER"),
]
Consumers = Annotated[
    list[str] | None,
    typer.Option(
        "--consumer",
        help="Promise compatibility to these only: load, input, output, embed, adapt, behave, trust.",
        metavar="NAME",
    ),
]
FailOn = Annotated[
    str | None,
    typer.Option("--fail-on", help="Statuses that exit with 1, with commas; none for never.", metavar="STATUS,…"),
]
Evals = Annotated[
    tuple[Path, Path] | None,
    typer.Option("--evals", help="Evaluations of the old and of the new model: logs, or folders.", metavar="OLD NEW"),
]
Probe = Annotated[
    bool, typer.Option("--probe", help="Run ONNX graphs of both on the same inputs, in a process with limits.")
]
Full = Annotated[bool, typer.Option("--full", help="Check every relation, not only those a change touches.")]
Exact = Annotated[bool, typer.Option("--exact", help="Read every value that a doubt asks for, whatever it costs.")]
Offline = Annotated[bool, typer.Option("--offline", help="Use only what is on this machine.")]
MaxDownload = Annotated[
    str, typer.Option("--max-download", help="Most to download for values, of each pair: 16MB, 2GB.", metavar="SIZE")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the headline and the next step.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say why, and how to mend it, for every finding.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say on standard error how the verdict came about, step by step.")
]
