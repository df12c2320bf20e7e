"""What a table answers: the same as an independent count, in every format, with strangers' strings as text."""

import json
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import duckdb
import pytest
from git_support import Clone
from support import Model, run

from semverlint.fleet.columns import columns_of
from semverlint.fleet.commits import CommitRow
from semverlint.fleet.questions import questions
from semverlint.fleet.rows import Row

DOCS = Path(__file__).parents[2] / "docs" / "audit.md"


@pytest.fixture(scope="module")
def folder(clones: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "table"
    done = run("audit", "--clones", str(clones), "--to", str(place), "--commits")
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    document = json.loads(run("audit", "report", str(folder), "--format", "json").stdout)
    assert document["schema"] == "semverlint/audit-report/1"
    found: dict[str, Any] = document["answers"]
    return found


def read(folder: Path, name: str = "rows") -> list[dict[str, Any]]:
    """The table, as plain records: what the figures are counted from once more, without SQL."""
    with duckdb.connect() as connection:
        cursor = connection.execute(f"FROM '{folder}/{name}/*.parquet'")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_every_question_has_an_answer(answers: dict[str, Any]) -> None:
    assert list(answers) == [question.name for question in questions()]
    assert all(question.title for question in questions())


def test_hidden_weight_changes_are_those_counted_by_hand(folder: Path, answers: dict[str, Any]) -> None:
    pairs = [row for row in read(folder) if row["status"] not in {"failed", "no-baseline"} and row["weight_files"]]
    hidden = [row for row in pairs if row["old_version"] == row["new_version"] and not row["documented"]]
    (told,) = answers["hidden"]["rows"]
    assert (told["weight_changes"], told["hidden"]) == (len(pairs), len(hidden))
    assert told["share"] == pytest.approx(len(hidden) / len(pairs), abs=1e-4)
    assert [row["shown_by"] for row in answers["hidden-releases"]["rows"]] == ["version"] * len(pairs)


def test_what_shows_a_change_of_weights_is_told_release_by_release(tmp_path: Path) -> None:
    def made(name: str, after: Model, tags: tuple[str, str] = ("", "")) -> None:
        clone = Clone(tmp_path / "models" / name)
        clone.commit({"model.safetensors": b"1" * 99, "README.md": "# A model\n"}, tag=tags[0])
        clone.commit({"model.safetensors": b"2" * 99, **after}, tag=tags[1])

    made("silent", {})
    made("told", {"README.md": "# Another model\n"})
    made("tagged", {}, ("v1.0.0", "v1.0.1"))
    made("both", {"README.md": "# Another model\n"}, ("v1.0.0", "v1.0.1"))
    made("left", {}, ("v1.0.0", ""))
    listed = tmp_path / "pairs.txt"
    names = {name: tmp_path / "models" / name for name in ("silent", "told", "tagged", "both")}
    left = tmp_path / "models" / "left"
    listed.write_text("".join(f"{place}\n" for place in names.values()) + f"{left}@main v1.0.0\n")
    done = run("audit", "--from", str(listed), "--to", str(tmp_path / "t"))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(run("audit", "report", str(tmp_path / "t"), "--format", "json").stdout)["answers"]
    told = [(Path(row["target"].split()[0]).name, row["shown_by"]) for row in found["hidden-releases"]["rows"]]
    assert told == [
        ("left@main", "nothing"), ("silent", "nothing"), ("told", "document"), ("tagged", "version"),
        ("both", "version, document"),
    ]  # fmt: skip
    assert found["hidden"]["rows"][0]["weight_changes"] == 5
    assert (found["hidden"]["rows"][0]["hidden"], found["hidden"]["rows"][0]["share"]) == (2, 0.4)


def test_verdicts_and_bumps_add_up_to_the_pairs(folder: Path, answers: dict[str, Any]) -> None:
    pairs = [row for row in read(folder) if row["status"] not in {"failed", "no-baseline"}]
    assert answers["overview"]["rows"][0]["pairs"] == len(pairs)
    assert sum(row["pairs"] for row in answers["verdicts"]["rows"]) == len(pairs)
    for row in answers["bumps"]["rows"]:
        told = [row[f"needs_{bump}"] for bump in ("none", "patch", "minor", "major")]
        declared = None if row["declared"] == "nothing promised" else row["declared"]
        assert told == [
            sum(one["declared"] == declared and one["required"] == bump for one in pairs)
            for bump in ("none", "patch", "minor", "major")
        ]


def test_intervals_are_wilsons(answers: dict[str, Any]) -> None:
    z = NormalDist().inv_cdf(0.975)
    rows = answers["verdicts"]["rows"]
    n = sum(row["pairs"] for row in rows)
    for row in rows:
        share = row["pairs"] / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        assert (row["low"], row["high"]) == (
            pytest.approx(middle - half, abs=2e-4),
            pytest.approx(middle + half, abs=2e-4),
        )


def test_the_markov_table_is_the_one_counted_by_hand(folder: Path, answers: dict[str, Any]) -> None:
    by_target: dict[str, list[dict[str, Any]]] = {}
    for row in read(folder, "commits"):
        by_target.setdefault(row["target"], []).append(row)
    times: dict[tuple[str, str], int] = {}
    for rows in by_target.values():
        rows.sort(key=lambda row: (row["date"], row["commit"]))
        for earlier, later in pairwise(rows):
            for one in earlier["categories"]:
                for other in later["categories"]:
                    times[one, other] = times.get((one, other), 0) + 1
    told = {(row["earlier"], row["following"]): row for row in answers["transitions"]["rows"]}
    assert {key: row["times"] for key, row in told.items()} == times
    for (earlier, _), row in told.items():
        total = sum(count for (one, _), count in times.items() if one == earlier)
        assert row["probability"] == pytest.approx(row["times"] / total, abs=1e-4)


def test_the_shares_of_a_year_are_those_counted_by_hand(folder: Path, answers: dict[str, Any]) -> None:
    commits = read(folder, "commits")
    for row in answers["categories"]["rows"]:
        of_year = [one for one in commits if one["date"].startswith(row["year"])]
        about = [one for one in of_year if row["category"] in one["categories"]]
        assert row["commits"] == len(about)
        assert row["share"] == pytest.approx(len(about) / len(of_year), abs=1e-4)
        assert row["low"] <= row["share"] <= row["high"]


def test_pairs_are_laid_out_crosswise_where_people_read_them(folder: Path, answers: dict[str, Any]) -> None:
    most = max(answers["transitions"]["rows"], key=lambda row: row["times"])
    percent = f"{100 * most['probability']:.0f} %"
    text = run("audit", "report", str(folder)).stdout
    (line,) = (one for one in text.splitlines() if one.startswith(f"  {most['earlier']}  ") and "%," in one)
    assert f"{most['following']} {percent}" in line
    assert " 0 %" not in line
    year = next(row for row in answers["categories"]["rows"] if row["category"] == "sharing")
    assert f"  sharing                 {100 * year['share']:.1f} %" in text
    markdown = run("audit", "report", str(folder), "--format", "markdown").stdout
    assert f"| sharing | {100 * year['share']:.1f} % |" in markdown
    page = run("audit", "report", str(folder), "--format", "html").stdout
    told = f"earlier {most['earlier']}, following {most['following']}, times {most['times']:,}, probability "
    assert told in page


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_strangers_strings_are_text(folder: Path, form: str) -> None:
    shown = run("audit", "report", str(folder), "--format", form).stdout
    assert "\x1b" not in shown
    assert "<script>" not in shown.replace("`<script>│`", "")
    if form == "text":
        assert max(map(len, shown.splitlines())) <= 80
    if form == "markdown":
        tables = [line for line in shown.splitlines() if line.startswith("| ")]
        assert all(line.count("|") >= 3 for line in tables)


def test_a_question_of_ones_own_reads_the_tables_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    asked = run("audit", "report", str(folder), "--sql", "SELECT count(*) AS n FROM rows WHERE status = 'failed'")
    assert asked.returncode == 0
    for sql in (
        "SELECT * FROM read_csv('/etc/passwd')",
        f"COPY rows TO '{tmp_path}/stolen.csv'",
        "SELECT nothing FROM rows",
        "INSTALL httpfs",
    ):
        refused = run("audit", "report", str(folder), "--sql", sql)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert refused.stderr.startswith("semverlint: --sql: ")
    assert not (tmp_path / "stolen.csv").exists()


def test_a_folder_without_a_table_is_one_line(tmp_path: Path) -> None:
    done = run("audit", "report", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "part-00000.parquet").write_bytes(b"PAR1 no")
    done = run("audit", "report", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is damaged" in done.stderr


def test_the_columns_are_documented() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for record in (Row, CommitRow):
        for name, kind in columns_of(record).items():
            assert f"| `{name}` | {kind} |" in page


def test_a_badge_says_what_its_score_is_made_of(clones: Path) -> None:
    target = str(clones / "org" / "Model-1B-Instruct")
    endpoint = json.loads(run("audit", "badge", target, "--format", "json").stdout)
    assert (endpoint["schemaVersion"], endpoint["label"]) == (1, "semver")
    assert sum(part["weight"] for part in endpoint["parts"]) == 100
    points = sum(part["share"] * part["weight"] for part in endpoint["parts"])
    assert endpoint["message"] == f"{round(points)} of 100"
    svg = run("audit", "badge", target, "--format", "svg").stdout
    assert svg.startswith("<svg ")
    assert endpoint["message"] in svg
    assert run("audit", "badge", str(clones / "single")).stdout.startswith(f"{clones / 'single'}: no releases")


def test_a_table_of_another_version_is_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    place = tmp_path / "rows" / "part-00000.parquet"
    with duckdb.connect() as connection:
        rows = connection.from_parquet(f"{folder}/rows/*.parquet")
        rows.project("* EXCLUDE (renamed)").to_parquet(str(place))
    done = run("audit", "report", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is from another version of semverlint (rows without renamed)" in done.stderr


@pytest.mark.parametrize("count", [0, 1])
def test_a_table_of_no_rows_or_one_has_every_answer(folder: Path, tmp_path: Path, count: int) -> None:
    for name in ("rows", "commits"):
        (tmp_path / name).mkdir()
        place = tmp_path / name / "part-00000.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM '{folder}/{name}/*.parquet' LIMIT {count}) TO '{place}'")
    shown = {form: run("audit", "report", str(tmp_path), "--format", form) for form in ("text", "html", "json")}
    assert {(done.returncode, done.stderr) for done in shown.values()} == {(0, "")}
    assert "nan %" not in shown["text"].stdout
    assert "nan %" not in shown["html"].stdout
    answers = json.loads(shown["json"].stdout, parse_constant=pytest.fail)["answers"]
    assert len(answers) == len(list(questions()))
