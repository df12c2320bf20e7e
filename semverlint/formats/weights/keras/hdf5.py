"""Datasets of an HDF5 file by name, type, shape and place, through the optional package `pyfive`.

pyfive is written in Python and reads by range what it is asked for. It was made for files one trusts: here it is given
a stream that ends its reading after so many bytes and reads, whatever it raises becomes one error, and nothing is asked
of it that would unpack data: chunks are unpacked by `chunks.py`.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.ranged import RangedStream
from semverlint.formats.weights.base import MOST_DIMENSIONS, Tensor
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.formats.weights.keras.chunks import Room, joined
from semverlint.text import clean

_TYPES = {
    "|i1": "I8", "|u1": "U8", "<i2": "I16", "<u2": "U16", "<i4": "I32", "<u4": "U32", "<i8": "I64", "<u8": "U64",
    "<f2": "F16", "<f4": "F32", "<f8": "F64", "<c8": "C64", "<c16": "C128",
}  # fmt: skip
_COMPACT, _CONTIGUOUS = 0, 1
"""Classes of layout: the values lie in the header, in one piece, or (2) in chunks."""
_NOWHERE = (1 << 64) - 1
"""The place of values that were never written."""

_MOST_OBJECTS = 200_000
"""Groups and datasets; a model of a thousand layers has some ten thousand."""
_DEEPEST = 32
"""Groups inside each other; Keras nests them by layers inside layers, fewer than ten."""
_MOST_NAMES = 100_000_000
"""Characters of all paths together: a group's name stands in front of all that are inside."""
_MOST_READ = 32_000_000
"""Bytes of headers and heaps: they are read as many times as there are paths to them, and joined by copying."""
_MOST_READS = 2_000_000
"""Ranges: a dataset takes some fifteen."""


@dataclass(frozen=True)
class Hdf5:
    """What an HDF5 file holds.

    Attributes:
        tensors: Path → entry, in the order of the file.
        attributes: The attributes of the root group that are text.
        left_out: What else it holds.
    """

    tensors: dict[str, Tensor]
    attributes: Mapping[str, str]
    left_out: tuple[str, ...]


def installed() -> bool:
    """Whether `pyfive` is there."""
    try:
        import_module("pyfive")
    except ImportError:
        return False
    return True


def read_hdf5(file: File, start: int = 0, stop: int | None = None) -> Hdf5:
    """The datasets of an HDF5 file, or of one that lies inside another file.

    Raises:
        FileError: If it cannot be read, or a dataset does not lie in it.
    """
    size = (file.size if stop is None else stop) - start
    stream = RangedStream(
        file,
        min(_MOST_READ, 1_000_000 + 8 * size),  # what is there can be read some times, not without end
        min(_MOST_READS, 10_000 + size // 16),
        scattered=True,
        start=start,
        stop=stop,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            opened = import_module("pyfive").File(stream)
            base = start + int(opened.userblock_size)
            attributes = {str(name): text for name, value in opened.attrs.items() if (text := _text(value)) is not None}
            found = dict(_walk(file, opened, base, start + size))
        except FileError:
            raise
        except Exception as error:  # noqa: BLE001 - a library that may raise anything for a damaged file
            said = f"its HDF5 structure cannot be read ({clean(f'{type(error).__name__}: {error}', 80)})"
            raise FileError(file.path, said, "fetch it again: it is damaged") from None
    tensors = {path: tensor for path, tensor in found.items() if isinstance(tensor, Tensor)}
    left_out = tuple(said for said in found.values() if isinstance(said, str))
    return Hdf5(tensors, attributes, left_out)


def _walk(file: File, root: Any, base: int, stop: int) -> Iterator[tuple[str, Tensor | str]]:  # noqa: ANN401 - of pyfive
    """Every dataset below a group: its path, and its entry or half a sentence on why it has none."""
    library = import_module("pyfive")
    waiting = [(root, "", 0)]
    count = characters = 0
    room = Room()
    while waiting:
        group, prefix, depth = waiting.pop()
        inside = []
        for name in group:
            path = f"{prefix}{name}"
            count += 1
            characters += len(path)
            if count > _MOST_OBJECTS or characters > _MOST_NAMES or depth > _DEEPEST:
                raise FileError(file.path, "its groups lead around without end", "check who wrote it")
            said = f"the dataset {clean(path, 80)}"
            try:
                item = group.get_lazy_view(name)
                if isinstance(item, library.Dataset):
                    yield path, _entry(file, item, said, (base, stop), room)
            except FileError:
                raise
            except Exception as error:  # noqa: BLE001 - likewise: one that pyfive does not know leaves the others
                yield path, f"{said}, which cannot be read ({clean(f'{type(error).__name__}: {error}', 80)})"
                continue
            if isinstance(item, library.Group):
                inside.append((item, f"{path}/", depth + 1))
        waiting.extend(reversed(inside))


def _entry(file: File, dataset: Any, said: str, place: tuple[int, int], room: Room) -> Tensor | str:  # noqa: ANN401 - of pyfive
    """A dataset of an HDF5 file that lies at a place of the file."""
    base, stop = place
    dtype = _dtype(dataset)
    if dtype is None:
        return f"{said}, whose type {clean(dataset.dtype.str, 40)} is none that numbers are stored in here"
    shape = tuple(int(size) for size in dataset.shape)
    if len(shape) > MOST_DIMENSIONS or min(shape, default=0) < 0:
        raise FileError(file.path, f"{said} has {len(shape)} dimensions", "check who wrote it")
    tensor = Tensor(dtype, shape, 0, 0)
    length = bytes_of(dtype, tensor.count)
    if not length:
        return tensor
    layout = dataset.id.layout_class
    if layout == _COMPACT:
        held = dataset[()].tobytes()
        return Tensor(dtype, shape, 0, len(held), held=held) if len(held) == length else f"{said}, which is cut short"
    if layout != _CONTIGUOUS:
        values = joined(file, dataset, base, stop, room)
        return f"{said}, {values}" if isinstance(values, str) else Tensor(dtype, shape, 0, length, held=values)
    if dataset.id.data_offset == _NOWHERE:
        return f"{said}, whose values were never written"
    begin = base + int(dataset.id.data_offset)
    if begin + length > stop:
        what = f"claims the bytes {begin:,} to {begin + length:,} of {stop:,}"
        raise FileError(file.path, f"{said} {what}", "fetch it again: it is truncated")
    return Tensor(dtype, shape, begin, begin + length)


def _dtype(dataset: Any) -> str | None:  # noqa: ANN401 - of pyfive
    kind = dataset.dtype
    if kind.str == "|V2" and _text(dataset.attrs.get("dtype")) == "bfloat16":  # as Keras 3 marks it
        return "BF16"
    if kind.str == "|i1" and set((kind.metadata or {}).get("enum", ())) == {"FALSE", "TRUE"}:  # as h5py writes them
        return "BOOL"
    return _TYPES.get(kind.str)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else None
