"""A Hub that nobody here wrote: olah serves git repositories, ignores ranges, and refuses in its own ways."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from git_support import Clone, keep, pointer
from hub.server import Hub
from hub_support import CARD, NAME, config, releases, weights
from support import run

pytestmark = pytest.mark.peer
LARGE = 40_000
_CONFIG = """
[basic]
host = "127.0.0.1"
port = {port}
ssl-key = ""
ssl-cert = ""
repos-path = "{folder}/repos"
hf-scheme = "http"
hf-netloc = "{upstream}"
hf-lfs-netloc = "{upstream}"
mirror-scheme = "http"
mirror-netloc = "127.0.0.1:{port}"
mirror-lfs-netloc = "127.0.0.1:{port}"
mirrors-path = ["{folder}/mirrors"]

[accessibility]
offline = {offline}

[[accessibility.proxy]]
repo = "*"
allow = true

[[accessibility.cache]]
repo = "*"
allow = true
"""


@contextmanager
def _serving(command: Path, folder: Path, upstream: str = "") -> Iterator[str]:
    """Its address, while it runs; before a Hub where one is named, else for the git repositories below `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"port": port, "folder": folder, "upstream": upstream or "127.0.0.1:9"}
    (folder / "olah.toml").write_text(_CONFIG.format(**settings, offline=str(not upstream).lower()), encoding="utf-8")
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [command, "-c", folder / "olah.toml", "--log-path", folder / "log"], stdout=said, stderr=said, cwd=folder
        )
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/docs", timeout=5).close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise AssertionError(process.poll())


@pytest.fixture
def served(olah_command: Path, tmp_path: Path) -> Iterator[str]:
    place = tmp_path / "mirrors" / "models" / "org" / "model"
    clone = Clone(place)
    data = [weights(seed, LARGE) for seed in (0, 1)]
    for content in data:
        keep(place / ".git" / "lfs", content)
    clone.commit({"config.json": config(), "README.md": CARD, "model.safetensors": pointer(data[0])}, tag="v1.0.0")
    clone.commit({"config.json": config(hidden_size=16)}, tag="v1.1.0")
    clone.commit({"model.safetensors": pointer(data[1])}, tag="v2.0.0")
    with _serving(olah_command, tmp_path) as endpoint:
        yield endpoint


def test_releases_whose_small_files_differ_are_judged(served: str, tmp_path: Path) -> None:
    done = run("check", f"{NAME}@v1.1.0", HF_ENDPOINT=served, HF_HOME=str(tmp_path / "hf"))
    assert done.returncode == 1, done.stderr
    assert "hidden_size: 8 → 16" in done.stdout


def test_a_server_that_ignores_ranges_is_refused_before_it_has_sent_the_weights(served: str, tmp_path: Path) -> None:
    done = run("check", f"{NAME}@v2.0.0", HF_ENDPOINT=served, HF_HOME=str(tmp_path / "hf"))
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "whole files instead of ranges" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["org/none@v1.0.0", f"{NAME}@v9"])
def test_what_it_does_not_have_is_one_line(served: str, tmp_path: Path, address: str) -> None:
    done = run("check", address, HF_ENDPOINT=served, HF_HOME=str(tmp_path / "hf"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)


def test_before_another_hub_it_changes_nothing(olah_command: Path, tmp_path: Path) -> None:
    with Hub() as hub:
        hub.resolve_cache = False  # it does not know where the Hub sends readers of small files
        releases(hub, new={"config.json": config(hidden_size=16)})
        (tmp_path / "mirrors").mkdir()
        with _serving(olah_command, tmp_path, hub.endpoint.removeprefix("http://")) as endpoint:
            through = run("check", f"{NAME}@v1.1.0", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "hf"))
        direct = run("check", f"{NAME}@v1.1.0", HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path / "hf"))
    assert through.returncode == direct.returncode == 1, through.stderr
    assert through.stdout.partition("Compared")[0] == direct.stdout.partition("Compared")[0]
