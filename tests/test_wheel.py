"""The package as it is published: built, installed in an environment of its own, and asked for its rules."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_package_and_every_rule_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    rules = {path.name for path in (ROOT / "rules").rglob("*.yaml")}
    assert {
        Path(name).name for name in names if name.startswith("semverlint/rules/") and name.endswith(".yaml")
    } == rules
    read = {"py.typed", "reports/html/page.css", "reports/html/page.js", "templates/workflow.yml"}
    assert {f"semverlint/{name}" for name in read} <= set(names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"semverlint"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_installed_it_lists_its_rules_and_compares(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python3*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:  # a wheel is its own installed form; its dependencies are borrowed
        archive.extractall(site)
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    (site / "borrowed.pth").write_text("\n".join(borrowed))
    listed = subprocess.run(
        [str(python), "-I", "-m", "semverlint", "rule"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert f"{len(list((ROOT / 'rules').rglob('*.yaml')))} rules" in listed.stdout
    where = subprocess.run(
        [str(python), "-I", "-c", "import semverlint.rulebook as r; print(r.rules_folder())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(site)
