"""Who does the work: threads of this process, or the workers of a Dask cluster.

Auditing waits for the network most of the time, so a process works on several repositories at once. Where one machine
is too small, the work goes to Dask (docs/audit.md says why Dask): `--workers N` starts processes here, `--scheduler`
joins a cluster that runs already. Only this process writes; a worker that is lost in the middle has its repositories
done again by another one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from semverlint.errors import UsageError
from semverlint.text import clean

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 4
"""Tasks handed out for each that is worked on: enough that nobody waits, few enough that memory stays flat."""


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
        self, work: Callable[[Task], Result], tasks: Iterator[Task], prepare: Callable[[int], None]
    ) -> Iterator[tuple[Task, Result]]:
        """Every task with its result, as they are finished, in any order.

        Args:
            work: What is done with a task.
            tasks: The tasks; taken only as fast as they are worked on.
            prepare: Called once in every process ahead of its work, with how many processes there are.

        Raises:
            UsageError: If there is no such cluster, or Dask is not installed.
        """
        if self.workers or self.scheduler:
            yield from self._on_dask(work, tasks, prepare)
        else:
            prepare(1)
            yield from _in_threads(work, tasks, self.threads)

    def _on_dask(
        self, work: Callable[[Task], Result], tasks: Iterator[Task], prepare: Callable[[int], None]
    ) -> Iterator[tuple[Task, Result]]:
        with self._client() as client:
            distributed: Any = import_module("distributed")

            processes = max(1, self.workers, len(client.nthreads()))
            client.register_worker_callbacks(partial(prepare, processes))  # also in those that come later
            threads = max(1, sum(client.nthreads().values()))
            waiting: dict[Any, Task] = {}

            def more(count: int) -> list[Any]:
                taken = list(islice(tasks, count))
                futures = [client.submit(work, task, pure=False, retries=3) for task in taken]
                waiting.update(zip(futures, taken, strict=True))
                return futures

            finished = distributed.as_completed(more(threads * _AHEAD))
            for future in finished:
                yield waiting.pop(future), future.result()
                finished.update(more(1))

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise UsageError("audits on several processes need Dask", "pip install 'semverlint[audit]'") from None
        if self.scheduler:
            try:
                client = distributed.Client(self.scheduler, timeout=10)
            except (OSError, TimeoutError, ValueError) as error:
                problem = f"--scheduler {clean(self.scheduler)}: cannot be reached ({clean(type(error).__name__)})"
                raise UsageError(problem, "start one with `dask scheduler`") from None
            with client:
                yield client
            return
        cluster = distributed.LocalCluster(
            n_workers=self.workers, threads_per_worker=self.threads, processes=True, dashboard_address=None
        )
        with cluster, distributed.Client(cluster) as client:
            yield client


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
