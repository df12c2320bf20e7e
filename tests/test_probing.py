"""Graphs run on the same inputs, in the verdict: what they explain, what they add, and what nothing explains."""

import json
from pathlib import Path
from typing import Any

import pytest
from probing_support import WEIGHT, branched, doubled, folded, linear
from support import run, write


def check(tmp_path: Path, old: bytes, new: bytes, *arguments: str, config: str = "") -> dict[str, Any]:
    for version, made in (("1.0.0", old), ("1.0.1", new)):
        card = f"---\nversion: {version}\n---\n# A model\n"
        write(tmp_path / version, {"model.onnx": made, "README.md": card})
    (tmp_path / "1.0.1" / "semverlint.toml").write_text(config)
    shown = run("check", "./1.0.1", "--against", "./1.0.0", "--format", "json", *arguments, cwd=tmp_path)
    assert shown.returncode in {0, 1}, shown.stderr
    document: dict[str, Any] = json.loads(shown.stdout)
    return document


def bumps(report: dict[str, Any]) -> dict[str, str]:
    return {one["rule"]: one["bump"] for one in report["findings"] if one["path"] == "model.onnx"}


def test_one_step_more_is_a_guess_until_both_are_run(tmp_path: Path) -> None:
    guessed = check(tmp_path, linear(), doubled())
    assert bumps(guessed)["graph-steps-changed"] == "minor"
    assert guessed["status"] == "under-declared"
    shown = check(tmp_path, linear(), doubled(), "--probe")
    assert bumps(shown)["graph-steps-changed"] == "patch"
    assert bumps(shown)["graph-outputs-equal"] == "patch"
    assert shown["status"] == "fits"
    (told,) = [one for one in shown["findings"] if one["rule"] == "graph-steps-changed"]
    assert "outranked for behave and output: on 8 draws of inputs the graph gives the same outputs" in told["message"]


def test_the_configuration_may_ask_for_it(tmp_path: Path) -> None:
    assert check(tmp_path, linear(), doubled(), config="[behaviour]\nprobe = true\n")["status"] == "fits"


def test_a_folded_scale_is_explained_by_rounding(tmp_path: Path) -> None:
    shown = bumps(check(tmp_path, linear(), folded(), "--probe"))
    assert shown["graph-steps-changed"] == shown["graph-outputs-rounded"] == "patch"


def test_other_outputs_need_a_minor_release(tmp_path: Path) -> None:
    shown = check(tmp_path, linear(), linear(weight=-WEIGHT), "--probe")
    assert bumps(shown)["graph-outputs-differ"] == "minor"
    assert shown["status"] == "under-declared"


def test_branches_that_no_draw_reached_explain_nothing(tmp_path: Path) -> None:
    shown = bumps(check(tmp_path, branched(1), branched(7), "--probe"))
    assert shown["graph-outputs-equal"] == "patch"
    assert {"minor", "major"} & {bump for rule, bump in shown.items() if rule.startswith("weights")}


@pytest.mark.parametrize("options", [(), ("--probe",)])
def test_the_same_run_twice_says_the_same(tmp_path: Path, options: tuple[str, ...]) -> None:
    first, second = (check(tmp_path, linear(), folded(), *options) for _ in range(2))
    for report in (first, second):
        report.pop("cost")
    assert first == second
