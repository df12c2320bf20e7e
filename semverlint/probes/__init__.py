"""Questions that only running something can answer, asked of a child process with limits.

A chat template is a program of a stranger's, a tokenizer's expressions can be made to run for hours, and a graph
computes whatever it says. All are tried in a process of their own: isolated, without the environment, with limits on
time, memory and output, killed when one is reached. The question and the answer are JSON over a pipe. A limit that is
reached is an answer too: undecided.
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

MISSING = 9
"""Exit status of a child whose library is not installed."""
BEYOND = 10
"""Exit status of a child that ran into its memory limit, or into what the sandbox refuses; it has said so."""

_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from semverlint.probes.worker import main; main()"
_PATIENCE = 3
"""Seconds of the clock a second of processor time: a busy machine is not a hostile file."""


class Beyond(Exception):  # noqa: N818 - an answer of the child's, not an error
    """What is tried reaches for more than it may; the text says what, in a few words that follow a subject."""


class ProbeFailed(Exception):  # noqa: N818 - a probe that fails is an answer, not an error
    """The child gave no answer.

    Args:
        reason: Why, in a few words that follow a subject: `took longer than 5 s`.
        missing: Whether it is only that the library is not installed.
    """

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


@dataclass(frozen=True)
class Limits:
    """What the child may use.

    Attributes:
        seconds: Of processor time; and three times as many of the clock.
        memory: Bytes of address space.
        output: Bytes of answer.
    """

    seconds: int = 5
    memory: int = 1_000_000_000
    output: int = 20_000_000


def ask(task: Literal["render", "encode", "graphs"], question: Any, limits: Limits | None = None) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The answer of the child process to a question.

    Args:
        task: `render` (chat templates), `encode` (tokenizers) or `graphs` (ONNX).
        question: What the task takes, as JSON.
        limits: What the child may use.

    Raises:
        ProbeFailed: If it took too long or too much, crashed, or the library it needs is not installed.
    """
    limits = limits or Limits()
    package = str(Path(__file__).parents[2])
    arguments = [package, task, str(limits.seconds), str(limits.memory)]
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    with subprocess.Popen(  # noqa: S603 - our own module, its arguments numbers and words
        [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as child:
        clock = threading.Timer(limits.seconds * _PATIENCE, stop)
        feeder = threading.Thread(target=_feed, args=(child.stdin, json.dumps(question).encode()))
        clock.start()
        feeder.start()
        try:
            said = child.stdout.read(limits.output + 1) if child.stdout else b""
            if len(said) > limits.output:
                child.kill()
            child.wait()
        finally:
            child.kill()
            clock.cancel()
            feeder.join()
    if late.is_set():
        raise ProbeFailed(f"took longer than {limits.seconds} s")
    return _answer(said, child.returncode, limits)


def _environment() -> dict[str, str]:
    """Nothing of the user's; Windows starts no process without its own folder.

    onnxruntime reports to its makers since 1.29 unless told otherwise when it starts; the variable had two names.
    """
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {**kept, "TOKENIZERS_PARALLELISM": "false", "ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}


def _feed(pipe: IO[bytes] | None, question: bytes) -> None:
    with suppress(OSError):  # the child may be gone before it has read everything
        if pipe:
            pipe.write(question)
            pipe.close()


def _answer(said: bytes, status: int, limits: Limits) -> Any:  # noqa: ANN401 - JSON
    if len(said) > limits.output:
        raise ProbeFailed("gave an answer too long to read")
    if status == MISSING:
        raise ProbeFailed("needs a library that is not installed", missing=True)
    if status == BEYOND:
        raise ProbeFailed(said.decode("utf-8", "replace")[:200])
    if status in {-9, -24}:  # SIGKILL and SIGXCPU: the limit on processor time
        raise ProbeFailed(f"took longer than {limits.seconds} s")
    if status != 0:
        raise ProbeFailed("went past its memory, or crashed")
    return json.loads(said)
