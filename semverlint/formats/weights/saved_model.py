"""TensorFlow's variables: those of a SavedModel (`variables.index`) and of a checkpoint (`model.ckpt-7.index`).

The index is a sorted table of LevelDB (`table_format.md`; blocks are not compressed, `tensor_bundle.cc`) from names to
entries; values lie in the data files beside it. Passed by is what a training needs and the model does not: slots of the
optimiser, counters of saving, the graph of Python objects.
"""

import re
import struct
from collections import Counter
from collections.abc import Iterator

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.protobuf import Span, Value, message, signed
from semverlint.formats.weights.base import MOST_DIMENSIONS, MOST_TENSORS, Tensor, WeightFile, weights_reader
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.text import clean

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5
"""Bytes behind a block: how it is compressed, and its checksum."""
_LARGEST = 1 << 26
"""Bytes of an index: a quarter of a thousand a tensor, of a quarter of a million."""
_LONGEST_NAME = 1 << 12
_MOST_SHARDS = 100_000
_TYPES = {
    1: "F32", 2: "F64", 3: "I32", 4: "U8", 5: "I16", 6: "I8", 8: "C64", 9: "I64", 10: "BOOL", 11: "I8", 12: "U8",
    13: "I32", 14: "BF16", 15: "I16", 16: "U16", 17: "U16", 18: "C128", 19: "F16", 22: "U32", 23: "U64", 24: "F8_E5M2",
    25: "F8_E4M3",
}  # fmt: skip
"""`enum DataType` of `types.proto`."""
_TEXTS = 7
_ENDING = "/.ATTRIBUTES/VARIABLE_VALUE"
_OF_TRAINING = re.compile(
    r"^_CHECKPOINTABLE_OBJECT_GRAPH$|^save_counter$|^global_step$|^beta[12]_power(_\d+)?$|^keras_api/metrics/"
    r"|^_?optimizer/|/\.OPTIMIZER_SLOT/|/(Adam|Momentum|RMSProp|Adagrad|Ftrl)(_\d+)?$"
)


@weights_reader(".index")
def read_saved_model(file: File) -> WeightFile:
    """The variables by name, with their places in the data files.

    Raises:
        FileError: If it is no index, is compressed, or an entry does not say what its tensor needs.
    """
    if file.size > _LARGEST:
        raise FileError(file.path, f"an index of {file.size:,} bytes", "check who wrote it")
    reader = _Index(file)
    return WeightFile(reader.tensors, left_out=tuple(reader.left_out))


