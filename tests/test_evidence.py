"""Evaluations in the verdict: they raise a bump, they lower one, they leave it undecided, and the report says so."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from behaviour_support import Row, cells, jsonl
from git_support import Clone
from support import Model, run, safetensors, write

from semverlint.changes.behaviour import EvaluationNotComparable, FlipsMeasured
from semverlint.config import Config
from semverlint.evidence import weigh
from semverlint.findings import Finding
from semverlint.terms import Bump

RNG = np.random.default_rng(5)
BASE = RNG.normal(size=(64, 64)).astype(np.float32)
STEP = RNG.normal(size=(64, 64)).astype(np.float32)
OTHER = RNG.normal(size=(64, 64)).astype(np.float32)

FEW = (900, 0, 2, 98)  # right, broke, mended, wrong
SOME = (850, 30, 30, 90)
MANY = (700, 110, 110, 80)
TOO_FEW = (45, 1, 1, 3)


def model(size: float, version: str, files: Model | None = None, *, other: bool = False) -> Model:
    weights = OTHER if other else BASE + np.float32(size) * STEP
    tensors = {"model.layers.0.mlp.weight": ("F32", [64, 64], weights.tobytes())}
    return {
        "model.safetensors": safetensors(tensors),
        "config.json": {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
        "README.md": f"---\nversion: {version}\n---\n# A model\n",
        **(files or {}),
    }


def check(
    tmp_path: Path,
    new: Model,
    table: tuple[int, int, int, int] | None,
    *arguments: str,
    config: str = "",
) -> dict[str, Any]:
    write(tmp_path / "v1", model(0, "1.0.0"))
    write(tmp_path / "v2", new)
    (tmp_path / "v2" / "semverlint.toml").write_text(config)
    if table:
        for side, rows in zip(("old", "new"), cells(*table), strict=True):
            jsonl(tmp_path / f"{side}.jsonl", rows)
        arguments = (*arguments, "--evals", "old.jsonl", "new.jsonl")
    shown = run("check", "./v2", "--against", "./v1", "--format", "json", *arguments, cwd=tmp_path)
    assert shown.returncode in {0, 1}, shown.stderr
    document: dict[str, Any] = json.loads(shown.stdout)
    return document


def rules(report: dict[str, Any]) -> dict[str, str]:
    return {finding["rule"]: finding["bump"] for finding in report["findings"]}


def test_a_small_step_without_evaluations_is_a_guess(tmp_path: Path) -> None:
    report = check(tmp_path, model(0.001, "1.0.1"), None)
    assert rules(report)["weights-fine-tuned"] == "minor"
    assert report["required"]["bump"] == "minor"
    assert report["behaviour"] == []


def test_flips_over_the_budget_raise_the_bump(tmp_path: Path) -> None:
    report = check(tmp_path, model(0.001, "1.1.0"), MANY)
    assert rules(report)["flips-over-minor-budget"] == "major"
    assert report["required"]["bump"] == "major"
    assert report["status"] == "under-declared"
    decided = [finding for finding in report["findings"] if finding["fingerprint"] in report["required"]["decided_by"]]
    assert [finding["rule"] for finding in decided] == ["flips-over-minor-budget"]
    assert report["behaviour"][0]["broke"] == 110


def test_flips_between_the_budgets_need_a_minor_release(tmp_path: Path) -> None:
    (tmp_path / "same").mkdir()
    report = check(tmp_path, {**model(0, "1.0.1"), "notes.md": "new"}, SOME)
    assert rules(report)["flips-over-patch-budget"] == "minor"
    assert report["status"] == "under-declared"


def test_answers_as_good_as_before_lower_it(tmp_path: Path) -> None:
    report = check(tmp_path, model(0.001, "1.0.1"), FEW)
    assert report["required"]["bump"] == "patch"
    assert report["status"] == "fits"
    (outranked,) = [finding for finding in report["findings"] if finding["outranked_for"]]
    assert outranked["rule"] == "weights-fine-tuned"
    assert (outranked["called_for"], outranked["bump"]) == ("minor", "patch")
    assert "called for minor, outranked for behave and adapt" in outranked["message"]
    assert rules(report)["answers-equivalent"] == "none"


def test_adapters_of_weights_that_moved_far_are_not_spoken_for(tmp_path: Path) -> None:
    report = check(tmp_path, model(0, "1.0.1", other=True), FEW)
    (outranked,) = [finding for finding in report["findings"] if finding["outranked_for"]]
    assert outranked["rule"] == "weights-retrained"
    assert (outranked["outranked_for"], outranked["bump"]) == (["behave"], "major")
    assert "behave" not in outranked["consumers"]
    assert outranked["message"].endswith("; still major for adapt and embed: answers say nothing of them")
    alone = check(tmp_path, model(0, "1.0.1", other=True), FEW, "--consumer", "behave")
    assert alone["required"]["bump"] == "patch"


def test_the_configuration_says_what_outranks_what(tmp_path: Path) -> None:
    config = "[behaviour.outranks]\nfine-tuned = []\n"
    assert check(tmp_path, model(0.001, "1.0.1"), FEW, config=config)["required"]["bump"] == "minor"
    config = '[behaviour.tasks."samp*"]\npatch_budget = 0.2\nminor_budget = 0.3\n'
    assert "flips-over-minor-budget" not in rules(check(tmp_path, model(0.001, "1.0.1"), MANY, config=config))
    config = '[policy]\nflips-over-minor-budget = "minor"\n'
    assert check(tmp_path, model(0.001, "1.0.1"), MANY, config=config)["required"]["bump"] == "minor"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[behaviour]\npatch_budgett = 0.1\n", "behaviour.patch_budgett: unknown key; did you mean patch_budget?"),
        ("[behaviour]\npatch_budget = 2.0\n", "behaviour.patch_budget: input should be less than or equal to 1"),
        ("[behaviour.tasks.x]\nmargins = 1.0\n", "behaviour.tasks.x.margins: unknown key; did you mean margin?"),
        ('[behaviour]\nseed_baseline = ["a"]\n', "behaviour.seed_baseline: list should have at least 2 items"),
    ],
)
def test_mistakes_of_the_configuration_are_named(tmp_path: Path, config: str, said: str) -> None:
    write(tmp_path / "model", model(0, "1.0.0"))
    (tmp_path / "model" / "semverlint.toml").write_text(config)
    shown = run("check", "./model", "--against", "./model", cwd=tmp_path)
    assert shown.returncode == 2
    assert said in shown.stderr


def test_too_few_samples_are_undecided_with_how_many_would_do(tmp_path: Path) -> None:
    report = check(tmp_path, model(0, "1.0.1"), TOO_FEW)
    (doubt,) = report["undecided"]
    assert "50 samples cannot tell whether patch or major is needed" in doubt["reason"]
    assert doubt["would_settle"].startswith("about ")
    assert doubt["at_most"] == "major"
    assert report["status"] == "undecided"


def test_a_task_that_is_gone_hides_what_it_would_show(tmp_path: Path) -> None:
    old, new = cells(*FEW)
    more = [{"id": at, "task": "gone", "reference": "A", "prediction": "A"} for at in range(5)]
    for side, rows in (
        ("old", [*({**row, "task": "kept"} for row in old), *more]),
        ("new", [{**row, "task": "kept"} for row in new]),
    ):
        jsonl(tmp_path / f"{side}.csv.jsonl", rows)
    report = check(
        tmp_path, model(0.001, "1.0.1"), None, "--evals", "old.csv.jsonl", "new.csv.jsonl",
    )  # fmt: skip
    assert rules(report)["evaluation-not-comparable"] == "none"
    assert report["required"]["bump"] == "minor"


def lines(rows: Iterable[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_logs_of_both_revisions_are_found(tmp_path: Path) -> None:
    old, new = cells(*MANY)
    clone = Clone(tmp_path / "model")
    clone.commit(model(0, "1.0.0", {"evals/predictions.jsonl": lines(old)}), tag="v1.0.0")
    clone.commit(model(0.001, "1.1.0", {"evals/predictions.jsonl": lines(new)}), tag="v1.1.0")
    document = json.loads(run("check", ".@v1.1.0", "-f", "json", cwd=clone.root).stdout)
    assert document["required"]["bump"] == "major"
    (finding,) = [one for one in document["findings"] if one["rule"] == "flips-over-minor-budget"]
    assert finding["path"] == "evals"


def test_a_log_that_did_not_change_measured_one_of_them_only(tmp_path: Path) -> None:
    old, _ = cells(*FEW)
    clone = Clone(tmp_path / "model")
    clone.commit(model(0, "1.0.0", {"evals/predictions.jsonl": lines(old)}), tag="v1.0.0")
    clone.commit(model(0.001, "1.0.1"), tag="v1.0.1")
    document = json.loads(run("check", ".@v1.0.1", "-f", "json", cwd=clone.root).stdout)
    assert document["behaviour"] == []
    assert document["required"]["bump"] == "minor"


def test_a_table_elsewhere_is_no_evaluation_unless_it_is_named(tmp_path: Path) -> None:
    old, new = cells(*MANY)
    for side, size, rows in (("v1", 0.0, old), ("v2", 0.001, new)):
        write(tmp_path / side, model(size, "1.0.0", {"answers/all.jsonl": lines(rows)}))
    arguments = ("check", "./v2", "--against", "./v1", "-f", "json")
    assert json.loads(run(*arguments, cwd=tmp_path).stdout)["behaviour"] == []
    (tmp_path / "v2" / "semverlint.toml").write_text('[behaviour]\nlogs = "answers"\n')
    assert json.loads(run(*arguments, cwd=tmp_path).stdout)["behaviour"][0]["needs"] == "major"


def test_a_damaged_log_leaves_the_rest_of_the_report(tmp_path: Path) -> None:
    write(tmp_path / "v1", model(0, "1.0.0"))
    write(tmp_path / "v2", model(0.001, "1.1.0"))
    (tmp_path / "old.jsonl").write_text('{"id": 1, "score": 1}\n')
    (tmp_path / "new.jsonl").write_text('{"id": 1, "score": 1}\n{\n')
    shown = run("check", "./v2", "--against", "./v1", "--evals", "old.jsonl", "new.jsonl", cwd=tmp_path)
    assert shown.returncode == 3
    assert "weights-fine-tuned" in shown.stdout
    assert "new.jsonl:2: not JSON" in shown.stderr
    shown = run("check", "./v2", "--against", "./v1", "--evals", "old.jsonl", "gone.jsonl", cwd=tmp_path)
    assert shown.returncode == 2
    assert "gone.jsonl: there is no such file or folder" in shown.stderr


def test_the_report_for_people_says_which_evidence_decided(tmp_path: Path) -> None:
    check(tmp_path, model(0.001, "1.0.1"), FEW)
    shown = run("check", "./v2", "--against", "./v1", "--evals", "old.jsonl", "new.jsonl", cwd=tmp_path).stdout
    said = " ".join(shown.split())
    assert "called for minor, outranked for behave and adapt: the answers are as good as before" in said
    assert "(1,000 samples of 1 task, at most 0.30% broke)" in said
    assert max(map(len, shown.splitlines())) <= 80


def test_diff_takes_evaluations_too(tmp_path: Path) -> None:
    check(tmp_path, model(0.001, "1.0.1"), MANY)
    shown = run("diff", "./v1", "./v2", "--evals", "old.jsonl", "new.jsonl", "-f", "json", cwd=tmp_path)
    assert json.loads(shown.stdout)["required"]["bump"] == "major"


def test_what_a_publisher_ships_about_itself_never_lowers_a_bump() -> None:
    guess = Finding(
        rule="weights-fine-tuned", title="", bump=Bump.MINOR, level="warning", consumers=("behave", "adapt"),
        path="model.safetensors", message="moved", fingerprint="1", policy="fine-tuned",
    )  # fmt: skip
    shown = FlipsMeasured(
        path="logs", task="t", metric="acc", samples=1000, broke=0, mended=0, rate=0, low=0, high=0.003,
        budget_patch=0.01, budget_minor=0.05, needs="patch", equivalent=True,
    )  # fmt: skip
    assert weigh([guess], [shown], Config())[0].bump is Bump.PATCH
    assert weigh([guess], [replace(shown, trusted=False)], Config()) == [guess]
    missing = EvaluationNotComparable(path="logs", task="u", metric="acc", reason="only the old run has it", only="old")
    assert weigh([guess], [shown, missing], Config()) == [guess]
    assert weigh([guess], [shown, replace(missing, only="new")], Config())[0].bump is Bump.PATCH
    assert weigh([guess], [], Config()) == [guess]


def test_a_seed_baseline_of_the_configuration_takes_chance_out(tmp_path: Path) -> None:
    for side, rows in zip(("a", "b"), cells(700, 108, 112, 80), strict=True):
        jsonl(tmp_path / "v2" / f"seed-{side}.jsonl", rows)
    config = '[behaviour]\nseed_baseline = ["seed-a.jsonl", "seed-b.jsonl"]\n'
    report = check(tmp_path, model(0.001, "1.1.0"), MANY, config=config)
    assert report["behaviour"][0]["rate"] == 0.0
    assert "flips-over-minor-budget" not in rules(report)


def test_a_place_without_logs_is_told_where_the_configuration_names_it(tmp_path: Path) -> None:
    for side, size in (("v1", 0.0), ("v2", 0.001)):
        write(tmp_path / side, model(size, "1.0.0", {"answers/all.json": {"nothing": size}}))
    (tmp_path / "v2" / "semverlint.toml").write_text('[behaviour]\nlogs = "answers"\n')
    document = json.loads(run("check", "./v2", "--against", "./v1", "-f", "json", cwd=tmp_path).stdout)
    assert [doubt["reason"] for doubt in document["undecided"]] == ["holds no evaluation log in both revisions"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"evals/a.jsonl": FEW}, {}, "logs of one revision stand in the other too, unchanged"),
        ({"evals/a.jsonl": FEW}, {"evals/b.jsonl": FEW}, "logs of one revision stand in the other too, unchanged"),
        ({}, {"evals/b.jsonl": FEW}, "only the new revision has logs there"),
        ({}, {}, "neither revision has logs there"),
    ],
)
def test_logs_that_say_nothing_are_told_where_the_configuration_names_them(
    tmp_path: Path, before: Model, after: Model, said: str
) -> None:
    config = {"semverlint.toml": '[behaviour]\nlogs = "evals"\n'}
    sides = [{path: lines(cells(*FEW)[0]) for path in files} for files in (before, after)]
    clone = Clone(tmp_path / "model")
    clone.commit({**model(0, "1.0.0", sides[0]), **config}, tag="v1.0.0")
    clone.commit(model(0.001, "1.1.0", sides[1]), tag="v1.1.0")
    clone.commit({"README.md": "---\nversion: 1.1.1\n---\n# Another text\n"}, tag="v1.1.1")
    document = json.loads(run("check", ".@v1.1.0", "-f", "json", cwd=clone.root).stdout)
    (finding,) = [one for one in document["findings"] if one["rule"] == "evaluations-unused"]
    assert finding["message"].startswith(f"no answers compared: {said}")
    assert (finding["path"], finding["bump"], document["required"]["bump"]) == ("evals", "none", "minor")
    assert "evaluations-unused" not in run("check", ".@v1.1.1", cwd=clone.root).stdout
