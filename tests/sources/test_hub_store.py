import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.contents import Content, Plain
from hub.server import Hub
from hub.virtual import edited, model
from hub_support import NAME, config, releases, weights

from semverlint.errors import FileError, SourceError
from semverlint.files import File, Meter, fetch_ahead, terms_of
from semverlint.sources import Settings
from semverlint.sources.hub import HubRepository

TINY = {"layers": 2, "hidden": 512, "heads": 4, "groups": 2, "inner": 1024, "vocabulary": 1024, "shards": 2}
EDITED = "model.layers.1.mlp.up_proj.weight"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_XET"):
        monkeypatch.delenv(name, raising=False)
    with Hub() as server:
        files = model(1, **TINY)
        server.commit(NAME, files, "v1.0.0")
        server.commit(NAME, edited(files, EDITED, 2), "v1.1.0")
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


def _files(hub: Hub, revision: str = "v1.1.0", meter: Meter | None = None) -> dict[str, File]:
    found = HubRepository(NAME, Settings(meter=meter or Meter())).snapshot(revision).files
    hub.forget()
    return found


def _content(hub: Hub, path: str) -> Content:
    return hub.model(NAME).main.files[path]


SHARD = "model-00001-of-00002.safetensors"


def test_many_ranges_are_brought_side_by_side_and_read_without_another_request(hub: Hub) -> None:
    hub.latency = 0.05
    files = _files(hub)
    ranges = [(files[SHARD], start, start + 1000) for start in range(100_000, 500_000, 20_000)]
    fetch_ahead(ranges)
    asked = len(hub.asked)
    assert asked <= 2 * len(ranges)
    assert all(file.read(start, stop) == _content(hub, SHARD).read(start, stop) for file, start, stop in ranges)
    assert len(hub.asked) == asked


def test_long_ranges_that_were_brought_are_not_brought_again(hub: Hub) -> None:
    hub.commit(NAME, {"model.bin": Plain(bytes(range(256)) * 80_000)}, "v2.0.0")
    file = _files(hub, "v2.0.0")["model.bin"]
    ranges = [(file, start, start + 9_000_000) for start in (1_000_000, 11_000_000)]
    fetch_ahead(ranges)
    assert all(file.read(start, stop) == (bytes(range(256)) * 80_000)[start:stop] for _, start, stop in ranges)
    assert hub.sent < 18_500_000


def test_the_hub_sends_the_reader_on_once_a_file(hub: Hub) -> None:
    files = _files(hub)
    for start in (100_000, 200_000, 300_000):
        assert files[SHARD].read(start, start + 10) == _content(hub, SHARD).read(start, start + 10)
    assert [one.on_store for one in hub.asked] == [False, True, True, True]


def test_an_address_that_has_expired_is_asked_for_anew(hub: Hub) -> None:
    files = _files(hub)
    files[SHARD].read(100_000, 100_010)
    hub.signature = "b"
    assert files[SHARD].read(200_000, 200_010) == _content(hub, SHARD).read(200_000, 200_010)


def test_a_header_costs_one_range(hub: Hub) -> None:
    file = _files(hub)[SHARD]
    length = int.from_bytes(file.read(0, 8), "little")
    assert "model.layers.0.mlp.up_proj.weight" in json.loads(file.read(8, 8 + length))
    assert [one.range for one in hub.asked] == ["bytes=0-16383"] * 2


def test_what_was_read_once_is_read_from_this_disk(hub: Hub) -> None:
    first = _files(hub)
    fetch_ahead([(first[SHARD], 100_000, 300_000)])
    before = first[SHARD].read(0, 100), first[SHARD].read(100_000, 300_000), first["config.json"].read()
    second = _files(hub)
    after = second[SHARD].read(0, 100), second[SHARD].read(100_000, 300_000), second["config.json"].read()
    assert before == after
    assert hub.asked == []


def test_both_revisions_of_a_file_that_did_not_change_are_read_once(hub: Hub) -> None:
    repository = HubRepository(NAME, Settings())
    old, new = (repository.snapshot(name).files["config.json"] for name in ("v1.0.0", "v1.1.0"))
    hub.forget()
    assert old.read() == new.read()
    assert len(hub.asked) == 2


def test_a_long_body_that_breaks_off_is_resumed(hub: Hub) -> None:
    file = _files(hub)[SHARD]
    hub.faults["truncated"] = 6
    assert file.read(100_000, 1_600_000) == _content(hub, SHARD).read(100_000, 1_600_000)
    assert hub.sent < 2_000_000


