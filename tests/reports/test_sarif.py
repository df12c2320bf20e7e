"""SARIF, held against OASIS's schema, a reader that is not ours, and what GitHub asks for beyond both."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from git_support import Clone
from hostile_support import FILES
from inline_snapshot import snapshot
from sarif_pydantic import Sarif  # type: ignore[import-untyped]  # it ships no py.typed
from support import Content, run

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text())


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("sarif") / "repository")
    old: dict[str, Content] = {f"m/{number}.json": {"a": 1, "b": 1, "c": 1} for number in range(3)}
    made.commit({**old, "m/README.md": "---\nlicense: mit\n---\n", "m/gone.json": {"x": 1}}, tag="v1.2.0")
    made.git("rm", "-q", "m/gone.json")
    made.commit(
        {
            "m/0.json": {"a": 1},
            "m/semverlint.toml": "[[accept]]\nrule = 'data-key-removed'\npath = '0.json'\nreason = 'nobody reads it'\n",
        },
        tag="v1.2.1",
    )
    for number in range(25):
        made.commit({"m/1.json": {"n": number}}, tag=f"v1.3.{number}")
    return made


def log(clone: Clone, *arguments: str) -> dict[str, Any]:
    text = run("check", *arguments, "--format", "sarif", cwd=clone.root).stdout
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, SCHEMA)
    read = Sarif.model_validate_json(text)
    assert [len(one.results or []) for one in read.runs] == [len(one["results"]) for one in document["runs"]]
    assert text.isascii()
    return document


def accepted_by_github(document: dict[str, Any], root: Path) -> None:
    """What GitHub refuses a whole upload for, or cuts off, by its documentation."""
    assert len(document["runs"]) <= 20
    assert len(json.dumps(document)) < 10_000_000
    names = [one["automationDetails"]["id"] for one in document["runs"] if "automationDetails" in one]
    assert len(document["runs"]) == 1 or len(set(names)) == len(document["runs"])
    for one in document["runs"]:
        rules = one["tool"]["driver"]["rules"]
        for rule in rules:
            assert rule["id"]
            assert 0 < len(rule["shortDescription"]["text"]) <= 1024
            assert 0 < len(rule["fullDescription"]["text"]) <= 1024
            assert rule["help"]["text"]
            assert len(rule["properties"]["tags"]) <= 20
        assert len(one["results"]) <= 25_000
        seen = set()
        for result in one["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["message"]["text"]
            (location,) = result["locations"]
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert not uri.startswith("/")
            assert "://" not in uri
            assert (root / unquote(uri)).is_file(), uri
            assert location["physicalLocation"]["region"]["startLine"] >= 1
            assert len(location.get("logicalLocations", [])) <= 100
            key = result["partialFingerprints"]["primaryLocationLineHash"]
            assert key not in seen
            seen.add(key)


def test_one_result_a_rule_and_file(clone: Clone) -> None:
    (only,) = log(clone, "./m@v1.2.1")["runs"]
    found = [
        (
            result["ruleId"],
            result["level"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            re.sub(r"[0-9a-f]{12}", "0123456789ab", result["message"]["text"]),
        )
        for result in only["results"]
    ]
    assert found == snapshot(
        [
            (
                "version-under-declared",
                "error",
                "m/README.md",
                "v1.2.0 → v1.2.1: declared patch, needs major: under-declared. Next: release this as v2.0.0: git tag v2.0.0 0123456789ab",  # noqa: E501
            ),
            ("file-removed", "error", "m/README.md", "gone.json: is gone: needs a major release."),
            (
                "data-key-removed",
                "error",
                "m/0.json",
                "2 keys are gone: needs a major release. For example: b is gone; c is gone.",
            ),
        ]
    )


def test_accepted_findings_are_suppressed_with_their_reason(clone: Clone) -> None:
    (only,) = log(clone, "./m@v1.2.1")["runs"]
    (one,) = [result for result in only["results"] if "suppressions" in result]
    assert one["ruleId"] == "data-key-removed"
    assert one["occurrenceCount"] == 2
    assert one["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "nobody reads it"}]
    assert [place["fullyQualifiedName"] for place in one["locations"][0]["logicalLocations"]] == ["b", "c"]


def test_github_accepts_it(clone: Clone, hostile: Clone) -> None:
    accepted_by_github(log(clone, "./m@v1.2.1"), clone.root)
    accepted_by_github(log(clone, "./m", "--all-releases"), clone.root)
    accepted_by_github(log(hostile, ".@v1.0.1"), hostile.root)


def test_of_many_releases_the_last_are_kept_and_the_rest_is_counted(clone: Clone) -> None:
    runs = log(clone, "./m", "--all-releases")["runs"]
    assert runs[-1]["automationDetails"]["id"] == "semverlint/v1.3.24/"
    assert "6 earlier releases left out" in json.dumps(runs[0]["invocations"])


def test_the_same_finding_has_the_same_fingerprint_in_every_run(clone: Clone) -> None:
    first, second = (log(clone, "./m@v1.2.1") for _ in range(2))
    assert first == second


def test_a_version_that_fits_leaves_notes_alone(clone: Clone) -> None:
    (only,) = log(clone, "./m@v1.3.0", "--against", "v1.2.1", "--consumer", "trust")["runs"]
    assert {result["level"] for result in only["results"]} == {"note"}


def test_what_does_not_fail_the_run_is_told_all_the_same(clone: Clone) -> None:
    (only,) = log(clone, "./m@v1.2.1", "--fail-on", "none")["runs"]
    assert (only["results"][0]["ruleId"], only["results"][0]["level"]) == ("version-under-declared", "error")


def test_hostile_strings_stay_text(hostile: Clone) -> None:
    (only,) = log(hostile, ".@v1.0.1")["runs"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in only["results"]}
    assert FILES[0] in {unquote(uri) for uri in uris}
    for result in only["results"]:
        text = result["message"]["text"]
        assert text.isprintable()
        assert "](" not in text, "a reader would make a link of it"
        assert "{0}" not in text.replace("{{0}}", ""), "a reader would put an argument in"


@pytest.mark.parametrize(
    ("name", "declares", "line"),
    [
        ("README.md", "---\nlicense: mit\nversion: {}\n---\n", 3),
        ("README.md", "---\nversion: {}\n---\n\nversion: 9.9.9\n", 1),  # which of two is not certain to a pattern
        ("config.json", '{{\n  "a": 1,\n  "version": "{}"\n}}\n', 3),
    ],
)
def test_the_verdict_stands_at_the_line_that_declares_the_version(
    tmp_path: Path, name: str, declares: str, line: int
) -> None:
    made = Clone(tmp_path / "model")
    made.commit({name: declares.format("1.0.0"), "a.json": {"x": 1}}, tag="v1.0.0")
    made.commit({name: declares.format("1.0.1"), "a.json": {}})
    document = log(made, ".")
    accepted_by_github(document, made.root)
    verdict = document["runs"][0]["results"][0]
    assert verdict["ruleId"] == "version-under-declared"
    place = verdict["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (name, line)
    annotation = run("check", ".", "--format", "github", cwd=made.root).stdout.splitlines()[0]
    where = f"file={name},line={line}," if line > 1 else ""
    assert annotation.startswith(f"::error {where}title=semverlint::")
