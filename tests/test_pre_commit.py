"""The hooks as pre-commit runs them: fetched from this project, built, installed, and asked about a real model.

The package comes from this checkout; what it depends on comes from the package index that pip is set up for.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from git_support import Clone, pointer
from support import Model, write

ROOT = Path(__file__).parents[1]
BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}
MAJOR: dict[str, object] = {"hotword": 0.5}


def card(version: str) -> str:
    return f"---\nversion: {version}\n---\n\n# Model\n"


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """This project as the repository that pre-commit fetches."""
    made = Clone(tmp_path_factory.mktemp("tool") / "semverlint")
    for name in ("semverlint", "rules"):
        shutil.copytree(ROOT / name, made.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, made.root / name)
    made.commit({}, tag="v0.1.0")
    return made


@pytest.fixture
def model(tmp_path: Path) -> Clone:
    """A model whose weights are in Git LFS and were never downloaded."""
    made = Clone(tmp_path / "model")
    files: Model = {
        ".gitattributes": "*.safetensors -text\n",
        "README.md": card("1.2.0"),
        "model.safetensors": pointer(b"weights"),
        "thresholds.json": BASE,
    }
    made.commit(files, "First", tag="v1.2.0")
    return made


def environment(home: Path) -> dict[str, str]:
    """What git and pre-commit run in: a home of its own, and neither hook variables nor settings of the caller."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "PRE_COMMIT_HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PYTHONIOENCODING": "utf-8",
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


def run(clone: Clone, home: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        command, cwd=clone.root, env=environment(home), capture_output=True, encoding="utf-8", check=False, timeout=600
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ({"thresholds.json": MAJOR}, 1, "need a major release; README.md still says 1.2.0"),
        ({"thresholds.json": MAJOR, "README.md": card("2.0.0")}, 0, "declared major, needs major: fits"),
    ],
    ids=["red", "green"],
)
def test_try_repo(tool: Clone, model: Clone, tmp_path: Path, files: Model, code: int, said: str) -> None:
    write(model.root, files)
    model.git("add", "--all")
    status, output = run(model, tmp_path, "pre-commit", "try-repo", str(tool.root), "semverlint")
    assert status == code, output
    assert said in output


CONFIG = """
default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
repos:
- repo: {tool}
  rev: v0.1.0
  hooks: [{{id: semverlint}}, {{id: semverlint-push}}, {{id: semverlint-online}}]
"""


@pytest.fixture(scope="module")
def home(tool: Clone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit has built the hooks once for the tests below."""
    place = tmp_path_factory.mktemp("home")
    builder = Clone(tmp_path_factory.mktemp("builder") / "model")
    builder.commit({".pre-commit-config.yaml": CONFIG.format(tool=tool.root)})
    status, output = run(builder, place, "pre-commit", "install-hooks")
    assert status == 0, output
    return place


@pytest.fixture
def hooked(model: Clone, tool: Clone, home: Path) -> Clone:
    """The model with the hooks installed."""
    model.commit({".pre-commit-config.yaml": CONFIG.format(tool=tool.root)})
    status, output = run(model, home, "pre-commit", "install")
    assert status == 0, output
    return model


def test_a_commit_is_judged_by_what_is_staged_alone(hooked: Clone, home: Path) -> None:
    write(hooked.root, {"thresholds.json": {**BASE, "extra": 1}, "README.md": card("1.3.0")})
    hooked.git("add", "--all")
    write(hooked.root, {"thresholds.json": MAJOR})  # an edit that is not staged, and breaks the promise
    status, output = run(hooked, home, "git", "commit", "-m", "More")
    assert status == 0, output
    assert "declared minor, needs minor: fits" in output
    assert (hooked.root / "thresholds.json").read_text().count("stop") == 0  # and it is still there
    status, output = run(hooked, home, "git", "commit", "-a", "-m", "Less")
    assert status == 1, output
    assert "need a major release; README.md says 1.3.0, only a minor" in output


def test_deleting_a_file_is_no_way_around(hooked: Clone, home: Path) -> None:
    hooked.git("rm", "-q", "thresholds.json")
    status, output = run(hooked, home, "git", "commit", "-m", "Away with it")
    assert status == 1, output


def test_a_clean_merge_is_checked(hooked: Clone, home: Path) -> None:
    hooked.git("checkout", "-q", "-b", "side")
    hooked.git("-c", "core.hooksPath=/dev/null", "rm", "-q", "thresholds.json")
    hooked.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "Away with it")
    hooked.git("checkout", "-q", "main")
    hooked.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "Meanwhile")
    status, output = run(hooked, home, "git", "merge", "--no-edit", "side")
    assert status == 1, output
    assert "README.md still says 1.2.0" in output


def test_a_first_commit_passes_with_a_sentence(tool: Clone, home: Path, tmp_path: Path) -> None:
    clone = Clone(tmp_path / "new")
    write(clone.root, {".pre-commit-config.yaml": CONFIG.format(tool=tool.root), "thresholds.json": BASE})
    clone.git("add", "--all")
    assert run(clone, home, "pre-commit", "install")[0] == 0
    status, output = run(clone, home, "git", "commit", "-m", "First")
    assert status == 0, output
    assert "a first release passes" in output


def test_a_push_is_held_up_by_a_tag_at_its_commits(hooked: Clone, home: Path, tmp_path: Path) -> None:
    there = Clone(tmp_path / "remote.git", "--bare")
    hooked.git("remote", "add", "origin", str(there.root))
    hooked.git("-c", "core.hooksPath=/dev/null", "push", "-q", "--tags", "origin", "main")
    write(hooked.root, {"thresholds.json": MAJOR})
    hooked.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-a", "-m", "Less")
    hooked.git("tag", "v1.3.0")
    status, output = run(hooked, home, "git", "push", "origin", "v1.3.0")
    assert status == 1, output
    assert "under-declared" in output
    status, output = run(hooked, home, "git", "push", "origin", "main")
    assert status == 1, output
    hooked.git("tag", "-d", "v1.3.0")
    hooked.git("tag", "-a", "-m", "Two", "v2.0.0")
    status, output = run(hooked, home, "git", "push", "--follow-tags", "origin", "main")
    assert status == 0, output
    assert "declared major, needs major: fits" in output
    assert there.git("tag").split() == ["v1.2.0", "v2.0.0"]


def test_a_tag_that_pre_commit_overlooks_is_seen_by_git_s_own_hook_beside_it(
    model: Clone, tool: Clone, home: Path, tmp_path: Path
) -> None:
    mine = model.root / ".git" / "hooks" / "pre-push"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text(f"#!/bin/sh\nexec {sys.executable} -m semverlint hook pre-push\n")
    mine.chmod(0o755)
    model.commit({".pre-commit-config.yaml": CONFIG.format(tool=tool.root), "thresholds.json": MAJOR})
    assert run(model, home, "pre-commit", "install")[0] == 0
    there = Clone(tmp_path / "remote.git", "--bare")
    model.git("remote", "add", "origin", str(there.root))
    model.git("push", "-q", "--no-verify", "--tags", "origin", "main")
    model.git("tag", "v1.3.0")
    status, output = run(model, home, "git", "push", "origin", "v1.3.0")
    assert status == 1, output
    assert "under-declared" in output


def test_the_manual_hook_runs_where_it_is_asked_for(hooked: Clone, home: Path) -> None:
    write(hooked.root, {"thresholds.json": MAJOR})
    hooked.git("add", "--all")
    status, output = run(hooked, home, "pre-commit", "run", "--hook-stage", "manual", "semverlint-online")
    assert status == 1, output
    assert "undeclared" in output
