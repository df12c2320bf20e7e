"""Questions that only running something can answer, asked of a child process with limits.

A chat template is a program of a stranger's, and a tokenizer's expressions can be made to run for hours. Both are
tried in a process of their own: without the environment, with limits on time, memory and output, killed when they are
reached.
The question and the answer are JSON over a pipe.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


class ProbeFailed(Exception):  # noqa: N818 - a probe that fails is an answer, not an error
    """The child gave no answer; the text says why, in a few words."""


@dataclass(frozen=True)
class Limits:
    """What the child may use.

    Attributes:
        seconds: Of wall-clock time, and of processor time.
        memory: Bytes of address space.
        output: Bytes of answer.
    """

    seconds: int = 20
    memory: int = 4_000_000_000
    output: int = 50_000_000


def ask(task: str, question: Any, limits: Limits | None = None) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The answer of the child process to a question.

    Args:
        task: `render` (chat templates) or `encode` (tokenizers).
        question: What the task takes, as JSON.
        limits: What the child may use.

    Raises:
        ProbeFailed: If it took too long or too much, crashed, or the library it needs is not installed.
    """
    limits = limits or Limits()
    command = [sys.executable, "-I", "-m", "semverlint.probes.worker", task, str(limits.seconds), str(limits.memory)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, its arguments numbers and a word
            command,
            input=json.dumps(question).encode(),
            capture_output=True,
            env={"PYTHONUTF8": "1", "TOKENIZERS_PARALLELISM": "false"},
            timeout=limits.seconds + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProbeFailed(f"took longer than {limits.seconds} s") from None
    if done.returncode == MISSING:
        raise ProbeFailed("the library it needs is not installed")
    if done.returncode != 0:
        raise ProbeFailed(f"went past {limits.seconds} s or its memory, or crashed")
    if len(done.stdout) > limits.output:
        raise ProbeFailed("gave an answer too long to read")
    return json.loads(done.stdout)


MISSING = 9
"""Exit status of a child whose library is not installed."""
