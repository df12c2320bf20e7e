"""What a release is called beside its tags and its commits, on clones and through the command."""

import json
from pathlib import Path
from typing import Any

import pytest
from git_support import Clone
from support import Model, run

FIRST: Model = {"thresholds.json": {"hotword": 0.5}}
SECOND: Model = {"thresholds.json": {"hotword": 0.6}}
RULES = ("version-nowhere", "version-ambiguous", "date-contradicts-commit")


def named(tmp_path: Path, name: str) -> Clone:
    clone = Clone(tmp_path / name)
    clone.commit(FIRST, date="2024-04-01T12:00:00Z")
    return clone


def told(clone: Clone, target: str = "") -> list[dict[str, Any]]:
    result = run(
        "check", f"./{clone.root.name}{target}", "--format", "json", "--fail-on", "none", cwd=clone.root.parent
    )
    assert result.stdout, result.stderr
    report = json.loads(result.stdout)
    return [one for one in [*report["findings"], *report["coherence"]] if one["rule"] in RULES]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("sorter", ["version-nowhere"]),
        ("sorter-v2", []),
        ("sorter-2024-05", []),
        ("sorter-sft-2", ["version-ambiguous"]),
        ("sorter-v2-large-v1", ["version-ambiguous"]),
        ("Qwen2.5-7B-ft", []),
        ("sorter-2024-12", ["date-contradicts-commit"]),
        ("sorter-2412", ["date-contradicts-commit"]),
        ("sorter-0405", []),  # a day of some year
        ("sorter-2306", []),  # an old date: what is committed later may still be of then
    ],
)
def test_a_name_is_held_against_what_else_is_known(tmp_path: Path, name: str, rules: list[str]) -> None:
    clone = named(tmp_path, name)
    clone.commit(SECOND, date="2024-05-01T12:00:00Z")
    assert sorted({one["rule"] for one in told(clone, "@main")}) == rules
    dated = "date-contradicts-commit"  # what is not committed has no date
    clone.commit(FIRST)
    (clone.root / "thresholds.json").write_text("{}")
    assert sorted({one["rule"] for one in told(clone)}) == [rule for rule in rules if rule != dated]


def test_a_dated_tag_says_when_it_was_committed(tmp_path: Path) -> None:
    clone = named(tmp_path, "sorter")
    clone.git("tag", "2024-04-01")
    clone.commit(SECOND, tag="2024.05.01", date="2024-05-03T12:00:00Z")
    assert told(clone, "@2024.05.01") == []
    clone.commit(FIRST, tag="2024.10.01", date="2024-05-04T12:00:00Z")
    found = told(clone, "@2024.10.01")
    assert [one["rule"] for one in found] == ["date-contradicts-commit"]
    assert found[0]["message"] == "2024.10.01 says 2024-10-01, it was committed on 2024-05-04"


def test_a_tag_settles_what_the_name_leaves_open(tmp_path: Path) -> None:
    clone = named(tmp_path, "sorter-sft-2")
    clone.git("tag", "v1.0.0")
    clone.commit(SECOND, tag="v1.1.0")
    assert told(clone, "@v1.1.0") == []


def test_nothing_that_did_not_change_is_told(tmp_path: Path) -> None:
    clone = named(tmp_path, "sorter")
    clone.commit(FIRST, tag="v1.0.0")
    result = run("diff", "./sorter@v1.0.0", "./sorter@v1.0.0", "--format", "json", cwd=tmp_path)
    assert json.loads(result.stdout)["findings"] == []


@pytest.mark.parametrize(
    ("other", "told_of"), [("Sorter-7B-v1.0", 1), ("sorter-7B-v1.0", 1), ("sorter-7B-v1.1", 0), ("sorter-13B-v1.0", 0)]
)
def test_one_name_for_two_releases_is_told(tmp_path: Path, other: str, told_of: int) -> None:
    first, second = Clone(tmp_path / "one" / other), Clone(tmp_path / "two" / "Sorter-7B-v1.0")
    first.commit(FIRST)
    second.commit(SECOND)
    result = run("diff", f"./one/{other}@HEAD", "./two/Sorter-7B-v1.0@HEAD", "--format", "json", cwd=tmp_path)
    found = [one for one in json.loads(result.stdout)["findings"] if one["rule"] == "name-repeated"]
    assert len(found) == told_of
