"""`semverlint series`, and the predecessor that `check` finds by itself, on the tests' own Hub."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.models import Collection
from hub.server import Hub
from hub_support import CARD, config, weights
from inline_snapshot import snapshot
from support import run

FILES = {"config.json": config(), "model.safetensors": weights(), "README.md": CARD, "tokenizer.json": b"{}"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as made:
        yield made


def semverlint(hub: Hub, tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run(*arguments, HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path))


def test_an_author_s_models_are_drawn_as_a_tree(hub: Hub, tmp_path: Path) -> None:
    for name in ("Model-7B-v0.1", "Model-7B-v0.2", "Model-7B-v0.4", "Model-13B-v0.2", "Model-7B-v0.2-GGUF", "Other"):
        hub.commit(f"org/{name}", FILES)
    hub.model("org/Tuned").about["tags"] = ["base_model:org/Model-7B-v0.4", "base_model:finetune:org/Model-7B-v0.4"]
    hub.commit("org/Tuned", FILES)
    result = semverlint(hub, tmp_path, "series", "org")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == snapshot("""\
7 models, 1 series of releases

org/Model-7B · 3 releases
├─ org/Model-7B-v0.1
├─ org/Model-7B-v0.2  declares major
│  └─ org/Model-7B-v0.2-GGUF (converted)
└─ org/Model-7B-v0.4  declares major, numbers left out
   └─ org/Tuned (finetune)

2 models in no series: org/Model-13B-v0.2, org/Other
""")
    assert sum("/api/models?" in asked.path for asked in hub.asked) == len(hub.asked) == 1


def test_what_has_the_same_version_is_told_beside_it_and_not_as_alone(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("org/Bar-v2\norg/Bar-v2.0\norg/Bar-v3\norg/Other\n", encoding="utf-8")
    assert run("series", "--from", str(ids)).stdout == snapshot("""\
4 models, 1 series of releases

org/Bar · 2 releases
├─ org/Bar-v2.0  same version as org/Bar-v2
└─ org/Bar-v3  declares major