@pytest.mark.parametrize("fault", ["wrong-bytes", "wrong-length"])
def test_bytes_that_are_not_those_of_the_digest_are_asked_for_again(hub: Hub, fault: str) -> None:
    file = _files(hub)["config.json"]
    hub.faults[fault] = 1
    assert file.read() == _content(hub, "config.json").read(0, file.size)


def test_bytes_that_are_never_those_of_the_digest_are_refused_and_not_kept(hub: Hub) -> None:
    file = _files(hub)["config.json"]
    hub.faults["wrong-bytes"] = 1000
    with pytest.raises(FileError, match="not the content it listed"):
        file.read()
    hub.faults.clear()
    assert file.read() == _content(hub, "config.json").read(0, file.size)


def test_a_failure_ahead_shows_where_it_is_read(hub: Hub) -> None:
    files = _files(hub)
    hub.model(NAME).gated = True
    fetch_ahead([(file, 0, 10) for file in files.values()])
    assert len(hub.asked) <= 8
    with pytest.raises(FileError, match="is gated"):
        files["config.json"].read()


def test_chunk_lists_of_several_files_come_at_once_and_are_kept(hub: Hub) -> None:
    hub.xet = "v2"
    repository = HubRepository(NAME, Settings())
    files = [repository.snapshot(name).files[SHARD] for name in ("v1.0.0", "v1.1.0")]
    hub.forget()
    found = terms_of(files)
    assert [sum(term.length for term in found[file]) for file in files] == [file.size for file in files]
    assert len(hub.asked) == 2
    again = HubRepository(NAME, Settings())
    kept = [again.snapshot(name).files[SHARD] for name in ("v1.0.0", "v1.1.0")]
    hub.forget()
    assert [terms_of(kept)[file] for file in kept] == [found[file] for file in files]
    assert hub.asked == []


@pytest.mark.parametrize(("version", "answered"), [("v2", True), ("v1", True), ("none", False), ("", False)])
def test_chunk_lists_fall_back_to_older_interfaces_and_to_none(hub: Hub, version: str, answered: bool) -> None:  # noqa: FBT001 - a column of the table
    hub.xet = "v2"
    file = _files(hub)[SHARD]
    hub.xet = version
    assert (file in terms_of([file])) is answered


def test_a_token_that_has_expired_is_replaced(hub: Hub) -> None:
    hub.xet, hub.token_lifetime = "v2", 0.0
    file = _files(hub)[SHARD]
    assert terms_of([file]) == {}
    hub.token_lifetime = 3600
    assert file in terms_of([file])


def test_chunk_lists_can_be_switched_off(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.xet = "v2"
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    file = _files(hub)[SHARD]
    assert terms_of([file]) == {}
    assert hub.asked == []


def test_results_are_kept_for_later_runs(hub: Hub) -> None:
    store = _files(hub)[SHARD].store
    assert store is not None
    assert store.recall("norms of ab and cd, 1") is None
    store.keep("norms of ab and cd, 1", b"[1, 2]")
    later = _files(hub)[SHARD].store
    assert later is not None
    assert later.recall("norms of ab and cd, 1") == b"[1, 2]"


def test_other_content_than_the_listed_one_is_refused(hub: Hub) -> None:
    files = _files(hub)
    releases(hub, new={SHARD: weights(5, 40_000), "config.json": config()})
    kept = hub.model(NAME).commits[hub.model(NAME).tags["v1.0.0"]]
    assert isinstance(kept.files, dict)
    current = next(one for one in hub.model(NAME).commits.values() if one.files.get(SHARD) is not None)
    assert isinstance(current.files, dict)
    for one in hub.model(NAME).commits.values():
        if isinstance(one.files, dict) and SHARD in one.files:
            one.files[SHARD] = Plain(bytes(files[SHARD].size))
    with pytest.raises(FileError, match="sent other content"):
        files[SHARD].read(100_000, 100_010)


def test_a_million_files_are_refused_with_the_reason(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semverlint.sources.hub.trees.MOST_FILES", 2500)
    hub.commit(NAME, {f"part-{number}": b"" for number in range(5000)}, "v2.0.0")
    meter = Meter()
    with pytest.raises(SourceError, match="holds more than 2,500 files"):
        HubRepository(NAME, Settings(meter=meter)).snapshot("v2.0.0")
    assert meter.requests == 4
