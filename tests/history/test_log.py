"""`semverlint log` on real clones: what each commit did, which are releases, what waits."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git_support import Clone, pointer
from inline_snapshot import snapshot
from support import Model, run, safetensors, write

from semverlint.history.walk import history
from semverlint.run import Run
from semverlint.sources import parse

CONFIG = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "vocab_size": 100, "intermediate_size": 128,
}  # fmt: skip
CARD = "---\nlicense: mit\n---\n# A model\n"


def weights(byte: int) -> bytes:
    return safetensors({"a.weight": ("F32", [4, 4], bytes([byte, 0, 0, 60]) * 16)})


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("log") / "model")
    day = "2024-05-{:02}T12:00:00+00:00".format
    made.commit({"config.json": CONFIG, "README.md": CARD}, "initial commit", date=day(1))
    made.commit({"model.safetensors": weights(1)}, "Upload folder using huggingface_hub", "v1.0.0", day(2))
    made.commit({"config.json": {**CONFIG, "rope_theta": 5e5}}, "Update README.md", date=day(3))
    made.commit({"README.md": CARD.replace("mit", "cc-by-nc-4.0") + "more\n"}, "Update the card", date=day(4))
    made.commit({"generation_config.json": {"temperature": 0.5}}, "Fix generation config", "v1.0.1", day(5))
    made.commit({"config.json": {**CONFIG, "rope_theta": 5e5, "vocab_size": 104}}, "decrease vocab_size", date=day(6))
    made.commit({"config.json": {**CONFIG, "rope_theta": 5e5}}, "revert the vocabulary", date=day(7))
    return made


def log(clone: Clone, *arguments: str) -> dict[str, Any]:
    done = run("log", ".", "--format", "json", *arguments, cwd=clone.root)
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_text_tells_the_history_in_80_columns(clone: Clone) -> None:
    done = run("log", ".", cwd=clone.root)
    lines = [line.replace(commit[:10], "<commit>  ") for line in done.stdout.splitlines() for commit in [_id(line)]]
    assert max(map(len, lines)) <= 80
    assert lines == snapshot(
        [
            ".: 7 commits, 2 releases; waiting since v1.0.1: 1 major and 1 minor, together no",
            "  release",
            "",
            "2024-05-07  <commit>    major   revert the vocabulary",
            "                                corrective: model structure; vocabulary-shrank",
            "",
            "2024-05-06  <commit>    minor   decrease vocab_size",
            "                                perfective: model structure; vocabulary-grew",
            "                                ⚠ the title says vocab_size was lowered; it was",
            "                                  raised",
            "",
            "── v1.0.1 (tag): declared patch, needed major: under-declared",
            "2024-05-05  <commit>    minor   Fix generation config",
            "                                corrective: parameter tuning;",
            "                                  generation-config-added",
            "",
            "2024-05-04  <commit>    major   Update the card",
            "                                perfective: project metadata, external",
            "                                  documentation; licence-tightened",
            "",
            "2024-05-03  <commit>    major   Update README.md",
            "                                perfective: model structure; rope-base-changed",
            "                                ⚠ the title names README.md, and the commit",
            "                                  leaves it alone",
            "",
            "── v1.0.0 (tag): needed minor",
            "2024-05-02  <commit>    minor   Upload folder using huggingface_hub",
            "                                perfective: output data, sharing;",
            "                                  weights-file-added",
            "",
            "2024-05-01  <commit>    first   initial commit",
            "                                perfective: model structure, project metadata,",
            "                                  external documentation",
            "",
            "Next: nothing; what is waiting changes nothing that needs a release.",
        ]
    )


def _id(line: str) -> str:
    return line[12:22] if line[:4] == "2024" else "\0" * 10


def test_what_waits_is_counted_by_commit_and_judged_together(clone: Clone) -> None:
    found = log(clone)
    waiting = found["waiting"]
    # one commit took back what the other did: each needs a release of its own, the two together need none
    assert waiting["from"] == "v1.0.1"
    assert waiting["commits"] == 2
    assert sum(waiting["bumps"].values()) == 2
    assert waiting["required"] == "none"


def test_every_release_is_held_against_what_it_declares(clone: Clone) -> None:
    newest, first = log(clone)["releases"]
    assert (newest["from"], newest["to"], newest["source"]) == ("v1.0.0", "v1.0.1", "tag")
    assert (newest["declared"], newest["required"], newest["verdict"]) == ("patch", "major", "under-declared")
    assert (first["from"], first["to"], first["declared"]) == (None, "v1.0.0", None)


def test_filters_leave_the_other_commits_out(clone: Clone) -> None:
    def titles(*arguments: str) -> list[str]:
        return [one["title"] for one in log(clone, *arguments)["commits"]]

    assert titles("--disagreeing") == ["decrease vocab_size", "Update README.md"]
    assert titles("--part", "generation") == ["Fix generation config"]
    assert titles("--category", "external documentation") == ["Update the card", "initial commit"]
    assert titles("--since", "2024-05-06") == ["revert the vocabulary", "decrease vocab_size"]
    assert titles("--at-least", "major") == ["revert the vocabulary", "Update the card", "Update README.md"]
    assert titles("-n", "1") == ["revert the vocabulary"]


def test_a_stretch_that_was_cut_off_is_not_called_whole(clone: Clone) -> None:
    assert log(clone)["whole"]
    assert not log(clone, "-n", "2")["whole"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--since", "last week"), "semverlint: --since last week: not a date; write it as 2024-05-01"),
        (("--part", "weigths"), "semverlint: --part weigths: not known; did you mean weights?"),
        (("--at-least", "huge"), "semverlint: --at-least huge: not known; choose from patch, minor, major"),
        (("--format", "sarif"), "semverlint: --format sarif: no such format; choose one of text, json, jsonl, html"),
    ],
)
def test_a_wrong_option_is_one_line(clone: Clone, arguments: tuple[str, ...], problem: str) -> None:
    done = run("log", ".", *arguments, cwd=clone.root)
    assert done.returncode == 2
    assert done.stderr.startswith(problem)
    assert done.stderr.count("\n") == 1


def test_a_folder_has_no_history(tmp_path: Path) -> None:
    done = run("log", str(tmp_path))
    assert done.returncode == 4
    assert "has no history" in done.stderr


def test_versions_are_found_in_tags_titles_and_cards(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": CONFIG, "README.md": CARD})
    clone.commit({"config.json": {**CONFIG, "rope_theta": 2e4}}, "Release v1.1")
    clone.commit({"README.md": CARD.replace("mit", "mit\nversion: 1.2.0")}, "Update README.md")
    clone.commit({"a.txt": "x"}, "Update to transformers 4.31.0", tag="v1.3.0")
    found = [(one["version"], one["source"]) for entry in log(clone)["commits"] for one in entry["released"]]
    assert found == [("v1.3.0", "tag"), ("1.2.0", "card"), ("v1.1", "title")]


def test_weights_that_nobody_downloaded_leave_the_bump_open(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"model.safetensors": pointer(b"one")})
    clone.commit({"model.safetensors": pointer(b"two")}, "update weights")
    newest = history(parse(str(clone.root)), Run()).entries[0]
    assert (str(newest.bump), str(newest.at_most)) == ("patch", "major")
    assert "≥patch" in run("log", ".", cwd=clone.root).stdout


def test_hostile_titles_and_names_are_shown_as_text(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": CONFIG})
    evil = "\x1b[2J<script>alert(1)</script>\u202e"
    clone.commit({f"{evil.replace('/', '')}.json": {}}, evil)
    for form in ("text", "html", "json"):
        shown = run("log", ".", "-v", "--format", form, cwd=clone.root).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        if form == "html":
            assert "<script>" not in shown


def test_the_page_needs_nothing_from_elsewhere(clone: Clone, tmp_path: Path) -> None:
    page = tmp_path / "log.html"
    assert run("log", ".", "--format", "html", "--output", str(page), cwd=clone.root).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "http" not in text.replace("http-equiv", "")
    assert "declared: patch" in text
    assert "needed: major" in text


def counted(clone: Clone, tmp_path: Path) -> Callable[[], tuple[str, int]]:
    """What gives the report, and how many trees git was asked for."""
    cache = str(tmp_path / "cache")
    shim, said, git = tmp_path / "bin" / "git", tmp_path / "said", shutil.which("git")
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$@" >> "{said}"\nexec "{git}" "$@"\n')
    shim.chmod(0o755)
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"

    def objects() -> tuple[str, int]:
        said.unlink(missing_ok=True)
        done = run("log", ".", "--format", "json", cwd=clone.root, SEMVERLINT_CACHE=cache, PATH=path)
        assert done.returncode == 0, done.stderr
        return done.stdout, sum("ls-tree" in line for line in said.read_text().splitlines())

    return objects


def test_a_second_run_looks_only_at_what_is_new(clone: Clone, tmp_path: Path) -> None:
    objects = counted(clone, tmp_path)
    first, asked = objects()
    again, later = objects()
    assert again == first
    assert asked >= 7
    assert later == 0
    clone.commit({"a.txt": "new"}, "One more", date="2024-05-08T12:00:00+00:00")
    try:
        document, new = objects()
        assert 0 < new < asked
        assert json.loads(document)["commits"][0]["title"] == "One more"
    finally:
        clone.git("reset", "-q", "--hard", "HEAD~1")


def test_what_was_left_open_is_looked_at_again_once_its_content_is_here(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    old, new = weights(1), weights(2)
    clone.commit({"model.safetensors": pointer(old)})
    clone.commit({"model.safetensors": pointer(new)}, "update weights")
    objects = counted(clone, tmp_path)
    first, asked = objects()
    assert json.loads(first)["commits"][0]["at_most"] == "major"
    assert asked > 0
    assert objects() == (first, 0)
    for content in (old, new):
        oid = hashlib.sha256(content).hexdigest()
        write(clone.root / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4], {oid: content})
    settled, asked = objects()
    assert asked > 0
    (newest, _) = json.loads(settled)["commits"]
    assert newest["at_most"] == newest["bump"]


def test_one_upload_in_several_commits_is_told_as_one(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": CONFIG}, "initial commit", date="2024-05-01T10:00:00+00:00")
    clone.commit({"config.json": {**CONFIG, "rope_theta": 2e4}}, "Upload config", date="2024-05-02T10:00:00+00:00")
    clone.commit({"model.safetensors": weights(1)}, "Upload model", date="2024-05-02T10:20:00+00:00")
    clone.commit({"config.json": CONFIG}, "Upload config", tag="v1.0.0", date="2024-05-02T10:40:00+00:00")
    clone.commit({"a.txt": "x"}, "Notes", date="2024-05-02T10:50:00+00:00")
    found = log(clone, "--sessions")["commits"]
    assert [(one["title"], one["commits"]) for one in found] == [
        ("Notes", 1), ("Upload config; Upload model", 3), ("initial commit", 1),
    ]  # fmt: skip
    # the configuration came back within the upload: nothing but the weights is new
    assert found[1]["decided_by"] == ["weights-file-added"]
    assert "3 commits of one upload" in run("log", ".", "--sessions", cwd=clone.root).stdout


def test_dates_that_go_back_do_not_hide_commits(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    for number, day in enumerate((1, 9, 5, 8)):
        clone.commit({"a.txt": str(number)}, f"{number}", date=f"2024-05-{day:02}T12:00:00+00:00")
    found = log(clone, "--since", "2024-05-06")
    assert [one["title"] for one in found["commits"]] == ["3"]
    assert not found["whole"]


def test_another_form_is_about_nothing_and_another_format_about_sharing(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": {**CONFIG, "torch_dtype": "float32"}, "pytorch_model.bin": pointer(b"one")})
    clone.commit({"config.json": json.dumps({**CONFIG, "torch_dtype": "float32"}, indent=7)}, "Update config.json")
    clone.commit({"model.safetensors": weights(1)}, "Adding `safetensors` variant of this model")
    changed: Model = {"config.json": {**CONFIG, "torch_dtype": "bfloat16"}, "pytorch_model.bin": pointer(b"two")}
    clone.commit(changed, "Change to bfloat16")
    found = [[one["category"] for one in commit["categories"]] for commit in log(clone)["commits"]]
    assert found[:3] == [["pipeline performance"], ["sharing"], []]
    assert log(clone)["commits"][1]["purpose"] == "adaptive"


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("eval_results.json", "validation infrastructure"),
        ("train_results.json", "training infrastructure"),
        ("predictions/test.csv", "validation infrastructure"),
        ("runs/May/events.out.tfevents.1714", "training infrastructure"),
        ("trainer_log.jsonl", "training infrastructure"),
        ("train.ipynb", "training infrastructure"),
        ("mergekit_config.yml", "training infrastructure"),
        ("data/train.csv", "input data"),
        ("requirements.txt", "dependency"),
        ("Dockerfile", "dependency"),
        ("imatrix.dat", "pipeline performance"),
        ("quantize_config.json", "pipeline performance"),
        ("config.yaml", "model structure"),
        ("samples/out.wav", "external documentation"),
        ("assets/banner.png", "external documentation"),
        ("LICENSE", "project metadata"),
    ],
)
def test_a_new_file_is_about_what_its_place_says_and_nothing_else(tmp_path: Path, path: str, category: str) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": CONFIG})
    clone.commit({path: b"{}"}, f"Upload {path}")
    (newest, _) = log(clone)["commits"]
    assert newest["categories"] == [{"category": category, "path": path}]


def test_weights_that_are_said_to_be_converted_are_no_new_values(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.commit({"config.json": CONFIG})
    clone.commit({"model.safetensors": weights(1)}, "Adding `safetensors` variant of this model (#2)")
    clone.commit({"other.md": "more"}, "Notes")
    found = log(clone)["commits"][1]
    assert [one["category"] for one in found["categories"]] == ["sharing"]
    assert (found["purpose"], found["basis"]) == ("adaptive", "the title says variant of this model")


def test_the_purpose_is_told_from_the_diff_and_the_words_of_a_title(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    older = {**CONFIG, "torch_dtype": "float32"}
    clone.commit({"config.json": older, "model.safetensors": pointer(b"one"), "README.md": CARD})
    clone.commit({"config.json": {**older, "torch_dtype": "bfloat16"}}, "Set torch_dtype to bf16")
    both: Model = {"config.json": {**older, "torch_dtype": "float16"}, "model.safetensors": pointer(b"two")}
    clone.commit(both, "Change to float16")
    clone.commit({"quantize_config.json": {"bits": 4}}, "add quantize config")
    clone.commit({"model.gguf": pointer(b"three")}, "Converted for llama.cpp")
    clone.commit({"README.md": CARD + "How to quantize it.\n"}, "Say how to quantize it")
    clone.commit({"config.json": {**older, "vocab_size": 101}}, "vocab_size in order to match the tokenizer")
    found = [one["purpose"] for one in log(clone)["commits"]]
    assert found == ["corrective", "perfective", "adaptive", "adaptive", "adaptive", "perfective", "perfective"]


def test_a_shallow_clone_says_that_it_is_one(clone: Clone, tmp_path: Path) -> None:
    place = tmp_path / "shallow"
    clone.git("clone", "-q", "--depth", "2", f"file://{clone.root}", str(place))
    found = json.loads(run("log", str(place), "--format", "json").stdout)
    assert [one["title"] for one in found["commits"]] == ["revert the vocabulary", "decrease vocab_size"]
    assert [one["bump"] for one in found["commits"]] == ["major", "none"]
    assert found["commits"][1]["categories"] == []  # what it did nobody knows who does not have the one before it
    assert not found["whole"]
    shown = " ".join(run("log", str(place)).stdout.split())
    assert "cannot be told: it is a shallow clone; run `git fetch --unshallow --tags`" in shown
