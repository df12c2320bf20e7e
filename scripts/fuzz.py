"""Throw damaged files at the readers of weight files: nothing but `FileError` may come of it, in little memory.

    python scripts/fuzz.py FORMAT [COUNT] [SEED]

FORMAT is the name of a test module's format (`onnx`, `gguf`, `pytorch`, …) whose `VALID` holds small valid files by
name, or `all`. COUNT inputs (1,000,000 unless told) are made from them by flipping, inserting, deleting, splicing and
truncating bytes, and by writing numbers of extreme size over four or eight of them. Printed are the inputs, how many
were refused, how many no reader took for its own, the slowest call, and the most memory this process ever held.
"""

import random
import resource
import struct
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "formats" / "weights")]

from semverlint.errors import FileError  # noqa: E402 - found through the paths above
from semverlint.files import HeldFile  # noqa: E402 - likewise
from semverlint.formats.weights import read_weights  # noqa: E402 - likewise

ENDINGS = {
    "onnx": ".onnx", "gguf": ".gguf", "pytorch": ".pt", "safetensors": ".safetensors", "flax": ".msgpack",
    "tflite": ".tflite", "keras": ".keras", "numpy_files": ".npz", "saved_model": ".index",
}  # fmt: skip
SLOWEST = 2.0
"""Seconds a call may take."""
MOST = 300_000
"""Kilobytes of memory."""
EXTREMES = [0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1]


def damaged(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A file with a few things wrong."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            case 2:
                del data[at : at + chance.randint(1, 16)]
            case 3:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                data[at : at + 16] = other[start : start + chance.randint(1, 64)]
            case 4:
                del data[at:]
            case _:
                value = chance.choice(EXTREMES)
                wide = struct.pack("<Q", value) if chance.random() < 0.5 else struct.pack("<I", value & 0xFFFFFFFF)
                data[at : at + len(wide)] = wide
    return bytes(data)


def valid(name: str) -> list[tuple[bytes, str]]:
    """The small valid files of a format, each with the ending its reader goes by."""
    module = import_module(f"test_{name}")
    if not isinstance(module.VALID, Mapping):
        return [(module.VALID, ENDINGS[name])]
    named = getattr(module, "ENDINGS", {})
    return [(data, named.get(label) or Path(label).suffix or ENDINGS[name]) for label, data in module.VALID.items()]


def fuzz(name: str, count: int, seed: int) -> bool:
    """Run one format; whether it stood."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    files = valid(name)
    others = [data for data, _ in files]
    slowest, refused, strange = 0.0, 0, 0
    for number in range(count):
        content, ending = chance.choice(files)
        data = damaged(content, others, chance)
        started = time.process_time()
        try:
            strange += read_weights(HeldFile(f"m{ending}", data)) is None
        except FileError:
            refused += 1
        except BaseException:
            Path(f"fuzz-{name}-{seed}-{number}{ending}").write_bytes(data)
            raise
        slowest = max(slowest, time.process_time() - started)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = f"{refused:,} refused, {strange:,} not recognised"
    print(f"{name}: {count:,} inputs, {told}, slowest {slowest:.3f} s, {held:,} kB held", flush=True)
    return slowest <= SLOWEST and held <= MOST


if __name__ == "__main__":
    named, *numbers = sys.argv[1:] or ["all"]
    total, first = [*map(int, numbers), 1_000_000, 0][:2] if len(numbers) != 1 else [int(numbers[0]), 0]
    names = list(ENDINGS) if named == "all" else [named]
    stood = [fuzz(name, total, first) for name in names]
    sys.exit(0 if all(stood) else 1)
