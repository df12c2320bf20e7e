"""How long semverlint takes to start, beside a bare typer program of the same typer version.

    python benchmarks/startup.py [RUNS]

Run in turn, RUNS times (21 unless told): a typer program with two empty commands; `semverlint --help`; `semverlint
diff` of two folders whose files all agree; and the pre-commit hook where nothing is staged, and where only documents
are. Printed are the medians of the whole processes and their ratios to the first; at most 1.5 is what the project
promises. None may import numpy or huggingface_hub.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
@app.command()
def one(target: str = "."): pass
@app.command()
def two(target: str = "."): pass
app()
"""
HEAVY = ("numpy", "huggingface_hub", "pydantic", "rich", "yaml", "jinja2", "tokenizers")


def seconds(command: list[str]) -> float:
    """How long a command takes, start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    return time.perf_counter() - start


def git(*arguments: str) -> None:
    """Run git, for the clones that the hook looks at."""
    subprocess.run(["git", *arguments], check=True)  # noqa: S603, S607 - our own arguments


def imported(command: list[str]) -> list[str]:
    """The heavy libraries a command imports."""
    run = [command[0], "-X", "importtime", *command[1:]]
    log = subprocess.run(run, check=True, capture_output=True, text=True).stderr  # noqa: S603 - our own commands
    modules = {line.rpartition("|")[2].strip() for line in log.splitlines()}
    return [name for name in HEAVY if name in modules]


def main(runs: int) -> None:
    """Print the table."""
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        for side in ("old", "new"):
            Path(folder, side).mkdir()
            Path(folder, side, "config.json").write_text(json.dumps({"model_type": "bert"}))
            Path(folder, side, "model.safetensors").write_bytes(b"\2\0\0\0\0\0\0\0{}" + bytes(1_000_000))
        git("init", "-q", f"{folder}/clone")
        for name, content in (("config.json", "{}"), ("docs/use.md", "Use it.")):
            Path(folder, "clone", name).parent.mkdir(exist_ok=True)
            Path(folder, "clone", name).write_text(content)
        git("-C", f"{folder}/clone", "add", "config.json")
        git("-C", f"{folder}/clone", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "First")
        git("clone", "-q", f"{folder}/clone", f"{folder}/idle")
        git("-C", f"{folder}/clone", "add", "docs")
        semverlint = [sys.executable, str(Path(sys.executable).with_name("semverlint"))]  # what users and hooks start
        commands = {
            "a bare typer program": [sys.executable, str(bare), "one"],
            "semverlint --help": [*semverlint, "--help"],
            "semverlint diff, digests agree": [*semverlint, "diff", f"{folder}/old", f"{folder}/new"],
            "the hook, nothing staged": [*semverlint, "hook", "pre-commit", f"{folder}/idle"],
            "the hook, a document staged": [*semverlint, "hook", "pre-commit", f"{folder}/clone"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for name, command in commands.items():
            seconds(command)  # once to warm the caches
            print(f"{name} imports {', '.join(imported(command)) or 'nothing heavy'}")
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command))
        first = statistics.median(times["a bare typer program"])
        for name, values in times.items():
            median = statistics.median(values)
            print(f"{name:32} median {median * 1000:6.1f} ms   ratio {median / first:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
