"""`semverlint flips`: the report people read, the one programs read, and its exit statuses."""

import json
from pathlib import Path

import jsonschema
import pytest
from behaviour_support import cells, jsonl
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from support import run

from semverlint import flip_reports
from semverlint.flip_reports.markdown import LONGEST

GENUINE = Path(__file__).parents[1] / "behaviour" / "lm_eval"
SCHEMA = Path(flip_reports.__file__).with_name("flips.schema.json")


def two(tmp_path: Path, *table: int) -> tuple[str, str]:
    old, new = cells(*table)
    return str(jsonl(tmp_path / "old.jsonl", old)), str(jsonl(tmp_path / "new.jsonl", new))


def test_the_report_for_people(tmp_path: Path) -> None:
    two(tmp_path, 500, 30, 40, 430, 100)
    shown = run("flips", "old.jsonl", "new.jsonl", cwd=tmp_path)
    assert shown.returncode == 0
    assert shown.stderr == ""
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert shown.stdout == snapshot("""\
old.jsonl → new.jsonl: 1,000 samples of 1 task compared; needs a minor release

samples (exact match) · 1,000 samples
  accuracy before             53.00%  (49.85% to 56.13%)
  accuracy after              54.00%  (50.85% to 57.12%)
  change of accuracy           1.00%  (-0.60% to 2.70%)
  right before, wrong now      3.00%  (2.03% to 4.26%)
  wrong before, right now      4.00%  (2.87% to 5.41%)
  needs a minor release: 3.00% broke (2.17% to 4.05%, each end 95% sure); a
    patch may break 1.00%, a minor release 5.00%
  better or worse on the whole? not shown (McNemar, p = 0.28)
  for example
    · 500: A → B (right: A)
    · 501: A → B (right: A)
    · 502: A → B (right: A)
""")


def test_json_holds_every_measure_as_a_fraction(tmp_path: Path) -> None:
    old, new = two(tmp_path, 50, 8, 12, 30, 6)
    document = json.loads(run("flips", old, new, "--format", "json").stdout)
    assert document["schema"] == "semverlint/flips/1"
    (task,) = document["tasks"]
    assert task["measures"]["negative_flip_rate"]["value"] == 0.08
    assert task["measures"]["backward_trust_compatibility"]["value"] == 50 / 58
    assert task["budget"] == {"patch": 0.01, "minor": 0.05}
    assert task["decision"]["at_least"] == "minor"
    assert task["decision"]["at_most"] == "major"
    assert task["decision"]["samples_needed"] > 100
    assert [example["id"] for example in task["examples"]] == [str(at) for at in range(50, 58)]


