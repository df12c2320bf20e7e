"""How fast the weights of two revisions are compared, beside reading them and beside the plain ways.

    python benchmarks/weights.py [MEGABYTES] [DTYPE ...]
    python benchmarks/weights.py sparse [GIGABYTES]

The first writes, for each type (BF16, F32, F16, F8_E4M3 and Q8_0 of GGUF unless told), a pair of checkpoints of so
many megabytes a side (1000 unless told) in which every tensor moved. Programs are then run in turn, three times each:
`cmp` of two equal files of that size, which is what reading both costs; `sha256sum` of both; the same figures by plain
numpy and, where it is installed, plain torch, whole tensors at once; and semverlint's comparer on one thread, on every
core, and on half of the bytes. Printed are medians as gigabytes of both files a second, the ratios that follow, and the
most memory that a process which only compares ever held, Python and numpy included.

The second compares two sparse files of so many gigabytes (20 unless told) with differences scattered through them, and
prints the memory and the rate.
"""

import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from semverlint.changes.weights import WeightsChanged
from semverlint.compare.pair import Pair
from semverlint.compare.weights import compare_weights
from semverlint.compare.weights.afar import Task
from semverlint.compare.weights.checkpoint import tensors_of
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.values import compare_all
from semverlint.formats.weights.dtypes import bytes_of, rounded
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Settings
from semverlint.sources.folder import FolderRepository

SHAPE = (4096, 14336)
"""Of the largest matrices of Llama 3 8B, which hold 5.6 of its 8.0 billion parameters: what works on whole tensors
leaves the cache, as it does on such models. On those of small models it does not: the lead over plain numpy is a third
of what is printed (benchmarks/README.md)."""
RUNS = 3
ALONE = "--alone"
DTYPES = ("BF16", "F32", "F16", "F8_E4M3", "Q8_0")
BLOCK_OF_Q8 = 32
GGUF_Q8 = 8
"""The number of the type in GGUF (`GGMLQuantizationType`)."""

Values = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def name_of(dtype: str) -> str:
    """The file that holds values of a type."""
    return "model.gguf" if dtype == "Q8_0" else "model.safetensors"