class _Index:
    """One index: its tensors, and what is none."""

    def __init__(self, file: File) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.left_out: list[str] = []
        self._file = file
        self._message = message(file).source
        self._shards = 1
        self._left = file.size
        self._parts: Counter[str] = Counter()
        if file.size < _FOOTER:
            raise self._wrong("is too short for an index")
        footer = file.read(file.size - _FOOTER, file.size)
        if struct.unpack_from("<Q", footer, _FOOTER - 8)[0] != _MAGIC:
            raise self._wrong("does not end as an index of TensorFlow does")
        at = 0
        for _ in range(2):
            _, at = self._number(footer, at)  # the place of the table of meta blocks, which is empty
        place, at = self._number(footer, at)
        length, at = self._number(footer, at)
        for _, start, stop in self._block(place, length):
            data = self._file.read(start, stop)
            first, at = self._number(data, 0)
            count, at = self._number(data, at)
            for key, begin, end in self._block(first, count):
                self._take(key, Span(self._message, begin, end))

    def _block(self, place: int, length: int) -> Iterator[tuple[bytes, int, int]]:
        """Each key of a block, and where its value begins and ends in the file."""
        if place + length + _TRAILER > self._file.size - _FOOTER or length < 4:  # noqa: PLR2004 - one number
            raise self._wrong("has a block that lies outside it")
        self._left -= length
        if self._left < 0:  # blocks do not overlap: one that is named over and over would be read as often
            raise self._wrong("names more blocks than it has bytes")
        data = self._file.read(place, place + length + 1)
        if data[length]:
            raise FileError(self._file.path, "is compressed, which TensorFlow does not do", "save the model again")
        restarts = 4 * struct.unpack_from("<I", data, length - 4)[0] + 4
        if restarts > length:
            raise self._wrong("has a block whose end is not where it says")
        at, key = 0, b""
        while at < length - restarts:
            shared, at = self._number(data, at)
            more, at = self._number(data, at)
            size, at = self._number(data, at)
            if shared > len(key) or shared + more > _LONGEST_NAME or at + more + size > length - restarts:
                raise self._wrong("has an entry that lies outside its block")
            key = key[:shared] + data[at : at + more]
            at += more + size
            yield key, place + at - size, place + at

    def _take(self, key: bytes, span: Span) -> None:
        """An entry: the header under the empty key, else a tensor, or a part of one."""
        fields: dict[int, Value] = dict(span.fields())
        if not key:
            self._shards = signed(fields.get(1, 1))
            if signed(fields.get(2, 0)) or not 0 < self._shards <= _MOST_SHARDS:
                raise FileError(self._file.path, "was written on a big-endian machine", "save it on another one")
            return
        name = self._name(key)
        if _OF_TRAINING.search(name) or any(number == 7 for number, _ in span.fields()):  # noqa: PLR2004 - slices
            return  # of a tensor in slices, the slices are told
        kind = signed(fields.get(1, 0))
        if kind not in _TYPES:
            self.left_out.append("a tensor of texts" if kind == _TEXTS else f"a tensor of type {kind}")
            return
        shape = self._shape(fields.get(2))
        tensor = Tensor(_TYPES[kind], shape, start := signed(fields.get(4, 0)), start + signed(fields.get(5, 0)))
        shard = signed(fields.get(3, 0))
        if start < 0 or tensor.stop - start != bytes_of(tensor.dtype, tensor.count) or not 0 <= shard < self._shards:
            raise self._wrong(f"gives {clean(name, 80)} another number of bytes than its shape has, or no place")
        if len(self.tensors) >= MOST_TENSORS:
            raise self._wrong(f"has more than {MOST_TENSORS:,} tensors")
        stem = self._file.path.rpartition("/")[2].removesuffix(".index")
        beside = f"{stem}.data-{shard:05}-of-{self._shards:05}"
        self.tensors[name] = Tensor(tensor.dtype, shape, start, tensor.stop, beside)

    def _name(self, key: bytes) -> str:
        """A tensor's name; a slice's key begins with a zero, and its name ends with one (`ordered_code.cc`)."""
        if key[:1] != b"\0":
            return key.decode("utf-8", "replace").removesuffix(_ENDING)
        whole = key[1:].partition(b"\0\1")[0].decode("utf-8", "replace")
        self._parts[whole] += 1
        return f"{whole}/part_{self._parts[whole] - 1}"

    def _shape(self, value: Value | None) -> tuple[int, ...]:
        """A `TensorShapeProto`."""
        if not isinstance(value, Span):
            return ()
        dims = [each for number, each in value.fields() if number == 2 and isinstance(each, Span)]  # noqa: PLR2004 - dim
        shape = tuple(signed(dict(each.fields()).get(1, 0)) for each in dims)
        if len(shape) > MOST_DIMENSIONS or any(length < 0 for length in shape):
            raise self._wrong("has a shape that no tensor has")
        return shape

    def _number(self, data: bytes, at: int) -> tuple[int, int]:
        """A number of seven bits a byte, and where it ends."""
        value = shift = 0
        while at < len(data) and shift < 64:  # noqa: PLR2004 - bits
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte has no upper bit
                return value, at
            shift += 7
        raise self._wrong("is damaged: a number in it does not end")

    def _wrong(self, reason: str) -> FileError:
        return FileError(self._file.path, reason, "fetch it again: it is truncated, or no index of TensorFlow")
