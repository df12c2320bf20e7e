"""Workflows: ours, the examples, and what `init` writes, held against zizmor; their scripts against shellcheck.

actionlint has no wheel of its own on the package index; `.ci/run` gets it another way.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from git_support import Clone
from support import run

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
WORKFLOWS = sorted((*(ROOT / ".github").rglob("*.yml"), *(ROOT / "examples").rglob("*.yml"), ROOT / "action.yml"))


def zizmor(*paths: Path) -> str:
    done = subprocess.run(
        [str(TOOLS / "zizmor"), "--offline", "--no-progress", "--no-config", *map(str, paths)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_zizmor_finds_nothing(path: Path) -> None:
    assert "No findings to report" in zizmor(path)


def test_zizmor_finds_nothing_in_what_init_writes(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "model")
    clone.git("remote", "add", "origin", "https://github.com/someone/model")
    assert run("init", cwd=clone.root).returncode == 0
    assert "No findings to report" in zizmor(clone.root / ".github" / "workflows" / "semverlint.yml")


def scripts(path: Path) -> Iterator[str]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jobs = document.get("jobs", {}).values()
    for step in [*document.get("runs", {}).get("steps", ()), *(step for job in jobs for step in job["steps"])]:
        if "run" in step:
            yield step["run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_are_sound_and_nothing_is_put_into_them(path: Path) -> None:
    for script in scripts(path):
        assert "${{" not in script, "values reach a script through its environment"
        command = [str(TOOLS / "shellcheck"), "--shell=bash", "--severity=style", "-"]
        done = subprocess.run(
            command, input=f"set -eo pipefail\n{script}", capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_job_has_only_the_rights_it_names(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "jobs" in document:
        assert document["permissions"] == {}
        assert all("permissions" in job for job in document["jobs"].values())