@pytest.mark.parametrize("arguments", [(), ("--margin", "0.1"), ("--seed-baseline", "old", "new")])
def test_json_is_what_the_schema_says(arguments: tuple[str, ...]) -> None:
    document = json.loads(run("flips", "old", "new", "--format", "json", *arguments, cwd=GENUINE).stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert len(document["tasks"]) == 4


def test_markdown_is_a_table_with_the_details_folded_away(tmp_path: Path) -> None:
    two(tmp_path, 20, 0, 3, 5)
    shown = run("flips", "old.jsonl", "new.jsonl", "-f", "markdown", cwd=tmp_path).stdout
    assert shown == snapshot("""\
### `old.jsonl → new.jsonl`: 28 samples of 1 task compared; undecided, at least patch, at most major

| task | samples | before | now | broke | mended | calls for |
|---|--:|--:|--:|--:|--:|---|
| `samples (exact match)` | 28 | 71.43% | 82.14% | 0 | 3 | undecided: patch to major |

<details><summary><code>samples (exact match)</code> · 28 samples</summary>

- undecided between patch and major: 0.00% broke (0.00% to 10.15%, each end 95% sure); a patch may break 1.00%, a minor release 5.00%; about 299 samples would decide
- better or worse on the whole? not shown (McNemar, p = 0.25)
- accuracy before: 71.43% (51.33% to 86.78%)
- accuracy after: 82.14% (63.11% to 93.94%)
- change of accuracy: 10.71% (0.00% to 25.00%)
- right before, wrong now: 0.00% (0.00% to 12.34%)
- wrong before, right now: 10.71% (2.27% to 28.23%)

</details>
""")  # noqa: E501 - a line of Markdown is not wrapped


def test_markdown_of_a_stranger_is_not_rendered(tmp_path: Path) -> None:
    nasty = "</code><script>x</script> | `a` @someone www.evil.example ![x](http://evil.example)"
    rows = [{"id": nasty + str(at), "task": nasty, "reference": nasty, "prediction": nasty} for at in range(30)]
    jsonl(tmp_path / "old.jsonl", rows)
    jsonl(tmp_path / "new.jsonl", [row | {"prediction": "<img src=x>|" + nasty} for row in rows])
    shown = run("flips", "old.jsonl", "new.jsonl", "-f", "markdown", cwd=tmp_path).stdout
    html = MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(shown)
    assert not any(f"<{name}" in html for name in ("script", "img", "a ", "a>"))
    assert html.count("<td") == 7


def test_markdown_is_no_longer_than_a_comment_may_be(tmp_path: Path) -> None:
    rows = [{"id": at, "task": f"task {at % 300}", "score": 1} for at in range(3000)]
    jsonl(tmp_path / "old.jsonl", rows)
    jsonl(tmp_path / "new.jsonl", [row | {"score": 0} for row in rows])
    shown = run("flips", "old.jsonl", "new.jsonl", "-f", "markdown", cwd=tmp_path).stdout
    assert len(shown) <= LONGEST + 100
    assert "more parts left out" in shown


def test_a_seed_baseline_takes_chance_out(tmp_path: Path) -> None:
    old, new = two(tmp_path, 930, 25, 25, 20)
    alone = json.loads(run("flips", old, new, "-f", "json").stdout)["tasks"][0]
    assert alone["decision"]["at_least"] == "minor"
    again = cells(930, 26, 24, 20)
    seeds = [str(jsonl(tmp_path / f"seed{side}.jsonl", rows)) for side, rows in enumerate(again)]
    beside = json.loads(run("flips", old, new, "-f", "json", "--seed-baseline", *seeds).stdout)["tasks"][0]
    assert beside["seed_baseline"]["flip_rate_by_chance"] == 0.025
    assert beside["decision"]["judged_rate"] == 0.0
    assert beside["decision"]["at_least"] == "patch"
    assert "above chance" in run("flips", old, new, "--seed-baseline", *seeds).stdout


def test_a_margin_makes_scores_flip(tmp_path: Path) -> None:
    old = str(jsonl(tmp_path / "old.jsonl", [{"id": at, "rouge1": 0.5} for at in range(600)]))
    new = str(jsonl(tmp_path / "new.jsonl", [{"id": at, "rouge1": 0.5 - (at < 60) * 0.2} for at in range(600)]))
    assert "no margin is set" in run("flips", old, new).stdout
    task = json.loads(run("flips", old, new, "--margin", "0.1", "-f", "json").stdout)["tasks"][0]
    assert (task["negative_flips"], task["decision"]["at_least"]) == (60, "major")


def test_budgets_come_from_the_configuration_or_the_command(tmp_path: Path) -> None:
    old, new = two(tmp_path, 900, 60, 20, 20)
    assert "needs a minor release" not in run("flips", old, new).stdout
    shown = run("flips", old, new, "--patch-budget", "0.1", "--minor-budget", "0.2")
    assert "few enough broke for a patch" in " ".join(shown.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("old.jsonl", "gone.jsonl"), 2, "semverlint: gone.jsonl: there is no such file or folder; check the path\n"),
        (("old.jsonl", "new.jsonl", "-f", "pdf"), 2, "no such format"),
        (("old.jsonl", "new.jsonl", "--margin", "-1"), 2, "--margin -1.0: no size"),
        (("old.jsonl", "bad.jsonl"), 3, "semverlint: bad.jsonl:2: not JSON"),
        (("old.jsonl", "other.jsonl"), 4, ""),
    ],
)
def test_exit_statuses(tmp_path: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    two(tmp_path, 5, 1, 1, 1)
    (tmp_path / "bad.jsonl").write_text('{"id": 1, "score": 1}\n{\n')
    jsonl(tmp_path / "other.jsonl", [{"id": "x", "reference": 1, "prediction": 1}])
    shown = run("flips", *arguments, cwd=tmp_path)
    assert shown.returncode == status
    assert said in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    old, new = two(tmp_path, 5, 1, 1, 1)
    shown = run("flips", old, new, "--format", "json", "--output", str(tmp_path / "flips.json"))
    assert (shown.returncode, shown.stdout) == (0, "")
    assert json.loads((tmp_path / "flips.json").read_text())["tasks"][0]["samples"] == 8


def test_hostile_texts_are_cleaned(tmp_path: Path) -> None:
    nasty = "\x1b[2J\u202eevil\n" + "x" * 500
    old = [{"id": f"{nasty}{at}", "reference": "a", "prediction": "a", "subject": nasty} for at in range(30)]
    new = [row | {"prediction": nasty} for row in old]
    places = [str(jsonl(tmp_path / f"{side}.jsonl", rows)) for side, rows in (("old", old), ("new", new))]
    for format_ in ("text", "json"):
        shown = run("flips", *places, "-f", format_, "-v" if format_ == "text" else "--verbose").stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_equal_runs_are_as_good_as_before(tmp_path: Path) -> None:
    old, _ = two(tmp_path, 500, 0, 0, 100)
    shown = run("flips", old, old)
    assert "as good as before" in shown.stdout
    assert "nothing flipped either way" in shown.stdout


def test_the_same_twice_is_the_same_to_the_byte() -> None:
    runs = [run("flips", "old", "new", "-f", "json", cwd=GENUINE).stdout for _ in range(2)]
    assert runs[0] == runs[1]


def test_one_sample_does_not_call_for_a_major_release(tmp_path: Path) -> None:
    old, new = two(tmp_path, 0, 1, 0, 0)
    assert "undecided, at least minor, at most major" in " ".join(run("flips", old, new).stdout.split())


def test_where_hardly_anything_was_right_nothing_is_as_good_as_before(tmp_path: Path) -> None:
    for right, said in ((0, "not one answer is right"), (20, "too few answers were good before"), (100, "")):
        old, _ = two(tmp_path, right, 0, 0, 1000 - right)
        shown = run("flips", old, old).stdout
        assert said in shown
        assert ("as good as before" in shown) == (not said)


def test_scores_that_could_not_fall_show_nothing(tmp_path: Path) -> None:
    for value, said in ((0.0, True), (0.9, False)):
        rows = [{"id": at, "rouge1": value if at else 0.1} for at in range(1000)]
        place = str(jsonl(tmp_path / "run.jsonl", rows))
        shown = run("flips", place, place, "--margin", "0.2").stdout
        assert ("too few answers were good before" in shown) == said
        assert ("as good as before" in shown) != said
