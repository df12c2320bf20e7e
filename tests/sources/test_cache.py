import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.sources.cache import LARGEST, NAME, Cache, cache_folder

_WORK = """
import sys
from pathlib import Path
from semverlint.sources.cache import Cache
cache = Cache(Path(sys.argv[1]), limit=3_000_000)
for number in range(300):
    name = f"content {number % 60}"
    found = cache.part("bytes", name, 100, 200)
    right = bytes([number % 60]) * 20_000
    assert found in (None, right[100:200]), name
    cache.put_part("bytes", name, 0, right)
"""


def test_what_was_put_is_found_whole_and_in_parts(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "below" / "it")
    cache.put("tree", "a commit", b"[]")
    cache.put_part("bytes", "a digest", 100, b"0123456789")
    again = Cache(tmp_path / "below" / "it")
    assert again.get("tree", "a commit") == b"[]"
    assert again.get("tree", "another") is None
    assert again.part("bytes", "a digest", 102, 105) == b"234"
    assert again.part("bytes", "a digest", 102, 111) is None
    assert again.part("bytes", "a digest", 99, 105) is None
    assert [(one.kind, one.entries, one.bytes) for one in again.usage()] == [("bytes", 1, 10), ("tree", 1, 2)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=10), st.integers(0, 50), st.integers(1, 20))
def test_a_part_is_what_was_kept_there_or_nothing(kept: list[tuple[int, int]], start: int, length: int) -> None:
    content = bytes(range(100))
    folder = Path(cache_folder() or "")
    cache = Cache(folder / str(hash((*kept, start, length))))
    for first, size in kept:
        cache.put_part("bytes", "x", first, content[first : first + size])
    stop = start + length
    covered = any(first <= start and stop <= first + size for first, size in kept)
    assert cache.part("bytes", "x", start, stop) == (content[start:stop] if covered else None)


def test_a_damaged_entry_is_dropped(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("tree", "a commit", b"[1, 2]")
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("UPDATE entries SET value = X'5B5D'")
    connection.close()
    assert cache.get("tree", "a commit") is None
    assert cache.usage() == []


@pytest.mark.parametrize("junk", [b"", b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / NAME).write_bytes(junk)
    cache = Cache(tmp_path)
    assert cache.get("tree", "a commit") is None
    cache.put("tree", "a commit", b"[]")
    assert cache.get("tree", "a commit") == b"[]"


def test_a_page_that_was_overwritten_costs_entries_and_no_truth(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(200):
        cache.put("tree", str(number), b"%d" % number * 1000)
    data = bytearray((tmp_path / NAME).read_bytes())
    for at in range(5000, len(data) - 4000, 8192):
        data[at : at + 4000] = b"\xa5" * 4000
    (tmp_path / NAME).write_bytes(data)
    damaged = Cache(tmp_path)
    found = [damaged.get("tree", str(number)) for number in range(200)]
    assert all(value in {None, b"%d" % number * 1000} for number, value in enumerate(found))
    damaged.put("tree", "new", b"[]")
    assert damaged.get("tree", "new") in {None, b"[]"}


def test_a_file_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    cache = Cache(tmp_path)
    cache.put("tree", "a commit", b"[]")
    cache.put("tree", "another", b"[]")
    assert cache.get("tree", "another") == b"[]"


def test_the_limit_holds_and_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=2_000_000)
    for number in range(400):
        cache.put("bytes", str(number), bytes(20_000))
    assert sum(one.bytes for one in cache.usage()) < 2_000_000
    assert (tmp_path / NAME).stat().st_size < 3_000_000
    assert cache.get("bytes", "399") is not None
    assert cache.get("bytes", "0") is None


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("bytes", "x", bytes(LARGEST + 1))
    assert cache.get("bytes", "x") is None


def test_a_place_that_cannot_be_used_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put("tree", "a commit", b"[]")
    assert cache.get("tree", "a commit") is None
    assert Cache(None).get("tree", "a commit") is None


def test_several_processes_use_it_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WORK, str(tmp_path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert ended == [("", 0)] * 4
    assert Cache(tmp_path).usage()[0].entries > 0


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"SEMVERLINT_CACHE": "/somewhere"}, Path("/somewhere")),
        ({"SEMVERLINT_CACHE": ""}, None),
        ({"XDG_CACHE_HOME": "/caches"}, Path("/caches/semverlint")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/one"}, Path("/home/one/.cache/semverlint")),
    ],
)
def test_where_it_stands(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: Path | None) -> None:
    for name in ("SEMVERLINT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == place
