"""Measure what a check of models on the Hub costs, beside downloading them: requests, bytes, seconds, memory.

    python benchmarks/hub.py            # the table, and how often intervals hold the true value
    python benchmarks/hub.py table      # the table alone
    python benchmarks/hub.py intervals  # the intervals alone

The Hub is that of the tests, in a process of its own, on loopback, slowed down to a line of hotels: 50 ms before each
answer, 50 Mbit/s for all of them. Its models are computed from a seed when they are read: 2 x 141 GB in 2 x 30 shards
take no room. Requests count redirects; seconds and memory are of the whole command, its start included.
"""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[0] = str(ROOT / "tests")  # in place of this folder, in which `hub` is this file

from far_support import FarStore, far_pair  # noqa: E402 - from the folder of the tests
from hub.contents import Content  # noqa: E402 - likewise
from hub.virtual import Numbers, Shard, fine_tuned, model  # noqa: E402 - likewise

from semverlint.changes.weights import WeightsChanged  # noqa: E402 - behind them
from semverlint.compare import compare  # noqa: E402 - likewise
from semverlint.compare.pair import Pair  # noqa: E402 - likewise
from semverlint.compare.weights.checkpoint import checkpoints, tensors_of  # noqa: E402 - likewise
from semverlint.compare.weights.kinds import large_matrices  # noqa: E402 - likewise
from semverlint.files import File  # noqa: E402 - likewise
from semverlint.snapshot import Snapshot  # noqa: E402 - likewise

WEIGHTS = "model.safetensors"
LATENCY = 0.05
"""Seconds before an answer."""
RATE = 6_250_000
"""Bytes in a second: 50 Mbit/s."""
SEEDS = 100
STEPS = np.geomspace(1e-4, 1.0, 41)
"""Sizes of noise, relative to a matrix, at which it is computed once what all of a large matrix says."""
DRAWN = 128
"""Blocks of numbers from which that is computed: two million, an error of 0.05 % of it."""
BY_HTTP = 5
"""Seeds of which both the samples and all values are read through the Hub."""


class Hub:
    """The tests' Hub, in a process of its own.

    Args:
        scenario: What it serves.
        latency: Seconds before an answer.
        rate: Bytes in a second; None for no limit.
        xet: Which of Xet's interfaces there is.
        seed: What its numbers are drawn from.
    """

    def __init__(self, scenario: str, latency: float, rate: int | None, xet: str, seed: int) -> None:
        options = ["--scenario", scenario, "--latency", str(latency), "--xet", xet, "--seed", str(seed)]
        options += ["--rate", str(rate)] if rate else []
        self.process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "hub", *options],
            cwd=ROOT / "tests",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._line()
        self.endpoint, self.model = said["endpoint"], said["models"][0]

    def counted(self) -> dict[str, Any]:
        """Requests and bytes since it was asked last."""
        if self.process.stdin is None:
            raise RuntimeError("the Hub has no standard input")
        self.process.stdin.write('{"forget": true}\n')
        self.process.stdin.flush()
        return self._line()

    def _line(self) -> dict[str, Any]:
        if self.process.stdout is None:
            raise RuntimeError("the Hub has no standard output")
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said


@contextmanager
def serving(
    scenario: str, *, latency: float = LATENCY, rate: int | None = RATE, xet: str = "", seed: int = 1
) -> Iterator[Hub]:
    """The Hub while it serves one scenario."""
    hub = Hub(scenario, latency, rate, xet, seed)
    try:
        yield hub
    finally:
        hub.process.terminate()
        hub.process.communicate()


@dataclass(frozen=True)
class Run:
    """What one command took: requests and bytes at the server, seconds, peak memory in MB, and its document."""

    requests: int
    sent: int
    seconds: float
    memory: float
    document: dict[str, Any]
    repeated: int


