"""`semverlint log` of a repository on the Hub: a second run asks for what is new, and for nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.server import Hub
from hub_support import CARD, NAME, config, weights
from support import run


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        for number in range(12):
            files = {
                "config.json": config(dropout=number // 4),
                "model.safetensors": weights(number),
                "README.md": CARD,
            }
            server.commit(NAME, files, f"v1.{number // 4}.0" if number % 4 == 3 else None)
        yield server


def log(hub: Hub, cache: Path, *arguments: str) -> tuple[dict[str, object], int]:
    """The report, and how many requests it took."""
    before = len(hub.asked)
    done = run(
        "log", NAME, "--format", "json", *arguments,
        HF_ENDPOINT=hub.endpoint, HF_HUB_DISABLE_TELEMETRY="1", SEMVERLINT_CACHE=str(cache), HF_HOME=str(cache / "hf"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, object] = json.loads(done.stdout)
    return document, len(hub.asked) - before


def test_a_second_run_asks_only_for_what_is_new(hub: Hub, tmp_path: Path) -> None:
    first, asked = log(hub, tmp_path / "cache")
    commits = first["commits"]
    assert isinstance(commits, list)
    assert len(commits) == 12
    assert {one["at_most"] for one in commits[:-1]} == {"major"}  # weights moved, and none were read: all is open
    again, later = log(hub, tmp_path / "cache")
    assert again == first
    assert later <= 2  # refs, and the list of commits
    hub.commit(NAME, {"config.json": config(), "model.safetensors": weights(99), "README.md": CARD})
    more, new = log(hub, tmp_path / "cache")
    assert more["commits"][1:] == commits  # type: ignore[index]  # a list, as above
    assert later < new <= later + 6
    assert new < asked


def test_a_failure_is_not_remembered(hub: Hub, tmp_path: Path) -> None:
    whole, _ = log(hub, tmp_path / "other")
    spoilt = run(
        "log", NAME, "--format", "json",
        HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_DISABLE_TELEMETRY="1", SEMVERLINT_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert spoilt.returncode == 3
    assert spoilt.stderr.count("\n") == 1
    assert log(hub, tmp_path / "cache")[0] == whole


def test_the_text_and_the_page_say_the_same(hub: Hub, tmp_path: Path) -> None:
    def shown(form: str) -> str:
        cache, home = str(tmp_path / "cache"), str(tmp_path / "hf")
        return run("log", NAME, "-f", form, HF_ENDPOINT=hub.endpoint, SEMVERLINT_CACHE=cache, HF_HOME=home).stdout

    text = shown("text")
    asked = len(hub.asked)
    page = shown("html")
    assert len(hub.asked) - asked <= 2  # how it is shown is nothing to look again for
    assert "declared minor, needed at least" in " ".join(text.split())
    assert "12 commits, 3 releases" in text
    assert "12 commits, 3 releases" in page
