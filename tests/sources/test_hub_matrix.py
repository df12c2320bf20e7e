"""Each fault at each request of a whole check in turn: the same verdict, or one line and exit status 3; no other."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.contents import Content
from hub.faults import EVERYWHERE
from hub.server import Hub
from hub.virtual import edited, fine_tuned, model, rewritten
from hub_support import NAME

from semverlint.check import check
from semverlint.compare.pair import Options
from semverlint.errors import IncompleteError
from semverlint.run import Run
from semverlint.sources import Settings, parse
from semverlint.sources.hub import wire

SMALL = {"layers": 1, "hidden": 32, "heads": 4, "groups": 2, "inner": 64, "vocabulary": 64, "shards": 1}
LARGE = {"layers": 1, "hidden": 128, "heads": 4, "groups": 2, "inner": 256, "vocabulary": 256, "shards": 1}
SILENCE = 0.3
LONGEST = 60 * SILENCE
"""Seconds that a check may take, whatever strikes: far more than the pauses and silences of all tries together."""
Verdict = tuple[str, str, tuple[str, ...]]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wire, "_FIRST_PAUSE", 0.001)
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", str(SILENCE))
    with Hub() as server:
        server.faults.pause = 0
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        yield server


def _release(hub: Hub, old: dict[str, Content], new: dict[str, Content]) -> None:
    hub.commit(NAME, old, "v1.0.0")
    hub.commit(NAME, rewritten(new, README__md=b"---\nlicense: mit\n---\n# Other words\n"), "v1.1.0")


def _judge(options: Options | None = None) -> Verdict | None:
    """The verdict; None where the check says, in one line, that it could not be completed."""
    try:
        report = check(parse(f"{NAME}@v1.1.0"), None, Run(options=options or Options(), settings=Settings()))
    except IncompleteError as error:
        return None if "\n" not in str(error) else ("more than a line", str(error), ())
    if report.exit_status == IncompleteError.exit_status:
        assert all("\n" not in doubt.reason for doubt in report.undecided)
        return None
    findings = sorted(f"{one.rule} {one.path} {one.message}" for one in report.findings)
    return report.status, str(report.required), tuple(findings)


def _strike_each(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str, options: Options | None) -> int:
    """Strike every request in turn; how often the verdict was the right one all the same."""
    monkeypatch.setenv("SEMVERLINT_CACHE", str(tmp_path / "calm"))
    hub.forget()
    right = _judge(options)
    assert right is not None
    kept = 0
    for number in range(1, len(hub.asked) + 1):
        monkeypatch.setenv("SEMVERLINT_CACHE", str(tmp_path / f"struck-{number}"))
        hub.forget()
        hub.faults.plan = {number: fault}
        started = time.monotonic()
        found = _judge(options)
        assert found in {right, None}, (fault, hub.faults.struck[-1])
        assert time.monotonic() - started < LONGEST
        hub.faults.plan = {}
        assert _judge(options) == right, "what was struck left something behind"
        kept += found == right
    assert len(hub.faults.struck) > 0
    return kept


@pytest.mark.parametrize("fault", EVERYWHERE)
def test_a_check_of_small_files(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    files = model(1, **SMALL)
    _release(hub, files, fine_tuned(files, 1, 0.1))
    kept = _strike_each(hub, monkeypatch, tmp_path, fault, None)
    assert kept > 0 or fault in {"circle", "401"}


@pytest.mark.parametrize("fault", EVERYWHERE)
def test_a_check_by_ranges(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    files = model(2, **LARGE)
    _release(hub, files, edited(files, "model.layers.0.mlp.up_proj.weight", 1))
    _strike_each(hub, monkeypatch, tmp_path, fault, Options(exact=True))


def test_a_check_by_samples(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = model(3, **LARGE)
    _release(hub, files, fine_tuned(files, 1, 0.02))
    _strike_each(hub, monkeypatch, tmp_path, "wrong-bytes", Options(max_download=60_000))


def test_a_check_that_reads_all_where_rows_change_places(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = model(4, **LARGE)
    _release(hub, files, fine_tuned(files, 1, 0.02))
    monkeypatch.setenv("SEMVERLINT_CACHE", str(tmp_path / "calm"))
    right = _judge(Options(exact=True))
    for number in range(1, sum(one.on_store for one in hub.asked) + 1):
        monkeypatch.setenv("SEMVERLINT_CACHE", str(tmp_path / f"struck-{number}"))
        hub.faults.at_store = {number: "swapped-rows"}
        assert _judge(Options(exact=True)) == right, number
        hub.faults.at_store = {}
        assert _judge(Options(exact=True)) == right, "what was struck left something behind"
    assert {fault for fault, _ in hub.faults.struck} == {"swapped-rows"}
