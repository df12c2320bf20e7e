"""What the user's environment says about the Hub, read when it is needed."""

import os
from pathlib import Path

# The client announces which coding tool runs it, after asking the Hub for a list of them; a linter need not. It reads
# this when it is imported, so nothing may import it before.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from huggingface_hub import constants


def endpoint() -> str:
    """The Hub's address."""
    return os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")


def cache_home() -> Path:
    """Where the Hub's own client keeps its downloads."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(constants.HF_HUB_CACHE)


def is_offline() -> bool:
    """Whether the user asked every client to stay offline."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
