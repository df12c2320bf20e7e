"""Annotations, read as the runner reads them: by its own rules for what a line of a log is a command."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from git_support import Clone
from hostile_support import ATTACKS, FILES
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from support import run

from semverlint.reports.github import MOST, _data, _property


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def understood(line: str) -> Command | None:
    """A line as the runner takes it (actions/runner, ActionCommand.TryParseV2): None where it is no command."""
    matched = re.match(r"\s*::(?P<head>(?:(?!::).)*)::(?P<data>.*)$", line, re.DOTALL)
    if not matched:
        return None
    name, _, listed = matched["head"].partition(" ")
    properties = dict(pair.split("=", 1) for pair in listed.split(",") if "=" in pair)
    return Command(name, {key: _unescaped(value) for key, value in properties.items()}, _unescaped(matched["data"]))


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("github") / "repository")
    made.commit({"models/a/thresholds.json": {"hotword": 0.5, "stop": 1}, "models/a/notes.md": "a"}, tag="v1.2.0")
    made.git("rm", "-q", "models/a/notes.md")
    made.commit({"models/a/thresholds.json": {"hotword": 0.6}}, tag="v1.3.0")
    return made


def annotations(clone: Clone, *arguments: str) -> list[Command]:
    lines = run("check", *arguments, "--format", "github", cwd=clone.root).stdout.split("\n")
    assert lines.pop() == ""
    commands = [understood(line) for line in lines]
    assert None not in commands
    return [command for command in commands if command]


def test_a_broken_promise(clone: Clone) -> None:
    text = run("check", "./models/a@v1.3.0", "--format", "github", cwd=clone.root).stdout
    assert re.sub(r"[0-9a-f]{12}", "0123456789ab", text) == snapshot("""\
::error title=semverlint::v1.2.0 → v1.3.0: declared minor, needs major: under-declared%0ANext: release this as v2.0.0: git tag v2.0.0 0123456789ab
::error file=models/a/thresholds.json,line=1,title=data-key-removed (major)::stop is gone%0AKeep the key, or release this as a new major version and say in the card what takes its place.
::notice file=models/a/thresholds.json,line=2,title=data-value-changed (minor)::hotword holds something else%0ALook at what changed; if it breaks its readers, release this as a new major version.
::notice file=models/a/thresholds.json,line=1,title=side-file-removed (patch)::notes.md%0Ais gone (document)%0ANothing needs mending.
""")  # noqa: E501 - one annotation is one line


def test_every_annotation_is_at_a_file_of_the_checkout(clone: Clone) -> None:
    for command in annotations(clone, "./models/a@v1.3.0")[1:]:
        assert (clone.root / command.properties["file"]).is_file()
        assert int(command.properties["line"]) >= 1


def test_only_the_verdict_when_quiet(clone: Clone) -> None:
    (verdict,) = annotations(clone, "./models/a@v1.3.0", "--quiet")
    assert (verdict.name, verdict.properties) == ("error", {"title": "semverlint"})


def test_no_more_than_github_shows_of_a_level(tmp_path: Path) -> None:
    made = Clone(tmp_path / "model")
    made.commit({f"{number}.json": {"a": 1} for number in range(30)}, tag="v1.0.0")
    made.commit({f"{number}.json": {"b": 1} for number in range(30)}, tag="v1.0.1")
    found = annotations(made, ".@v1.0.1")
    assert [command.name for command in found].count("error") == MOST
    assert "more are in the report" in found[MOST - 1].data


def test_hostile_strings_stay_text(hostile: Clone) -> None:
    found = annotations(hostile, ".@v1.0.1")
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    assert all(command.properties.keys() <= {"file", "line", "title"} for command in found)
    files = {command.properties["file"] for command in found if "file" in command.properties}
    assert FILES[0] in files, "commas, colons and percent signs arrive as they are"
    assert all((hostile.root / file).is_file() for file in files)
    told = "\n".join(command.data for command in found)
    assert all(character == "\n" or character.isprintable() for character in told)
    assert ATTACKS[0] in told


@given(st.text())
def test_escapes_come_back(text: str) -> None:
    assert _unescaped(_data(text)) == text
    assert _unescaped(_property(text)) == text
    assert not set("\r\n") & set(_data(text))
    assert not set("\r\n:,") & set(_property(text))
