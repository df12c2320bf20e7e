"""The tests' Hub, driven by a client that is neither ours nor the one semverlint stands on."""

import json
import subprocess
from pathlib import Path

import pytest
from hub.server import Hub
from hub_support import CARD, NAME, releases, weights

pytestmark = pytest.mark.peer


def test_the_javascript_client_reads_all_that_the_tests_hub_offers(client_folder: Path) -> None:
    with Hub() as hub:
        hub.page = 2
        _, second = releases(hub, new={"README.md": CARD + b"More."})
        hub.commit("org/another", {"config.json": b"{}"})
        hub.commit("else/where", {"config.json": b"{}"})
        script = Path(__file__).with_name("client.mjs")
        done = subprocess.run(
            ["node", script, client_folder, hub.endpoint, NAME],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        files = hub.model(NAME).main.files
        assert found["files"].keys() == files.keys()
        assert found["files"]["model.safetensors"] == files["model.safetensors"].sha256
        assert found["commits"] == ["Release v1.1.0", "Release v1.0.0"]
        assert found["paths"] == ["config.json"]
        assert found["exists"] == [True, False]
        assert found["download"] == len(weights())
        assert found["card"] == CARD.decode()
        assert found["part"] == list(weights()[100:108])
        assert found["sha"] == second
        assert found["parameters"] == {"I8": 8000}
        assert sorted(found["models"]) == ["org/another", NAME]
