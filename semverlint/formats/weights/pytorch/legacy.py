"""Checkpoints before torch 1.6: pickles one behind the other, then the values; and pickles that are no checkpoint.

The layout is that of `_legacy_save` in torch's serialization.py: a magic number, a version, facts of the machine, the
object, the keys of its storages, and for each key how many values there are, in eight bytes, and the values.
"""

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import WeightFile
from semverlint.formats.weights.pytorch.joblib import pass_over
from semverlint.formats.weights.pytorch.machine import World
from semverlint.formats.weights.pytorch.naming import named
from semverlint.formats.weights.pytorch.pickles import unpickle
from semverlint.formats.weights.pytorch.placing import placed
from semverlint.formats.weights.pytorch.stream import Stream, Windows
from semverlint.formats.weights.pytorch.values import Blob, Name, Opaque, Root, Storage, Strided, storage_type, width_of
from semverlint.text import clean

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_DEEPEST = 2
"""Checkpoints inside each other: a pickled tensor holds its storage as one."""


class _Before(World):
    """What a pickle may ask for when it is read as a legacy checkpoint.

    Attributes:
        roots: Runs of values that were asked for, by key.
    """

    def __init__(self, file: Windows, depth: int, loaded: dict[Blob, object]) -> None:
        self._file = file
        self._depth = depth
        self._loaded = loaded
        self.roots: dict[object, Root] = {}

    def persistent(self, saved: object) -> object:
        match saved:
            case ("module", kind, _, _):
                return kind
            case ("storage", kind, str() | int() as key, _, int(count), view) if 0 <= count < 1 << 63:
                pass
            case _:
                raise ValueError("it asks for what is no storage")
        dtype = storage_type(kind)
        width = width_of(dtype)
        root = self.roots.setdefault(str(key), Root(str(key), width, count))
        whole = root.width * root.count
        match view:
            case None:
                return Storage(root, dtype, 0, whole)
            case (_, int(offset), int(length)) if min(offset, length) >= 0 and (offset + length) * width <= whole:
                return Storage(root, dtype, offset * width, length * width)
        raise ValueError("a part of a storage lies outside it")

    def nested(self, blob: Blob) -> object:
        if self._depth == _DEEPEST:
            raise ValueError("it nests checkpoints in each other")
        if blob not in self._loaded:
            stream = Stream(self._file, blob.start, blob.stop)
            value, _ = _loaded(stream, _Before(self._file, self._depth + 1, self._loaded))
            self._loaded[blob] = value
        return self._loaded[blob]

    def array(self, stream: Stream, state: object) -> None:
        pass_over(stream, state)


def read_legacy(file: File) -> WeightFile:
    """The tensors of a file of pickles; none of one that is no checkpoint.

    Raises:
        FileError: If it is damaged, or asks for what can do harm.
    """
    windows = Windows(file)
    value, is_checkpoint = _loaded(Stream(windows, 0, file.size), _Before(windows, 0, {}))
    found = named(file, value)
    tensors, notes = placed(file, found.tensors)
    if not is_checkpoint and not found.tensors:
        return WeightFile({}, left_out=(f"a pickle of {_described(value)} without tensors of PyTorch",))
    left_out, aside = (*notes, *found.hidden), tuple(found.notes)
    return WeightFile(tensors, scales=found.scales, left_out=left_out, aside=aside, under=found.under)


def _loaded(stream: Stream, world: _Before) -> tuple[object, bool]:
    """The value of a checkpoint, and whether it is one rather than a plain pickle."""
    path = stream.file.path
    first = unpickle(stream, world)
    if first != MAGIC or isinstance(first, float):
        if world.roots:
            raise FileError(path, "names values that are not in the file", "fetch the checkpoint it belongs to")
        return first, False
    version = unpickle(stream, world)
    if version != _VERSION:
        raise FileError(path, f"is a checkpoint of version {clean(version, 20)}, not {_VERSION}", "save it again")
    unpickle(stream, world)  # facts of the machine: values are little-endian all the same
    value = unpickle(stream, world)
    keys = unpickle(stream, world)
    if not isinstance(keys, list) or len({str(key) for key in keys if isinstance(key, str | int)}) != len(keys):
        raise FileError(path, "has no list of its storages", "fetch it again, or save it again")
    for key in keys:
        root = world.roots.get(str(key))
        count = int.from_bytes(stream.take(8), "little", signed=True)
        if root is None or root.start >= 0 or count != root.count:
            raise FileError(
                path,
                f"its storage {clean(key, 40)} has another size than its pickle says, or is not named there",
                "fetch it again, or save it again",
            )
        root.start = stream.position
        stream.skip(count * root.width)
    missing = [root.key for root in world.roots.values() if root.start < 0]
    if missing:
        raise FileError(path, f"its storage {clean(missing[0], 40)} is missing", "fetch it again: it is truncated")
    return value, True


def _described(value: object) -> str:
    match value:
        case Opaque() | Name():
            return clean(value.name if isinstance(value, Opaque) else value.full, 80)
        case dict():
            return "a dict"
        case list() | tuple():
            return "a list"
        case Strided():
            return "a tensor"
        case _:
            return f"a value of type {type(value).__name__}"
