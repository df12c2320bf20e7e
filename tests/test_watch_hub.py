"""The example that has the Hub call GitHub, run against a server on loopback that stands for both."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
Asked = list[tuple[str, str, Any]]
JOB = {
    "id": "job-1",
    "owner": {"id": "u1", "name": "someone", "type": "user"},
    "status": {"stage": "RUNNING"},
}  # fmt: skip


class Both(BaseHTTPRequestHandler):
    """What the Hub answers about jobs and webhooks, as huggingface_hub reads it, and GitHub about dispatches."""

    asked: Asked

    def do_GET(self) -> None:
        self.answer({"name": "someone", "type": "user", "orgs": []})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        if self.path == "/api/settings/webhooks":
            webhook = {"id": "hook-1", "disabled": False, **{name: body[name] for name in ("watched", "domains")}}
            self.answer({"webhook": webhook})
        else:
            self.answer(JOB if self.path.startswith("/api/jobs/") else {})

    def answer(self, document: object) -> None:
        data = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, Asked]]:
    asked: Asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (Both,), {"asked": asked})) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}", asked
        made.shutdown()
        thread.join()


def test_a_change_of_the_model_reaches_the_workflow(server: tuple[str, Asked], tmp_path: Path) -> None:
    place, asked = server
    known = {"PATH": os.environ["PATH"], "HF_HOME": str(tmp_path), "HF_ENDPOINT": place, "HF_TOKEN": "hf_mine"}
    command = [sys.executable, str(ROOT / "examples" / "watch_hub.py"), "org/name", "owner/repository"]
    done = subprocess.run(command, env={**known, "GITHUB_TOKEN": "gh_mine"}, capture_output=True, text=True, check=True)
    assert done.stdout == "webhook hook-1 tells owner/repository of changes to org/name\n"
    (path, token, job), (hooks, _, webhook) = asked
    assert (path, token, hooks) == ("/api/jobs/someone", "Bearer hf_mine", "/api/settings/webhooks")
    assert webhook == {
        "watched": [{"type": "model", "name": "org/name"}],
        "domains": ["repo"],
        "jobSourceId": "job-1",
        "secrets": {"GITHUB_TOKEN": "gh_mine"},
    }
    assert "gh_mine" not in json.dumps(job)  # the Hub keeps it as a secret of the webhook alone

    assert job["environment"] == {"GITHUB_REPOSITORY": "owner/repository", "GITHUB_API_URL": "https://api.github.com"}
    given = {"PATH": os.environ["PATH"], **job["environment"], "GITHUB_API_URL": place, "GITHUB_TOKEN": "gh_mine"}
    inside = [sys.executable, *job["command"][1:]]
    subprocess.run(inside, env=given, check=True)
    assert len(asked) == 2  # it was only being registered
    told = {"WEBHOOK_PAYLOAD": "{}", "WEBHOOK_REPO_ID": 'org/na"me'}
    subprocess.run(inside, env={**given, **told}, check=True)
    path, token, body = asked[2]
    assert (path, token) == ("/repos/owner/repository/dispatches", "Bearer gh_mine")
    workflow = yaml.safe_load((ROOT / "examples" / "workflows" / "watch-hub.yml").read_text())
    assert body["event_type"] in workflow[True]["repository_dispatch"]["types"]  # YAML reads `on` as true
    assert workflow[True]["schedule"][0]["cron"]
    (name,) = body["client_payload"]
    assert body["client_payload"] == {"model": 'org/na"me'}
    assert f"github.event.client_payload.{name} " in workflow["jobs"]["watch"]["steps"][0]["with"]["target"]


def test_without_its_token_nothing_is_registered(server: tuple[str, Asked], tmp_path: Path) -> None:
    place, asked = server
    known = {"PATH": os.environ["PATH"], "HF_HOME": str(tmp_path), "HF_ENDPOINT": place, "HF_TOKEN": "hf_mine"}
    command = [sys.executable, str(ROOT / "examples" / "watch_hub.py"), "org/name", "owner/repository"]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert (done.returncode, asked) == (1, [])
    assert done.stderr.startswith("set GITHUB_TOKEN")
