"""safetensors: names, types, shapes and places of tensors from the header alone, by range; never the values.

The layout is fixed by https://github.com/huggingface/safetensors#format: eight bytes with the header's length, the
header as JSON, then the values without a gap. Every number in the header is checked against the file's real size.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import MOST_DIMENSIONS, MOST_TENSORS, Tensor, WeightFile, weights_reader
from semverlint.formats.weights.dtypes import LAYOUTS
from semverlint.text import clean

TYPES = frozenset(
    {
        "BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64", "C64", "F8_E4M3",
        "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F4",
    }
)  # fmt: skip
"""Types of the format (safetensors 0.8, `tensor.rs`)."""

_LONGEST_HEADER = 100_000_000
"""Bytes; the limit of the library itself."""
_PREFIX = 8


@weights_reader(".safetensors")
def read_safetensors(file: File) -> WeightFile:
    """The header of a safetensors file, in two ranged reads.

    Raises:
        FileError: If anything in it is not so: the length, the JSON, a type, a shape, or bytes that overlap, leave a
            gap or lie outside the file.
    """
    if file.size < _PREFIX:
        raise FileError(file.path, f"{file.size} bytes are no safetensors file", "fetch it again: it is truncated")
    length = int.from_bytes(file.read(0, _PREFIX), "little")
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
    if len(header) > MOST_TENSORS:
        raise FileError(file.path, f"{len(header):,} tensors are more than a model has", "check who wrote it")
    tensors = {name: _tensor(file, name, entry, _PREFIX + length) for name, entry in header.items()}
    _refuse_gaps(file, tensors.values(), _PREFIX + length)
    return WeightFile(tensors, metadata)


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
    if dtype not in TYPES:
        raise wrong(f"has the unknown type {clean(dtype, 40)}")
    if len(shape) > MOST_DIMENSIONS or not all(type(size) is int and size >= 0 for size in shape):
        raise wrong("has a shape that is no list of whole numbers")
    values_together, bytes_together = LAYOUTS[dtype]
    length, rest = divmod(math.prod(shape) * bytes_together, values_together)
    if isinstance(start, bool) or isinstance(stop, bool):
        raise wrong("has data_offsets that are no numbers")
    if not 0 <= start <= stop <= file.size - values or stop - start != length or rest:
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