def check(hub: Hub, home: Path, *arguments: str) -> Run:
    """Run `semverlint check` on what a Hub serves, with its caches below `home`."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home / "hf"),
        "SEMVERLINT_CACHE": str(home / "cache"),
    }
    hub.counted()
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as written:
        command = [sys.executable, "-m", "semverlint", "check", hub.model, "--format", "json", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written)  # noqa: S603 - ours
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0  # it was waited for
        seconds = time.perf_counter() - begun
        written.seek(0)
        document = json.load(written)
    counted = hub.counted()
    return Run(
        counted["requests"], counted["sent"], seconds, usage.ru_maxrss / 1000, document, counted.get("repeated", 0)
    )


def contents(hub: Hub) -> int:
    """Bytes of everything that its releases hold, equal contents once: what a download of all of them brings."""
    address = f"{hub.endpoint}/api/models/{hub.model}"

    def asked(path: str) -> Any:  # noqa: ANN401 - JSON
        with urllib.request.urlopen(f"{address}/{path}") as answer:  # noqa: S310 - loopback
            return json.load(answer)

    commits = {tag["targetCommit"] for tag in asked("refs")["tags"]}
    sizes = {one["oid"]: one["size"] for commit in commits for one in asked(f"tree/{commit}?recursive=true")}
    return sum(sizes.values())


def row(name: str, run: Run, whole: int) -> None:
    """Print a line of the table."""
    report = run.document.get("releases", [run.document])[-1]
    weights = report["weights"]
    kind = weights["kind"] if weights else "no weights"
    hours = whole / RATE / 3600
    print(
        f"  {name:34} {run.requests:5} {run.sent / 1e6:8.2f} MB {run.seconds:6.1f} s {run.memory:4.0f} MB"
        f"   {whole / 1e9:6.1f} GB {hours:5.1f} h   {report['required']['bump']}, {kind}, {report['status']}"
    )


def main_table() -> None:
    """Print what each case costs, a second time as well."""
    print("50 ms, 50 Mbit/s            requests       read     time   peak   a download would be   verdict")
    cases = (
        ("only card and settings moved", "quiet-70b", "", ()),
        ("all weights fine-tuned", "tuned-70b", "", ()),
        ("  with Xet on", "tuned-70b", "v2", ()),
        ("one tensor edited, Xet on", "edited-70b", "v2", ()),
        ("  with Xet of the first version", "edited-70b", "v1", ()),
        ("50 releases, the weights of 4 moved", "releases-70b", "", ("--all-releases", "--max-download", "0")),
    )
    for name, scenario, xet, arguments in cases:
        with serving(scenario, xet=xet) as hub, tempfile.TemporaryDirectory() as home:
            whole = contents(hub)
            run = check(hub, Path(home), *arguments)
            row(name, run, whole)
            if run.repeated:
                print(f"  unexpected: {run.repeated} requests were made twice")
            row("  a second time", check(hub, Path(home), *arguments), whole)
            for finding in run.document.get("findings", []):
                if finding["rule"].startswith("weights"):
                    print(textwrap.indent(textwrap.fill(finding["message"], 110), "      "))


def main_intervals() -> None:
    """Print how often the intervals hold what all values say."""
    inside = [0, 0]
    for seed in range(SEEDS):
        for number, held in enumerate(in_memory(seed)):
            inside[number] += held
    print(f"{SEEDS} seeds of a small model, samples of 3 % of its values against all of them:")
    print(f"  the interval of the relative change held it {inside[0]} times, that of the cosine {inside[1]} times")
    table = expected(STEPS)
    large = [of_70b(seed, table) for seed in range(SEEDS)]
    print(f"{SEEDS} seeds of 70B, each tensor moved by a size of its own (log-normal around 1.1 %), 16 MB of samples:")
    for number, what in enumerate(("relative change", "cosine", "right kind")):
        print(f"  {what}: {sum(one[number] for one in large)} times")
    held = 0
    for seed in range(BY_HTTP):
        with serving("tuned-tiny", latency=0, rate=None, seed=seed) as hub, tempfile.TemporaryDirectory() as home:
            (sampled,) = check(hub, Path(home), "--max-download", "100kB").document["weights"]["checkpoints"]
            (exact,) = check(hub, Path(home), "--exact").document["weights"]["checkpoints"]
            low, high = sampled["sample"]["relative_change"]
            held += low <= exact["relative_change"] <= high
    print(f"  through the Hub {held} times of {BY_HTTP}")


class Virtual(File):
    """A file of a virtual model that costs a download, without a network in between."""

    def __init__(self, path: str, content: Content, store: FarStore) -> None:
        super().__init__(path, content.size, {"sha256": content.sha256})
        self._content = content
        self._store = store

    def _read(self, start: int, stop: int) -> bytes:
        return self._content.read(start, stop)

    @property
    def remote(self) -> bool:
        return True

    @property
    def store(self) -> FarStore:
        return self._store


def expected(steps: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Logarithms of relative change, and of one less cosine, of a large matrix by the size of the noise."""
    found = []
    for step in steps:
        before = Numbers(1, 0.025)
        after = Numbers(1, 0.025, ((2, float(step)),))
        old, new = (
            (np.concatenate([side.block(at) for at in range(DRAWN)]).astype(np.uint32) << 16).view(np.float32)
            for side in (before, after)
        )
        a, b = old.astype(np.float64), new.astype(np.float64)
        norms = np.linalg.norm(a), np.linalg.norm(b)
        found.append((np.linalg.norm(b - a) / norms[0], 1 - a @ b / norms[0] / norms[1]))
    relative, turned = np.log(found).T
    return relative, turned


