"""The JSON report: versioned, with a schema that is fresh and true, whatever a model's strings hold."""

import json
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from git_support import Clone
from support import run, write

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "semverlint" / "reports" / "report.schema.json"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("json") / "model")
    made.commit(
        {"a.json": {"x": 1, "y": 2}, "README.md": "---\nversion: 1.0.0\n---\n", "model.onnx": b"1"}, tag="v1.0.0"
    )
    made.commit(
        {"a.json": {"x\u202e\x1b[2J": 1}, "README.md": "---\nversion: 1.1.0\n---\n", "model.onnx": b"2"}, tag="v1.1.0"
    )
    made.commit({"config.json": [1]}, tag="v1.2.0")
    return made


def report(clone: Clone, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("check", *arguments, "--format", "json", cwd=clone.root).stdout)
    return document


def test_the_schemas_are_fresh() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "report_schema.py"))
    assert SCHEMA in script["PLACES"]
    for place in script["PLACES"]:
        assert json.loads(place.read_text()) == script["schema"](place)


@pytest.mark.parametrize("arguments", [(".@v1.1.0",), (".@v1.2.0",), (".@v1.1.0", "--full"), (".", "--all-releases")])
def test_every_report_is_what_the_schema_says(clone: Clone, arguments: tuple[str, ...]) -> None:
    jsonschema.validate(report(clone, *arguments), json.loads(SCHEMA.read_text()))


def test_it_holds_what_is_promised(clone: Clone) -> None:
    found = report(clone, ".@v1.1.0")
    assert found["schema"] == "semverlint/report/1"
    assert found.keys() >= {
        "target", "baseline", "declared", "required", "status", "next_version", "findings", "accepted", "undecided",
        "reader_floor", "coherence", "policy", "weights", "cost",
    }  # fmt: skip
    assert found["required"]["decided_by"] == [f["fingerprint"] for f in found["findings"] if f["bump"] == "major"]
    assert found["declared"] == {
        "old": "v1.0.0", "new": "v1.1.0", "bump": "minor", "source": "tag", "scheme": "semver", "why": "",
    }  # fmt: skip
    assert [doubt["path"] for doubt in found["undecided"]] == ["model.onnx"]
    assert found["weights"]["kind"] == "unknown"


def test_the_same_input_gives_the_same_output_byte_for_byte(clone: Clone) -> None:
    first, second = (report(clone, ".@v1.1.0") for _ in range(2))
    first["cost"]["seconds"] = second["cost"]["seconds"] = 0
    assert json.dumps(first) == json.dumps(second)


def test_json_lines_are_one_report_a_line(clone: Clone) -> None:
    lines = run("check", ".", "--all-releases", "--format", "jsonl", cwd=clone.root).stdout.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["under-declared", "undecided"]


def test_only_ascii_leaves_the_program_as_json(clone: Clone) -> None:
    assert run("check", ".@v1.1.0", "--format", "json", cwd=clone.root).stdout.isascii()


def test_a_report_goes_to_a_file_whole(clone: Clone, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("check", ".@v1.1.0", "--format", "json", "--output", str(target), cwd=clone.root)
    assert result.stdout == ""
    assert json.loads(target.read_text())["status"] == "under-declared"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_equal_folders_need_nothing(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", {"a.json": {"x": 1}}), write(tmp_path / "new", {"a.json": {"x": 1}})
    found = json.loads(run("diff", str(old), str(new), "--format", "json").stdout)
    assert (found["required"]["bump"], found["findings"], found["undecided"]) == ("none", [], [])
