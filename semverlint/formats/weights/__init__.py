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

__all__ = ["read_weights"]

_POINTER = b"version https://git-lfs"


def read_weights(file: File) -> WeightFile | None:
    """What the header of a weight file says; None where its ending or its first bytes are of no format known here.

    Raises:
        FileError: If the file is not what its ending and first bytes say it is.
    """
    name = file.path.lower()
    candidates = [reader for reader in _readers() if name.endswith(reader.endings)]
    if not candidates:
        return None
    if not file.size:
        raise FileError(file.path, "is empty", "fetch it again, or save it again")
    begins = file.read(0, min(len(_POINTER), file.size))
    if begins == _POINTER:
        raise FileError(file.path, "is a Git LFS pointer, not the content", "run `git lfs pull`")
    for reader in candidates:
        if not reader.magic or begins.startswith(reader.magic):
            return reader.read(file)
    return None


@cache
def _readers() -> Iterable[Reader]:
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return tuple(READERS[name] for name in sorted(READERS))