def of_70b(seed: int, table: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]) -> tuple[bool, bool, bool]:
    """Whether intervals of 2 x 141 GB hold what the noise makes of relative change and cosine, and the kind is right.

    All values of a matrix of millions lie within a thousandth of what is expected of them, all of the model far closer.
    """
    before = model(seed)
    random = np.random.default_rng(seed)
    sizes = {name: float(random.lognormal(-4.5, 0.5)) for name in tensors_of_model(before)}
    store = FarStore()
    old, new = (
        Snapshot("virtual/70b", [Virtual(path, content, store) for path, content in files.items()], revision=name)
        for name, files in (("v1", before), ("v2", fine_tuned(before, seed, lambda name: sizes[name])))
    )
    (sampled,) = (one for one in compare(Pair(old, new)) if isinstance(one, WeightsChanged))
    (checkpoint,) = checkpoints(old).values()
    tensors = tensors_of(old, checkpoint.paths)
    large = large_matrices(tensors)
    weights = np.array([tensors[name].tensor.count for name in large], float)
    steps = np.log([sizes[name] for name in large])
    relative, turned = (np.exp(np.interp(steps, np.log(STEPS), column)) for column in table)
    truth = np.sqrt(np.average(relative**2, weights=weights)), 1 - np.average(turned, weights=weights)
    if None in {sampled.relative_low, sampled.cosine_low}:
        raise RuntimeError(f"nothing was estimated: {sampled}")
    return (
        bool(sampled.relative_low <= truth[0] <= sampled.relative_high),
        bool(sampled.cosine_low <= truth[1] <= sampled.cosine_high),
        sampled.what == "fine-tuned",
    )


def in_memory(seed: int) -> tuple[bool, bool]:
    """Whether the intervals of a small model's relative change and cosine hold what all of its values say."""
    before = model(seed, layers=6, hidden=256, heads=4, groups=2, inner=512, vocabulary=1024, shards=1)
    random = np.random.default_rng(seed)
    sizes = {name: float(random.lognormal(-4.5, 0.5)) for name in tensors_of_model(before)}
    after = fine_tuned(before, seed, lambda name: sizes[name])
    sides = [{WEIGHTS: files[WEIGHTS].read(0, files[WEIGHTS].size)} for files in (before, after)]
    sampled, exact = (
        next(one for one in compare(far_pair(sides[0], sides[1], most)[0]) if isinstance(one, WeightsChanged))
        for most in (500_000, 1 << 40)
    )
    if None in {sampled.relative_low, exact.relative_change, sampled.cosine_low, exact.cosine}:
        raise RuntimeError(f"nothing was estimated: {sampled}")
    return (
        sampled.relative_low <= exact.relative_change <= sampled.relative_high,
        sampled.cosine_low <= exact.cosine <= sampled.cosine_high,
    )


def tensors_of_model(files: Mapping[str, Content]) -> list[str]:
    """The names of a virtual model's tensors."""
    return [name for file in files.values() if isinstance(file, Shard) for name in file.tensors]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["table"]:
            main_table()
        case ["intervals"]:
            main_intervals()
        case _:
            main_table()
            main_intervals()
