"""Where a clone came from."""

import os
from pathlib import Path

from semverlint.errors import SourceError
from semverlint.sources.git.process import Git


def origin(root: Path) -> str:
    """The address of the remote `origin` as the clone's own configuration has it; empty without one."""
    try:
        said = Git(root, str(root)).run("config", "--local", "--null", "--get", "remote.origin.url")
    except SourceError:
        return ""  # not set
    return os.fsdecode(said).rstrip("\0")
