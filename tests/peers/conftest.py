"""Servers and clients that nobody here wrote, fetched from their registries once and kept in pytest's own cache."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

OLAH = "olah==0.5.4"
CLIENT = "@huggingface/hub@2.17.5"


def _made(folder: Path, make: Callable[[], object]) -> Path:
    """A folder that is made once; one that was left half made is made again."""
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make()
        done.touch()
    return folder


@pytest.fixture(scope="session")
def olah_command(request: pytest.FixtureRequest) -> Path:
    """The command of olah, in an environment of its own: what it depends on is not what semverlint depends on."""
    folder = Path(request.config.cache.mkdir("peers")) / OLAH

    def make() -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", OLAH], check=True)

    return _made(folder, make) / "bin" / "olah-cli"


@pytest.fixture(scope="session")
def client_folder(request: pytest.FixtureRequest) -> Path:
    """A folder in which the JavaScript client is installed."""
    folder = Path(request.config.cache.mkdir("peers")) / CLIENT.replace("/", "-")

    def make() -> None:
        (folder / "package.json").write_text(json.dumps({"name": "peer", "private": True}), encoding="utf-8")
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", CLIENT], cwd=folder, check=True)

    return _made(folder, make)
