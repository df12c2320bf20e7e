"""An audit of real clones: a row a pair, whatever happens to the run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from git_support import Clone
from hub.server import Hub
from support import run

Rows = list[tuple[Any, ...]]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


def environment(hub: Hub) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"}


def audit(folder: Path, clones: Path, *arguments: str) -> None:
    done = run("audit", "--clones", str(clones), "--to", str(folder), *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def table(folder: Path, name: str = "rows") -> Rows:
    with duckdb.connect() as connection:
        return connection.from_parquet(f"{folder}/{name}/*.parquet").order("ALL").fetchall()


def ask(folder: Path, sql: str) -> Rows:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW rows AS FROM '{folder}/rows/*.parquet'")
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def audited(clones: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "table"
    audit(folder, clones, "--commits")
    return folder


def test_every_pair_is_a_row_and_every_repository_has_one(audited: Path) -> None:
    counts: dict[str, int] = dict(ask(audited, "SELECT parse_filename(target), count(*) FROM rows GROUP BY ALL"))
    assert {name: counts[name] for name in ("single", "empty", "evil|<b>`x`", "Model-3B-Instruct")} == {
        "single": 1, "empty": 1, "evil|<b>`x`": 1, "Model-3B-Instruct": 3,
    }  # fmt: skip
    assert len(counts) == 12


def test_a_row_says_what_was_declared_needed_and_why(audited: Path) -> None:
    found = ask(
        audited,
        "SELECT old, new, declared, required, status, deciding, documented, files, weight_files, family, model_size,"
        " stage FROM rows WHERE target LIKE '%Model-4B%' ORDER BY new",
    )
    assert found == [
        ("v1.0.0", "v1.0.1", "patch", "patch", "fits", "card-rewritten", True, 1, 0, "Model", "4B", ["Instruct"]),
        ("v1.0.1", "v1.0.2", "patch", "major", "under-declared", "rope-base-changed", False, 1, 0, "Model", "4B",
         ["Instruct"]),
        ("v1.0.2", "v2.1.0", "major", "minor", "undecided", "weights-file-added", False, 1, 1, "Model", "4B",
         ["Instruct"]),
    ]  # fmt: skip


def test_what_cannot_be_read_is_a_row_too(audited: Path) -> None:
    (status, error), (other, why) = ask(
        audited, "SELECT status, error FROM rows WHERE target LIKE '%/empty' OR target LIKE '%/single' ORDER BY target"
    )
    assert status in {"failed", "no-baseline"}
    assert error
    assert other == "no-baseline"
    assert "no earlier release" in why


def test_an_audit_that_is_whole_does_nothing_again(audited: Path, clones: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in audited.rglob("*.parquet")}
    audit(audited, clones, "--commits")
    assert {path: path.stat().st_mtime_ns for path in audited.rglob("*.parquet")} == before
    assert not list((audited / "doing").iterdir())


def test_another_audit_is_not_mixed_in(audited: Path, clones: Path) -> None:
    other = run("audit", str(clones / "single"), "--to", str(audited), "--commits")
    assert (other.returncode, other.stderr.count("\n")) == (2, 1)
    assert "holds an audit of other repositories; name another folder" in other.stderr
    assert "another commits" in run("audit", "--clones", str(clones), "--to", str(audited)).stderr


def test_commits_are_rows_of_their_own(audited: Path) -> None:
    rows = table(audited, "commits")
    assert len(rows) == 9 * 5 + 1 + 2


def killed(arguments: list[str], seconds: float) -> None:
    process = subprocess.Popen([sys.executable, "-m", "semverlint", *arguments], stdout=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_any_moment_the_table_is_the_same_in_the_end(
    kills: int, audited: Path, clones: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    started = time.monotonic()
    audit(whole, clones, "--commits", "--threads", "1")
    took = time.monotonic() - started
    draw = random.Random(7)  # noqa: S311 - the same moments in every run
    folder = tmp_path / "killed"
    arguments = ["audit", "--clones", str(clones), "--to", str(folder), "--commits", "--threads", "1"]
    for number in range(kills):
        killed(arguments, draw.uniform(0, took))
        if number % 5 == 4 or number == kills - 1:  # several kills to a table, and then another one from its beginning
            audit(folder, clones, "--commits", "--threads", "1")
            for name in ("rows", "commits"):
                assert table(folder, name) == table(audited, name)
            shutil.rmtree(folder)


def test_a_line_that_was_cut_off_is_done_again(audited: Path, clones: Path, tmp_path: Path) -> None:
    folder = tmp_path / "torn"
    (folder / "doing").mkdir(parents=True)
    for name in ("audit.json", "targets.txt"):
        (folder / name).write_bytes((audited / name).read_bytes())
    (folder / "doing" / "00000.jsonl").write_text('{"target": "nobody", "rows": []}\n{"target": "./cut of')
    audit(folder, clones, "--commits")
    assert table(folder) == table(audited)


def test_two_processes_of_dask_give_the_same_table(audited: Path, clones: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "semverlint", "audit", "--clones", str(clones), "--to", str(tmp_path / "t"), "--commits",
         "--workers", "2", "--quiet"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert table(tmp_path / "t") == table(audited)


def test_a_cluster_that_is_not_there_is_one_line(clones: Path, tmp_path: Path) -> None:
    done = run("audit", str(clones / "single"), "--to", str(tmp_path / "t"), "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("semverlint: --scheduler tcp://127.0.0.1:9: cannot be reached")


def test_lists_name_what_to_compare_with(clones: Path, tmp_path: Path) -> None:
    one = clones / "org" / "Model-0B-Instruct"
    listed = tmp_path / "list.txt"
    listed.write_text(f"# two\n{one}@v1.0.2 v1.0.0\n\n{one}@v1.0.1   # the one before\n")
    done = run("audit", "--from", str(listed), "--to", str(tmp_path / "t"))
    assert done.returncode == 0, done.stderr
    found = ask(tmp_path / "t", "SELECT old, new, required FROM rows ORDER BY new")
    assert found == [("v1.0.0", "v1.0.1", "patch"), ("v1.0.0", "v1.0.2", "major")]
    listed.write_text("a b c\n")
    wrong = run("audit", "--from", str(listed), "--to", str(tmp_path / "u"))
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert f"{listed}:1: more than two words" in wrong.stderr
    assert not (tmp_path / "u").exists()
    listed.write_text("# nobody yet\n")
    nobody = run("audit", "--from", str(listed), "--to", str(tmp_path / "u"))
    assert (nobody.returncode, nobody.stderr.count("\n")) == (2, 1)
    assert "no repositories" in nobody.stderr
    assert not (tmp_path / "u").exists()


def test_what_failed_is_tried_again_where_asked(clones: Path, tmp_path: Path) -> None:
    good, late = clones / "org" / "Model-0B-Instruct", tmp_path / "late"
    folder = tmp_path / "t"
    assert run("audit", str(good), str(late), "--to", str(folder)).returncode == 0
    failed = ask(folder, "SELECT target FROM rows WHERE status = 'failed'")
    assert failed == [(str(late),)]
    before = ask(folder, "SELECT * FROM rows WHERE target LIKE '%Model-0B%' ORDER BY ALL")
    clone = Clone(late)
    clone.commit({"a.json": {}}, "one", "v1.0.0")
    clone.commit({"a.json": {"x": 1}}, "two", "v1.1.0")
    assert run("audit", "--to", str(folder)).returncode == 0
    assert ask(folder, "SELECT target FROM rows WHERE status = 'failed'") == failed
    assert run("audit", "--to", str(folder), "--again").returncode == 0
    assert ask(folder, "SELECT status FROM rows WHERE target LIKE '%/late'") == [("fits",)]
    assert ask(folder, "SELECT * FROM rows WHERE target LIKE '%Model-0B%' ORDER BY ALL") == before


def test_the_hub_is_asked_no_faster_than_allowed(hub: Hub, tmp_path: Path) -> None:
    for number in range(4):
        hub.commit(f"org/model-{number}", {"config.json": b"{}"}, "v1.0.0")
        hub.commit(f"org/model-{number}", {"config.json": b'{"a": 1}'}, "v1.1.0")
    names = [f"org/model-{number}" for number in range(4)]
    started = time.monotonic()
    done = run(
        "audit", *names, "--to", str(tmp_path / "t"), "--rate", "20", "--threads", "4", cwd=None, **environment(hub)
    )
    took = time.monotonic() - started
    assert (done.returncode, done.stderr) == (0, "")
    asked = [one for one in hub.asked if not one.on_store and "/resolve-cache/" not in one.path]
    assert len(ask(tmp_path / "t", "FROM rows")) == 4
    assert took >= (len(asked) - 1) / 20


def test_an_author_and_a_search_name_repositories(hub: Hub, tmp_path: Path) -> None:
    for name in ("org/a-v1", "org/b-v1", "else/a-v1"):
        hub.commit(name, {"config.json": b"{}"}, "v1.0.0")
    done = run("audit", "--author", "org", "--to", str(tmp_path / "t"), cwd=None, **environment(hub))
    assert (done.returncode, done.stderr) == (0, "")
    assert ask(tmp_path / "t", "SELECT target FROM rows ORDER BY 1") == [("org/a-v1",), ("org/b-v1",)]
    done = run("audit", "--search", "a-v1", "--to", str(tmp_path / "u"), cwd=None, **environment(hub))
    assert (done.returncode, done.stderr) == (0, "")
    assert ask(tmp_path / "u", "SELECT target FROM rows ORDER BY 1") == [("else/a-v1",), ("org/a-v1",)]


def going(folder: Path, clones: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A run that has done something, and goes on."""
    command = [sys.executable, "-m", "semverlint", "audit", "--clones", str(clones), "--to", str(folder), *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    end = time.monotonic() + 60
    while not list(folder.glob("doing/*")):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("crew", [(), ("--workers", "2")])
def test_an_interrupted_run_says_so_and_goes_on_later(
    crew: tuple[str, ...], audited: Path, clones: Path, tmp_path: Path
) -> None:
    process = going(tmp_path / "t", clones, "--commits", "--threads", "1", *crew)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to every process of the command
    said, problem = process.communicate(timeout=60)
    assert (process.returncode, said, problem) == (130, "", "semverlint: interrupted\n")
    audit(tmp_path / "t", clones, "--commits")
    assert table(tmp_path / "t") == table(audited)


def test_two_runs_on_one_folder_are_one_line(clones: Path, tmp_path: Path) -> None:
    process = going(tmp_path / "t", clones, "--commits", "--threads", "1")
    try:
        process.send_signal(signal.SIGSTOP)
        second = run("audit", "--clones", str(clones), "--to", str(tmp_path / "t"), "--commits")
    finally:
        process.kill()
        process.communicate()
    assert second.returncode == 2
    assert second.stderr == f"semverlint: {tmp_path / 't'}: another run works on it; wait, or name another folder\n"


def test_a_full_disk_is_one_line_and_loses_nothing(audited: Path, clones: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk that is full; both fail in the middle of a write."""
    folder = tmp_path / "t"
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000));"
        "sys.argv[0] = 'semverlint'; from semverlint.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "audit", "--clones", str(clones), "--to", str(folder), "--commits"]
    environment = {**os.environ, "SEMVERLINT_CACHE": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert done.stderr.startswith(f"semverlint: {folder}: cannot be written (")
    assert "what is done is kept: mend that, then run the same command again" in done.stderr
    audit(folder, clones, "--commits")
    for name in ("rows", "commits"):
        assert table(folder, name) == table(audited, name)


def test_an_audit_with_other_columns_is_not_mixed_in(audited: Path, clones: Path, tmp_path: Path) -> None:
    shutil.copytree(audited, tmp_path / "t")
    plan = json.loads((tmp_path / "t" / "audit.json").read_text())
    plan["columns"]["rows"].remove("renamed")
    (tmp_path / "t" / "audit.json").write_text(json.dumps(plan))
    done = run("audit", "--clones", str(clones), "--to", str(tmp_path / "t"), "--commits")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "holds an audit with another columns" in done.stderr


def test_gated_private_empty_and_absent_repositories_are_rows(hub: Hub, tmp_path: Path) -> None:
    for name in ("org/good", "org/gated", "org/private", "org/single"):
        hub.commit(name, {"config.json": f'{{"a": "{name}"}}'.encode()}, "v1.0.0")
        if name != "org/single":
            hub.commit(name, {"config.json": f'{{"b": "{name}"}}'.encode()}, "v1.1.0")
    hub.model("org/gated").gated = hub.model("org/private").private = True
    names = ["org/good", "org/gated", "org/private", "org/single", "org/absent", "org/good"]
    done = run("audit", *names, "--to", str(tmp_path / "t"), cwd=None, **environment(hub))
    assert (done.returncode, done.stderr) == (0, "")
    rows = ask(tmp_path / "t", "SELECT target, status, error FROM rows ORDER BY target")
    assert [(target, status) for target, status, _ in rows] == [
        ("org/absent", "failed"), ("org/gated", "undecided"), ("org/good", "fits"),
        ("org/private", "failed"), ("org/single", "no-baseline"),
    ]  # fmt: skip
    assert "is gated" in rows[1][2]
    assert all(why for target, _, why in rows if target != "org/good")
