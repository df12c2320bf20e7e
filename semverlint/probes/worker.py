"""The child process: sets its own limits, answers one question, and ends."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from semverlint.probes import MISSING
from semverlint.probes.encode import encode
from semverlint.probes.render import render

TASKS: dict[str, Callable[[Any], Any]] = {"render": render, "encode": encode}


def limit(seconds: int, memory: int) -> None:
    """Limit this process; where the system has no such limits, the parent's clock is the only one."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on every system

        for what, most in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer the question on standard input."""
    task, seconds, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    limit(seconds, memory)
    try:
        answer = TASKS[task](json.load(sys.stdin))
    except ImportError:
        sys.exit(MISSING)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
