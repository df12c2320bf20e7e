"""Logs of every format read, and damaged ones named with file and line."""

import csv
import gzip
import json
import math
import sys
import tempfile
from pathlib import Path

import pytest
from behaviour_support import cells, compared, jsonl, table
from hypothesis import given
from hypothesis import strategies as st

from semverlint.behaviour import lines
from semverlint.behaviour.readers import all_readers, head_of, recognised
from semverlint.behaviour.reading import read_runs
from semverlint.behaviour.samples import Piece, Unit, text
from semverlint.errors import FileError, UsageError

GENUINE = Path(__file__).with_name("lm_eval")


def reader_of(path: Path) -> str | None:
    return recognised(head_of(path, path.name))


def test_plain_lines_are_known_by_what_they_hold_not_by_their_name(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "results.txt", [{"id": 1, "reference": "a", "prediction": "a"}])
    assert reader_of(path) == "plain_jsonl"
    assert reader_of(jsonl(tmp_path / "samples_x.jsonl", [{"text": "no answers here"}])) is None


def test_csv_and_jsonl_of_the_same_samples_are_the_same(tmp_path: Path) -> None:
    lines_ = jsonl(tmp_path / "old.jsonl", [{"id": 1, "target": 3, "pred": 3}, {"id": 2, "target": 4, "pred": 5}])
    comma = tmp_path / "new.csv"
    comma.write_text('id,target,pred\r\n1,3,"3"\r\n2,4,5\r\n', encoding="utf-8-sig")
    (task,) = compared(lines_, comma).tasks
    assert (task.n, task.negative, task.positive) == (2, 0, 0)
    assert task.measures["accuracy_new"].value == 0.5


def test_tasks_of_one_file_are_kept_apart(tmp_path: Path) -> None:
    rows = [{"id": at % 2, "task": "ab"[at // 2], "score": at % 2} for at in range(4)]
    comparison = compared(jsonl(tmp_path / "old.jsonl", rows), jsonl(tmp_path / "new.jsonl", rows))
    assert [(task.unit, task.n) for task in comparison.tasks] == [(Unit("a", "score"), 2), (Unit("b", "score"), 2)]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "old.jsonl", [{"id": at, "score": 1} for at in range(5)])
    path.write_text(path.read_text() + '\n\n{"id": 6, "score": \n')
    with pytest.raises(FileError, match=r"old\.jsonl:8: not JSON"):
        read_runs(("old", [path]))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('{"score": 1}', r"old\.jsonl:2: a sample without an id"),
        ('{"id": 2, "score": NaN}', r"old\.jsonl:2: score is no finite number"),
        ('{"id": 2, "score": null}', r"old\.jsonl:2: score is no finite number"),
        ('{"id": 2, "score": "high"}', r"old\.jsonl:2: score is no finite number"),
        ('{"id": 1, "score": 0}', r"1 sample of .* the first stand at old\.jsonl:1 and old\.jsonl:2"),
        ("[1, 2]", r"old\.jsonl:2: no JSON object"),
        ("\xff", r"old\.jsonl:2: not UTF-8"),
        ("[" * 100_000, r"old\.jsonl:2: (nested too deeply|not JSON)"),
    ],
)
def test_what_is_wrong_with_a_sample_is_said_in_one_line(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(b'{"id": 1, "score": 1}\n' + row.encode("latin-1") + b"\n")
    with pytest.raises(FileError, match=problem) as caught:
        read_runs(("old", [path]))
    assert "\n" not in str(caught.value)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 300_000)
    monkeypatch.setattr(lines, "PIECE", 1_000)
    path = tmp_path / "old.jsonl"
    path.write_text('{"id": 1, "score": 1}\n{"id": 2, "score": 1, "text": "' + "x" * 3_000_000 + '"}\n')
    with pytest.raises(FileError, match=r"old\.jsonl: line 2 is longer than 300\.0 kB"):
        read_runs(("old", [path]))


def test_a_file_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text('{"id": 1, "score": 1, "text": "' + "x" * 5_000_000)
    with pytest.raises(FileError, match=r"old\.jsonl: begins with a line of more than 4\.1 MB"):
        read_runs(("old", [path]))


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        read_runs(("old", [tmp_path / "nothing"]))
    (tmp_path / "readme.md").write_text("# no log")
    with pytest.raises(UsageError, match=r"no evaluation log \(readme\.md read\)"):
        read_runs(("old", [tmp_path]))


