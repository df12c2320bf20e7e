"""How fast evaluation logs are read and compared, beside Python's own JSON reader on the same bytes.

    python benchmarks/flips.py [SAMPLES] [LINES]

SAMPLES (10 million unless told) are divided over two files of plain JSON Lines; LINES (200,000) over two logs of
lm-evaluation-harness, of about 1.5 KB a line. Printed are samples (lines of both files) a second, the largest memory
of any process and of all together, and the ratio to `json.loads` of every line in one process. At least 300,000 plain
samples and 50,000 lines of the harness a second on two cores, below 500 MB, is what the project promises.
"""

import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from semverlint.behaviour.budget import BehaviourSettings
from semverlint.behaviour.comparison import compare_runs
from semverlint.behaviour.reading import read_runs


def plain(count: int, side: int) -> Iterator[str]:
    """Questions of four choices; one answer in fifty differs between the sides."""
    for at in range(count):
        answer = "ABCD"[(at * 7 + (side if at % 50 == 0 else 0)) % 4]
        yield f'{{"id": "question-{at}", "reference": "{"ABCD"[at % 4]}", "prediction": "{answer}"}}\n'


def harness(count: int, side: int) -> Iterator[str]:
    """Lines as lm-evaluation-harness writes them for multiple choice, of about 1.5 KB."""
    text = 'A passage that somebody wrote, with \\"quotes\\" and breaks\\nand more words. '
    for at in range(count):
        right = float(at % 3 > 0 and (side == 0 or at % 40 > 0))
        calls = ", ".join(f'"gen_args_{i}": {{"arg_0": "{text}", "arg_1": " choice {i} of four"}}' for i in range(4))
        resps = ", ".join(f'["{-1.5 - i * right}", "False"]' for i in range(4))
        yield (
            f'{{"doc_id": {at}, "doc": {{"query": "{text * 3}", "choices": ["a", "b", "c", "d"], "gold": {at % 4}}}, '
            f'"target": "{at % 4}", "arguments": {{{calls}}}, "resps": [[{resps}]], "filtered_resps": [{resps}], '
            f'"filter": "none", "metrics": ["acc", "acc_norm"], '
            f'"doc_hash": "{at:064x}", "prompt_hash": "{at + 1:064x}", '
            f'"target_hash": "{at + 2:064x}", "acc": {right}, "acc_norm": {right}}}\n'
        )


def memory(of: int) -> int:
    """Bytes that a process holds now."""
    try:
        return int(Path(f"/proc/{of}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Watch(threading.Thread):
    """Looks at the memory of this process and its children, ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest = self.together = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Until `done`."""
        while not self.done.wait(0.1):
            held = [memory(os.getpid()), *(memory(child.pid or 0) for child in multiprocessing.active_children())]
            self.largest, self.together = max(self.largest, *held), max(self.together, sum(held))


def measure(name: str, lines: Callable[[int, int], Iterator[str]], count: int) -> None:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, side, "samples_bench.jsonl") for side in ("old", "new")]
        for side, place in enumerate(places):
            place.parent.mkdir()
            with place.open("w") as stream:
                stream.writelines(lines(count // 2, side))
        size = sum(place.stat().st_size for place in places)
        with places[0].open("rb") as stream:
            few = [line for _, line in zip(range(20_000), stream, strict=False)]
        start = time.perf_counter()
        for line in few:
            json.loads(line)
        bare = len(few) / (time.perf_counter() - start)
        watch = Watch()
        watch.start()
        start = time.perf_counter()
        comparison = compare_runs(*read_runs(("old", [places[0]]), ("new", [places[1]])), BehaviourSettings())
        speed = count / (time.perf_counter() - start)
        watch.done.set()
        watch.join()
    task = comparison.tasks[0]
    print(f"{name}: {count:,} samples, {size / count:,.0f} bytes each, {task.negative:,} of {task.n:,} broke")
    print(f"  {speed:,.0f} samples/s on {os.cpu_count()} cores; {speed / bare:.2f} times json.loads ({bare:,.0f}/s)")
    print(f"  largest process {watch.largest / 1e6:,.0f} MB, all together {watch.together / 1e6:,.0f} MB")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]] + [10_000_000, 200_000][len(sys.argv) - 1 :]
    measure("plain JSON Lines", plain, given[0])
    measure("lm-evaluation-harness", harness, given[1])
