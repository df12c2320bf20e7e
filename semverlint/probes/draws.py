"""Inputs for a graph, drawn from what it declares to take: types, fixed and free lengths, and what names suggest.

Every draw is made of its number alone, so that the same graphs get the same inputs everywhere. Lengths that are free
are tried from a list; a graph that refuses them is given the next draw.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Dimension = int | str
"""A fixed length, or the name of a free one; lengths of one name are one length."""

_SEED = 2_407
_BATCHES = (1, 1, 2)
_LENGTHS = (64, 16, 512, 7, 128, 256, 576, 32, 1024, 16_000, 80, 320, 48)
"""Of text, of sound, of features: lengths at which many models have no objection."""
_SIDES = (64, 96, 320, 224, 48, 128, 416, 32)
"""Of pictures: multiples of what most networks halve."""
_ORDERLY = 48
"""Draws whose free lengths follow the lists; later ones mix them."""
_RATES = (16_000, 8_000)
"""Samples a second; models of sound know these."""
_RANK_OF_PICTURES, _RANK_OF_STATES = 4, 3
_TYPES = {
    "float": np.float32, "double": np.float64, "float16": np.float16, "bool": np.bool_,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "string": np.object_,
}  # fmt: skip
_WORDS = ("The weather is fine.", "def main(): pass", "12.50 €", "Größe", "天気がいい", "")


@dataclass(frozen=True)
class Input:
    """What a graph takes under one name.

    Attributes:
        name: What callers call it.
        type: As onnxruntime writes it, without `tensor(…)`.
        dims: Its lengths.
    """

    name: str
    type: str
    dims: tuple[Dimension, ...]

    @property
    def known(self) -> bool:
        """Whether values of its type can be drawn."""
        return self.type in _TYPES


def draw(inputs: Sequence[Input], number: int, rows: int) -> dict[str, Any]:
    """The values of every input, by name.

    Args:
        inputs: What the graph takes.
        number: Of the draw, from 0.
        rows: Rows of the table that ids look up; 0 where there is none.
    """
    lengths = _lengths(inputs, number)
    drawn = {}
    for place, one in enumerate(inputs):
        shape = tuple(_length(length, lengths) for length in one.dims)
        generator = np.random.default_rng([_SEED, number, place])
        drawn[one.name] = _values(one, shape, number, rows, generator)
    return drawn


def nudged(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, every fraction moved to the next one that its type holds: what one more rounding could do."""
    return {
        name: np.nextafter(values, values.dtype.type(np.inf)) if values.dtype.kind == "f" else values
        for name, values in drawn.items()
    }


def _lengths(inputs: Sequence[Input], number: int) -> dict[str, int]:
    """A length for every name of a free one."""
    found: dict[str, int] = {}
    mixed = np.random.default_rng([_SEED, number])
    for one in inputs:
        for axis, name in enumerate(one.dims):
            if isinstance(name, int) or name in found or "+" in name:
                continue
            choices = _choices(one, axis, name)
            found[name] = choices[number % len(choices)] if number < _ORDERLY else int(mixed.choice([1, *choices]))
    return found


def _choices(one: Input, axis: int, name: str) -> tuple[int, ...]:
    """Lengths to try in one place: of batches, of pictures' sides, or any."""
    rank, told = len(one.dims), name.lower()
    others = [length for place, length in enumerate(one.dims) if place != axis]
    state = rank == _RANK_OF_STATES and axis == 1 and all(isinstance(length, int) for length in others)
    counts = rank == 1 and one.type.startswith(("int", "string"))
    if "batch" in told or state or counts or (axis == 0 and rank > 1):
        return _BATCHES
    if any(word in told for word in ("height", "width")) or (rank == _RANK_OF_PICTURES and axis > 1):
        return _SIDES
    return _LENGTHS


def _length(length: Dimension, lengths: Mapping[str, int]) -> int:
    """A length that is known now; names may be sums, as of past and present (`past_length + 1`)."""
    if isinstance(length, int):
        return length
    if length in lengths:
        return lengths[length]
    parts = [part.strip() for part in length.split("+")]
    return sum(int(part) if part.isdecimal() and len(part) < 6 else lengths.get(part, 1) for part in parts)  # noqa: PLR2004 - digits


def _values(one: Input, shape: tuple[int, ...], number: int, rows: int, generator: np.random.Generator) -> Any:  # noqa: ANN401 - an array of any type
    name = one.name.lower()
    if one.type == "string":
        return generator.choice(np.array(_WORDS, dtype=object), shape)
    if "mask" in name:
        drawn = _mask(shape, number)
    elif one.type in {"float", "double", "float16"}:
        drawn = _fractions(shape, number, generator) if shape else _scalar(name, generator)
    elif "position" in name:
        drawn = np.broadcast_to(np.arange(shape[-1]) if shape else np.array(0), shape)
    elif name in {"sr", "fs"} or "rate" in name:
        drawn = np.full(shape, _RATES[number % 2])
    else:
        drawn = generator.integers(*_range(name, _TYPES[one.type], number, rows), shape)
    return np.asarray(drawn).astype(_TYPES[one.type])


def _range(name: str, kind: Any, number: int, rows: int) -> tuple[int, int]:  # noqa: ANN401 - a type of numpy
    """From where to where whole numbers are drawn, the end left out: those of one byte all, others as if ids."""
    if kind is np.bool_:
        return 0, 2
    limits = np.iinfo(kind)
    if limits.bits == 8:  # noqa: PLR2004 - a byte
        return int(limits.min), int(limits.max) + 1
    if "type" in name or "segment" in name:
        return 0, 2
    if "len" in name:
        return 1, 8
    return 0, max(2, min((rows or 256, rows or 256, 10)[number % 3], int(limits.max)))


def _mask(shape: tuple[int, ...], number: int) -> Any:  # noqa: ANN401 - an array
    """All is there; on every other draw the end is not."""
    mask = np.ones(shape)
    if shape and number % 2:
        mask[..., shape[-1] - shape[-1] // 4 :] = 0
    return mask


def _scalar(name: str, generator: np.random.Generator) -> float:
    """A single fraction: of a lower bound little, of an upper one much, else around one."""
    if "min" in name:
        return generator.uniform(0, 0.1)
    return generator.uniform(1_000, 2_000) if "max" in name else generator.uniform(0.5, 1.5)


def _fractions(shape: tuple[int, ...], number: int, generator: np.random.Generator) -> Any:  # noqa: ANN401 - an array
    """By turns: normal, between 0 and 1 (pictures), a tone (sound), 0 to 255 (pictures and bytes as they are)."""
    match number % 4:
        case 0:
            return generator.normal(size=shape)
        case 1:
            return generator.uniform(size=shape)
        case 2:
            tone = 0.5 * np.sin(np.arange(shape[-1]) * generator.uniform(0.05, 1.5))
            return tone + 0.02 * generator.normal(size=shape)
        case _:
            return generator.integers(0, 256, shape)


def parts(value: Any) -> Iterator[Any]:  # noqa: ANN401 - what onnxruntime gives
    """The arrays of one output: a tensor, or the columns of a list of dictionaries, as classical models give.

    Raises:
        TypeError: If it is something else.
    """
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        names = sorted(value[0], key=str)
        yield np.array([str(name) for name in names], dtype=object)
        yield np.array([[row.get(name, np.nan) for name in names] for row in value])
    else:
        raise TypeError(type(value).__name__)
