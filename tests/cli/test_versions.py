"""What `semverlint check` makes of the places, schemes and tags that versions are declared in, on real clones."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from git_support import Clone
from hub.server import Hub
from hub_support import CARD, config, weights
from onnx_support import put
from support import run

CARD_OF = "---\nlicense: mit\nversion: {}\n---\n# Model\n"
DATA: dict[str, Any] = {"hotword": 0.5, "stop": 0.1}
MINOR: dict[str, Any] = {**DATA, "extra": 1}


def gguf(version: str) -> bytes:
    """A GGUF file without tensors that says which version it is."""
    settings = {"general.architecture": "llama", "general.version": version}
    data = b"GGUF" + struct.pack("<IQQ", 3, 0, len(settings))
    for key, value in settings.items():
        data += struct.pack("<Q", len(key)) + key.encode() + struct.pack("<IQ", 8, len(value)) + value.encode()
    return data + bytes(-len(data) % 32)


def onnx(version: int) -> bytes:
    """An ONNX model with an empty graph."""
    return put(1, 8) + put(5, version) + put(7, put(2, "graph")) + put(8, put(1, "") + put(2, 17))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "model")


def check(clone: Clone, target: str = ".", *arguments: str) -> dict[str, Any]:
    result = run("check", target, "--format", "json", *arguments, cwd=clone.root)
    assert result.stdout, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def told(report: dict[str, Any], rule: str) -> list[str]:
    return [one["message"] for one in (*report["findings"], *report["coherence"]) if one["rule"] == rule]


@pytest.mark.parametrize(
    ("files", "source", "version"),
    [
        ({"README.md": CARD_OF.format("1.1.0")}, "README.md", "1.1.0"),
        ({"config.json": {"model_type": "x", "model_version": "1.1.0"}}, "config.json", "1.1.0"),
        ({"model.gguf": gguf("v1.1")}, "model.gguf", "v1.1"),
        ({"model.onnx": onnx(0x0001_0001_0000_0000)}, "model.onnx", "1.1.0"),
        ({"model.onnx": onnx(3)}, "model.onnx", "3"),
        ({"model-v1.1.mlmodel": b"1" * 100}, "file name", "v1.1"),
        ({}, "commit", "v1.1.0"),
    ],
)
def test_every_place_that_declares_a_version_is_read(
    clone: Clone, files: dict[str, Any], source: str, version: str
) -> None:
    clone.commit({"thresholds.json": DATA}, "v1.0.0: first")
    clone.commit({"thresholds.json": MINOR, **files}, "Release v1.1.0")
    report = check(clone, ".@main")
    assert (report["declared"]["source"], report["declared"]["new"]) == (source, version)


def test_a_branch_named_after_a_version_declares_it_and_one_named_after_bits_does_not(clone: Clone) -> None:
    clone.commit({"thresholds.json": DATA}, tag="v1.0.0")
    clone.git("branch", "4.0")
    clone.git("checkout", "-q", "-b", "v1.1")
    clone.commit({"thresholds.json": MINOR})
    report = check(clone, ".@v1.1", "--against", "v1.0.0")
    assert (report["declared"]["source"], report["declared"]["bump"], report["status"]) == ("revision", "minor", "fits")
    assert check(clone, ".@4.0", "--against", "v1.0.0")["declared"]["source"] != "revision"


def test_the_place_that_counts_is_held_against_all_others(clone: Clone) -> None:
    clone.commit({"README.md": CARD_OF.format("1.0.0"), "model.gguf": gguf("1.0.0")}, tag="v1.0.0")
    clone.commit({"README.md": CARD_OF.format("1.1.0"), "model.gguf": gguf("1.0.0"), "a.json": {"version": 1}})
    clone.git("tag", "v1.2.0")
    report = check(clone, ".@v1.2.0")
    assert (report["declared"]["old"], report["declared"]["new"], report["declared"]["bump"]) == (
        "v1.0.0",
        "v1.2.0",
        "minor",
    )
    assert told(report, "versions-disagree") == [
        "tag says v1.2.0, README.md says 1.1.0",
        "tag says v1.2.0, model.gguf says 1.0.0",
    ]
    assert told(report, "version-skipped") == ["v1.2.0 follows v1.0.0 with numbers left out between them"]


def test_names_that_tell_less_than_the_tag_and_names_of_the_base_are_no_contradiction(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "Mistral-7B-v0.3-GGUF")
    head = "---\nbase_model: mistralai/Mistral-7B-v0.3\n---\n"
    clone.commit({"README.md": head, "model-v2.gguf": gguf("v0.3")}, tag="v2.0.0")
    clone.commit({"README.md": head + "Text\n"}, tag="v2.0.1")
    assert told(check(clone, f"{clone.root}@v2.0.1"), "versions-disagree") == []


def test_a_repository_s_name_that_says_another_version_is_told(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "Model-7B-v0.3")
    clone.commit({"thresholds.json": DATA}, tag="v0.2.0")
    clone.commit({"thresholds.json": MINOR}, tag="v0.2.1")
    report = check(clone, f"{clone.root}@v0.2.1")
    assert told(report, "versions-disagree") == ["tag says v0.2.1, name says v0.3"]


def test_a_name_that_never_moves_does_not_speak_between_two_revisions(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "Model-7B-v2")
    clone.commit({"thresholds.json": DATA}, tag="v2.0.0")
    clone.commit({"thresholds.json": MINOR})
    report = check(clone, str(clone.root))
    assert (report["status"], report["next_version"]) == ("not-declared", "v2.1.0")


def test_a_folder_one_stands_in_has_its_name_like_any_other(tmp_path: Path) -> None:
    for name, data in (("model-v1.1", DATA), ("model-v1.2", MINOR)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thresholds.json").write_text(json.dumps(data))
    for old, new, here in (("../model-v1.1", ".", "model-v1.2"), ("./model-v1.1", "./model-v1.2", ".")):
        shown = run("diff", old, new, cwd=tmp_path / here).stdout
        assert shown.splitlines()[0] == "✓ v1.1 → v1.2: declared minor, needs minor: fits"


def test_a_history_of_several_schemes_is_diagnosed_with_a_proposal(clone: Clone) -> None:
    for number, tag in enumerate(("2024-05-01", "20240806", "v1", "v1.1.0", "v1.1.1", "v1.2.0", "final")):
        clone.commit({"thresholds.json": {**DATA, f"key{number}": 1}}, tag=tag)
    report = check(clone, ".@v1.2.0")
    expected = (
        "7 tags in 4 schemes: 3 semver (v1.2.0), 2 date (20240806), 1 one-part (v1) and 1 more; "
        "go on with v1.2.1, v1.3.0 or v2.0.0, with a date behind a plus (v1.3.0+20240806)"
    )
    assert told(report, "schemes-mixed") == [expected]
    assert report["baseline"]["revision"] == "v1.1.1"
    shown = run("check", ".@v1.2.0", cwd=clone.root)
    assert "7 tags in 4 schemes" in " ".join(shown.stdout.split())


def test_a_scheme_that_a_release_brings_in_is_news_and_an_old_mixture_is_not(clone: Clone) -> None:
    clone.commit({"thresholds.json": DATA}, tag="v1.0.0")
    clone.commit({"thresholds.json": MINOR}, tag="2024-05-01")
    coherence = check(clone, ".@2024-05-01")["coherence"]
    assert [(one["rule"], one["already"]) for one in coherence] == [("schemes-mixed", False)]
    coherence = check(clone, ".@v1.0.0", "--against", "2024-05-01")["coherence"]
    assert [(one["rule"], one["already"]) for one in coherence] == [("schemes-mixed", False)]


def test_a_walk_over_all_releases_holds_dates_against_dates_and_numbers_against_numbers(clone: Clone) -> None:
    for number, tag in enumerate(("v1.0.0", "2024-05-01", "v1.1.0", "2024-06-01")):
        clone.commit({"thresholds.json": {**DATA, f"key{number}": 1}}, tag=tag)
    releases = check(clone, ".", "--all-releases")["releases"]
    pairs = [(one["declared"]["old"], one["declared"]["new"]) for one in releases]
    assert pairs == [("v1.0.0", "v1.1.0"), ("2024-05-01", "2024-06-01")]


def test_short_tags_that_move_along_are_no_scheme_of_their_own(clone: Clone) -> None:
    clone.commit({"thresholds.json": DATA}, tag="v1.0.0")
    clone.commit({"thresholds.json": MINOR}, tag="v1.1.0")
    for alias in ("v1", "v1.1"):
        clone.git("tag", alias)
    report = check(clone, ".@v1.1.0")
    assert (report["coherence"], report["status"]) == ([], "fits")


def test_two_tags_for_one_version_are_told_where_they_name_two_commits(clone: Clone) -> None:
    clone.commit({"thresholds.json": DATA}, tag="v1.0")
    clone.commit({"thresholds.json": MINOR}, tag="v1.0.0")
    clone.commit({"thresholds.json": {**MINOR, "more": 1}}, tag="v1.1.0")
    report = check(clone, ".@v1.1.0")
    assert told(report, "version-tagged-twice") == ["v1.0 and v1.0.0 are the same version and name different commits"]


def test_a_moved_tag_is_told_with_both_commits(clone: Clone) -> None:
    clone.git("config", "core.logAllRefUpdates", "always")
    clone.commit({"thresholds.json": DATA}, tag="v1.0.0")
    before = clone.commit({"thresholds.json": MINOR}, tag="v1.1.0")
    after = clone.commit({"thresholds.json": {**MINOR, "more": 1}})
    clone.git("tag", "--force", "v1.1.0")
    report = check(clone, ".@v1.1.0")
    assert report["status"] == "mutated"
    assert told(report, "tag-moved") == [f"v1.1.0 named {before[:12]} and names {after[:12]}"]


@pytest.mark.parametrize("version", ["", "1.0.0"])
def test_weights_changed_under_an_unchanged_version_are_told(clone: Clone, version: str) -> None:
    card = CARD_OF.format(version) if version else CARD.decode()
    clone.commit({"model.safetensors": weights(1), "config.json": config(), "README.md": card})
    clone.commit({"model.safetensors": weights(2)})
    report = check(clone)
    [message] = told(report, "weights-changed-under-name")
    assert message.endswith(f"it is still called {version or 'as before'}")
    assert report["status"] == ("undeclared" if version else "not-declared")


def test_weights_changed_behind_the_last_tag_are_not_released_yet(clone: Clone) -> None:
    clone.commit({"model.safetensors": weights(1), "config.json": config()}, tag="v1.0.0")
    clone.commit({"model.safetensors": weights(2)})
    assert told(check(clone), "weights-changed-under-name") == []


def test_on_the_hub_steps_disagreements_and_schemes_are_told_alike(tmp_path: Path) -> None:
    with Hub() as hub:
        files = {"config.json": config(), "model.safetensors": weights(), "README.md": CARD_OF.format("1.0.0").encode()}
        hub.commit("org/model", files, "v1.0.0")
        hub.commit("org/model", {**files, "config.json": config(hidden_act="relu")}, "2024-05-01")
        hub.commit("org/model", {**files, "config.json": config(hidden_size=16)}, "v1.1.0")
        result = run("check", "org/model@v1.1.0", "--format", "json", HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path))
    report = json.loads(result.stdout)
    assert (report["declared"]["bump"], report["status"]) == ("minor", "under-declared")
    assert told(report, "versions-disagree") == ["tag says v1.1.0, README.md says 1.0.0"]
    assert told(report, "schemes-mixed")[0].startswith("3 tags in 2 schemes: 2 semver (v1.1.0), 1 date (2024-05-01)")


def test_on_the_hub_a_tag_that_moved_since_it_was_checked_is_told(tmp_path: Path) -> None:
    files = {"config.json": config(), "model.safetensors": weights(), "README.md": CARD}
    place = {"HF_HOME": str(tmp_path / "hf"), "SEMVERLINT_CACHE": str(tmp_path / "kept")}
    with Hub() as hub:
        hub.commit("org/model", files, "v1.0.0")
        before = hub.commit("org/model", {**files, "config.json": config(hidden_act="relu")}, "v1.1.0")
        asked = ("check", "org/model@v1.1.0", "--format", "json")
        first = json.loads(run(*asked, cwd=None, HF_ENDPOINT=hub.endpoint, **place).stdout)
        after = hub.commit("org/model", {**files, "config.json": config(hidden_act="silu")}, "v1.1.0")
        second = json.loads(run(*asked, cwd=None, HF_ENDPOINT=hub.endpoint, **place).stdout)
    assert (first["status"], told(first, "tag-moved")) == ("under-declared", [])
    assert (second["status"], second["baseline"]["commit"]) == ("mutated", before)
    assert told(second, "tag-moved") == [f"v1.1.0 named {before[:12]} and names {after[:12]}"]


def test_the_command_leaves_threads_to_the_comparison_of_weights() -> None:
    asked = "import os, sys; sys.argv[1:] = ['--version']; from semverlint.__main__ import main"
    told = "\ntry: main()\nexcept SystemExit: print(os.environ['OPENBLAS_NUM_THREADS'])"
    free = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", asked + told], env=free, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1"
