"""What an audit costs, on a Hub of the tests' own with as many repositories as you like.

    python benchmarks/audit.py [--repositories 10000] [--latency 0.05] [--workers 0 1 2 4] [--records FOLDER]

The Hub runs in a process of its own, on the same cores. Each repository has five releases; from one to the next the
digest of one file moves: of a picture, so that trees decide and the verdict needs metadata alone, or (`--weights`) of
the weights, so that headers are read too. Printed:
pairs a second, milliseconds of the client's processor a pair, requests a pair, and the most memory the client held,
at a tenth of the repositories and at all of them; then, at the latency given, the same work by worker processes.

With `--records`, the folder of the naming study's facts: its 98 consecutive pairs and 600 records are served and
audited (a row each), and what the metadata could decide is counted.
"""

import argparse
import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RELEASES = 5
CARD = b"---\nlicense: mit\npipeline_tag: text-generation\n---\n# A model\n"
CONFIG = b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64}'


def main() -> None:
    """Print the figures, or serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer, for the workers")
    parser.add_argument("--workers", type=int, nargs="*", default=[0, 1, 2, 4])
    parser.add_argument("--at-latency", type=int, default=400, help="repositories of the runs with latency")
    parser.add_argument("--weights", action="store_true", help="let the weights move")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options)
        return
    if options.records:
        on_records(options.records)
        return
    print(f"{'repositories':>12} {'pairs/s':>9} {'ms CPU/pair':>12} {'requests/pair':>14} {'peak MB':>8}")
    for count in (max(options.repositories // 10, 1), options.repositories):
        with_latency(count, 0, 0.0, weights=options.weights)
    print(f"at {1_000 * options.latency:.0f} ms of latency")
    for workers in options.workers:
        with_latency(options.at_latency, workers, options.latency, weights=options.weights)


def with_latency(count: int, workers: int, latency: float, *, weights: bool) -> None:
    """One audit, its line printed."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        names = place / "ids.txt"
        names.write_text("".join(f"org/model-{number}\n" for number in range(count)))
        arguments = ["--from", str(names), "--to", str(place / "table"), "--quiet"]
        seconds, cpu, peak, asked = audited(
            arguments, workers, serving(count, latency, "--weights" if weights else ""), place
        )
        pairs = count * (RELEASES - 1)
        label = f"{count:,}" if not latency else f"{workers or 'none'} x {count:,}"
        print(
            f"{label:>12} {pairs / seconds:9.1f} {1_000 * cpu / pairs:12.2f} {asked / pairs:14.2f} {peak / 1_000:8.0f}",
            flush=True,
        )


def audited(
    arguments: list[str], workers: int, server: "subprocess.Popen[str]", place: Path
) -> tuple[float, float, float, int]:
    """Seconds, seconds of the processor, kilobytes at most, and requests of one audit."""
    assert server.stdin is not None  # noqa: S101 - pipes, as started below
    assert server.stdout is not None  # noqa: S101 - likewise
    endpoint = json.loads(server.stdout.readline())["endpoint"]
    environment = {
        **os.environ, "HF_ENDPOINT": endpoint, "SEMVERLINT_CACHE": "", "HF_HOME": str(place / "hf"), "HF_TOKEN": "",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }  # fmt: skip
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    more = ["--workers", str(workers)] if workers else []
    command = [sys.executable, "-m", "semverlint", "audit", *arguments, *more]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - arguments written here
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    server.stdin.close()
    asked = int(json.loads(server.stdout.readline())["requests"])
    server.wait()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, after.ru_maxrss, asked


