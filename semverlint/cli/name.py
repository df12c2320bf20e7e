"""`semverlint name`: model names taken apart."""

import io
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

import typer

from semverlint.cli import _options as options
from semverlint.cli import app
from semverlint.errors import UsageError
from semverlint.text import clean

_BLOCK = 1 << 17
"""Bytes read at a time; at most so many names are read before the first are answered."""
_LONGEST = 1 << 24
"""Bytes of one line; what is longer is no list of names."""
_MANY = 4_000
"""Names from which on several processes are worth starting."""
_FORMATS = ("text", "json", "jsonl")


@app.command()
def name(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names; without any, they are read from standard input, one a line.", metavar="[NAME]…"),
    ] = None,
    format: options.Format = "text",  # noqa: A002 - the option is called --format
    output: options.Output = None,
) -> None:
    """Take model names apart: family, version, size, date and more.

    \b
    Examples:
      semverlint name Qwen/Qwen2.5-7B-Instruct-1M
      semverlint name --format jsonl < names.txt
    """  # noqa: D301 - click's mark for lines to keep
    if format not in _FORMATS:
        raise UsageError(f"--format {clean(format)}: no such format", f"choose one of {', '.join(_FORMATS)}")
    if not names and sys.stdin.isatty():
        raise UsageError("no name was given", "write one or more names, or pipe them in, one a line")
    blocks = _answers([names] if names else _from_standard_input(), format)
    if output is None:
        for block in blocks:
            sys.stdout.write(block)
            sys.stdout.flush()
        return
    from semverlint.atomic import write_atomically  # noqa: PLC0415 - most answers go to standard output

    write_atomically(output, "".join(blocks))


def _answers(blocks: Iterable[list[str]], form: str) -> Iterator[str]:
    """What is printed, as it becomes known."""
    from semverlint import name_pages  # noqa: PLC0415 - --help needs none of it

    if form == "json":
        yield name_pages.json_list(one for block in blocks for one in block)
    elif form == "jsonl":
        yield from _in_parallel(name_pages.json_lines, blocks)
    else:
        between = ""
        for block in blocks:
            for one in block:
                yield between + name_pages.table(one)
                between = "\n"


def _from_standard_input() -> Iterator[list[str]]:
    """The lines of standard input in blocks, each as soon as it is there; empty lines are left out."""
    stream = io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))
    rest = b""
    while block := stream.read1(_BLOCK):
        head, newline, tail = block.rpartition(b"\n")
        if not newline:
            rest += block
        else:
            yield _names(rest + head)
            rest = tail
        if len(rest) > _LONGEST:
            raise UsageError("standard input: a line of more than 16 MB", "write one name a line")
    if rest:
        yield _names(rest)


def _names(block: bytes) -> list[str]:
    lines = block.decode("utf-8", "replace").split("\n")
    return [line.removesuffix("\r") for line in lines if line.strip()]


def _in_parallel(work: Callable[[list[str]], str], blocks: Iterable[list[str]]) -> Iterator[str]:
    """Every block's answer in order; on all cores once there are many, with at most two blocks a core under way."""
    blocks = iter(blocks)
    seen = 0
    for block in blocks:
        yield work(block)
        seen += len(block)
        if seen >= _MANY:
            break
    else:
        return
    import os  # noqa: PLC0415 - few names need no processes
    from concurrent.futures import Future, ProcessPoolExecutor  # noqa: PLC0415 - likewise

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        under_way: deque[Future[str]] = deque()
        for block in blocks:
            under_way.append(pool.submit(work, block))
            while under_way and (under_way[0].done() or len(under_way) > 2 * cores):
                yield under_way.popleft().result()
        for answer in under_way:
            yield answer.result()