def write(folder: Path, megabytes: int, dtype: str) -> None:
    """A pair of checkpoints, each value of the second a little off, and a copy of the first."""
    random = np.random.default_rng(0)
    length = bytes_of(dtype, SHAPE[0] * SHAPE[1])
    count = max(1, megabytes * 1_000_000 // length)
    header = gguf_header(count, length) if dtype == "Q8_0" else safetensors_header(count, length, dtype)
    for side in ("old", "new"):
        (folder / side).mkdir()
    with (folder / "old" / name_of(dtype)).open("wb") as old, (folder / "new" / name_of(dtype)).open("wb") as new:
        for stream in (old, new):
            stream.write(header)
        for _ in range(count):
            values = random.standard_normal(SHAPE, dtype=np.float32) * 0.02
            old.write(encoded(values, dtype))
            new.write(encoded(values + random.standard_normal(SHAPE, dtype=np.float32) * 0.0004, dtype))
    shutil.copyfile(folder / "old" / name_of(dtype), folder / "copy")


def safetensors_header(count: int, length: int, dtype: str) -> bytes:
    """A header that lays out so many tensors of so many bytes."""
    entries = {
        f"model.layers.{n}.weight": {"dtype": dtype, "shape": SHAPE, "data_offsets": [n * length, (n + 1) * length]}
        for n in range(count)
    }
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


def gguf_header(count: int, length: int) -> bytes:
    """Likewise for GGUF, version 3."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    header = b"GGUF" + struct.pack("<IQQ", 3, count, 1) + text("general.architecture") + struct.pack("<I", 8)
    header += text("llama")
    for n in range(count):
        header += text(f"blk.{n}.weight") + struct.pack("<IQQIQ", 2, SHAPE[1], SHAPE[0], GGUF_Q8, n * length)
    return header + bytes(-len(header) % 32)


def encoded(values: Values, dtype: str) -> bytes:
    """Values as bytes of a type; BF16 truncated, which is all the same to the clock."""
    match dtype:
        case "BF16":
            return (values.view(np.uint32) >> 16).astype("<u2").tobytes()
        case "F8_E4M3":
            scaled = values * 1000
            near = np.log2(np.maximum(np.abs(scaled), 2.0**-9))
            code = np.clip((near + 7) * 8, 0, 126).astype(np.uint8)  # near enough: what counts is that all codes occur
            return np.where(scaled < 0, code | 0x80, code).astype(np.uint8).tobytes()
        case "Q8_0":
            blocks = values.reshape(-1, BLOCK_OF_Q8)
            scale = (np.abs(blocks).max(axis=1, keepdims=True) / 127).astype("<f2")
            codes = np.rint(blocks / scale.astype(np.float32)).astype(np.int8)
            return np.concatenate([scale.view(np.uint8), codes.view(np.uint8)], axis=1).tobytes()
        case _:
            kept = rounded(values.reshape(-1), dtype)
            return (values if kept is None else kept).astype(f"<f{bytes_of(dtype, 1)}").tobytes()


def sides(folder: Path, dtype: str, share: float = 1.0) -> Iterator[tuple[str, Placed, Placed]]:
    """The tensors of both sides; of a share of the file only."""
    old, new = (tensors_of(snapshot(folder / side), [name_of(dtype)]) for side in ("old", "new"))
    for name in list(old)[: max(1, int(len(old) * share))]:
        yield name, old[name], new[name]


def by_numpy(folder: Path, dtype: str) -> None:
    """What one writes first: every tensor whole, one figure after the other."""
    for _, old, new in sides(folder, dtype):
        a, b = old.floats(0, old.tensor.count), new.floats(0, new.tensor.count)
        difference = b - a
        _ = np.linalg.norm(difference) / np.linalg.norm(a), a @ b / np.linalg.norm(b), np.abs(difference).max()
        _ = np.count_nonzero(difference), np.isnan(b).any(), np.isinf(b).any(), a.mean(), b.mean(), a.var(), b.var()


def by_torch(folder: Path, dtype: str) -> None:
    """Likewise with torch and the library of safetensors."""
    import torch  # noqa: PLC0415 - only where it is installed
    from safetensors import safe_open  # noqa: PLC0415 - likewise

    with (
        safe_open(folder / "old" / name_of(dtype), "pt") as old,
        safe_open(folder / "new" / name_of(dtype), "pt") as new,
        torch.inference_mode(),
    ):
        for name in old.keys():  # noqa: SIM118 - not a mapping
            a, b = old.get_tensor(name).float().flatten(), new.get_tensor(name).float().flatten()
            difference = b - a
            _ = difference.norm() / a.norm(), torch.dot(a, b) / b.norm(), difference.abs().max()
            _ = difference.count_nonzero(), b.isnan().any(), b.isinf().any(), a.mean(), b.mean(), a.var(), b.var()


def snapshot(folder: Path) -> Snapshot:
    """A folder as semverlint sees it."""
    return FolderRepository(str(folder), folder, Settings()).snapshot(None)


def ours(folder: Path, dtype: str, threads: int | None = None, share: float = 1.0) -> None:
    """The figures of every tensor, as the comparer takes them."""
    tasks = {name: Task(old, new) for name, old, new in sides(folder, dtype, share)}
    if not all(figures.changed for figures in compare_all(tasks, threads).values()):
        print("unexpected: a tensor that moved was not seen")


def command(*arguments: str | Path) -> Callable[[], None]:
    """A program to be run to its end."""

    def run() -> None:
        subprocess.run([str(one) for one in arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours

    return run


def main(megabytes: int, dtypes: list[str]) -> None:
    """Print a table a type."""
    for dtype in dtypes:
        with tempfile.TemporaryDirectory() as place:
            measure(Path(place), megabytes, dtype)


def measure(folder: Path, megabytes: int, dtype: str) -> None:
    """Print one table."""
    write(folder, megabytes, dtype)
    old, new = folder / "old" / name_of(dtype), folder / "new" / name_of(dtype)
    size = old.stat().st_size + new.stat().st_size
    programs: dict[str, Callable[[], None]] = {
        "cmp of two equal files": command("cmp", old, folder / "copy"),
        "sha256sum of both": command("sha256sum", old, new),
        "numpy, whole tensors": lambda: by_numpy(folder, dtype),
        "torch, whole tensors": lambda: by_torch(folder, dtype),
        "semverlint, one thread": lambda: ours(folder, dtype, 1),
        "semverlint": lambda: ours(folder, dtype),
        "semverlint, half of it": lambda: ours(folder, dtype, None, 0.5),
    }
    if dtype == "Q8_0" or not has_torch():
        programs.pop("torch, whole tensors")
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, program in programs.items():
            start = time.perf_counter()
            program()
            taken[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    mine = medians["semverlint"]
    print(f"2 x {size // 2_000_000} MB of {dtype}, every tensor moved, warm cache")
    for name, seconds in medians.items():
        share = 0.5 if name.endswith("half of it") else 1
        print(
            f"  {name:24} {share * size / seconds / 1e9:6.2f} GB/s   semverlint is {seconds / mine / share:6.2f} x that"
        )
    peak = held_alone(folder)
    print(f"  a whole check held {peak} at most\n")


def has_torch() -> bool:
    """Whether torch can be measured beside ours."""
    try:
        import torch  # noqa: F401, PLC0415 - asked for by importing it
    except ImportError:
        return False
    return True


def main_sparse(gigabytes: float) -> None:
    """Compare two large files that are mostly holes."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        length = bytes_of("BF16", 8192 * 8192)
        count = max(1, int(gigabytes * 1e9 / length))
        entries = {
            f"layers.{n}.weight": {
                "dtype": "BF16",
                "shape": [8192, 8192],
                "data_offsets": [n * length, (n + 1) * length],
            }
            for n in range(count)
        }
        text = json.dumps(entries).encode()
        for number, side in enumerate(("old", "new")):
            (folder / side).mkdir()
            with (folder / side / "model.safetensors").open("wb") as stream:
                stream.write(struct.pack("<Q", len(text)) + text)
                stream.truncate(8 + len(text) + count * length)
                for at in range(0, count * length, length // 37 * 2):
                    stream.seek(8 + len(text) + at)
                    stream.write(struct.pack("<HH", 0x3C00 + number, 0x3D00))
        start = time.perf_counter()
        peak = held_alone(folder)
        seconds = time.perf_counter() - start
        print(f"2 x {count * length / 1e9:.1f} GB, sparse, {count * 37 // 2 + 1} differences")
        print(f"  {2 * count * length / seconds / 1e9:.2f} GB/s, {peak} held at most")


def held_alone(folder: Path) -> str:
    """The most memory that a process which only compares ever held."""
    alone = [sys.executable, __file__, ALONE, str(folder)]
    return subprocess.run(alone, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - ours


def main_alone(folder: Path) -> None:
    """Compare once as a check does, and print the most memory this process ever held (Linux)."""
    found = list(compare_weights(Pair(snapshot(folder / "old"), snapshot(folder / "new"))))
    if not any(isinstance(change, WeightsChanged) and change.moved for change in found):
        print("unexpected:", found[:3])
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(next(line.partition(":")[2].strip() for line in status.splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    if "OPENBLAS_NUM_THREADS" not in os.environ:  # as the command sets itself up, and numpy has been imported here
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OPENBLAS_NUM_THREADS": "1"})  # noqa: S606 - ours
    match sys.argv[1:]:
        case [first, second] if first == ALONE:
            main_alone(Path(second))
        case ["sparse", *rest]:
            main_sparse(float(rest[0]) if rest else 20)
        case [megabytes, *dtypes]:
            main(int(megabytes), dtypes or list(DTYPES))
        case _:
            main(1000, list(DTYPES))
