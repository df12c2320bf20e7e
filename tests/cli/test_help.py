"""Help: every command says what it does with an example, within 80 columns; every error says what to do."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import typer
from support import run

import semverlint.cli
from semverlint import errors

ROOT = Path(semverlint.cli.__file__).parents[1]
COMMANDS = [one.name.replace("_", "-") for one in iter_modules(semverlint.cli.__path__) if not one.name.startswith("_")]


def below(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - click's own command
    """The commands of a group, and of its groups."""
    for inner, one in getattr(command, "commands", {}).items():
        yield f"{name} {inner}"
        yield from below(one, f"{name} {inner}")


semverlint.cli.load_commands()
GROUPED = [
    inner
    for name, one in typer.main.get_command(semverlint.cli.app).commands.items()  # type: ignore[attr-defined]  # a group
    for inner in below(one, name)
]


def test_the_commands_of_groups_are_known() -> None:
    assert {"cache info", "audit run", "audit report", "audit badge"} <= set(GROUPED)


@pytest.mark.parametrize("command", ["", *COMMANDS, *GROUPED])
def test_help_fits_80_columns_and_shows_an_example(command: str) -> None:
    done = run(*command.split(), "--help", COLUMNS="80")
    assert done.returncode == 0
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    assert "Example" in done.stdout
    shown = {
        "action": "uses: semverlint",
        "audit run": "semverlint audit org/one",
    }  # to run is meant without a word
    assert shown.get(command, f"semverlint {command}") in done.stdout


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "action"])
def test_a_command_is_listed_and_loaded_by_the_name_of_its_file(command: str) -> None:
    listed = run("--help", COLUMNS="80").stdout
    assert f"\n  {command} " in listed
    assert "..." not in listed.partition("Commands:")[2], "a summary is cut off"
    assert f"Usage: python -m semverlint {command} " in run(command, "--help").stdout


def test_a_slip_of_the_pen_is_told_with_the_way_to_help() -> None:
    for arguments in (["chekc"], ["check", "--formt", "json"], ["diff", "./one"]):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Try 'python -m semverlint" in done.stderr


def test_completion_knows_the_commands() -> None:
    words = {"_SEMVERLINT_COMPLETE": "complete_bash", "COMP_WORDS": "semverlint che", "COMP_CWORD": "1"}
    program = Path(sys.executable).with_name("semverlint")
    done = subprocess.run([program], env={**os.environ, **words}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["check"]


RAISED = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
WAYS_OUT = {"FileError": 3, "SpoiltError": 1}
"""Arguments until the way out; two for the others."""


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_names_a_way_out(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            name = node.exc.func.id
            if name in RAISED:
                given = len(node.exc.args) + len(node.exc.keywords)
                lines = "join(" in ast.unparse(node.exc)  # several mistakes, each a line with its own way out
                starred = any(isinstance(one, ast.Starred) for one in node.exc.args)
                assert lines or starred or given >= WAYS_OUT.get(name, 2), f"line {node.lineno}: {ast.unparse(node)}"
