"""What was promised is still there. Additions need no record until they are released (docs/promises.md)."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROMISED: dict[str, list[str]] = json.loads((ROOT / "docs" / "promises.json").read_text(encoding="utf-8"))
NOW: dict[str, list[str]] = runpy.run_path(str(ROOT / "scripts" / "promises.py"))["promises"]()


@pytest.mark.parametrize("sort", sorted(PROMISED))
def test_nothing_promised_is_gone(sort: str) -> None:
    gone = sorted(set(PROMISED[sort]) - set(NOW[sort]))
    assert gone == [], f"to remove any of these is a major release: {sort}; see docs/promises.md"
    assert PROMISED[sort]


def test_every_sort_is_recorded() -> None:
    assert NOW.keys() == PROMISED.keys()


def test_a_removal_would_be_noticed() -> None:
    assert "token-moved" in PROMISED["rules"]
    assert "4 NoBaselineError" in PROMISED["exit_statuses"]
    assert {"check --against", "audit run --to", "cache clear"} <= set(PROMISED["commands"])
    assert any(field.endswith(".next_version") for field in PROMISED["report_fields"])
    assert "Linter.check" in PROMISED["api"]


def test_a_release_stops_where_an_addition_was_not_recorded() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "promises.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "run `python" in done.stderr) == ((0, False) if PROMISED == NOW else (1, True))
