"""TFLite (LiteRT): constant tensors with their places, inputs and outputs, and operators; never the values.

The tables are those of `schema.fbs` (LiteRT, version 3 with its additions up to 3d). Tensors are named as in the model;
those of further subgraphs have the subgraph's number in front, and a name that stands there twice a number behind.
"""

import hashlib
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import (
    MOST_DIMENSIONS,
    MOST_TENSORS,
    Graph,
    Port,
    Tensor,
    WeightFile,
    weights_reader,
)
from semverlint.formats.weights.dtypes import bytes_of
from semverlint.formats.weights.tflite.flatbuffer import FlatBuffer, Table
from semverlint.formats.weights.tflite.graph import Joined, operator_names, steps
from semverlint.text import clean

_IDENTIFIER = b"TFL3"
_VERSION = 3
_TYPES = {
    0: "F32", 1: "F16", 2: "I32", 3: "U8", 4: "I64", 6: "BOOL", 7: "I16", 8: "C64", 9: "I8", 10: "F64", 11: "C128",
    12: "U64", 15: "U32", 16: "U16", 17: "I4", 18: "BF16", 19: "I2", 20: "U4", 21: "F8_E4M3", 22: "F8_E5M2",
}  # fmt: skip
_NAMES = (
    "float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64",
    "complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4", "bfloat16", "int2", "uint4",
    "float8_e4m3fn", "float8_e5m2",
)  # fmt: skip
"""`enum TensorType`."""
_MOST_NAMES = 100_000_000
"""Characters of all names together: entries may share one text."""
_MOST_GRAPHS = 10_000
_MOST_PORTS = 65_536
_REMARKABLE = 256
"""Bytes of a remark that are kept (`min_runtime_version` has 16)."""

# Fields by their place in the tables.
_MODEL_VERSION, _CODES, _SUBGRAPHS, _DESCRIPTION, _BUFFERS, _, _METADATA = range(7)
_TENSORS, _INPUTS, _OUTPUTS, _OPERATORS = range(4)
_SHAPE, _TYPE, _BUFFER, _NAME, _QUANTIZATION, _, _SPARSITY, _SIGNATURE, _, _, _EXTERNAL = range(11)
_DATA, _OFFSET, _SIZE = range(3)
_SCALE, _ZERO_POINT, _DETAILS_TYPE, _DIMENSION = 2, 3, 4, 6


@weights_reader(".tflite")
def read_tflite(file: File) -> WeightFile:
    """The constants and the graph of a TFLite model.

    Raises:
        FileError: If it is none, points outside itself, or a tensor's bytes are not as many as its shape says.
    """
    if file.size < 8 or file.read(4, 8) != _IDENTIFIER:  # noqa: PLR2004 - the root's place, and the identifier
        raise FileError(file.path, "does not begin as TFLite models do", "fetch it again: it is truncated, or none")
    buffer = FlatBuffer(file)
    model = buffer.root()
    version = model.number(_MODEL_VERSION, "I")
    if version != _VERSION:
        raise buffer.wrong(f"is of schema version {version}, not {_VERSION}", "convert it again")
    return _Model(buffer, model).read()


@dataclass(frozen=True)
class _Entry:
    """A tensor of a subgraph: its name, what it is, and its type with its shape for people."""

    name: str
    said: str
    type: str
    is_constant: bool


