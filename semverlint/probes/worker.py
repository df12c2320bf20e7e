"""The child process: sets its own limits, answers one question, and ends."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from semverlint.probes import BEYOND, MISSING, Beyond


def limit(seconds: int, memory: int) -> None:
    """Limit this process; where the system has no such limits, the parent's clock is the only one."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on every system

        for what, most in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NPROC, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))


def task(name: str) -> Callable[[Any], Any]:
    """The task of a name; only its own library is imported."""
    if name == "render":
        from semverlint.probes.render import render  # noqa: PLC0415 - each task needs another extra

        return render
    if name == "graphs":
        from semverlint.probes.graphs import run  # noqa: PLC0415 - likewise

        return run
    from semverlint.probes.encode import encode  # noqa: PLC0415 - likewise

    return encode


def main() -> None:
    """Answer the question on standard input: `-c`, the package's folder, task, seconds, memory."""
    name, seconds, memory = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    limit(seconds, memory)
    try:
        answer = task(name)(json.load(sys.stdin))
    except ImportError:
        sys.exit(MISSING)
    except MemoryError:
        sys.stdout.write("needs more memory than it may use")
        sys.exit(BEYOND)
    except Beyond as reason:
        sys.stdout.write(str(reason))
        sys.exit(BEYOND)
    sys.stdout.write(json.dumps(answer))
