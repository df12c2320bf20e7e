"""Checkpoints since torch 1.6, and TorchScript: a zip archive of a pickle and one entry for each run of values."""

import hashlib
from collections.abc import Mapping

from semverlint.errors import FileError
from semverlint.files import File, HeldFile
from semverlint.formats.weights.base import MOST_HELD, WeightFile
from semverlint.formats.weights.pytorch.machine import World
from semverlint.formats.weights.pytorch.naming import named
from semverlint.formats.weights.pytorch.pickles import unpickle
from semverlint.formats.weights.pytorch.placing import placed
from semverlint.formats.weights.pytorch.stream import Stream, Windows
from semverlint.formats.weights.pytorch.values import Root, Storage, storage_type, stored, width_of
from semverlint.formats.zip_members import Entry, directory, located, unpacked
from semverlint.text import clean, some

MOST_PICKLED = 64_000_000
"""Bytes of the pickle: 100 for each of the most tensors that it may name."""
_BYTE_ORDER = (b"little", b"big")
_LONGEST_ORDER = 8


class _Archive(World):
    """The archive, as its pickles ask for it.

    Attributes:
        folder: Where the pickle that is being read has its values.
        roots: What was asked for, by its path in the archive.
    """

    def __init__(self) -> None:
        self.folder = ""
        self.roots: dict[str, Root] = {}

    def persistent(self, saved: object) -> Storage:
        match saved:
            case ("storage", kind, str(key), _, int(count)) if 0 <= count < 1 << 63:
                width = width_of(storage_type(kind))
            case _:
                raise ValueError("it asks for what is no storage")
        path = f"{self.folder}/{key}"
        root = self.roots.setdefault(path, Root(key, width, count))
        if root.width * root.count != width * count:
            raise ValueError(f"it gives the storage {clean(key, 20)} two sizes")
        return stored(root, kind)


def read_zipped(file: File) -> WeightFile:
    """The tensors of a zip archive; none of one that torch did not write.

    Raises:
        FileError: If it is damaged, or its pickle asks for what can do harm.
    """
    windows = Windows(file)
    entries = directory(windows)
    if len({name.lower() for name in entries}) != len(entries):  # torch takes the one for the other
        raise FileError(file.path, "a name stands twice in its zip directory", "do not load it; save it again")
    folder = next(iter(entries), "").partition("/")[0]
    if f"{folder}/data.pkl" not in entries:
        kind = "an older TorchScript" if f"{folder}/model.json" in entries else "no checkpoint of PyTorch"
        return WeightFile({}, left_out=(f"a zip archive that is {kind} ({some(entries)})",))
    world = _Archive()
    value: object = _unpickled(windows, entries[f"{folder}/data.pkl"], world, f"{folder}/data")
    found = named(file, value)
    constants = entries.get(f"{folder}/constants.pkl")
    if constants is not None:
        extra = named(file, {"constants": _unpickled(windows, constants, world, f"{folder}/constants")})
        found.tensors |= {name: one for name, one in extra.tensors.items() if name not in found.tensors}
        found.notes += extra.notes
        found.hidden += extra.hidden
    shown = {id(one.storage.root) for one in found.tensors.values() if one.storage is not None}
    _find_values(windows, entries, {path: root for path, root in world.roots.items() if id(root) in shown})
    if _byte_order(windows, entries.get(f"{folder}/byteorder")) == b"big":
        for root in world.roots.values():
            root.missing = root.missing or "stored in the byte order of big-endian machines"
    tensors, notes = placed(file, found.tensors)
    code = _digest(entries, f"{folder}/code/")
    left_out, aside = (*notes, *found.hidden), tuple(found.notes)
    metadata = {"code": code} if code else {}
    return WeightFile(tensors, metadata, left_out=left_out, scales=found.scales, aside=aside, under=found.under)


def _read(file: Windows, entry: Entry) -> Entry:
    """An entry that torch can read."""
    if entry.packing not in {"", "deflated"}:
        said = f"its entry {clean(entry.name, 80)} is {entry.packing}, which torch does not read"
        raise FileError(file.path, said, "save it again")
    return entry


def _unpickled(file: Windows, entry: Entry, world: _Archive, folder: str) -> object:
    if entry.size > MOST_PICKLED:
        raise FileError(
            file.path,
            f"its {clean(entry.name, 80)} has {entry.size:,} bytes, which is too many",
            "check who wrote it",
        )
    member = located(file.file, [_read(file, entry)])[entry.name]
    world.folder = folder
    if not member.packing:
        return unpickle(Stream(file, member.start, member.stop), world)
    content = unpacked(file, member)
    return unpickle(Stream(Windows(HeldFile(file.path, content)), 0, len(content)), world)


def _find_values(file: Windows, entries: Mapping[str, Entry], roots: Mapping[str, Root]) -> None:
    """Give every run of values its place."""
    for path, root in roots.items():
        entry = entries.get(path)
        if entry is None or entry.size < root.width * root.count:
            what = "is missing" if entry is None else f"has {entry.size:,} bytes of {root.width * root.count:,}"
            raise FileError(file.path, f"its storage {clean(path, 80)} {what}", "fetch it again: it is truncated")
    members = located(file.file, [_read(file, entries[path]) for path in roots])
    left = MOST_HELD
    for path, root in roots.items():
        member = members[path]
        root.start = member.start
        if member.packing:
            left -= member.size
            if left < 0:
                root.missing = "compressed, and too large to unpack"
            else:
                root.start, root.held = 0, unpacked(file, member)


def _byte_order(file: Windows, entry: Entry | None) -> bytes:
    if entry is None:
        return b"little"  # what torch takes it for
    order = b""
    if not entry.packing and entry.size <= _LONGEST_ORDER:
        start = located(file.file, [entry])[entry.name].start
        order = file.some(start, entry.size, 0)[: entry.size]
    if order not in _BYTE_ORDER:
        raise FileError(file.path, f"{clean(order, 20)} is no order of bytes", "fetch it again, or save it again")
    return order


def _digest(entries: Mapping[str, Entry], folder: str) -> str:
    """A digest of a TorchScript's program: its files by name, size and checksum, without those for debugging."""
    files = sorted(
        (name.removeprefix(folder), entry.size, entry.crc)
        for name, entry in entries.items()
        if name.startswith(folder) and not name.endswith((".debug_pkl", "/"))
    )
    return hashlib.sha256(repr(files).encode()).hexdigest() if files else ""
