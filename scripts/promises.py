"""Record what semverlint promises: docs/promises.json.

    python scripts/promises.py           # write it
    python scripts/promises.py --check   # fail where it lacks anything, or has what is gone

tests/test_promises.py holds the package against it; a release records what it adds.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_args

import typer
import yaml

import semverlint
from semverlint import cli, errors
from semverlint.config.file import _File
from semverlint.reports import formats
from semverlint.rulebook import load_rulebook
from semverlint.terms import CONSUMERS, LEVELS, Status

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "promises.json"


def promises() -> dict[str, list[str]]:
    """Every name somebody may rely on, by sort."""
    book = load_rulebook()
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    places = [ROOT / "semverlint" / "reports" / "report.schema.json"]
    places += [ROOT / "semverlint" / "flip_reports" / "flips.schema.json"]
    report, flips = (json.loads(place.read_text(encoding="utf-8")) for place in places)
    classes = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.SemverlintError)
    ]
    found = {
        "action": [f"{kind}.{name}" for kind in ("inputs", "outputs") for name in action[kind]],
        "api": [*semverlint.__all__, *(f"Linter.{name}" for name in vars(semverlint.Linter) if name[0] != "_")],
        "commands": list(_commands()),
        "config": [*_File.model_fields],
        "consumers": list(CONSUMERS),
        "exit_statuses": [f"{one.exit_status} {one.__name__}" for one in classes],
        "flips_fields": sorted(set(_fields(flips))),
        "formats": formats(),
        "hooks": [hook["id"] for hook in hooks],
        "levels": list(LEVELS),
        "policy": list(book.policy),
        "report_fields": sorted(set(_fields(report))),
        "rules": list(book.rules),
        "statuses": list(get_args(Status)),
    }
    return {name: sorted(values) for name, values in found.items()}


def _commands() -> "list[str]":
    for module in iter_modules(cli.__path__):
        if not module.name.startswith("_"):
            import_module(f"{cli.__name__}.{module.name}")
    return _below(typer.main.get_command(cli.app), "")


def _below(command: Any, name: str) -> "list[str]":  # noqa: ANN401 - click's own command
    """A command by its name, its options, and all of its own commands."""
    names = [name] if name else []
    names += [f"{name} {option}".strip() for one in command.params for option in one.opts if option.startswith("--")]
    for inner, one in getattr(command, "commands", {}).items():
        names += _below(one, f"{name} {inner}".strip())
    return names


def _fields(schema: object, place: str = "") -> "list[str]":
    """The fields of every record of a JSON Schema, as `Record.field`."""
    if not isinstance(schema, dict):
        return []
    own = [f"{schema.get('title', place)}.{name}" for name in schema.get("properties", {})]
    inner = [_fields(one, name) for name, one in schema.get("$defs", {}).items()]
    return own + [field for fields in inner for field in fields]


if __name__ == "__main__":
    written = json.dumps(promises(), indent=2) + "\n"
    if "--check" not in sys.argv:
        PLACE.write_text(written, encoding="utf-8")
    elif written != PLACE.read_text(encoding="utf-8"):
        sys.exit("docs/promises.json is not what is there: run `python scripts/promises.py`, and look at what changes")
