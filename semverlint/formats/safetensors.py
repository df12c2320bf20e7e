"""safetensors: names, types, shapes and places of tensors from the header alone, by range; never the values.

The layout is fixed by https://github.com/huggingface/safetensors#format: eight bytes with the header's length, the
header as JSON, then the values without a gap. Every number in the header is checked against the file's real size.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.text import clean

BITS: Mapping[str, int] = {
    "BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
"""Bits of one value, by the name of its type (safetensors 0.8, `tensor.rs`)."""

_LONGEST_HEADER = 100_000_000
"""Bytes; the limit of the library itself."""
_MOST_TENSORS = 1_000_000
_MOST_DIMENSIONS = 32
_PREFIX = 8
_POINTER = b"version "
"""How a Git LFS pointer begins; read as a length it would be 2.3e18."""


@dataclass(frozen=True)
class Tensor:
    """A tensor's entry in a header.

    Attributes:
        dtype: The name of its type, as in `BITS`.
        shape: Its dimensions.
        start: Its first byte, counted from the start of the file.
        stop: The byte behind its last one.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def count(self) -> int:
        """How many values it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class SafetensorsFacts:
    """What a header says.

    Attributes:
        tensors: Name → entry, in the order of the file.
        metadata: `__metadata__`: text by key.
    """

    tensors: dict[str, Tensor]
    metadata: dict[str, str]


def read_safetensors(file: File) -> SafetensorsFacts:
    """The header of a safetensors file, in two ranged reads.

    Raises:
        FileError: If anything in it is not so: the length, the JSON, a type, a shape, or bytes that overlap, leave a
            gap or lie outside the file.
    """
    if file.size < _PREFIX:
        raise FileError(file.path, f"{file.size} bytes are no safetensors file", "fetch it again: it is truncated")
    prefix = file.read(0, _PREFIX)
    if prefix == _POINTER:
        raise FileError(file.path, "is a Git LFS pointer, not the content", "run `git lfs pull`")
    length = int.from_bytes(prefix, "little")
    if length > _LONGEST_HEADER or length > file.size - _PREFIX:
        raise FileError(
            file.path,
            f"claims a header of {length:,} bytes in a file of {file.size:,}",
            "fetch it again: it is truncated, or no safetensors",
        )
    header = _header(file, file.read(_PREFIX, _PREFIX + length))
    metadata = header.pop("__metadata__", None)
    metadata = {} if metadata is None else metadata  # the library takes null for none
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FileError(file.path, "its __metadata__ is no mapping of text to text", "save the file again")
    if len(header) > _MOST_TENSORS:
        raise FileError(file.path, f"{len(header):,} tensors are more than a model has", "check who wrote it")
    tensors = {name: _tensor(file, name, entry, _PREFIX + length) for name, entry in header.items()}
    _refuse_gaps(file, tensors.values(), _PREFIX + length)
    return SafetensorsFacts(tensors, metadata)


def _header(file: File, data: bytes) -> dict[str, Any]:
    def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands in it twice")
        return found

    try:
        header = json.loads(data.decode("utf-8"), object_pairs_hook=refuse_twice)
    except (ValueError, RecursionError) as error:
        raise FileError(file.path, f"its header cannot be read ({clean(error, 80)})", "save the file again") from None
    if not isinstance(header, dict):
        raise FileError(file.path, "its header is no JSON object", "save the file again")
    return header


def _tensor(file: File, name: str, entry: Any, values: int) -> Tensor:  # noqa: ANN401 - whatever a stranger wrote
    def wrong(what: str) -> FileError:
        return FileError(file.path, f"the tensor {clean(name, 80)} {what}", "save the file again")

    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]}:
            pass
        case _:
            raise wrong("lacks its dtype, shape or data_offsets")
    if dtype not in BITS:
        raise wrong(f"has the unknown type {clean(dtype, 40)}")
    if len(shape) > _MOST_DIMENSIONS or not all(type(size) is int and size >= 0 for size in shape):
        raise wrong("has a shape that is no list of whole numbers")
    bits = math.prod(shape) * BITS[dtype]
    if isinstance(start, bool) or isinstance(stop, bool):
        raise wrong("has data_offsets that are no numbers")
    if not 0 <= start <= stop <= file.size - values or (stop - start) * 8 != bits:
        raise wrong(f"claims the bytes {start:,} to {stop:,}, which its type and shape or the file's size contradict")
    return Tensor(dtype, tuple(shape), values + start, values + stop)


def _refuse_gaps(file: File, tensors: Iterable[Tensor], begin: int) -> None:
    """The values must cover the file from the header to its end, each byte once."""
    at = begin
    for tensor in sorted(tensors, key=lambda tensor: (tensor.start, tensor.stop)):
        if tensor.start != at:
            raise FileError(file.path, f"its tensors leave a gap or overlap at byte {at:,}", "save the file again")
        at = tensor.stop
    if at != file.size:
        raise FileError(
            file.path,
            f"its tensors end at byte {at:,} of {file.size:,}",
            "fetch it again: it is truncated, or has been added to",
        )
