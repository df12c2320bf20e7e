"""Values of an HDF5 dataset that is stored in chunks, packed or not, put together in memory.

Only filters that need nothing but the standard library are undone: deflate, shuffle and the checksum of Fletcher (HDF5
file format specification 3.0, IV.A.2.l and "Filter Pipeline").
"""

import math
import zlib
from dataclasses import dataclass, field
from typing import Any

from semverlint.errors import FileError
from semverlint.files import File

_DEFLATE, _SHUFFLE, _FLETCHER = 1, 2, 3
_CHECKSUM = 4
"""Bytes that the checksum adds."""
MOST_JOINED = 64_000_000
"""Bytes of one file that are put together."""
_MOST_CHUNKS = 100_000
"""Of one dataset."""


@dataclass
class Room:
    """How many more bytes may be put together of one file."""

    left: int = field(default_factory=lambda: MOST_JOINED)


def joined(file: File, dataset: Any, begin: int, stop: int, room: Room) -> bytes | str:  # noqa: ANN401 - of pyfive
    """The values of a dataset in order; half a sentence on why they cannot be had.

    Args:
        file: What they are read from.
        dataset: As pyfive has it.
        begin: Where the HDF5 file begins in it.
        stop: Where it ends.
        room: For how many of them there is memory.

    Raises:
        FileError: If a chunk is not what the file says of it.
    """
    import numpy as np  # noqa: PLC0415 - pyfive has it

    shape, chunk = (tuple(int(size) for size in each) for each in (dataset.shape, dataset.chunks))
    filters = [int(one["filter_id"]) for one in dataset.id.filter_pipeline or ()]
    if not set(filters) <= {_DEFLATE, _SHUFFLE, _FLETCHER}:
        return "stored in chunks that only a plugin of HDF5 unpacks"
    width = int(dataset.dtype.itemsize)
    length = math.prod(chunk) * width
    wanted = math.prod(-(-size // step) for size, step in zip(shape, chunk, strict=True)) if min(chunk) > 0 else 0
    room.left -= math.prod(shape) * width
    if min(room.left, room.left - length) < 0 or wanted > _MOST_CHUNKS:
        return "stored in chunks: `h5repack -l CONTI` lets it be read in place"
    if len(shape) != len(chunk) or not wanted or int(dataset.id.get_num_chunks()) != wanted:
        return "of which some chunks were never written"
    whole = np.zeros(shape, f"V{width}")
    for number in range(wanted):
        told = dataset.id.get_chunk_info(number)
        corner, packed = [int(at) for at in told.chunk_offset], int(told.size)
        start = begin + int(told.byte_offset)
        if packed > length + length // 1_000 + 64 or start + packed > stop or min(corner) < 0:
            raise _wrong(file, dataset)
        data = _unpacked(file.read(start, start + packed), filters, int(told.filter_mask), length, width)
        if len(data) != length:
            raise _wrong(file, dataset)
        place = tuple(slice(at, min(at + step, size)) for at, step, size in zip(corner, chunk, shape, strict=True))
        inside = tuple(slice(0, max(0, one.stop - one.start)) for one in place)
        whole[place] = np.frombuffer(data, f"V{width}").reshape(chunk)[inside]
    return whole.tobytes()


def _wrong(file: File, dataset: Any) -> FileError:  # noqa: ANN401 - of pyfive
    said = f"a chunk of the dataset {str(dataset.name)[:80]!a} is not what the file says of it"
    return FileError(file.path, said, "fetch it again: it is damaged")


def _unpacked(data: bytes, filters: list[int], mask: int, length: int, width: int) -> bytes:
    """A chunk as it was before the filters, of which those in the mask were passed by; at most a byte too long."""
    import numpy as np  # noqa: PLC0415 - likewise

    for number in reversed(range(len(filters))):
        if mask >> number & 1:
            continue
        if filters[number] == _FLETCHER:
            data = data[:-_CHECKSUM]
        elif filters[number] == _DEFLATE:
            try:
                data = zlib.decompressobj().decompress(data, length + _CHECKSUM + 1)
            except zlib.error:
                return b""
        elif width > 1 and len(data) % width == 0:
            data = np.frombuffer(data, np.uint8).reshape(width, -1).T.tobytes()
    return data
