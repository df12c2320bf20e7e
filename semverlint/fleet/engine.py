"""Who does the work: threads of this process, or the workers of a Dask cluster.

Auditing waits for the network most of the time, so a process works on several repositories at once. Where one machine
is too small, the work goes to Dask (docs/audit.md says why Dask): `--workers N` starts processes here, `--scheduler`
joins a cluster that runs already. Only this process writes; a worker that is lost in the middle has its repositories
done again by another one.
"""

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from semverlint.errors import IncompleteError, UsageError
from semverlint.text import clean

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 4
"""Tasks handed out for each that is worked on: enough that nobody waits, few enough that memory stays flat."""
_PATIENCE = 4
"""Times that Dask may give a task up, which it does after four workers that ended while they had it."""
_COUNTED = 1.0
"""Seconds that a count of the workers holds."""


@dataclass(frozen=True)
class Crew:
    """How much works at once.

    Attributes:
        threads: Repositories that one process works on at once.
        workers: Processes to start here; the work is done in this one where it is 0.
        scheduler: A Dask scheduler's address (`tcp://…`), where a cluster runs already.
    """

    threads: int = 8
    workers: int = 0
    scheduler: str | None = None

    def map(
        self,
        work: Callable[[Task], Result],
        tasks: Iterator[Task],
        prepare: Callable[[int], None],
        lost: Callable[[Task], Result],
    ) -> Iterator[tuple[Task, Result]]:
        """Every task with its result, as they are finished, in any order.

        Args:
            work: What is done with a task.
            tasks: The tasks; taken only as fast as they are worked on.
            prepare: Called in every process ahead of its work, with how many processes there are.
            lost: The result of a task whose worker ended every time it was tried.

        Raises:
            UsageError: If there is no such cluster, Dask is not installed, or not what is needed on the workers.
            IncompleteError: If the scheduler is gone.
        """
        if self.workers or self.scheduler:
            with self._client() as client:
                yield from _on_dask(client, work, tasks, prepare, lost)
        else:
            prepare(1)
            yield from _in_threads(work, tasks, self.threads)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise UsageError("audits on several processes need Dask", "pip install 'semverlint[audit]'") from None
        for name in ("distributed", "distributed.client"):  # what they would say is mended, or told in one line
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if self.scheduler:
            try:
                client = distributed.Client(self.scheduler, timeout=10)
            except (OSError, TimeoutError, ValueError) as error:
                problem = f"--scheduler {clean(self.scheduler)}: cannot be reached ({clean(type(error).__name__)})"
                raise UsageError(problem, "start one with `dask scheduler`") from None
            with client:
                yield client
            return
        with _alone_interrupted():
            cluster = distributed.LocalCluster(
                n_workers=self.workers,
                threads_per_worker=self.threads,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        with cluster, distributed.Client(cluster) as client:
            yield client


@contextmanager
def _alone_interrupted() -> Iterator[None]:
    """Let processes that are started now leave it to this one to be interrupted, and to end them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where signals cannot be set, nobody's terminal is
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _on_dask(
    client: Any,  # noqa: ANN401 - imported late
    work: Callable[[Task], Result],
    tasks: Iterator[Task],
    prepare: Callable[[int], None],
    lost: Callable[[Task], Result],
) -> Iterator[tuple[Task, Result]]:
    distributed: Any = import_module("distributed")
    workers = _Workers(client)
    waiting: dict[Any, Task] = {}
    ended: Counter[Task] = Counter()
    finished = distributed.as_completed()

    @cache
    def whole(processes: int) -> Callable[[Task], Result]:
        """One function for all tasks: Dask sends a function once, and what it is called with each time."""
        return partial(_prepared, prepare, processes, work)

    def hand_out(some: Iterable[Task]) -> None:
        for task in some:
            future = client.submit(whole(workers.processes), task, pure=False)
            waiting[future] = task
            finished.add(future)

    try:
        hand_out(islice(tasks, workers.threads * _AHEAD))
        for future in finished:
            task = waiting.pop(future)
            error = future.exception() if future.status == "error" else None
            if error is not None and not isinstance(error, distributed.KilledWorker):
                problem = f"the workers cannot do the work ({clean(type(error).__name__)}: {clean(error, 200)})"
                raise UsageError(problem, "install semverlint on them, of the same version as here")
            if error is not None:
                ended[task] += 1
                if ended[task] < _PATIENCE:
                    hand_out([task])
                    continue
            yield task, future.result() if error is None else lost(task)
            workers.count()
            hand_out(islice(tasks, max(0, workers.threads * _AHEAD - len(waiting))))
    except (OSError, TimeoutError, CancelledError):
        remedy = "what is done is kept: start a scheduler and run the same command again"
        raise IncompleteError(f"the scheduler {clean(client.scheduler.address)} is gone", remedy) from None


def _prepared(prepare: Callable[[int], None], processes: int, work: Callable[[Task], Result], task: Task) -> Result:
    prepare(processes)
    return work(task)


class _Workers:
    """How many processes and threads a cluster has; workers may come and go."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - imported late
        self._client = client
        self._counted = -_COUNTED
        self.count()

    def count(self) -> None:
        """Count again, where it is a while ago."""
        if time.monotonic() - self._counted < _COUNTED:
            return
        threads = self._client.nthreads()
        self._counted = time.monotonic()
        self.processes = max(1, len(threads))
        self.threads = max(1, sum(threads.values()))


def _in_threads(work: Callable[[Task], Result], tasks: Iterator[Task], threads: int) -> Iterator[tuple[Task, Result]]:
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait  # noqa: PLC0415 - only audits

    with ThreadPoolExecutor(threads) as pool:
        waiting: dict[Future[Result], Task] = {
            pool.submit(work, task): task for task in islice(tasks, threads * _AHEAD)
        }
        try:
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(future), future.result()
                    for task in islice(tasks, 1):
                        waiting[pool.submit(work, task)] = task
        finally:
            for future in waiting:
                future.cancel()
