"""An acceptance written into a configuration file: appended, so that every other byte stays as its author wrote it."""

import json
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from semverlint.atomic import write_atomically
from semverlint.config.file import read_config, read_text
from semverlint.config.overrides import Acceptance
from semverlint.errors import ConfigError, UsageError
from semverlint.text import clean, suggest

_TABLES: dict[str, tuple[str, ...]] = {"pyproject.toml": ("tool", "semverlint")}


def accept(place: Path, acceptance: Acceptance, rules: Collection[str]) -> None:
    """Write an acceptance into a configuration file, which is made where there is none.

    Args:
        place: The file.
        acceptance: What is accepted.
        rules: The ids of the rules in force.

    Raises:
        ConfigError: If the file cannot be read, or is written so that nothing can be appended.
        UsageError: If there is no such rule, no reason, or the file accepts this already or cannot be written.
    """
    if acceptance.rule not in rules:
        raise UsageError(
            f"there is no rule {clean(acceptance.rule)}{suggest(acceptance.rule, list(rules))}",
            "`semverlint rules` lists them all",
        )
    if not acceptance.reason:
        raise UsageError("an acceptance needs a reason", 'write --reason "why the finding is accepted"')
    before, known = (read_text(place), read_config(place).accept) if place.exists() else ("", ())
    write_atomically(place, with_acceptance(place, before, acceptance, known), "check the folder and its permissions")


def with_acceptance(path: Path, text: str, acceptance: Acceptance, known: Sequence[Acceptance] = ()) -> str:
    """A configuration that also holds an acceptance, at its end.

    TOML lets an array of tables be continued at the end of a file, whatever stands in between, unless it was written as
    one value in brackets (https://toml.io/en/v1.0.0#array-of-tables).

    Args:
        path: The file, for its name: in `pyproject.toml` the table stands below `tool.semverlint`.
        text: What it holds now; empty for a new one.
        acceptance: What is accepted.
        known: What it accepts already.

    Raises:
        ConfigError: If the file writes its acceptances in brackets.
        UsageError: If it accepts this already.
    """
    if _place(acceptance) in map(_place, known):
        raise UsageError(f"{path}: accepts {clean(acceptance.rule)} there already", "change that acceptance by hand")
    table = ".".join((*_TABLES.get(path.name, ()), "accept"))
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else newline if text.endswith("\n") else newline * 2
    after = text + gap + newline.join((f"[[{table}]]", *_lines(acceptance), ""))
    try:
        tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        raise ConfigError(
            f"{path}: writes its acceptances in brackets, where none can be appended",
            f"write them as [[{table}]] tables",
        ) from None
    return after


def _place(acceptance: Acceptance) -> tuple[str, str, str]:
    return acceptance.rule, acceptance.path, acceptance.subject


def _lines(acceptance: Acceptance) -> Iterator[str]:
    yield f"rule = {_string(acceptance.rule)}"
    if acceptance.path != "*":
        yield f"path = {_string(acceptance.path)}"
    if acceptance.subject != "*":
        yield f"subject = {_string(acceptance.subject)}"
    yield f"reason = {_string(acceptance.reason)}"
    if acceptance.expires:
        yield f"expires = {acceptance.expires.isoformat()}"


def _string(text: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own; the delete character must be escaped, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
