"""Files written whole or not at all."""

import os
from pathlib import Path

from semverlint.errors import UsageError


def write_atomically(path: Path, content: str | bytes, remedy: str = "choose another --output") -> None:
    """Write a file whole or not at all; where one is replaced, its permissions stay, and a link to it stays a link.

    Args:
        path: Where.
        content: Text is written as UTF-8, its line breaks as they are.
        remedy: What the reader can do where it fails.

    Raises:
        UsageError: If it cannot be written there.
    """
    import tempfile  # noqa: PLC0415 - most reports go to standard output

    try:
        target = path.resolve()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
            Path(name).chmod(_mode(target))
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})", remedy) from None


def _mode(path: Path) -> int:
    """The permissions of a file; those of a new one where there is none."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()


def _umask() -> int:
    """What new files of this process are not given; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