def test_one_task_in_two_files_is_refused_when_they_overlap(tmp_path: Path) -> None:
    jsonl(tmp_path / "run" / "one.jsonl", [{"id": 1, "score": 1}])
    jsonl(tmp_path / "run" / "two.jsonl", [{"id": 2, "score": 1}])
    (run,) = read_runs(("run", [tmp_path / "run"]))
    assert len(run.units[Unit("samples", "score")]) == 2
    jsonl(tmp_path / "run" / "three.jsonl", [{"id": 2, "score": 1}])
    with pytest.raises(FileError, match=r"two\.jsonl: holds samples of samples \(score\) that three\.jsonl has too"):
        read_runs(("run", [tmp_path / "run"]))


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=30), st.integers(20, 400))
def test_pieces_hold_every_line_once(pairs: list[tuple[str, str]], length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = jsonl(Path(folder, "rows.jsonl"), [{"a": {"b": left}, "c": right} for left, right in pairs])
        found: list[tuple[str, str]] = []
        for start, stop in lines.spans(path, "rows", length):
            table = lines.columns(Piece("plain_jsonl", path, "rows", start, stop), ["a.b", "c"])
            found += zip(table["a.b"], table["c"], strict=True)
    assert found == pairs


def test_values_are_equal_whatever_they_came_through() -> None:
    assert text(1) == text(1.0) == text("1") == text(" 1 ")
    assert text({"b": 1, "a": [2]}) == '{"a": [2], "b": 1}'


def test_genuine_logs_of_the_harness() -> None:
    """What scripts/lm_eval_logs.py made: every output type, the scores the harness itself printed."""
    comparison = compared(GENUINE / "old", GENUINE / "new")
    assert comparison.refused == ()
    assert comparison.passed_over == ()
    for side in ("old", "new"):
        (results,) = (GENUINE / side).rglob("results_*.json")
        printed = json.loads(results.read_text())["results"]
        for task in comparison.tasks:
            if task.binary:
                assert task.measures[f"accuracy_{side}"].value == printed[task.unit.task][f"{task.unit.metric},none"]
    by_task = {task.unit.task: task for task in comparison.tasks}
    assert list(by_task) == ["sums_choice", "sums_likely", "sums_rolling", "sums_written"]
    assert [task.n for task in comparison.tasks] == [60] * 4
    assert by_task["sums_rolling"].negative is None
    assert "smooth_negative_flip_rate" in by_task["sums_rolling"].measures
    assert "calibration_shift" in by_task["sums_choice"].measures
    assert "likelihood_change" in by_task["sums_likely"].measures
    assert "negative_flip_rate_mc" in by_task["sums_written"].measures
    assert {part.name for part in by_task["sums_choice"].slices} == {"subject"}
    assert all("+" in str(example.question) for task in comparison.tasks for example in task.examples)


def changed(tmp_path: Path, change: dict[str, object], *, results: bool = False) -> Path:
    """The new genuine logs of one task, with keys of every line, or of the results, changed."""
    folder = tmp_path / "new"
    folder.mkdir()
    for path in (GENUINE / "new").rglob("*sums_written*" if not results else "*"):
        if path.suffix == ".jsonl" and "sums_written" in path.name:
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            (folder / path.name).write_text(
                "".join(json.dumps(row | ({} if results else change)) + "\n" for row in rows)
            )
        elif path.suffix == ".json":
            (folder / path.name).write_text(json.dumps(json.loads(path.read_text()) | change))
    return folder


def test_other_prompts_are_not_compared(tmp_path: Path) -> None:
    comparison = compared(GENUINE / "old", changed(tmp_path, {"prompt_hash": "0" * 64}))
    assert comparison.tasks == ()
    reasons = {one.unit.task: one.reason for one in comparison.refused}
    assert reasons["sums_written"] == "all 60 samples were asked otherwise: prompts or references differ"
    assert reasons["sums_choice"] == "only the old run has it"


@pytest.mark.parametrize(
    ("key", "named"),
    [("versions", "another task version: 1.0 and 2"), ("n-shot", "another few-shot: 0 and 2")],
)
def test_other_settings_are_not_compared(tmp_path: Path, key: str, named: str) -> None:
    comparison = compared(GENUINE / "old", changed(tmp_path, {key: {"sums_written": 2}}, results=True))
    assert named in {one.reason for one in comparison.refused}


def test_another_chat_template_is_the_release_s_own(tmp_path: Path) -> None:
    folder = changed(tmp_path, {"chat_template_sha": "abc"}, results=True)
    (task,) = compared(GENUINE / "old", folder).tasks
    assert task.n == 60
    assert "the chat template is another one, so prompts may differ" in task.remarks


def test_samples_of_one_side_are_counted(tmp_path: Path) -> None:
    old, new = cells(50, 5, 5, 10)
    comparison = compared(jsonl(tmp_path / "old.jsonl", old[:-3]), jsonl(tmp_path / "new.jsonl", list(reversed(new))))
    (task,) = comparison.tasks
    assert (task.n, task.negative, task.positive) == (67, 5, 5)
    assert task.left_out == ("3 samples only in the new run",)
    assert task.coverage == 67 / 70
    assert not task.equivalent


def test_repeated_questions_are_paired_in_their_order(tmp_path: Path) -> None:
    (path,) = (GENUINE / "old").rglob("samples_sums_written_*")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    twice = [*rows[:2], *rows[:2], rows[0]]
    for side in ("old", "new"):
        jsonl(tmp_path / side / "samples_sums_written.jsonl", twice if side == "old" else twice[::-1])
    (task,) = compared(tmp_path / "old", tmp_path / "new").tasks
    assert task.n == 5
    assert any("3 questions asked more than once" in remark for remark in task.remarks)


def test_each_filter_is_a_task_of_its_own(tmp_path: Path) -> None:
    (path,) = (GENUINE / "old").rglob("samples_sums_written_*")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    both = [row | {"filter": name} for row in rows for name in ("strict-match", "flexible-extract")]
    for side in ("old", "new"):
        jsonl(tmp_path / side / "samples_sums_2024-05-01T10-00-00.123456.jsonl", both)
    found = [(task.unit.task, task.n) for task in compared(tmp_path / "old", tmp_path / "new").tasks]
    assert found == [("sums, flexible-extract", 60), ("sums, strict-match", 60)]


def test_logs_of_older_versions_are_matched_by_number(tmp_path: Path) -> None:
    (path,) = (GENUINE / "old").rglob("samples_sums_choice_*")
    newer = {"doc_hash", "prompt_hash", "target_hash", "filter", "metrics"}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    old = [{key: value for key, value in row.items() if key not in newer} for row in rows]
    new = [row | {"acc": 0.0} if row["doc_id"] < 10 else row for row in old]
    for side, kept in (("old", old), ("new", new)):
        jsonl(tmp_path / side / "samples_sums.jsonl", kept)
    (task,) = compared(tmp_path / "old", tmp_path / "new").tasks
    assert task.unit == Unit("sums", "acc")
    assert (task.n, task.negative) == (60, sum(row["acc"] for row in old[:10]))


def test_without_the_extra_lines_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = (GENUINE / "old").rglob("samples_sums_choice_*")
    piece = Piece("lm_eval", path, path.name, 0, path.stat().st_size)
    names = ["doc_hash", "filtered_resps", "acc", "arguments.gen_args_0.arg_0", "doc.subject", "nothing.here"]
    fast = lines.columns(piece, names)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    lines.decoder.cache_clear()
    assert lines.columns(piece, names) == fast
    lines.decoder.cache_clear()


def test_results_alone_are_read_on_one_line_too_and_means_of_groups_left_out(tmp_path: Path) -> None:
    for side in ("old", "new"):
        (source,) = (GENUINE / side).rglob("results_*.json")
        said = json.loads(source.read_text())
        said["results"]["sums"] = said["results"]["sums_choice"]
        said["groups"] = {"sums": said["results"]["sums"]}
        (tmp_path / f"{side}.json").write_text(json.dumps(said))
    bounds = compared(tmp_path / "old.json", tmp_path / "new.json").bounds
    assert {bound.unit.task for bound in bounds} == {"sums_choice", "sums_likely", "sums_written"}


def test_digests_and_numbers_of_questions_are_told_apart(tmp_path: Path) -> None:
    source = next((GENUINE / "old").rglob("samples_sums_choice*"))
    rows = [json.loads(line) for line in source.read_text().splitlines()]
    older = [{key: value for key, value in row.items() if not key.endswith("_hash")} for row in rows]
    comparison = compared(source, jsonl(tmp_path / source.name, older))
    assert [one.reason for one in comparison.refused] == [
        "one run knows its samples by digests of the questions, the other by numbers"
    ]


@pytest.mark.parametrize("nothing", [None, math.nan, ""])
def test_what_has_no_answer_is_told_and_hides_nothing(tmp_path: Path, nothing: object) -> None:
    def row(at: int, *, answered: bool) -> dict[str, object]:
        return {"id": at, "reference": "a", "prediction": "a" if answered else nothing}

    old = [row(at, answered=at >= 100) for at in range(500)]
    new = [row(at, answered=not 90 <= at < 110) for at in range(500)]
    task = table(tmp_path, old, new)
    assert (task.n, task.negative, task.positive, task.coverage) == (400, 10, 0, 0.8)
    assert task.left_out == ("100 samples without an answer in the old run: nobody knows whether they broke",)
    assert "20 samples of the new run have no answer: counted as wrong" in task.remarks
    assert not table(tmp_path, old, old).equivalent


def test_an_answer_may_be_empty_and_right(tmp_path: Path) -> None:
    rows = [{"id": at, "reference": "", "prediction": ""} for at in range(300)]
    task = table(tmp_path, rows, rows)
    assert (task.n, task.measures["accuracy_old"].value, task.left_out) == (300, 1.0, ())


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_without_a_reference_nothing_is_right(tmp_path: Path, nothing: object) -> None:
    rows = [{"id": 1, "reference": "a", "prediction": "a"}, {"id": 2, "reference": nothing, "prediction": nothing}]
    with pytest.raises(FileError, match=r"old\.jsonl:2") as caught:
        table(tmp_path, rows, rows)
    assert caught.value.reason == "a sample without a reference"


PLAIN = [{"id": f"q{at}", "reference": "A", "prediction": "A" if at % 3 else "B"} for at in range(30)]


@pytest.mark.parametrize(
    "names", ["ID,Label,Prediction", "Question ID,ground-truth,Model Output", ",label,pred", "Unnamed: 0,y_true,y_pred"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_tables_are_known_however_their_columns_are_spelled(tmp_path: Path, names: str, ending: str) -> None:
    lines_ = [names, *(f"{row['id']},{row['reference']},{row['prediction']}" for row in PLAIN)]
    (tmp_path / "table.csv").write_text(ending.join(lines_), encoding="utf-8-sig", newline="")
    (task,) = compared(jsonl(tmp_path / "old.jsonl", PLAIN), tmp_path / "table.csv").tasks
    assert (task.n, task.measures["accuracy_old"].value, task.measures["accuracy_new"].value) == (30, 20 / 30, 20 / 30)


@given(st.lists(st.text('ab"\n,; ', max_size=6), min_size=1, max_size=40), st.integers(1, 60))
def test_pieces_of_a_table_hold_every_row_once(answers: list[str], length: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "PIECE", length)
        path = Path(folder, "table.csv")
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(
                [("id", "score", "output"), *((at, 1, text) for at, text in enumerate(answers))]
            )
        head, reader = head_of(path, path.name), all_readers()["plain_csv"]
        read = [(piece, rows) for piece in reader.pieces(head) for rows in reader.read(piece)]
        assert [answer for _, rows in read for answer in rows.answers] == answers
        content = path.read_text(encoding="utf-8").split("\n")
        for piece, rows in read:
            for at, name in enumerate(rows.ids):
                number = int(reader.where(piece, at).rpartition(":")[2])
                assert any(line.startswith(f"{name},") for line in content[:number])


def test_a_damaged_row_of_a_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PIECE", 40)
    path = tmp_path / "table.csv"
    rows = ["id,score,output", *(f"{at},1,text" for at in range(50))]
    for at, row, said in ((30, "29,1", "2 fields"), (30, '29,1,"x"y', "no CSV"), (30, "29,nan,x", "no finite number")):
        path.write_text("\n".join([*rows[:at], row, *rows[at + 1 :]]))
        with pytest.raises(FileError, match=rf"table\.csv:{at + 1}: .*{said}"):
            read_runs(("old", [path]))
    path.write_text('id,score,output\n1,1,"' + "x" * 70_000_000)
    with pytest.raises(FileError, match=r"table\.csv:1: a line or a quoted field without end"):
        read_runs(("old", [path]))


def test_a_list_of_objects_is_a_table_too(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps(PLAIN, indent=1))
    (task,) = compared(jsonl(tmp_path / "old.jsonl", PLAIN), tmp_path / "new.json").tasks
    assert (task.n, task.negative, task.positive, task.remarks) == (30, 0, 0, ())
    (tmp_path / "new.json").write_text(json.dumps([*PLAIN, {"id": "q30", "prediction": "A"}]))
    with pytest.raises(FileError, match=r"new\.json: sample 31: a sample without a reference"):
        compared(tmp_path / "old.jsonl", tmp_path / "new.json")


def test_any_of_several_references_is_right(tmp_path: Path) -> None:
    old = [{"id": at, "references": ["Paris", "paris"], "prediction": "paris"} for at in range(40)]
    task = table(tmp_path, old, [row | {"prediction": "Rome"} for row in old])
    assert (task.negative, task.measures["accuracy_old"].value) == (40, 1.0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"label,pred\nA,A\n", "a.csv has answers but no id: name a column id"),
        ("a.jsonl", b'{"id": 1, "prediction": "A"}\n', "neither a score nor a reference"),
        ("a.json", b'[{"label": 1, "prediction": "A"}]', "a.json has answers but no id"),
        (
            "a.jsonl.gz",
            gzip.compress(b"{}\n", mtime=0),
            "a.jsonl.gz is packed by gzip: unpack it first",
        ),
        ("a.txt", b"hello\n", "(a.txt read); readers: "),
    ],
)
def test_what_is_almost_a_log_is_told_what_it_lacks(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_runs(("run", [tmp_path / name]))
    assert said in f"{caught.value}"
