"""How fast the weights of two revisions are compared, beside reading them and beside the plain way.

    python benchmarks/weights.py [MEGABYTES] [DTYPE]

A pair of checkpoints in which every tensor moved is written to a temporary folder (500 MB a side of BF16 unless told;
F32 and F16 work too). Four programs are then run in turn, three times each: `cmp` of two equal files of
that size, which is what reading both costs; `sha256sum` of both; the plain numpy way, whole arrays at once; and
semverlint's comparer. Printed are the medians as gigabytes of both files a second, the ratios to `cmp`, and the most
memory that a process which only compares ever held.
"""

import json
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from semverlint.changes.weights import WeightsChanged
from semverlint.compare.pair import Pair
from semverlint.compare.weights import compare_weights
from semverlint.formats.weights.dtypes import bytes_of, decode
from semverlint.formats.weights.safetensors import read_safetensors
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Settings
from semverlint.sources.folder import FolderRepository

NAME = "model.safetensors"
SHAPE = (2048, 2048)
RUNS = 3
ALONE = "--alone"


def write(folder: Path, megabytes: int, dtype: str) -> None:
    """A pair of checkpoints, each value of the second a little off."""
    random = np.random.default_rng(0)
    length = bytes_of(dtype, SHAPE[0] * SHAPE[1])
    count = max(1, megabytes * 1_000_000 // length)
    entries = {
        f"model.layers.{n}.weight": {"dtype": dtype, "shape": SHAPE, "data_offsets": [n * length, (n + 1) * length]}
        for n in range(count)
    }
    header = json.dumps(entries).encode()
    for side in ("old", "new"):
        (folder / side).mkdir()
    with (folder / "old" / NAME).open("wb") as old, (folder / "new" / NAME).open("wb") as new:
        for stream in (old, new):
            stream.write(struct.pack("<Q", len(header)) + header)
        for _ in range(count):
            values = random.standard_normal(SHAPE, dtype=np.float32) * 0.02
            old.write(encoded(values, dtype))
            new.write(encoded(values + random.standard_normal(SHAPE, dtype=np.float32) * 0.0002, dtype))
    shutil.copyfile(folder / "old" / NAME, folder / "copy")


def encoded(values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", dtype: str) -> bytes:
    """Values as bytes of a type; BF16 truncated, which is all the same to the clock."""
    if dtype == "BF16":
        return (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    return values.astype(f"<f{bytes_of(dtype, 1)}").tobytes()


def plain(folder: Path) -> None:
    """What one writes first: both files whole, every array at once."""
    headers = [snapshot(folder / side).facts(read_safetensors, NAME) for side in ("old", "new")]
    data = [(folder / side / NAME).read_bytes() for side in ("old", "new")]
    for name in headers[0].tensors if headers[0] else ():
        a, b = (
            decode(held[one.tensors[name].start : one.tensors[name].stop], one.tensors[name].dtype)
            for held, one in zip(data, headers, strict=True)
            if one is not None
        )
        difference = b - a
        _ = np.linalg.norm(difference) / np.linalg.norm(a), a @ b / np.linalg.norm(b), np.abs(difference).max()
        _ = np.count_nonzero(difference), np.isnan(b).any(), np.isinf(b).any()


def snapshot(folder: Path) -> Snapshot:
    """A folder as semverlint sees it."""
    return FolderRepository(str(folder), folder, Settings()).snapshot(None)


def ours(folder: Path) -> None:
    """The comparer, as a check runs it."""
    found = list(compare_weights(Pair(snapshot(folder / "old"), snapshot(folder / "new"))))
    if [change.what for change in found if isinstance(change, WeightsChanged)] != ["fine-tuned"]:
        print("unexpected:", [change for change in found if isinstance(change, WeightsChanged)])


def command(*arguments: str | Path) -> Callable[[], None]:
    """A program to be run to its end."""

    def run() -> None:
        subprocess.run([str(one) for one in arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours

    return run


def main(megabytes: int, dtype: str) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, megabytes, dtype)
        old, new = folder / "old" / NAME, folder / "new" / NAME
        size = old.stat().st_size + new.stat().st_size
        alone = [sys.executable, __file__, ALONE, str(folder)]
        peak = subprocess.run(alone, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - ours
        programs: dict[str, Callable[[], None]] = {
            "cmp of two equal files": command("cmp", old, folder / "copy"),
            "sha256sum of both": command("sha256sum", old, new),
            "numpy, whole arrays": lambda: plain(folder),
            "semverlint": lambda: ours(folder),
        }
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(RUNS):
            for name, program in programs.items():
                start = time.perf_counter()
                program()
                taken[name].append(time.perf_counter() - start)
        rates = {name: size / statistics.median(times) / 1e9 for name, times in taken.items()}
        print(f"2 x {size // 2_000_000} MB of {dtype}, every tensor moved, warm cache")
        for name, rate in rates.items():
            print(f"  {name:24} {rate:6.2f} GB/s  {rate / rates['cmp of two equal files']:5.2f} of cmp")
        print(f"  semverlint by itself held {peak} at most, Python and numpy included")


def main_alone(folder: Path) -> None:
    """Compare once, and print the most memory this process ever held (Linux)."""
    ours(folder)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(next(line.partition(":")[2].strip() for line in status.splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [first, second] if first == ALONE:
            main_alone(Path(second))
        case [megabytes, dtype]:
            main(int(megabytes), dtype)
        case [megabytes]:
            main(int(megabytes), "BF16")
        case _:
            main(500, "BF16")
