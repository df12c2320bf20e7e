"""Weight files: each module reads one format's tensors by name, type, shape and place, from headers alone, by range.

A format is one file with one function marked `@weights_reader`; the folder is walked to find them. Readers do not know
each other. What they share is `base.py` (what a reader says) and `dtypes.py` (how numbers are stored).
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import READERS, Reader, WeightFile

__all__ = ["read_weights", "readable_endings"]

_POINTER = b"version https://git-lfs"
_MAGIC = 8
"""Bytes by which formats that share an ending are told apart."""


def read_weights(file: File) -> WeightFile | None:
    """What the header of a weight file says; None where its ending or its first bytes are of no format known here.

    Raises:
        FileError: If the file is not what its ending and first bytes say it is.
    """
    for reader in _readers():
        if not file.path.lower().endswith(reader.endings):
            continue
        begins = file.read(0, min(len(_POINTER), file.size))
        if begins == _POINTER:
            raise FileError(file.path, "is a Git LFS pointer, not the content", "run `git lfs pull`")
        if not reader.magic or begins.startswith(reader.magic):
            return reader.read(file)
    return None


def readable_endings() -> frozenset[str]:
    """Every ending that some reader knows."""
    return frozenset(ending for reader in _readers() for ending in reader.endings)


@cache
def _readers() -> Iterable[Reader]:
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return tuple(READERS[name] for name in sorted(READERS))
