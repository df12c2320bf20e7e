"""`semverlint init`: what it finds out, what it writes, and what it leaves alone."""

from pathlib import Path

import pytest
import yaml
from git_support import Clone
from support import run, write

from semverlint.config.file import read_config
from semverlint.errors import ConfigError
from semverlint.setting_up import with_hooks


def test_it_sets_a_clone_from_github_up(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "models")
    clone.git("remote", "add", "origin", "git@github.com:someone/models.git")
    clone.commit({'models/a "b"/config.json': {}}, tag="v0.3.0")
    folder = clone.root / 'models/a "b"'
    done = run("init", cwd=folder)
    assert done.returncode == 0
    assert "the last is v0.3.0 (semver)" in done.stderr
    assert read_config(folder / "semverlint.toml").accept == ()
    hooks = yaml.safe_load((clone.root / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {hook["id"]: hook["args"] for hook in hooks} == {
        "semverlint": ['./models/a "b"'],
        "semverlint-push": ['./models/a "b"'],
    }
    workflow = yaml.safe_load((clone.root / ".github/workflows/semverlint.yml").read_text())
    assert workflow["jobs"]["semverlint"]["steps"][1]["with"]["target"] == './models/a "b"'
    for name in ("semverlint.toml", ".pre-commit-config.yaml", ".github/workflows/semverlint.yml"):
        assert f"== wrote {name}" in done.stdout.replace(' models/a "b"/', " ")


def test_elsewhere_there_is_no_workflow_and_without_a_clone_no_hook(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "hub")
    clone.git("remote", "add", "origin", "https://huggingface.co/someone/model")
    assert run("init", cwd=clone.root).returncode == 0
    assert not (clone.root / ".github").exists()
    plain = write(tmp_path / "plain", {"config.json": {}})
    done = run("init", cwd=plain, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.returncode == 0
    assert sorted(path.name for path in plain.iterdir()) == ["config.json", "semverlint.toml"]


def test_what_exists_is_left_as_it_is_and_what_it_lacks_is_shown(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    mine = "repos:\n  # mine\n  - repo: local\n    hooks: []\n"
    write(clone.root, {".pre-commit-config.yaml": mine, "semverlint.toml": 'zero_major = "free"\n'})
    done = run("init", cwd=clone.root)
    assert done.returncode == 0
    assert (clone.root / ".pre-commit-config.yaml").read_text() == mine
    assert (clone.root / "semverlint.toml").read_text() == 'zero_major = "free"\n'
    assert "== .pre-commit-config.yaml exists and is left as it is; add to it:\n- repo: https" in done.stdout
    done = run("init", "--force", cwd=clone.root)
    assert done.returncode == 0
    after = (clone.root / ".pre-commit-config.yaml").read_text()
    assert after.startswith(mine)
    assert [hook["id"] for hook in yaml.safe_load(after)["repos"][1]["hooks"]] == ["semverlint", "semverlint-push"]
    assert read_config(clone.root / "semverlint.toml").zero_major == "cargo"


def test_a_pyproject_with_our_table_is_enough(tmp_path: Path) -> None:
    project = write(tmp_path, {"pyproject.toml": "[tool.semverlint]\n"})
    assert run("init", "--force", cwd=project, GIT_CEILING_DIRECTORIES=str(tmp_path)).returncode == 0
    assert not (project / "semverlint.toml").exists()
    assert (project / "pyproject.toml").read_text() == "[tool.semverlint]\n"


@pytest.mark.parametrize(
    "before", ["repos: []\n", "- x\n", "repos:\n- repo: a\nci: {}\n", "a: [\n", "repos: &a [*a]\n"]
)
def test_what_cannot_be_appended_to_is_refused(before: str) -> None:
    with pytest.raises(ConfigError, match="nothing can be appended"):
        with_hooks(before, "- repo: x\n")
