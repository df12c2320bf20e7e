"""The Python interface as somebody uses it: the documentation's own examples run and are type-checked."""

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
from git_support import Clone
from support import write

import semverlint
from semverlint import Acceptance, Bump, Config, ConfigError, Linter, NoBaselineError, UsageError, load_config, render

ROOT = Path(__file__).parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
BASE: dict[str, object] = {"hotword": 0.5, "stop": 0.1}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "model")
    made.commit({"thresholds.json": BASE, "README.md": "---\nversion: 1.0.0\n---\n"}, tag="v1.0.0")
    made.commit({"thresholds.json": {"hotword": 0.5}, "README.md": "---\nversion: 1.0.1\n---\n"}, tag="v1.0.1")
    return made


def test_the_documentation_s_examples_run(clone: Clone) -> None:
    assert len(EXAMPLES) == 3
    for name, right in (("v1", True), ("v2", False)):
        sample = {"id": 1, "score": float(right)}
        (clone.root.parent / f"{name}.jsonl").write_text(json.dumps(sample) + "\n")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(EXAMPLES)],
        cwd=clone.root.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "under-declared major v2.0.0"
    assert lines[1].startswith("data-key-removed thresholds.json stop is gone")
    assert "v1.0.1 under-declared 1" in lines
    assert "none ['A change', 'A change']" in lines
    assert "| under-declared |" in lines
    assert "└─ org/Model-v2  declares major" in lines
    assert (clone.root / "README.md").read_text() == "---\nversion: 2.0.0\n---\n"
    assert 'rule = "data-key-removed"' in (clone.root / "semverlint.toml").read_text()
    assert lines[-3:-1] == ["semverlint.toml False", ".pre-commit-config.yaml True"]
    assert (clone.root.parent / "notes.md").read_text().startswith("## ")
    assert (clone.root.parent / "report.md").read_text().startswith("### ")


def test_the_documentation_s_examples_are_well_typed(tmp_path: Path) -> None:
    place = tmp_path / "example.py"
    place.write_text("\n".join(EXAMPLES))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}/cache", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_public_name_is_there_and_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in semverlint.__all__:
        assert getattr(semverlint, name) is not None
        if not name.startswith("__"):
            assert re.search(rf"\b{name}\b", page), name
    assert set(semverlint.__all__) == set(dir(semverlint))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        semverlint.nothing  # noqa: B018 - to look is what is tested


def test_the_version_is_the_package_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert semverlint.version == semverlint.__version__ == project["version"]


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys; before = set(sys.modules); import semverlint; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.startswith(("semverlint", "numpy", "pydantic"))] == [
        "semverlint"
    ]


def test_the_project_s_own_configuration_holds_and_another_can_be_given(clone: Clone) -> None:
    write(clone.root, {"semverlint.toml": '[rules.data-key-removed]\nbump = "patch"\n'})
    release = f"{clone.root}@v1.0.1"
    assert Linter().check(release).required is Bump.PATCH
    assert Linter(Config()).check(release).required is Bump.MAJOR
    accepted = Linter(Config(accept=(Acceptance("data-key-removed", "nobody read it"),))).check(release)
    assert [one.acceptance.reason for one in accepted.accepted] == ["nobody read it"]
    assert load_config(clone.root / "semverlint.toml", None).rules["data-key-removed"].bump is Bump.PATCH
    assert "token-moved" in Linter().rules()


def test_a_path_is_a_path_and_a_text_an_address(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone.root.parent)
    assert Linter().diff(Path("model"), Path("model")).required is Bump.NONE
    with pytest.raises(UsageError, match=r"\./model"):
        Linter().check("model")
    assert Linter().check(Path("model"), against="v1.0.0").old.revision == "v1.0.0"


def test_errors_carry_what_is_wrong_and_the_way_out(clone: Clone, tmp_path: Path) -> None:
    with pytest.raises(NoBaselineError) as caught:
        Linter().check(f"{clone.root}@v1.0.0")
    assert caught.value.exit_status == 4
    assert caught.value.remedy
    with pytest.raises(UsageError, match="choose one of"):
        render(Linter().check(clone.root), "pdf")
    with pytest.raises(ConfigError, match="which does not exist"):
        Linter(Config(rules={"no-such-rule": semverlint.RuleOverride(level="off")})).check(clone.root)
    with pytest.raises(ConfigError, match="cannot be read"):
        Linter(tmp_path / "nothing.toml").check(clone.root)


def test_reports_of_several_releases_are_one_text(clone: Clone) -> None:
    reports = list(Linter().check_all(clone.root))
    assert '"releases"' in render(reports, "json")
    assert '"releases"' not in render(reports[0], "json")


def test_one_linter_serves_several_threads(clone: Clone) -> None:
    linter = Linter()
    found: list[str] = []

    def work() -> None:
        found.append(render(linter.diff(f"{clone.root}@v1.0.0", f"{clone.root}@v1.0.1"), "markdown"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
