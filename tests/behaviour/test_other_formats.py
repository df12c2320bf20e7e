"""Logs that other evaluators wrote themselves, tables as Parquet, and scores of cards."""

import json
import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from behaviour_support import cells, compared, jsonl
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from support import run

from semverlint.behaviour.readers import head_of, recognised
from semverlint.behaviour.readers.inspect import _apportioned
from semverlint.behaviour.reading import read_runs
from semverlint.behaviour.samples import Unit
from semverlint.errors import FileError

HERE = Path(__file__).parent


def test_lighteval_s_own_details() -> None:
    comparison = compared(HERE / "lighteval" / "old", HERE / "lighteval" / "new")
    found = {str(task.unit): (task.n, task.negative, task.positive) for task in comparison.tasks}
    assert found == {"sums_choice|0 (acc)": (60, 4, 7), "sums_written|0 (em)": (60, 5, 11)}
    choice, written = comparison.tasks
    assert "likelihood_change" in choice.measures
    assert [(one.question, one.old, one.new, one.reference) for one in written.examples][:1] == [
        ("5+13=", "18\n", "19\n", "18")
    ]


def test_lighteval_s_own_results_bound_what_no_samples_count() -> None:
    old, new = (HERE / "lighteval" / side / "results.json" for side in ("old", "new"))
    choice, written = compared(old, new).bounds
    assert (str(choice.unit), choice.old, choice.new) == ("sums_choice|0 (acc)", 47 / 60, 50 / 60)
    assert str(written.unit) == "sums_written|0 (em)"
    assert (written.low, written.high) == pytest.approx((0, 13 / 60))
    assert compared(HERE / "lighteval" / "old", HERE / "lighteval" / "new").bounds == ()


def test_the_harness_and_lighteval_agree_on_the_same_models() -> None:
    """Both scripts train the same models: the choices flip the same way."""
    theirs = compared(HERE / "lighteval" / "old", HERE / "lighteval" / "new").tasks[0]
    ours = compared(HERE / "lm_eval" / "old", HERE / "lm_eval" / "new").tasks[0]
    assert (theirs.negative, theirs.positive) == (ours.negative, ours.positive)
    for name in ("negative_flip_rate", "backward_trust_compatibility", "calibration_shift"):
        assert theirs.measures[name].value == pytest.approx(ours.measures[name].value, abs=1e-4)


@pytest.mark.parametrize("form", ["eval", "json"])
def test_inspect_s_own_logs(form: str) -> None:
    tasks = compared(HERE / "inspect" / form / "old", HERE / "inspect" / form / "new").tasks
    sums = next(task for task in tasks if task.unit == Unit("sums", "match"))
    assert (sums.n, sums.negative, sums.positive) == (12, 2, 2)
    assert sorted(str(example.id) for example in sums.examples) == ["2", "2, epoch 2"]
    assert {(one.old, one.new, one.reference) for one in sums.examples} == {("5", "6", "5")}
    if form == "eval":
        assert [str(task.unit) for task in tasks] == ["letters (choice)", "sums (match)"]


def test_both_forms_of_inspect_say_the_same() -> None:
    (task,) = compared(HERE / "inspect" / "json" / "old", HERE / "inspect" / "eval" / "old").tasks
    assert (task.negative, task.positive, task.remarks) == (0, 0, ())


def test_a_damaged_log_of_inspect_is_named(tmp_path: Path) -> None:
    source = next((HERE / "inspect" / "eval" / "old").glob("*_sums_*"))
    data = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        member = archive.getinfo("samples/1_epoch_1.json")
    data[member.header_offset + 60 : member.header_offset + 90] = bytes(30)
    (tmp_path / "broken.eval").write_bytes(data)
    with pytest.raises(FileError, match=r"broken\.eval: samples/1_epoch_1\.json is damaged"):
        read_runs(("old", [tmp_path / "broken.eval"]))
    (tmp_path / "broken.eval").write_bytes(source.read_bytes()[:5_000])
    with pytest.raises(FileError, match=r"broken\.eval: its zip directory is damaged"):
        read_runs(("old", [tmp_path / "broken.eval"]))


def test_a_log_of_inspect_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", '{"eval": {"task": "x"}}')
        for at in range(3):
            archive.writestr(f"samples/{at}_epoch_1.json", b"0" * 100_000_000)
    with pytest.raises(FileError, match=r"bomb\.eval: would unpack to 300\.0 MB"):
        read_runs(("old", [tmp_path / "bomb.eval"]))


@given(st.lists(st.integers(0, 300_000_000), max_size=300))
def test_samples_of_inspect_are_read_few_at_a_time(sizes: list[int]) -> None:
    pieces = list(_apportioned(sizes))
    assert [at for start, count in pieces for at in range(start, start + count)] == list(range(len(sizes)))
    for start, count in pieces:
        assert count <= 100
        assert count == 1 or sum(sizes[start : start + count]) <= 256_000_000


