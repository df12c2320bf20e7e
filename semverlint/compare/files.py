"""Files that no other comparer answers for: a path is an interface, whatever stands behind it."""

from collections.abc import Iterator
from typing import get_args

from semverlint.changes.base import Change
from semverlint.changes.files import FileAdded, FileChanged, FileRemoved, FileRenamed, PointerShipped, Purpose
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.files import File
from semverlint.roles import role

_PURPOSES: frozenset[str] = frozenset(get_args(Purpose))
_LOOKED_INTO = frozenset({"data", "code", "licence"})
"""Purposes whose content has a comparer; here only their paths are answered for."""
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar")
"""What whole models are packed into."""
_POINTER = b"version https://git-lfs.github.com/spec/v1"
_LONGEST_POINTER = 1_024


@comparer
def compare_files(pair: Pair) -> Iterator[Change]:
    """Paths added, removed, renamed and changed; and LFS pointers where content belongs."""
    arrived = set(pair.renamed.values())
    for path in sorted(pair.touched):
        purpose = role(path)
        if purpose in _PURPOSES:
            yield from _path(pair, path, purpose, arrived)  # type: ignore[arg-type]  # narrowed by the line above
    yield from _pointers(pair)


def _path(pair: Pair, path: str, purpose: Purpose, arrived: set[str]) -> Iterator[Change]:
    if path in pair.removed:
        after = pair.renamed.get(path)
        yield FileRenamed(path=path, purpose=purpose, after=after) if after else FileRemoved(path=path, purpose=purpose)
    elif path in pair.added:
        if path not in arrived:
            yield FileAdded(path=path, purpose=purpose)
    elif purpose not in _LOOKED_INTO:
        yield FileChanged(path=path, purpose=purpose)
        if path.lower().endswith(_ARCHIVES):
            reason = "its bytes differ, and semverlint does not look for models in archives"
            pair.doubt(path, reason, "unpack both and compare the folders with `semverlint diff`")


def _pointers(pair: Pair) -> Iterator[Change]:
    for path in sorted(pair.new.files) if pair.options.full else sorted(pair.changed | pair.added):
        with pair.attempt(path):
            if _is_pointer(pair.new.files.get(path)):
                yield PointerShipped(path=path, already=_was_pointer(pair, path))


def _was_pointer(pair: Pair, path: str) -> bool:
    try:
        return _is_pointer(pair.old.files.get(path))
    except FileError:
        return False


def _is_pointer(file: File | None) -> bool:
    """Whether the content itself is a pointer. A small remote file is left alone: it would cost a request each."""
    if file is None or file.remote or not 0 < file.size <= _LONGEST_POINTER:
        return False
    return file.read().startswith(_POINTER)
