"""A runner for composite actions, as far as ours needs one: steps, expressions, files and commands as GitHub has them.

https://docs.github.com/en/actions/reference/workflows-and-actions: contexts, workflow commands, metadata syntax.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from git_support import Clone

_EXPRESSION = re.compile(r"\$\{\{\s*([A-Za-z_.-]+)\s*\}\}")
_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")


@dataclass
class Result:
    """What a job shows after a step that uses an action."""

    ok: bool = True
    outputs: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    annotations: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    summary: str = ""


@dataclass
class Event:
    """Why the workflow runs."""

    name: str
    payload: Mapping[str, object]
    ref: str
    sha: str


class Runner:
    """One job on one machine, with a checkout of a model."""

    def __init__(self, temporary: Path, workspace: Path) -> None:
        self.temporary = temporary
        self.workspace = workspace
        temporary.mkdir(parents=True, exist_ok=True)

    def environment(self, event: Event) -> dict[str, str]:
        place = self.temporary / "event.json"
        place.write_text(json.dumps(event.payload))
        kept = {name: value for name in ("PATH", "HOME", "PIP_INDEX_URL", "LANG") if (value := os.environ.get(name))}
        return {
            **kept,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event.name,
            "GITHUB_EVENT_PATH": str(place),
            "GITHUB_REF": event.ref,
            "GITHUB_REPOSITORY": "someone/model",
            "GITHUB_SHA": event.sha,
            "GITHUB_WORKSPACE": str(self.workspace),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "RUNNER_TEMP": str(self.temporary),
        }

    def use(self, action: Path, event: Event, **inputs: str) -> Result:
        """Run an action's steps one after the other until one fails."""
        metadata = yaml.safe_load((action / "action.yml").read_text(encoding="utf-8"))
        assert metadata["runs"]["using"] == "composite"
        given = {name: str(one.get("default", "")) for name, one in metadata["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() == metadata["inputs"].keys()
        context: dict[str, str] = {f"inputs.{name}": value for name, value in given.items()}
        result = Result()
        summary = self.temporary / "summary.md"
        summary.write_text("")
        for number, step in enumerate(metadata["runs"]["steps"]):
            assert step.keys() <= {"name", "id", "shell", "env", "run"}, "the runner of these tests knows no more"
            assert step["shell"] == "bash"
            if not result.ok:
                continue
            files = {
                name: self.temporary / f"{name}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")
            }
            for place in files.values():
                place.write_text("")
            script = self.temporary / f"step-{number}.sh"
            script.write_text(_filled(step["run"], context))
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
                cwd=self.workspace,
                env={
                    **self.environment(event),
                    **{name: str(place) for name, place in files.items()},
                    "GITHUB_ACTION_PATH": str(action),
                    "GITHUB_STEP_SUMMARY": str(summary),
                    **{name: _filled(value, context) for name, value in step.get("env", {}).items()},
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
                timeout=600,
            )
            result.ok = done.returncode == 0
            _obey(done.stdout, result)
            for line in files["GITHUB_OUTPUT"].read_text().splitlines():
                name, _, value = line.partition("=")
                context[f"steps.{step['id']}.outputs.{name}"] = value
        result.summary = summary.read_text()
        outputs = metadata["outputs"].items()
        result.outputs = {name: _filled(one["value"], context) for name, one in outputs}
        return result


def _filled(text: str, context: Mapping[str, str]) -> str:
    """Text with its expressions evaluated; an output nobody set is empty."""

    def value(match: re.Match[str]) -> str:
        if match[1].startswith("steps."):
            return context.get(match[1], "")
        return context[match[1]]

    return _EXPRESSION.sub(value, text)


def _obey(output: str, result: Result) -> None:
    """Take commands out of a log as the runner does: leading blanks do not matter, and a token can stop them."""
    stopped = ""
    for line in output.splitlines():
        match = _COMMAND.fullmatch(line.lstrip())
        if stopped:
            if line.strip() == f"::{stopped}::":
                stopped = ""
            else:
                result.log.append(line)
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
            assert re.fullmatch(r"[0-9a-f]{32}", stopped)
        elif match and match["name"] in {"error", "warning", "notice"}:
            pairs = (one.partition("=") for one in (match["properties"] or "").split(",") if one)
            properties = {name: _plain(value) for name, _, value in pairs}
            result.annotations.append((match["name"], properties, _plain(match["data"])))
        else:
            result.log.append(line)


def _plain(text: str) -> str:
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def pull_request(
    clone: Clone, base: str, head: str, *, labels: tuple[str, ...] = (), fork: str = "someone/model"
) -> Event:
    """A pull request as actions/checkout leaves it: on the merge commit that GitHub made, on no branch."""
    clone.git("checkout", "-q", "--detach", base)
    clone.git("merge", "-q", "--no-ff", "-m", f"Merge {head} into {base}", head)
    payload: dict[str, Any] = {
        "action": "synchronize",
        "pull_request": {
            "number": 7,
            "title": "$(touch /tmp/pwned) `touch /tmp/pwned`",
            "labels": [{"name": name} for name in labels],
            "base": {"sha": clone.git("rev-parse", base), "repo": {"full_name": "someone/model"}},
            "head": {"sha": clone.git("rev-parse", head), "repo": {"full_name": fork}},
        },
    }
    return Event("pull_request", payload, "refs/pull/7/merge", clone.git("rev-parse", "HEAD"))


def tag_pushed(clone: Clone, tag: str, before: str = "0" * 40) -> Event:
    """A tag that was pushed, checked out."""
    clone.git("checkout", "-q", "--detach", tag)
    sha = clone.git("rev-parse", "HEAD")
    payload = {"ref": f"refs/tags/{tag}", "before": before, "after": sha, "created": not before.strip("0")}
    return Event("push", payload, f"refs/tags/{tag}", sha)
