"""A version written into the files of a folder that declare it: the card, and a configuration that named one before."""

from pathlib import Path

from semverlint.atomic import write_atomically
from semverlint.errors import SourceError
from semverlint.versions.config_writing import with_config_version
from semverlint.versions.schemes import read_version
from semverlint.versions.writing import with_version


def number_of(version: str) -> str:
    """The version as files declare it, without what a tag puts before it (`v`, `release-`)."""
    read = read_version(version)
    return version.removeprefix(read.prefix) if read else version


def write_version(folder: Path, version: str) -> list[str]:
    """Declare a version in a folder: in `README.md`, and in a `config.json` that declares one; all other bytes stay.

    Args:
        folder: The model's folder.
        version: The version, with or without what a tag puts before it.

    Returns:
        The names of the files that were changed.

    Raises:
        SourceError: If a file cannot be read.
        FileError: If one is written so that it cannot be changed safely; then none is.
        UsageError: If a file cannot be written, or none could hold such a version.
    """
    changed: dict[str, bytes] = {}
    for name, rewrite in (("README.md", with_version), ("config.json", with_config_version)):
        try:
            before = (folder / name).read_bytes() if (folder / name).is_file() else None
        except OSError as error:
            raise SourceError(f"{name}: cannot be read ({error.strerror})", "check its permissions") from None
        if before is None and name != "README.md":
            continue
        after = rewrite(before or b"", number_of(version))
        if after != before:
            changed[name] = after
    for name, content in changed.items():  # only once all of them could be made
        write_atomically(folder / name, content, "check its permissions")
    return list(changed)