1 model in no series: org/Other
""")


def test_collections_settle_which_of_two_with_one_version_is_followed(hub: Hub, tmp_path: Path) -> None:
    for name in ("Model-v1", "Model-V1.0", "Model-v2"):
        hub.commit(f"org/{name}", FILES)
    hub.collections.append(Collection("org/models-1", "Models", "org", ("org/Model-V1.0", "org/Model-v2")))
    asked = ("series", "org/Model-v2", "--format", "json")
    plain, settled = (
        json.loads(semverlint(hub, tmp_path, *asked, *more).stdout)["series"][0]["releases"][-1]
        for more in ((), ("--collections",))
    )
    assert (plain["follows"], plain["equal_to"], plain["collections"]) == ("org/Model-v1", [], [])
    assert (settled["follows"], settled["collections"]) == ("org/Model-V1.0", ["Models"])
    assert settled["why"] == "only the version in their names differs, both in the collection Models"


def test_one_model_s_series_alone(hub: Hub, tmp_path: Path) -> None:
    for name in ("Model-v1", "Model-v2", "Other-v1", "Other-v2"):
        hub.commit(f"org/{name}", FILES)
    result = semverlint(hub, tmp_path, "series", "org/Model-v2", "--format", "json")
    [series] = json.loads(result.stdout)["series"]
    assert [release["id"] for release in series["releases"]] == ["org/Model-v1", "org/Model-v2"]
    assert semverlint(hub, tmp_path, "series", "org/Missing").returncode == 2


def test_ids_and_records_are_read_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    old = {"id": "org/Old-v1", "createdAt": "2024-01-01", "cardData": {"new_version": "org/New"}}
    new = {"modelId": "org/New", "createdAt": "2023-01-01", "cardData": {"base_model": ["org/Old-v1"]}}
    text = f"org/Model-v2\n\norg/Model-v1\n{json.dumps(old)}\n{json.dumps(new)}\n"
    (tmp_path / "ids.txt").write_text(text, encoding="utf-8")
    from_file = run("series", "--from", str(tmp_path / "ids.txt"), "--format", "json")
    piped = subprocess.run(
        [sys.executable, "-m", "semverlint", "series", "--from", "-", "--format", "json"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert piped.stdout == from_file.stdout
    releases = {one["id"]: one for series in json.loads(piped.stdout)["series"] for one in series["releases"]}
    assert releases["org/Model-v2"]["follows"] == "org/Model-v1"
    assert releases["org/Model-v2"]["declares"] == "major"
    assert releases["org/New"]["follows"] == "org/Old-v1"
    assert releases["org/New"]["created_before_predecessor"] is True


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"org/model\nnot an id\n", "ids.txt:2: not an id is no id of a model"),
        (b'{"id": 1}\n', "ids.txt:1: the record has no id"),
        (b"{]\n", "ids.txt:1: not JSON"),
        (b"[" * 100 + b"\n" + b'{"a":' * 100_000 + b"\n", "ids.txt:2: not JSON"),
        (b"\xff\n", "ids.txt is not UTF-8"),
        (b"x" * 2_000_000, "ids.txt:1: more than a list of models has"),
    ],
)
def test_a_list_that_is_none_is_refused_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "ids.txt").write_bytes(content)
    result = run("series", "--from", "ids.txt", cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert complaint in result.stderr


def test_hostile_names_are_shown_harmless(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("org/\x1b[31mM-v1\norg/\x1b[31mM-v2\norg/\u202eM\n", encoding="utf-8")
    result = run("series", "--from", "ids.txt", "--verbose", cwd=tmp_path)
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_check_finds_the_release_before_by_itself_and_says_why(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Model-7B-v0.1", FILES)
    hub.commit("org/Model-7B-v0.2", FILES)
    hub.commit("org/Model-13B-v0.2", FILES)
    hub.commit("org/Model-7B-v0.3", {**FILES, "config.json": config(hidden_size=16)})
    result = semverlint(hub, tmp_path, "check", "org/Model-7B-v0.3", "--format", "json")
    report = json.loads(result.stdout)
    assert report["baseline"]["address"] == "org/Model-7B-v0.2"
    assert report["baseline"]["why"] == (
        "the repository before it: only the version in their names differs, of the same architecture and tokenizer"
    )
    assert (report["declared"]["old"], report["declared"]["new"], report["declared"]["source"]) == (
        "v0.2",
        "v0.3",
        "name",
    )
    assert (report["status"], result.returncode) == ("fits", 0)
    shown = semverlint(hub, tmp_path, "check", "org/Model-7B-v0.3")
    assert "only the version in their names differs" in " ".join(shown.stdout.split())


def test_a_predecessor_whose_card_names_another_successor_is_told_so(hub: Hub, tmp_path: Path) -> None:
    for successor in ("org/Model-v2", "org/Other"):
        hub.commit("org/Model-v1", {**FILES, "README.md": f"---\nnew_version: {successor}\n---\n".encode()})
        hub.commit("org/Model-v2", FILES)
        report = json.loads(semverlint(hub, tmp_path, "check", "org/Model-v2", "--format", "json").stdout)
        told = "and its card names this one" if successor == "org/Model-v2" else "although its card names org/Other"
        assert f"{told} as the new version" in report["baseline"]["why"]


def test_a_predecessor_nobody_may_read_is_an_error_and_no_reason_to_take_another_one(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Model-v1", FILES)
    hub.model("org/Model-v1").gated = True
    hub.commit("org/Model-v2", FILES)
    hub.commit("org/Model-v2", {**FILES, "config.json": config(hidden_size=16)})
    result = semverlint(hub, tmp_path, "check", "org/Model-v2")
    assert result.returncode == 3
    assert "org/Model-v1 is gated" in result.stderr


def test_a_release_named_too_small_a_step_is_told_the_name_that_would_be_right(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Model-v1.2-chat", FILES)
    hub.commit("org/Model-v1.3-chat", {**FILES, "config.json": config(hidden_size=16)})
    result = semverlint(hub, tmp_path, "check", "org/Model-v1.3-chat")
    assert result.stdout.endswith("Next: release this as v2.0: publish it as org/Model-v2.0-chat\n")


def test_a_repository_s_own_tags_come_before_its_series(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Model-v1", FILES)
    hub.commit("org/Model-v2", FILES, "v2.0.0")
    hub.commit("org/Model-v2", FILES, "v2.0.1")
    report = json.loads(semverlint(hub, tmp_path, "check", "org/Model-v2@v2.0.1", "--format", "json").stdout)
    assert (report["baseline"]["address"], report["baseline"]["revision"]) == ("org/Model-v2", "v2.0.0")
    report = json.loads(semverlint(hub, tmp_path, "check", "org/Model-v2@v2.0.0", "--format", "json").stdout)
    assert report["baseline"]["address"] == "org/Model-v1"


def test_without_anything_before_it_the_model_it_is_made_from_is_named(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Tuned-v1", {**FILES, "README.md": b"---\nbase_model: org/Base-7B\n---\n"})
    result = semverlint(hub, tmp_path, "check", "org/Tuned-v1")
    assert result.returncode == 4
    assert result.stderr.endswith("tag a release, or name one with --against: it is made from org/Base-7B\n")


def test_without_a_series_the_last_other_content_is_the_baseline(hub: Hub, tmp_path: Path) -> None:
    hub.commit("org/Model-v2", {**FILES, "config.json": config(hidden_size=16)})
    hub.commit("org/Model-v2", FILES)
    hub.commit("org/Model-v3", FILES)
    report = json.loads(semverlint(hub, tmp_path, "check", "org/Model-v2", "--format", "json").stdout)
    assert report["baseline"]["why"] == "the last commit with other model content"
