import re
import sys
from pathlib import Path
from subprocess import run as run_process

import pytest
from hub.scenarios import SCENARIOS
from hub.server import Hub
from hub_support import NAME, config, releases
from support import run

_DOWNLOAD = """
from huggingface_hub import snapshot_download
for tag in ("v1.0.0", "v1.1.0"):
    snapshot_download("org/model", revision=tag, max_workers=1)
"""


def _fill(environment: dict[str, str]) -> None:
    more = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
    run_process([sys.executable, "-c", _DOWNLOAD], env={**environment, **more}, check=True, capture_output=True)


def _environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf")}


def test_what_the_real_client_downloaded_is_judged_offline(tmp_path: Path) -> None:
    with Hub() as hub:
        releases(hub, new={"config.json": config(hidden_size=16)})
        environment = _environment(hub, tmp_path)
        _fill(environment)
        hub.forget()
        offline = run("check", f"{NAME}@v1.1.0", "--offline", cwd=None, **environment)
        assert hub.asked == []
        online = run("check", f"{NAME}@v1.1.0", cwd=None, **environment)
    assert offline.returncode == online.returncode == 1
    assert offline.stderr == ""
    assert "hidden_size" in offline.stdout


@pytest.mark.parametrize("how", [{"HF_HUB_OFFLINE": "1"}, {}])
def test_offline_without_a_download_is_one_line(tmp_path: Path, how: dict[str, str]) -> None:
    options = [] if how else ["--offline"]
    done = run("check", f"{NAME}@v1.1.0", *options, HF_HOME=str(tmp_path), cwd=None, **how)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "was never downloaded" in done.stderr


def test_a_tag_that_moved_since_the_download_is_mutated(tmp_path: Path) -> None:
    with Hub() as hub:
        releases(hub)
        environment = _environment(hub, tmp_path)
        _fill(environment)
        hub.commit(NAME, {"config.json": config(hidden_size=16)}, "v1.1.0")
        done = run("check", f"{NAME}@v1.1.0", "--format", "json", cwd=None, **environment)
    assert done.returncode == 1
    assert '"mutated"' in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--exact",), ("--max-download", "100kB"), ("--all-releases",)])
def test_what_was_checked_online_is_checked_offline(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with Hub() as hub:
        SCENARIOS["tuned-tiny"](hub, 1)
        (name,) = hub.models
        environment = {**_environment(hub, tmp_path), "SEMVERLINT_CACHE": str(tmp_path / "cache")}
        online = run("check", name, *arguments, cwd=None, **environment)
    offline = run("check", name, *arguments, "--offline", cwd=None, **environment)
    assert offline.returncode == online.returncode == 0
    assert offline.stderr == online.stderr == ""
    assert _said(offline.stdout) == _said(online.stdout)


def test_a_renamed_repository_is_known_by_its_old_name_offline(tmp_path: Path) -> None:
    with Hub() as hub:
        releases(hub, new={"config.json": config(hidden_size=16)})
        hub.moved["org/before"] = NAME
        environment = {**_environment(hub, tmp_path), "SEMVERLINT_CACHE": str(tmp_path / "cache")}
        online = run("check", "org/before@v1.1.0", cwd=None, **environment)
    offline = run("check", "org/before@v1.1.0", cwd=None, HF_HUB_OFFLINE="1", **environment)
    assert offline.returncode == online.returncode == 1
    assert offline.stderr == online.stderr
    assert _said(offline.stdout) == _said(online.stdout)


def test_what_was_not_needed_online_is_missed_offline_in_one_line(tmp_path: Path) -> None:
    with Hub() as hub:
        SCENARIOS["tuned-tiny"](hub, 1)
        (name,) = hub.models
        environment = {**_environment(hub, tmp_path), "SEMVERLINT_CACHE": str(tmp_path / "cache")}
        run("check", name, "--max-download", "0", cwd=None, **environment)
    done = run("check", name, "--exact", "--offline", cwd=None, **environment)
    assert done.returncode == 3
    assert "was never downloaded" in done.stdout


def _said(text: str) -> str:
    """A report without what it cost."""
    return re.sub(r"files,\s+(nothing|[\d.]+\s\w+)\s+read(,\s+\d+\s+requests?)?", "files", text)
