"""What a report on very many rows costs: rows drawn in an audit's own columns, every format, the page in a browser.

    python benchmarks/report.py [ROWS] [--pictures FOLDER]

The rows (a million release pairs, and as many commits) are drawn at random, so that their figures mean nothing; only
their number, width and variety do. Printed: seconds, the most memory and the bytes of each format, then how long a
browser without a window takes to load the page, and the memory of its tab. With `--pictures` the page is
photographed by day, by night and on a narrow screen. The browser needs Chromium and its driver.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from semverlint.fleet.columns import columns_of
from semverlint.fleet.commits import CommitRow
from semverlint.fleet.rows import Row
from semverlint.history.taxonomy import CATEGORIES, PARTS, PURPOSES

TESTS = Path(__file__).parents[1] / "tests"
BUMPS = ("none", "patch", "minor", "major")
RULES = tuple(sorted(path.stem for path in (TESTS.parent / "rules").glob("*/*.yaml")))
KINDS = ("fine-tuned", "unknown", "cast-lossless", "retrained", "resharded", "quantised", "identical", "renamed")
PRACTICES = ("{family}{size}", "{family}{size}{stage}", "{family}", "{family}{version}", "{family}{size}{version}")
LICENCES = ("apache-2.0", "mit", "other", "llama3", "cc-by-nc-4.0", "openrail", "gemma", "agpl-3.0")


def main() -> None:
    """Draw, report, look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draw(folder, options.rows)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        print(f"{options.rows:,} rows and as many commits: {size / 1e6:.0f} MB of Parquet")
        print(f"{'format':<10}{'seconds':>9}{'peak MB':>9}{'bytes':>12}")
        for form in ("text", "markdown", "json", "html"):
            seconds, peak = reported(folder, form)
            print(f"{form:<10}{seconds:9.1f}{peak / 1_000:9.0f}{(folder / form).stat().st_size:12,}", flush=True)
        look(folder / "html", folder, options.pictures)


def draw(folder: Path, count: int) -> None:
    """Two tables of so many rows, a file every hundred thousand."""
    pair = {
        "target": "'org-' || (i // 4) % 997 || '/model-' || i // 4",
        "status": one_of(("undecided", "fits", "under-declared", "over-declared", "undeclared", "failed"), 1),
        "new": "'v1.' || i % 4 + 1 || '.0'", "old": "'v1.' || i % 4 || '.0'",
        "declared": one_of((*BUMPS, None), 1), "required": one_of(BUMPS, 1), "at_most": "'major'",
        "rules": f"list_transform({some_of(RULES)}, lambda rule: {one_of(BUMPS[1:])} || ' ' || rule)",
        "weights": one_of((None, *KINDS)), "weight_files": "floor(9 * random())", "files": "9 + floor(9 * random())",
        "documented": "random() < 0.4", "renamed": "random() < 0.6", "size": "floor(exp(10 + 15 * random()))",
        "card_fields": "floor(11 * random())", "card_words": "floor(900 * random())",
        "licence": one_of((*LICENCES, None)),
        "datasets": "floor(3 * random())", "base_models": "['org/base-' || floor(400 * pow(random(), 3))::INT]",
        "relation": one_of((None, "finetune", "quantized", "adapter", "merge")), "practice": one_of(PRACTICES),
        "stage": some_of(("Instruct", "chat", "DPO", "merge")),
    }  # fmt: skip
    commit = {
        "target": pair["target"], "commit": "hash(i)::VARCHAR", "purpose": one_of(PURPOSES[::-1]),
        "date": "(TIMESTAMP '2021-03-01' + INTERVAL (i % 2000) DAY)::VARCHAR",
        "categories": some_of(CATEGORIES), "parts": some_of(PARTS), "bump": one_of(BUMPS), "at_most": one_of(BUMPS),
        "title": "'Update README.md'", "released": "[]", "files": "1", "contradictions": "0",
    }  # fmt: skip
    for name, columns, told in (("rows", columns_of(Row), pair), ("commits", columns_of(CommitRow), commit)):
        (folder / name).mkdir()
        for part, first in enumerate(range(0, count, 100_000)):
            drawn(folder / name / f"part-{part:05}.parquet", columns, told, range(first, min(first + 100_000, count)))


def drawn(place: Path, columns: Mapping[str, str], told: Mapping[str, str], rows: range) -> None:
    """One file of rows; a column that nothing is told of is null, or as empty as it may be."""
    empty = {"BIGINT": "0", "BOOLEAN": "false", "VARCHAR[]": "[]"}
    cells = ", ".join(
        f"({told.get(name, empty.get(kind, 'NULL'))})::{kind} AS {name}" for name, kind in columns.items()
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"SELECT setseed({1 / (2 + rows.start)})")
        query = f"SELECT {cells} FROM range({rows.start}, {rows.stop}) AS numbers(i)"  # noqa: S608 - written above
        connection.execute(f"COPY ({query}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")


def one_of(words: Sequence[str | None], power: int = 2) -> str:
    """One of some words in SQL, the first ones more often."""
    told = ", ".join("NULL" if word is None else f"'{word}'" for word in words)
    return f"[{told}][1 + floor({len(words)} * pow(random(), {power}))::INT]"


def some_of(words: Sequence[str]) -> str:
    """One or two of some words in SQL."""
    return f"list_distinct([{one_of(words)}, {one_of(words)}])"


def reported(folder: Path, form: str) -> tuple[float, float]:
    """Seconds, and kilobytes at most, of one report, written to a file named after its format."""
    command = ["audit", "report", str(folder), "--format", form, "--output", str(folder / form)]
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "semverlint", *command])  # noqa: S603 - arguments written here
    _, process.returncode, used = os.wait4(process.pid, 0)
    if process.returncode:
        raise SystemExit(f"--format {form}: status {process.returncode}")
    return time.monotonic() - started, used.ru_maxrss


def look(page: Path, folder: Path, pictures: Path | None) -> None:
    """Open the page in a browser, and photograph it where asked."""
    sys.path[0] = str(TESTS)
    from browser_support import browser, dark, narrow  # noqa: PLC0415 - found only where tests are on the path

    page = page.rename(page.with_suffix(".html"))
    driver = browser(folder / "profile")
    try:
        started = time.monotonic()
        driver.get(page.as_uri())
        loaded = time.monotonic() - started
        driver.execute_cdp_cmd("Performance.enable", {})
        told = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        nodes, heap = (one["value"] for key in ("Nodes", "JSHeapUsedSize") for one in told if one["name"] == key)
        print(f"browser: loaded in {loaded:.2f} s; {nodes:,.0f} nodes, {heap / 1e6:.1f} MB of heap")
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            for name, night, width in (("day", False, 1200), ("night", True, 1200), ("narrow", False, 375)):
                dark(driver, on=night)
                narrow(driver, width)
                picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
                (pictures / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
