"""Checkpoints before torch 0.2: a tar archive of three pickles with the values between them.

The layout is what `legacy_load` in torch's serialization.py reads: `storages` has how many there are, for each its key,
device and class, how many values, and the values; then which storages are parts of others. `tensors` has for each its
key, its storage and its class, then its rank in eight bytes, sizes, strides and offset. `pickle` names them by key.
"""

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import MOST_DIMENSIONS, MOST_TENSORS, WeightFile
from semverlint.formats.weights.pytorch.machine import World
from semverlint.formats.weights.pytorch.naming import named
from semverlint.formats.weights.pytorch.pickles import unpickle
from semverlint.formats.weights.pytorch.placing import placed
from semverlint.formats.weights.pytorch.stream import Stream, Windows
from semverlint.formats.weights.pytorch.values import Root, Storage, Strided, storage_type, width_of
from semverlint.text import clean

_BLOCK = 512
_MOST_MEMBERS = 64
"""torch writes four."""
_MEMBERS = ("storages", "tensors", "pickle")
MAGIC_AT = 257
"""The byte at which a tar archive says that it is one."""


class _Tarred(World):
    """Storages and tensors by key."""

    def __init__(self) -> None:
        self.known: dict[int, Storage | Strided] = {}

    def persistent(self, saved: object) -> object:
        if isinstance(saved, tuple):
            return saved[0]  # a class with its source
        key = int(saved) if isinstance(saved, str | int) else -1
        if key not in self.known:
            raise ValueError("it asks for what is neither storage nor tensor")
        return self.known[key]


def read_tarred(file: File) -> WeightFile:
    """The tensors of a tar archive; none of one that torch did not write.

    Raises:
        FileError: If it is damaged, or asks for what can do harm.
    """
    windows = Windows(file)
    members = _members(windows)
    if not all(name in members for name in _MEMBERS):
        return WeightFile({}, left_out=("a tar archive that is no checkpoint of PyTorch",))
    world = _Tarred()
    streams = {name: Stream(windows, *members[name]) for name in _MEMBERS}
    try:
        _read_storages(streams["storages"], world)
        _read_tensors(streams["tensors"], world)
    except ValueError as error:
        raise FileError(
            file.path, f"its storages or tensors are damaged ({clean(error, 80)})", "fetch it again"
        ) from None
    found = named(file, unpickle(streams["pickle"], world))
    tensors, notes = placed(file, found.tensors)
    left_out, aside = (*notes, *found.hidden), tuple(found.notes)
    return WeightFile(tensors, scales=found.scales, left_out=left_out, aside=aside, under=found.under)


def _members(file: File) -> dict[str, tuple[int, int]]:
    """Where the first members of a tar archive lie, by name."""
    found: dict[str, tuple[int, int]] = {}
    at = 0
    while at + _BLOCK <= file.size and len(found) < _MOST_MEMBERS:
        head = file.read(at, at + _BLOCK)
        if not head.strip(b"\0"):
            break
        try:
            length, checksum = (int(head[a:b].strip(b" \0") or b"0", 8) for a, b in ((124, 136), (148, 156)))
        except ValueError:
            length = checksum = -1
        total = sum(head) - sum(head[148:156]) + 8 * ord(" ")
        stop = at + _BLOCK + length
        if length < 0 or checksum != total or stop > file.size:
            raise FileError(file.path, f"its tar archive is damaged at byte {at:,}", "fetch it again: it is truncated")
        name = head[:100].rstrip(b"\0").decode("latin-1")
        found.setdefault(name.removeprefix("./"), (at + _BLOCK, stop))
        at = stop + -stop % _BLOCK
    if at > file.size:
        raise FileError(file.path, f"its tar archive is damaged at byte {at:,}", "fetch it again: it is truncated")
    return found


def _counted(stream: Stream, world: World) -> int:
    count = unpickle(stream, world)
    if type(count) is not int or not 0 <= count <= MOST_TENSORS:
        raise ValueError("there is no number of them")
    return count


def _read_storages(stream: Stream, world: _Tarred) -> None:
    for _ in range(_counted(stream, world)):
        match unpickle(stream, world):
            case (int(key), _, kind):
                dtype = storage_type(kind)
            case _:
                raise ValueError("a storage has no key and class")
        width, count = width_of(dtype), int.from_bytes(stream.take(8), "little", signed=True)
        start = stream.position
        stream.skip(count * width)
        world.known[key] = Storage(Root(str(key), width, count, start), dtype, 0, count * width)
    views = unpickle(stream, world)
    for view in views if isinstance(views, list) else ():
        match view:
            case (int(key), int(root), int(offset), int(count)):
                whole = world.known.get(root)
            case _:
                raise ValueError("a part of a storage has no place")
        if not isinstance(whole, Storage) or offset < 0 or count < 0:
            raise ValueError("a part of a storage has no whole")
        width = width_of(whole.dtype)
        if (offset + count) * width > whole.length:
            raise ValueError("a part of a storage lies outside it")
        world.known[key] = Storage(whole.root, whole.dtype, whole.skip + offset * width, count * width)


def _read_tensors(stream: Stream, world: _Tarred) -> None:
    for _ in range(_counted(stream, world)):
        match unpickle(stream, world):
            case (int(key), int(owner), _):
                storage = world.known.get(owner)
            case _:
                raise ValueError("a tensor has no key and storage")
        rank = int.from_bytes(stream.take(8)[:4], "little", signed=True)
        if not isinstance(storage, Storage) or not 0 <= rank <= MOST_DIMENSIONS:
            raise ValueError("a tensor has no storage, or too many dimensions")
        numbers = [int.from_bytes(stream.take(8), "little", signed=True) for _ in range(2 * rank + 1)]
        if min(numbers) < 0:
            raise ValueError("a tensor has sizes below nought")
        *sizes, offset = numbers
        world.known[key] = Strided(storage, storage.dtype, offset, tuple(sizes[:rank]), tuple(sizes[rank:]))