def serving(count: int, latency: float, *more: str) -> "subprocess.Popen[str]":
    """The Hub, in a process of its own."""
    command = [sys.executable, __file__, "--serve", str(count), "--latency", str(latency), *filter(None, more)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - likewise


def serve(options: argparse.Namespace) -> None:
    """Serve until the standard input ends, then say how often it was asked."""
    sys.path[0] = str(HERE.parent / "tests")  # in place of this folder, whose hub.py is another one
    from hub.contents import Content, Plain  # noqa: PLC0415 - found only where tests are on the path
    from hub.server import Hub  # noqa: PLC0415 - likewise

    class Weights(Content):
        """A megabyte of zeros behind a header; its digest is what the release makes of it."""

        lfs = True

        def __init__(self, name: str) -> None:
            shape = {"a.weight": {"dtype": "F32", "shape": [500, 500], "data_offsets": [0, 1_000_000]}}
            text = json.dumps(shape).encode()
            self._head = len(text).to_bytes(8, "little") + text
            self._sha256 = hashlib.sha256(name.encode()).hexdigest()
            self.size = len(self._head) + 1_000_000

        def read(self, start: int, stop: int) -> bytes:
            return self._head[start:stop].ljust(stop - start, b"\0")

        @property
        def sha256(self) -> str:
            return self._sha256

    with Hub() as hub:
        hub.latency = options.latency
        for name, files in recorded(options.records) if options.records else ():
            hub.commit(name, {path: Plain(data) if data else Weights(name) for path, data in files.items()})
        card, config = Plain(CARD), Plain(CONFIG)
        for number in range(options.serve):
            name = f"org/model-{number}"
            for release in range(RELEASES):
                moved, still = Weights(f"{name} {release}"), Weights(name)
                picture, weights = (still, moved) if options.weights else (moved, still)
                files = {"README.md": card, "config.json": config, "a.png": picture, "model.safetensors": weights}
                hub.commit(name, files, f"v1.{release}.0")
        sys.stdout.write(json.dumps({"endpoint": hub.endpoint}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        sys.stdout.write(json.dumps({"requests": len(hub.asked)}) + "\n")
        sys.stdout.flush()


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file, one a line."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def recorded(folder: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Every recorded repository with its files: what the record tells of them, weights as nothing."""
    pairs = read(folder / "hf_version_pairs_api_98.jsonl.gz")
    records = [one for pair in pairs for one in (pair["prev"], pair["next"])]
    for record in {one["id"]: one for one in [*records, *read(folder / "hf_api_docs_sample_600.jsonl.gz")]}.values():
        files: dict[str, bytes] = {}
        for path in record.get("siblings") or []:
            name = str(path)
            weights = name.endswith((".safetensors", ".bin", ".gguf", ".pt", ".onnx", ".h5", ".msgpack"))
            files[name] = b"" if weights else f"{record['id']} {name}\n".encode()
        if "README.md" in files:
            head = json.dumps(record.get("cardData") or {}, ensure_ascii=False)
            files["README.md"] = f"---\n{head}\n---\n# {record['id']}\n".encode()
        if "config.json" in files:
            told = {key: value for key, value in (record.get("config") or {}).items() if key != "tokenizer_config"}
            files["config.json"] = json.dumps(told).encode()
        yield (
            record["id"],
            {
                name: b"{}" if data and name.endswith(".json") and name != "config.json" else data
                for name, data in files.items()
            },
        )


def on_records(folder: Path) -> None:
    """Audit the study's pairs and records, and count what came of them."""
    import duckdb  # noqa: PLC0415 - only here

    pairs = read(folder / "hf_version_pairs_api_98.jsonl.gz")
    single = [one["id"] for one in read(folder / "hf_api_docs_sample_600.jsonl.gz")]
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        names = place / "ids.txt"
        lines = [f"{pair['next']['id']} {pair['prev']['id']}" for pair in pairs] + single
        names.write_text("".join(f"{line}\n" for line in lines))
        arguments = ["--from", str(names), "--to", str(place / "table"), "--quiet"]
        seconds, _, _, asked = audited(arguments, 0, serving(0, 0.0, "--records", str(folder)), place)
        with duckdb.connect() as connection:
            rows = connection.from_parquet(str(place / "table" / "rows" / "*.parquet")).project(
                "target, status, declared, required, at_most, error"
            ).fetchall()  # fmt: skip
    print(f"{len(set(lines))} repositories and pairs asked for, {len(rows)} rows, {asked} requests, {seconds:.1f} s")
    paired = [row for row in rows if " " in row[0]]
    print("pairs:", dict(Counter(row[1] for row in paired)), "declared:", dict(Counter(row[2] for row in paired)))
    print("   least needed:", dict(Counter(row[3] for row in paired)))
    print("   decided by metadata alone:", sum(row[3] == row[4] for row in paired), "of", len(paired))
    print("single:", dict(Counter(row[1] for row in rows if " " not in row[0])))


if __name__ == "__main__":
    main()
