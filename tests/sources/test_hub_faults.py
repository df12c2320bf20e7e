import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.server import Hub
from hub_support import NAME, releases, weights

from semverlint.errors import FileError, SourceError
from semverlint.sources.base import Settings
from semverlint.sources.hub import HubRepository, client, wire

ALWAYS = 1_000_000
LARGE = weights(rows=20_000)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wire, "_FIRST_PAUSE", 0.01)
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.3")
    monkeypatch.setattr(client, "MOST_PAGES", 20)
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 2_000_000)
    with Hub() as server:
        releases(server, new={"model.safetensors": LARGE})
        server.faults.pause = 0
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


@pytest.mark.parametrize("fault", ["429", "500", "truncated"])
def test_what_happens_once_is_tried_again(hub: Hub, fault: str) -> None:
    hub.faults[fault] = 1
    assert len(HubRepository(NAME, Settings()).snapshot("main").files) == 3


def test_a_pause_that_rate_limits_ask_for_is_kept(hub: Hub) -> None:
    hub.faults["429-ratelimit"] = 1
    started = time.monotonic()
    assert len(HubRepository(NAME, Settings()).snapshot("main").files) == 3
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("fault", ["429", "429-ratelimit"])
def test_a_pause_longer_than_anybody_waits_is_told_at_once(hub: Hub, fault: str) -> None:
    hub.faults.pause = 299
    hub.faults[fault] = ALWAYS
    with pytest.raises(SourceError, match=r"asks for a pause of (299|300) s; try again in five minutes"):
        HubRepository(NAME, Settings()).snapshot("main")
    assert len(hub.asked) == 1


@pytest.mark.parametrize("fault", ["trickle", "trickle-head"])
def test_an_answer_that_trickles_is_given_up(hub: Hub, fault: str) -> None:
    hub.faults[fault] = ALWAYS
    started = time.monotonic()
    with pytest.raises(SourceError, match=r"answers too slowly|cannot be reached"):
        HubRepository(NAME, Settings()).snapshot("main")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("429", "asks for a pause"),
        ("500", "answers 500"),
        ("truncated", "cannot be reached"),
        ("stall", "is silent"),
        ("circle", "in circles"),
        ("bad-json", "cannot be understood"),
        ("deep", "cannot be understood"),
        ("list", "cannot be understood"),
        ("huge", "more than was asked for"),
        ("endless", "has no end"),
    ],
)
def test_what_does_not_end_is_one_line(hub: Hub, fault: str, said: str) -> None:
    hub.faults[fault] = ALWAYS
    with pytest.raises(SourceError, match=said) as caught:
        HubRepository(NAME, Settings()).snapshot("main")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("fault", "said"), [("no-range", "whole files"), ("wrong-range", "bytes 70001-70029")])
def test_a_range_that_is_not_the_one_asked_for_is_refused(hub: Hub, fault: str, said: str) -> None:
    file = HubRepository(NAME, Settings()).snapshot("main").files["model.safetensors"]
    hub.faults[fault] = ALWAYS
    with pytest.raises(FileError, match=said):
        file.read(70_000, 70_030)


def test_a_body_cut_short_is_fetched_again(hub: Hub) -> None:
    file = HubRepository(NAME, Settings()).snapshot("main").files["model.safetensors"]
    hub.faults["truncated"] = 1
    assert file.read(70_000, 70_030) == LARGE[70_000:70_030]


@pytest.mark.parametrize("fault", ["outside", "false-digest"])
def test_entries_that_no_repository_has_are_left_out_and_told(hub: Hub, fault: str) -> None:
    hub.faults[fault] = 1
    found = HubRepository(NAME, Settings()).snapshot("main")
    assert len(found.files) == 3
    assert len(found.problems) == 1


def test_a_next_page_on_another_host_is_not_followed(hub: Hub) -> None:
    hub.page = 1
    hub.faults["elsewhere"] = 1
    with pytest.raises(SourceError, match="on to another host"):
        HubRepository(NAME, Settings()).snapshot("main")


def test_a_token_that_cannot_be_sent_is_not_shown(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "geheim\u00fc")
    with pytest.raises(SourceError, match="your token cannot be used") as caught:
        HubRepository(NAME, Settings()).snapshot("main")
    assert "geheim" not in str(caught.value)
    assert hub.asked == []
