"""What the user's environment says about the Hub, read when it is needed."""

import os
from pathlib import Path

# The client announces which coding tool runs it, after asking the Hub for a list of them; a linter need not. It reads
# this when it is imported, so nothing may import it before.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from huggingface_hub import constants

PUBLIC = "https://huggingface.co"
_YES = frozenset({"1", "ON", "YES", "TRUE"})
_SILENCE = 10.0


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
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in _YES


def uses_xet() -> bool:
    """Whether chunk lists may be asked for; `HF_HUB_DISABLE_XET` turns that off for the Hub's own client too."""
    return os.environ.get("HF_HUB_DISABLE_XET", "").upper() not in _YES


def silence() -> float:
    """Seconds without a byte after which a request is given up: `HF_HUB_DOWNLOAD_TIMEOUT`, as for the Hub's client."""
    try:
        asked = float(os.environ.get("HF_HUB_DOWNLOAD_TIMEOUT", ""))
    except ValueError:
        return _SILENCE
    return asked if 0 < asked < 600 else _SILENCE  # noqa: PLR2004 - ten minutes are no timeout any more