def test_a_text_stored_once_for_a_million_rows_is_refused(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), pa.array(["x" * 1_000]))
    nested = pa.StructArray.from_arrays([text], ["text"])
    for name, column in (("flat", text), ("nested", nested)):
        place = tmp_path / f"{name}.parquet"
        parquet.write_table(pa.table({"id": range(1_000_000), "reference": text, "output": column}), place)
        assert place.stat().st_size < 10_000_000
        with pytest.raises(FileError, match=rf"{name}\.parquet: 2\.0 GB in one group of rows"):
            read_runs(("old", [place]))


def test_another_version_of_a_task_is_not_compared(tmp_path: Path) -> None:
    source = next((HERE / "inspect" / "json" / "new").glob("*_sums_*"))
    log = json.loads(source.read_text())
    log["eval"]["task_version"] = 3
    (tmp_path / "new.json").write_text(json.dumps(log))
    comparison = compared(HERE / "inspect" / "json" / "old", tmp_path / "new.json")
    assert [one.reason for one in comparison.refused] == ["another task version: 2 and 3"]


def test_helm_s_own_statistics(tmp_path: Path) -> None:
    shutil.copytree(HERE / "helm", tmp_path / "new")
    stats = json.loads((tmp_path / "new" / "per_instance_stats.json").read_text())
    for stat in stats[3]["stats"]:
        if stat["name"]["name"] == "exact_match":
            stat["mean"] = 1.0
    (tmp_path / "new" / "per_instance_stats.json").write_text(json.dumps(stats, indent=2))
    (task,) = compared(HERE / "helm", tmp_path / "new").tasks
    assert str(task.unit) == "synthetic_reasoning:mode=pattern_match (exact_match)"
    assert (task.n, task.negative, task.positive) == (12, 0, 1)
    (back,) = compared(tmp_path / "new", HERE / "helm").tasks
    assert back.examples[0].id == stats[3]["instance_id"]
    assert back.examples[0].question is not None


def test_parquet_is_read_group_by_group(tmp_path: Path) -> None:
    old, new = cells(40, 4, 2, 10)
    for side, rows in (("old", old), ("new", new)):
        parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows]), tmp_path / side, row_group_size=7)
    assert recognised(head_of(tmp_path / "old", "old")) == "plain_parquet"
    (task,) = compared(tmp_path / "old", tmp_path / "new").tasks
    assert (task.n, task.negative, task.positive) == (56, 4, 2)
    (mixed,) = compared(tmp_path / "old", jsonl(tmp_path / "new.jsonl", new)).tasks
    assert (mixed.n, mixed.negative, mixed.positive) == (56, 4, 2)


def test_damaged_parquet_is_named(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": [1, None], "score": [1.0, 0.0]}), tmp_path / "old")
    with pytest.raises(FileError, match=r"old: row 2 of group 1: a sample without an id"):
        read_runs(("old", [tmp_path / "old"]))
    (tmp_path / "old").write_bytes((tmp_path / "old").read_bytes()[:-20])
    with pytest.raises(FileError, match=r"old: no Parquet"):
        read_runs(("old", [tmp_path / "old"]))


CARD = """---
model-index:
- name: m
  results:
  - task: {{type: text-generation}}
    dataset: {{type: hellaswag, name: HellaSwag}}
    metrics: [{{type: accuracy, value: {score}}}, {{type: rouge1, value: 30.5}}]
---
# A model
"""


def test_aggregate_scores_only_bound_the_flips(tmp_path: Path) -> None:
    for side, score in (("old", 72.74), ("new", 71.54)):
        (tmp_path / side / ".eval_results").mkdir(parents=True)
        (tmp_path / side / "README.md").write_text(CARD.format(score=score))
        (tmp_path / side / ".eval_results" / "piqa.yaml").write_text(
            f"- dataset:\n    id: piqa\n    task_id: test\n  value: {score / 100}\n"
        )
    comparison = compared(tmp_path / "old", tmp_path / "new")
    assert comparison.tasks == ()
    found = {bound.unit.task: (bound.low, bound.high) for bound in comparison.bounds}
    assert found["hellaswag"] == pytest.approx((0.012, 1 - 0.7154))
    assert found["piqa / test"] == pytest.approx((0.012, 1 - 0.7154))
    shown = " ".join(run("flips", str(tmp_path / "old"), str(tmp_path / "new")).stdout.split())
    assert "only aggregate scores (they bound the flips and cannot count them)" in shown
    assert "hellaswag (accuracy): 72.74% → 71.54%; between 1.20% and 28.46% of all answers broke" in shown


def test_results_of_the_harness_without_samples_are_aggregates(tmp_path: Path) -> None:
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        shutil.copy(next((HERE / "lm_eval" / side).rglob("results_*")), tmp_path / side / "results.json")
    comparison = compared(tmp_path / "old", tmp_path / "new")
    assert {str(bound.unit) for bound in comparison.bounds} >= {"sums_choice (acc)", "sums_written (exact_match)"}
    real = {task.unit: task for task in compared(HERE / "lm_eval" / "old", HERE / "lm_eval" / "new").tasks}
    for bound in comparison.bounds:
        if bound.unit in real:
            rate = real[bound.unit].measures["negative_flip_rate"].value
            assert rate is not None
            assert bound.low - 1e-9 <= rate <= bound.high + 1e-9
