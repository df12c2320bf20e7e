"""What every reader of weight files says, and the decorator that makes a function one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from semverlint.files import File
from semverlint.formats.text_files import Json

MOST_TENSORS = 1_000_000
"""Tensors of one file; the largest models have some hundred thousand."""
MOST_DIMENSIONS = 32
MOST_HELD = 256_000_000
"""Bytes of values that a reader may keep in memory, where a format does not store them as plain bytes."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's entry in a header.

    Attributes:
        dtype: The name of its type, as in `dtypes.LAYOUTS`.
        shape: Its dimensions, the slowest first, as the model's code sees them.
        start: Its first byte, counted from the start of the file that holds its values.
        stop: The byte behind its last one.
        beside: The file that holds its values, relative to the folder of this one; None for this file itself.
        held: Its values, where the format does not store them as plain bytes; `start` and `stop` count in these.
        order: The axes of `shape` from the slowest to the fastest in the file, where that is not their own order: a
            matrix stored column by column has `(1, 0)`.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int
    beside: str | None = None
    held: bytes | None = None
    order: tuple[int, ...] | None = None

    @property
    def count(self) -> int:
        """How many values it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Port:
    """An input or output of a graph: its type and shape (`float32[batch, 3, 224, 224]`), as one text."""

    name: str
    type: str


@dataclass(frozen=True)
class Scale:
    """How the codes of a tensor become numbers: `(code - zero point) * scale`.

    Attributes:
        scale: The tensor that holds the scales: one, one for each place along the axis, or one for each block along it.
        zero: The tensor that holds the zero points, as many; None where they are in the middle of the codes (packed
            ones) or nought.
        axis: The axis of the codes along which the scales lie.
        block: Neighbouring codes along the axis that share a scale; 0 where each has its own.
        bits: Bits of a code, of codes packed into bytes, rows by blocks; 0 where each code is a value of its tensor.
        columns: Codes in a row, of packed ones.
    """

    scale: str
    zero: str | None
    axis: int
    block: int = 0
    bits: int = 0
    columns: int = 0


@dataclass(frozen=True)
class Graph:
    """What a file computes, beside the tensors it computes with.

    Attributes:
        inputs: What it is given, in order.
        outputs: What it gives back, in order.
        opsets: Domain of operators → version.
        version: Version of the format itself, below which readers refuse it.
        steps: How often each operator occurs (`Conv` → 12), nested graphs and functions included.
        digest: A digest of every step with its attributes and of how they are joined, names left out: equal where the
            same is computed from tensors of the same names, types and shapes.
        roles: Tensor → where it is used, told without names that exporters number anew; unique where it can be.
        constants: Tensors that say where and how something is computed, not with what: the digest speaks for their
            values.
    """

    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    opsets: Mapping[str, int] = field(default_factory=dict)
    version: int | None = None
    steps: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    constants: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WeightFile:
    """What a weight file says of itself.

    Attributes:
        tensors: Name → entry, in the order of the file.
        metadata: Remarks of the writer: text by key; no reader computes with them.
        settings: What readers do compute with, by key, where the format carries it beside the tensors (GGUF).
        graph: What is computed, where the file says so.
        left_out: What belongs to the model and is no tensor this reader understands, each as half a sentence for the
            report.
        extra: The optional extra of semverlint that would have told more; empty where nothing would.
        scales: Tensor of codes → how they become numbers.
        aside: What it holds that is no part of the model, or no numbers, likewise.
        under: What code that loads the file must know to find the tensors, beside their names: `the key state_dict`;
            empty where they stand under their names.
    """

    tensors: dict[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)
    graph: Graph | None = None
    left_out: tuple[str, ...] = ()
    extra: str = ""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    aside: tuple[str, ...] = ()
    under: str = ""


@dataclass(frozen=True)
class Reader:
    """A format.

    Attributes:
        read: Gives what a file's header says; raises `FileError` for anything that is not what it says it is.
        endings: How its files' names end, in lower case.
        magic: How its files begin, any of these; empty where any beginning will do.
    """

    read: Callable[[File], WeightFile]
    endings: tuple[str, ...]
    magic: tuple[bytes, ...]


READERS: dict[str, Reader] = {}
"""Every reader by its module's name and its own; filled by `@weights_reader`."""


def weights_reader(
    *endings: str, magic: tuple[bytes, ...] = ()
) -> Callable[[Callable[[File], WeightFile]], Callable[[File], WeightFile]]:
    """Register a reader for files whose names end, and whose content begins, so."""

    def register(read: Callable[[File], WeightFile]) -> Callable[[File], WeightFile]:
        READERS[f"{read.__module__}.{read.__name__}"] = Reader(read, endings, magic)
        return read

    return register