class _Model:
    """A model that is being read."""

    def __init__(self, buffer: FlatBuffer, model: Table) -> None:
        self._buffer = buffer
        self._model = model
        self._places = [self._place(table) for table in model.tables(_BUFFERS)]
        self._tensors: dict[str, Tensor] = {}
        self._left_out: list[str] = []
        self._taken: set[str] = set()
        self._characters = 0
        self._scales = hashlib.sha256()
        self._is_scaled = False

    def read(self) -> WeightFile:
        names = operator_names(self._buffer, self._model.tables(_CODES))
        joined = Joined()
        ports: tuple[tuple[Port, ...], tuple[Port, ...]] = ((), ())
        for number, subgraph in enumerate(self._model.tables(_SUBGRAPHS)):
            if number >= _MOST_GRAPHS:
                raise self._buffer.wrong(f"holds more than {_MOST_GRAPHS:,} graphs", "check who wrote it")
            entries = [self._entry(table, number) for table in subgraph.tables(_TENSORS)]
            inputs = subgraph.numbers(_INPUTS, "i", _MOST_PORTS)
            outputs = subgraph.numbers(_OUTPUTS, "i", _MOST_PORTS)
            constants = {index: entry.name for index, entry in enumerate(entries) if entry.is_constant}
            taken = list(steps(self._buffer, subgraph.tables(_OPERATORS), names))
            joined.add([entry.said for entry in entries], constants, inputs, taken, outputs)
            if not number:
                ports = self._ports(entries, inputs), self._ports(entries, outputs)
        graph = Graph(*ports, version=_VERSION, steps=dict(joined.counts), digest=joined.digest(), roles=joined.roles)
        settings = {"quantization": self._scales.hexdigest()} if self._is_scaled else {}
        return WeightFile(self._tensors, self._remarks(), settings, graph, tuple(self._left_out))

    def _place(self, table: Table) -> tuple[int, int]:
        """Where a buffer's bytes begin, and how many there are; of a model over 2 GB they lie behind the tables."""
        start, length = table.number(_OFFSET, "Q"), table.number(_SIZE, "Q")
        if start <= 1:
            return table.vector(_DATA, 1)
        if start + length > self._buffer.file.size:
            raise self._buffer.wrong(f"claims the bytes {start:,} to {start + length:,} of {self._buffer.file.size:,}")
        return start, length

    def _entry(self, table: Table, graph: int) -> _Entry:
        name = self._name(table.text(_NAME), graph)
        said = f"the tensor {clean(name, 80)}"
        kind = table.number(_TYPE, "b")
        if not 0 <= kind < len(_NAMES):
            raise self._buffer.wrong(f"{said} is of type {kind}, which is not known here", "update semverlint")
        shape = table.numbers(_SHAPE, "i", MOST_DIMENSIONS)
        index = table.number(_BUFFER, "I")
        if index >= max(len(self._places), 1):
            raise self._buffer.wrong(f"{said} has the buffer {index:,} of {len(self._places):,}")
        start, length = self._places[index] if self._places else (0, 0)
        is_constant = length > 0
        if table.number(_EXTERNAL, "I"):
            self._left_out.append(f"{said}, whose values lie in another file")
        elif is_constant and table.table(_SPARSITY):
            self._left_out.append(f"{said}, which is sparse")
        elif is_constant and kind not in _TYPES:
            self._left_out.append(f"{said}, which holds no numbers ({_NAMES[kind]})")
        elif is_constant:
            if min(shape, default=0) < 0 or bytes_of(_TYPES[kind], Tensor("", shape, 0, 0).count) != length:
                told = f"{_NAMES[kind]}{clean(list(shape), 80)}"
                raise self._buffer.wrong(f"{said} is {told}, but has {length:,} bytes")
            self._tensors[name] = Tensor(_TYPES[kind], shape, start, start + length)
        scales = self._scaled(name, table.table(_QUANTIZATION))
        open_shape = table.numbers(_SIGNATURE, "i", MOST_DIMENSIONS) or shape
        sizes = ", ".join("?" if size < 0 else str(size) for size in open_shape)
        type_and_shape = f"{_NAMES[kind]}[{sizes}]"
        return _Entry(name, type_and_shape + scales, type_and_shape, is_constant and name in self._tensors)

    def _name(self, told: str, graph: int) -> str:
        """A name that no other tensor has."""
        name = f"{graph}/{told}" if graph else told
        if name in self._taken:
            name = f"{name}#{len(self._taken)}"
        self._characters += len(name)
        if name in self._taken or self._characters > _MOST_NAMES or len(self._taken) >= MOST_TENSORS:
            raise self._buffer.wrong("holds more tensors than a model has, or names one twice", "check who wrote it")
        self._taken.add(name)
        return name

    def _scaled(self, name: str, table: Table | None) -> str:
        """A digest of a tensor's scales; empty where it has none."""
        if table is None:
            return ""
        data = table.raw(_SCALE, 4), table.raw(_ZERO_POINT, 8)
        if not any(data) and not table.number(_DETAILS_TYPE, "B"):
            return ""
        said = repr((*data, table.number(_DETAILS_TYPE, "B"), table.number(_DIMENSION, "i"))).encode()
        digest = hashlib.sha256(said).hexdigest()
        self._scales.update(f"{name}\0{digest}".encode("utf-8", "surrogatepass"))
        self._is_scaled = True
        return f" {digest}"

    def _ports(self, entries: list[_Entry], indices: tuple[int, ...]) -> tuple[Port, ...]:
        if any(not 0 <= index < len(entries) for index in indices):
            raise self._buffer.wrong(f"its graph begins or ends with a tensor beyond its {len(entries):,}")
        return tuple(Port(entries[index].name, entries[index].type) for index in indices)

    def _remarks(self) -> dict[str, str]:
        description = self._model.text(_DESCRIPTION)
        found = {"description": description} if description else {}
        for table in self._model.tables(_METADATA):
            index = table.number(1, "I")
            start, length = self._places[index] if index < len(self._places) else (0, 0)
            if 0 < length <= _REMARKABLE:
                text = self._buffer.read(start, length).rstrip(b"\0").decode("utf-8", "backslashreplace")
                found |= {table.text(0): text} if text.isprintable() else {}
        return found
