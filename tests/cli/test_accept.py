"""`semverlint accept`, and what becomes of acceptances in later checks."""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from git_support import Clone
from hypothesis import given
from hypothesis import strategies as st
from support import run

from semverlint.config.accepting import with_acceptance
from semverlint.config.file import read_config
from semverlint.config.overrides import Acceptance

BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "limits.json": BASE}, tag="v1.2.0")
    made.commit({"thresholds.json": {"hotword": 0.5}, "limits.json": {}}, tag="v1.2.1")
    return made


def check(clone: Clone) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run("check", ".@v1.2.1", "--format", "json", cwd=clone.root).stdout)
    return report


def test_an_acceptance_is_written_and_holds_for_its_path_alone(clone: Clone) -> None:
    done = run("accept", "data-key-removed", "--reason", 'nobody "read" it', "--path", "thr*.json", cwd=clone.root)
    assert (done.returncode, done.stdout) == (0, "semverlint.toml: accepts data-key-removed in thr*.json\n")
    report = check(clone)
    assert [(one["path"], one["reason"]) for one in report["accepted"]] == [("thresholds.json", 'nobody "read" it')]
    assert [one["path"] for one in report["findings"] if one["rule"] == "data-key-removed"] == ["limits.json"]


def test_a_subject_narrows_it_further_and_what_matches_nothing_is_reported(clone: Clone) -> None:
    for subject in ("stop", "gone"):
        done = run("accept", "data-key-removed", "--reason", "x", "--subject", subject, cwd=clone.root)
        assert done.returncode == 0
    report = check(clone)
    assert [one["subject"] for one in report["accepted"]] == ["stop"]
    assert [(one["subject"], one["problem"]) for one in report["unused_acceptances"]] == [("gone", "matches nothing")]


def test_an_acceptance_ends_with_its_day(clone: Clone) -> None:
    assert run("accept", "data-key-removed", "--reason", "x", "--expires", "2999-12-31", cwd=clone.root).returncode == 0
    assert check(clone)["required"]["bump"] == "none"
    config = clone.root / "semverlint.toml"
    config.write_text(config.read_text().replace("2999", "1999"))
    report = check(clone)
    assert report["required"]["bump"] == "major"
    assert report["unused_acceptances"][0]["problem"] == "expired on 1999-12-31"


def test_what_stands_in_the_configuration_stays_byte_for_byte(clone: Clone) -> None:
    config = clone.root / "semverlint.toml"
    before = '# mine\r\nzero_major = "strict"  # so there\r\n[[accept]]\r\nrule = "token-moved"\r\nreason = "old"'
    config.write_bytes(before.encode())
    config.chmod(0o640)
    assert run("accept", "data-key-removed", "--reason", "x", cwd=clone.root).returncode == 0
    after = config.read_bytes().decode()
    assert after == f'{before}\r\n\r\n[[accept]]\r\nrule = "data-key-removed"\r\nreason = "x"\r\n'
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert [one.rule for one in read_config(config).accept] == ["token-moved", "data-key-removed"]


def test_in_a_pyproject_it_stands_below_our_table(clone: Clone) -> None:
    config = clone.root / "pyproject.toml"
    config.write_text('[tool.semverlint]\nzero_major = "free"\n\n[tool.other]\nx = 1\n')
    assert run("accept", "data-key-removed", "--reason", "x", cwd=clone.root).returncode == 0
    assert tomllib.loads(config.read_text())["tool"]["semverlint"]["accept"][0]["rule"] == "data-key-removed"
    assert read_config(config).zero_major == "free"


@pytest.mark.parametrize(
    ("arguments", "config", "said"),
    [
        (["data-key-remvoed", "--reason", "x"], "", "did you mean data-key-removed?"),
        (["data-key-removed", "--reason", "  "], "", "an acceptance needs a reason"),
        (["data-key-removed", "--reason", "x", "--expires", "soon"], "", "write it as 2027-06-30"),
        (["data-key-removed", "--reason", "x", "--expires", "2001-01-01"], "", "that day is gone by"),
        (["data-key-removed", "--reason", "x"], "accept = []\n", "write them as [[accept]] tables"),
        (
            ["data-key-removed", "--reason", "x"],
            '[[accept]]\nrule = "data-key-removed"\nreason = "y"\n',
            "accepts data-key-removed there already",
        ),
        (["data-key-removed", "--reason", "x"], "accept = [", "not TOML"),
    ],
)
def test_what_cannot_be_accepted_changes_nothing(clone: Clone, arguments: list[str], config: str, said: str) -> None:
    place = clone.root / "semverlint.toml"
    if config:
        place.write_text(config)
    done = run("accept", *arguments, cwd=clone.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert (place.read_text() if place.exists() else "") == config


@given(reason=st.text(st.characters(codec="utf-8"), min_size=1), path=st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_comes_back_as_it_was_given(reason: str, path: str) -> None:
    text = with_acceptance(Path("semverlint.toml"), "x = 1", Acceptance("token-moved", reason, path))
    entry = tomllib.loads(text)["accept"][0]
    assert (entry["reason"], entry.get("path", "*")) == (reason, path)
