"""What GitHub Actions tells a step, and how a step answers.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables and …/workflow-commands
"""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from semverlint.errors import UsageError
from semverlint.text import clean

_BIGGEST = 30_000_000
"""Bytes of an event; GitHub's own webhooks end at 25 MB."""

_LONGEST = 4096
"""Characters of an output: a path may be that long."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request, as far as it matters.

    Attributes:
        number: Its number.
        base: The commit it is to be merged into.
        labels: The names of its labels, which only people with rights on the repository can set.
        foreign: Whether it comes from a fork: its author must not write their own configuration.
    """

    number: int
    base: str
    labels: tuple[str, ...]
    foreign: bool


@dataclass(frozen=True)
class Event:
    """Why a workflow runs.

    Attributes:
        pull_request: The pull request, where one is checked.
        tag: The tag that was pushed or released, where one was.
        before: The commit the tag named before, where it was moved.
        commit: The commit the workflow runs for.
    """

    pull_request: PullRequest | None
    tag: str | None
    before: str | None
    commit: str


def event(environment: Mapping[str, str]) -> Event:
    """The event that the runner describes.

    Raises:
        UsageError: Outside GitHub Actions, or where the event cannot be read.
    """
    if not (place := environment.get("GITHUB_EVENT_PATH")):
        raise UsageError("this command is what the GitHub Action runs", "run `semverlint check` elsewhere")
    payload = _payload(Path(place))
    name, reference = environment.get("GITHUB_EVENT_NAME", ""), environment.get("GITHUB_REF", "")
    if name == "pull_request_target":
        raise UsageError(
            "pull_request_target checks out the base, and gives strangers' work the rights of your own",
            "run semverlint on pull_request",
        )
    tag = reference.removeprefix("refs/tags/") if reference.startswith("refs/tags/") else None
    moved = str(payload.get("before", "")) if tag and payload.get("created") is False else ""
    return Event(
        pull_request=_pull_request(payload) if name == "pull_request" else None,
        tag=tag,
        before=moved if moved.strip("0") else None,
        commit=environment.get("GITHUB_SHA", ""),
    )


def _payload(place: Path) -> dict[str, Any]:
    try:
        if place.stat().st_size > _BIGGEST:
            raise UsageError(f"{place}: larger than an event can be", "check GITHUB_EVENT_PATH")
        payload = json.loads(place.read_bytes())
    except OSError as error:
        raise UsageError(f"{place}: cannot be read ({error.strerror})", "check GITHUB_EVENT_PATH") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{place}: not JSON", "check GITHUB_EVENT_PATH") from None
    return payload if isinstance(payload, dict) else {}


def _pull_request(payload: dict[str, Any]) -> PullRequest:
    try:
        found = payload["pull_request"]
        head, base = found["head"].get("repo") or {}, found["base"]["repo"]
        return PullRequest(
            number=int(found["number"]),
            base=str(found["base"]["sha"]),
            labels=tuple(str(label["name"]) for label in found.get("labels", ())),
            foreign=head.get("full_name") != base["full_name"],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(
            "the event of the pull request is not as GitHub writes it", "check GITHUB_EVENT_PATH"
        ) from None


def answer(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Set a step's outputs: one line each, so nothing a stranger wrote can set another."""
    _append(
        environment, "GITHUB_OUTPUT", "".join(f"{name}={clean(value, _LONGEST)}\n" for name, value in outputs.items())
    )


def summarise(environment: Mapping[str, str], markdown: str) -> None:
    """Add to the job's summary."""
    _append(environment, "GITHUB_STEP_SUMMARY", markdown)


def _append(environment: Mapping[str, str], variable: str, text: str) -> None:
    if place := environment.get(variable):
        try:
            with Path(place).open("a", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise UsageError(f"{place}: cannot be written ({error.strerror})", f"check {variable}") from None


def print_inert(text: str) -> None:
    """Print text that may hold lines a stranger wrote: the runner obeys no command in it."""
    token = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{token}\n{text}{'' if text.endswith(chr(10)) else chr(10)}::{token}::\n")


def annotate(command: Literal["error", "warning", "notice"], text: str) -> None:
    """An annotation about the job itself."""
    told = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{command} title=semverlint::{told}")


def given(environment: Mapping[str, str], name: str) -> str:
    """An input of the action, as its steps hand it on."""
    return environment.get(f"SEMVERLINT_{name.upper().replace('-', '_')}", "").strip()


def temporary(environment: Mapping[str, str]) -> Path:
    """Where files for later steps go."""
    return Path(environment.get("RUNNER_TEMP") or os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 - the runner's own
