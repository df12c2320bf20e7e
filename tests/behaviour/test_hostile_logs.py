"""Whatever a log holds, the answer is a comparison or one line that names the file: no crash, no warning, no hang."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from behaviour_support import compared, jsonl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import run
from weights_support import Edits, damaged, edits

from semverlint.errors import SemverlintError
from semverlint.flip_reports import Look, flip_formats, render_flips

HERE = Path(__file__).parent
GENUINE = [
    next((HERE / "lm_eval" / "old").rglob("samples_sums_choice*")),
    next((HERE / "lm_eval" / "old").rglob("samples_sums_rolling*")),
    next((HERE / "lm_eval" / "old").rglob("results_*")),
    HERE / "lighteval" / "old" / "details_sums_choice.parquet",
    next((HERE / "inspect" / "eval" / "old").glob("*_sums_*")),
    next((HERE / "inspect" / "json" / "old").glob("*_sums_*")),
    HERE / "helm" / "per_instance_stats.json",
    HERE / "lighteval" / "old" / "results.json",
]
PIECES = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"\x00",
    b"\xff",
    b"\n",
    b"[[[[",
    b"true",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def survives(old: Path, new: Path) -> None:
    with suppress(SemverlintError):
        comparison = compared(old, new)
        for name in flip_formats():
            assert render_flips(name, comparison, Look(verbose=True)).endswith("\n")


@pytest.mark.parametrize("source", GENUINE, ids=[path.parts[-4] + "/" + path.name[:24] for path in GENUINE])
@given(wrong=edits(PIECES, furthest=60_000))
@example(wrong=[(1460, 0, b"{")])  # one sample without an answer, which others have
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_logs(tmp_path: Path, source: Path, wrong: Edits) -> None:
    path = tmp_path / source.name
    path.write_bytes(damaged(source.read_bytes(), wrong))
    survives(source, path)
    survives(path, path)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "reference", "prediction", "score", "task", "probs", "subject"]), json_values
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_plain_rows_of_any_values(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    first = {
        "id": "first",
        "reference": "a",
        "prediction": "a",
        "score": 1,
        "task": "t",
        "probs": [1.0],
        "subject": "s",
    }
    for side in ("old", "new"):
        jsonl(tmp_path / f"{side}.jsonl", [first, *rows])
    survives(tmp_path / "old.jsonl", tmp_path / "new.jsonl")


LINE = json.loads(GENUINE[0].read_text().splitlines()[0])


@given(st.sampled_from(sorted(LINE)), json_values)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_of_the_harness_with_any_value(tmp_path: Path, key: str, value: object) -> None:
    jsonl(tmp_path / "samples_x.jsonl", [LINE, LINE | {key: value, "doc_id": 2}])
    survives(GENUINE[0], tmp_path / "samples_x.jsonl")


def cases() -> Iterator[tuple[str, bytes, str]]:
    yield "huge numbers", b'{"id": 1, "score": 1' + b"0" * 400 + b"}\n", "score is no finite number"
    yield "infinite", b'{"id": 1, "score": 1e999}\n', "score is no finite number"
    yield "only a beginning", b'{"id": 1, "score": 1', "not JSON"
    yield "deep", b'{"id": 1, "score": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n", ""


@pytest.mark.parametrize(("content", "said"), [case[1:] for case in cases()], ids=[case[0] for case in cases()])
def test_what_the_command_says(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "old.jsonl").write_bytes(b'{"id": 0, "score": 1}\n' + content)
    shown = run("flips", "old.jsonl", "old.jsonl", cwd=tmp_path)
    assert shown.returncode == 3
    assert said in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert shown.stderr.startswith("semverlint: old.jsonl:2: ")
