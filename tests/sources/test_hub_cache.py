import sys
from pathlib import Path
from subprocess import run as run_process

import pytest
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
