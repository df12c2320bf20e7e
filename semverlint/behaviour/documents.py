"""Logs that are one JSON document: read whole, within limits."""

import json
from pathlib import Path
from typing import Any

from semverlint.errors import FileError
from semverlint.text import clean, size

LARGEST = 512_000_000
"""Bytes of a document; larger runs are written in formats that can be read in parts."""


def document(path: Path, shown: str, largest: int = LARGEST) -> Any:  # noqa: ANN401 - JSON
    """The value in a file; NaN and infinities as Python writes them.

    Raises:
        FileError: If it is too large, or no JSON.
    """
    try:
        if path.stat().st_size > largest:
            raise FileError(
                shown, f"larger than the {size(largest)} read of such a log", "write it in parts, or as JSON Lines"
            )
        return parsed(path.read_bytes(), shown)
    except OSError as error:
        raise FileError(shown, f"cannot be read ({error.strerror})", "check its permissions") from None


def parsed(data: bytes, shown: str) -> Any:  # noqa: ANN401 - JSON
    """The value of bytes. Raises `FileError` where they are no JSON."""
    try:
        return json.loads(data)
    except RecursionError:
        raise FileError(shown, "JSON nested too deeply", "check who wrote it") from None
    except ValueError as error:
        raise FileError(
            shown, f"not JSON ({clean(error, 120)})", "mend the file, or run the evaluation again"
        ) from None


def mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """An object as it is; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """A list as it is; anything else as an empty one."""
    return value if isinstance(value, list) else []
