"""An audit on a cluster of Dask whose processes are killed: nothing is lost, nothing is there twice."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hub.server import Hub
from support import run

from semverlint.fleet.engine import Crew

REPOSITORIES, RELEASES = 24, 3
Process = subprocess.Popen[str]
Rows = list[tuple[Any, ...]]


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"waited for a minute: {what}"
        time.sleep(0.01)


class Cluster:
    """A scheduler and workers, each a process of its own, and audits that they work for."""

    def __init__(self, place: Path, hub: Hub) -> None:
        self.place, self.hub = place, hub
        self._named = place / "scheduler.json"
        self._environment = {
            **os.environ, "HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_TELEMETRY": "1", "SEMVERLINT_CACHE": "",
            "HF_HOME": str(place / "hf"),
        }  # fmt: skip
        self._started: list[Process] = []
        self.names = place / "ids.txt"
        self.names.write_text("".join(f"org/model-{number}\n" for number in range(REPOSITORIES)))
        self.scheduler = self._start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        until(self._named.exists, "the scheduler")
        self.address = str(json.loads(self._named.read_text())["address"])

    def worker(self) -> Process:
        return self._start("distributed.cli.dask_worker", "--no-nanny", "--nthreads", "2", "--nworkers", "1")

    def audit(self, folder: Path, *arguments: str, on_cluster: bool = True) -> Process:
        """A run as people start it, going on by itself."""
        where = ("--scheduler", self.address) if on_cluster else ()
        command = [sys.executable, "-m", "semverlint", "audit", "--from", str(self.names), "--to", str(folder)]
        return self._run([*command, "--rate", "0", *where, *arguments], subprocess.PIPE)

    def middle(self, going: Process, requests: int) -> None:
        """Wait until a run is in the middle of its work."""
        until(lambda: len(self.hub.asked) >= requests or going.poll() is not None, f"{requests} requests")
        if going.poll() is not None:
            raise AssertionError(going.communicate())

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()

    def _start(self, module: str, *arguments: str) -> Process:
        command = [sys.executable, "-m", module, "--scheduler-file", str(self._named), "--no-dashboard", *arguments]
        with (self.place / "cluster.log").open("a") as log:
            return self._run(command, log)

    def _run(self, command: list[str], to: Any) -> Process:  # noqa: ANN401 - what Popen takes
        process = subprocess.Popen(command, env=self._environment, stdout=to, stderr=to, text=True)
        self._started.append(process)
        return process


@pytest.fixture(scope="module")
def served() -> Iterator[Hub]:
    with Hub() as hub:
        for number in range(REPOSITORIES):
            for release in range(RELEASES):
                files = {"config.json": json.dumps({"hidden_size": 64 + release * number}).encode()}
                hub.commit(f"org/model-{number}", files, f"v1.{release}.0")
        yield hub


@pytest.fixture
def cluster(served: Hub, tmp_path: Path) -> Iterator[Cluster]:
    served.forget()
    served.latency = 0.02
    made = Cluster(tmp_path, served)
    try:
        yield made
    finally:
        made.end()


def whole(going: Process) -> None:
    said, problem = going.communicate(timeout=120)
    assert (going.returncode, problem) == (0, "")
    assert "the table is whole" in said


def table(folder: Path) -> Rows:
    with duckdb.connect() as connection:
        return connection.from_parquet(f"{folder}/rows/*.parquet").order("ALL").fetchall()


@pytest.fixture(scope="module")
def uninterrupted(served: Hub, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("whole") / "t"
    names = list(served.models)
    done = run("audit", *names, "--to", str(folder), "--rate", "0", HF_ENDPOINT=served.endpoint)
    assert (done.returncode, done.stderr) == (0, "")
    found = table(folder)
    assert len(found) == REPOSITORIES * (RELEASES - 1)
    return found


def test_a_worker_that_is_killed_loses_nothing(cluster: Cluster, uninterrupted: Rows) -> None:
    workers = [cluster.worker(), cluster.worker()]
    going = cluster.audit(cluster.place / "t")
    cluster.middle(going, 20)
    workers[0].kill()
    whole(going)
    assert table(cluster.place / "t") == uninterrupted


def test_where_every_worker_is_killed_a_later_one_goes_on(cluster: Cluster, uninterrupted: Rows) -> None:
    going = cluster.audit(cluster.place / "t")
    for requests in range(5, 40, 5):  # the same repositories again and again: more often than Dask itself forgives
        worker = cluster.worker()
        cluster.middle(going, requests)
        worker.kill()
    cluster.worker()
    whole(going)
    assert table(cluster.place / "t") == uninterrupted


def test_a_run_that_is_killed_goes_on_where_it_was(cluster: Cluster, uninterrupted: Rows) -> None:
    cluster.worker()
    killed = cluster.audit(cluster.place / "t")
    cluster.middle(killed, 30)
    killed.kill()
    killed.wait()
    whole(cluster.audit(cluster.place / "t"))
    assert table(cluster.place / "t") == uninterrupted


def test_a_scheduler_that_is_gone_is_one_line_and_loses_nothing(cluster: Cluster, uninterrupted: Rows) -> None:
    cluster.worker()
    going = cluster.audit(cluster.place / "t")
    cluster.middle(going, 30)
    cluster.scheduler.kill()
    said, problem = going.communicate(timeout=120)
    assert (going.returncode, said) == (3, "")
    assert problem == (
        f"semverlint: the scheduler {cluster.address} is gone; "
        "what is done is kept: start a scheduler and run the same command again\n"
    )
    cluster.hub.latency = 0.0
    whole(cluster.audit(cluster.place / "t", on_cluster=False))
    assert table(cluster.place / "t") == uninterrupted


@pytest.mark.slow
def test_a_task_that_ends_every_worker_is_told_and_the_others_are_done() -> None:
    found = dict(Crew(threads=1, workers=1).map(_end_of_three, iter(range(5)), _ready, str))
    assert found == {0: 0, 1: 1, 2: 2, 3: "3", 4: 4}


def _ready(processes: int) -> None:
    assert processes == 1


def _end_of_three(task: int) -> int:
    return os._exit(1) if task == 3 else task


@pytest.mark.slow
def test_workers_that_come_later_share_the_rate(cluster: Cluster) -> None:
    rate = 40
    cluster.worker()
    going = cluster.audit(cluster.place / "t", "--rate", str(rate))
    cluster.middle(going, 5)
    cluster.worker()
    cluster.middle(going, 100)
    asked, started = len(cluster.hub.asked), time.monotonic()
    whole(going)
    took = time.monotonic() - started
    assert took >= 0.8 * (len(cluster.hub.asked) - asked) / rate
