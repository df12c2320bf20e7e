"""The whole way: lm-evaluation-harness itself evaluates two revisions made on the spot, and its logs are judged.

Run with `pytest -m slow` where `lm_eval[hf]` and torch are installed, or with LM_EVAL_PYTHON naming an interpreter that
has them; it takes a minute.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import run

SCRIPT = Path(__file__).parents[2] / "scripts" / "lm_eval_logs.py"


@pytest.mark.slow
def test_two_revisions_are_evaluated_read_and_judged(tmp_path: Path) -> None:
    python = os.environ.get("LM_EVAL_PYTHON", sys.executable)
    subprocess.run([python, str(SCRIPT), str(tmp_path / "logs")], check=True, capture_output=True, timeout=900)
    shown = run("flips", "logs/old", "logs/new", "-f", "json", cwd=tmp_path)
    assert shown.returncode == 0
    tasks = {task["task"]: task for task in json.loads(shown.stdout)["tasks"]}
    assert tasks.keys() == {"sums_choice", "sums_likely", "sums_rolling", "sums_written"}
    for side in ("old", "new"):
        (results,) = (tmp_path / "logs" / side).rglob("results_*.json")
        printed = json.loads(results.read_text())["results"]
        for name, task in tasks.items():
            if task["right_or_wrong"]:
                assert task["measures"][f"accuracy_{side}"]["value"] == printed[name][f"{task['metric']},none"]
    assert {task["samples"] for task in tasks.values()} == {60}
