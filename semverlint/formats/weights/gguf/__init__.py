"""GGUF (llama.cpp): keys and values, and names, types, shapes and places of tensors; never the values.

The layout is fixed by `docs/gguf.md` and read as `gguf.cpp` of ggml reads it: counts, then keys with typed values, then
tensor infos, then the values from the next multiple of the alignment on. All of it is refused where a count, a length
or a place does not fit the file.
"""

import math
from collections.abc import Iterable

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, compact
from semverlint.formats.weights.base import MOST_DIMENSIONS, Tensor, WeightFile, weights_reader
from semverlint.formats.weights.dtypes import LAYOUTS, bytes_of
from semverlint.formats.weights.gguf.header import Header
from semverlint.text import clean

TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
    12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
    29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4", 41: "Q1_0", 42: "Q2_0",
}  # fmt: skip
"""`enum ggml_type` in ggml.h."""

REMOVED = {
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8",
    38: "IQ4_NL_8_8",
}  # fmt: skip
"""Types whose support has been removed, as the comments there say."""

_MOST_TENSORS = 65_536
"""Large models have some thousand: ggml stores the experts of a layer as one."""
_MOST_KEYS = 65_536
"""Models have some dozens."""
_ALIGNMENT = 32
"""Where the file says nothing."""
_LARGEST_ALIGNMENT = 1 << 20
"""Pages of memory, for which values are aligned, have 64 KiB at most."""

_REMARKS = frozenset(
    f"general.{name}"
    for name in (
        "alignment", "author", "basename", "description", "doi", "finetune", "languages", "license", "name",
        "organization", "quantized_by", "repo_url", "size_label", "tags", "url", "uuid", "version",
    )
)  # fmt: skip
"""Keys no reader computes with; the alignment is how the file is laid out, which the tensors' places already tell."""
_REMARKS_BELOW = (
    "general.base_model.", "general.dataset.", "general.license.", "general.source.", "quantize.imatrix.", "split.",
)  # fmt: skip


@weights_reader(".gguf", magic=(b"GGUF",))
def read_gguf(file: File) -> WeightFile:
    """Everything ahead of the values of a GGUF file.

    Raises:
        FileError: If anything in it is not so: the version, a length, a type, a shape, or tensors that overlap or lie
            outside the file.
    """
    if file.size < 4 + 4 or file.read(0, 4) != b"GGUF":
        raise FileError(file.path, f"{file.size:,} bytes are no GGUF file", "fetch it again: it is truncated")
    header = Header(file)
    tensor_count, key_count = header.count(), header.count()
    if tensor_count > _MOST_TENSORS or key_count > _MOST_KEYS:
        said = f"claims {tensor_count:,} tensors and {key_count:,} keys"
        raise FileError(file.path, f"{said}, more than a model has", "check who wrote it")
    settings: dict[str, Json] = {}
    metadata = {"GGUF.version": str(header.version)}
    alignment = _ALIGNMENT
    for _ in range(key_count):
        key = header.name("key")
        if not key or key in settings or key in metadata:
            raise FileError(file.path, f"the key {clean(key, 80)} is empty or stands in it twice", "convert it again")
        kind, value = header.value(key)
        if key == "general.alignment":
            alignment = _alignment(file, kind, value)
        if key in _REMARKS or key.startswith(_REMARKS_BELOW):
            metadata[key] = value if isinstance(value, str) else compact(value)
        else:
            settings[key] = value
    infos = [_tensor(header) for _ in range(tensor_count)]
    tensors = _placed(file, infos, -(-header.at // alignment) * alignment, alignment)
    return WeightFile(tensors, metadata, settings)


def _tensor(header: Header) -> tuple[str, str, tuple[int, ...], int]:
    """Name, type, shape and place of a tensor."""
    name = header.name("tensor")
    dimensions = header.number()
    if dimensions > MOST_DIMENSIONS:
        said = f"the tensor {clean(name, 80)} claims {dimensions:,} dimensions"
        raise header.wrong(said, "fetch it again: it is damaged")
    shape = tuple(header.count() for _ in range(dimensions))
    kind = header.number()
    if kind in REMOVED:
        said = f"the tensor {clean(name, 80)}"
        raise header.wrong(f"{said} is of {REMOVED[kind]}, which ggml no longer reads", "quantise it again")
    if kind not in TYPES:
        said = f"the tensor {clean(name, 80)} is of type {kind}, which is not known here"
        raise header.wrong(said, "update semverlint")
    offset = int.from_bytes(header.take(8), "little")
    dtype = TYPES[kind]
    if math.prod(shape) >= 1 << 63 or (shape[0] if shape else 1) % LAYOUTS[dtype][0]:
        said = f"the tensor {clean(name, 80)} of {dtype} has the shape {clean(list(shape), 80)} (fastest first)"
        raise header.wrong(f"{said}, which no reader takes")
    return name, dtype, shape[::-1], offset


def _alignment(file: File, kind: str, value: Json) -> int:
    good = isinstance(value, int) and kind == "uint32" and 0 < value <= _LARGEST_ALIGNMENT and not value & (value - 1)
    if not isinstance(value, int) or not good:
        said = f"its alignment {clean(value, 40)} ({kind}) is no power of two up to {_LARGEST_ALIGNMENT:,}"
        raise FileError(file.path, said, "convert it again")
    return value


def _placed(
    file: File, infos: Iterable[tuple[str, str, tuple[int, ...], int]], values: int, alignment: int
) -> dict[str, Tensor]:
    """The tensors by name, each inside the file, none over another."""
    tensors: dict[str, Tensor] = {}
    for name, dtype, shape, offset in infos:
        start = values + offset
        stop = start + bytes_of(dtype, math.prod(shape))
        if name in tensors:
            raise FileError(file.path, f"the tensor {clean(name, 80)} stands in it twice", "convert it again")
        if offset % alignment or stop > file.size:
            said = f"the tensor {clean(name, 80)} claims the bytes {start:,} to {stop:,} of {file.size:,}"
            raise FileError(file.path, f"{said}, alignment {alignment:,}", "fetch it again: it is truncated")
        tensors[name] = Tensor(dtype, shape, start, stop)
    at = 0
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.start, tensor.stop)):
        if tensor.start < at and tensor.stop > tensor.start:
            raise FileError(file.path, f"its tensors overlap at byte {tensor.start:,}", "convert it again")
        at = max(at, tensor.stop)
    return tensors
