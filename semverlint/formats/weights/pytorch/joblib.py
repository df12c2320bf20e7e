"""Arrays of numpy that joblib writes between the instructions of a pickle, passed over so that what follows is read.

The layout is that of `NumpyArrayWrapper.read_array` in joblib's numpy_pickle.py: behind the wrapper's state come one
byte with the length of a padding, the padding and the values; behind that of an array of objects a pickle of its own.
"""

from typing import Any

from semverlint.formats.weights.pytorch.machine import World
from semverlint.formats.weights.pytorch.pickles import unpickle
from semverlint.formats.weights.pytorch.stream import Stream
from semverlint.formats.weights.pytorch.values import Opaque

_CHARACTER = 4
"""Bytes of one character of a text in an array (`U5`)."""


def pass_over(stream: Stream, state: Any) -> None:  # noqa: ANN401 - whatever a stranger wrote
    """Leave the stream behind the values of the array whose wrapper has this state.

    Raises:
        ValueError: If the state does not say how many bytes they have.
        FileError: If the file ends before.
    """
    match state:
        case {"shape": tuple(shape), "dtype": Opaque("numpy.dtype", args=(str(code), *_)) as dtype}:
            pass
        case _:
            raise ValueError("an array of joblib has no type or shape")
    if code[:1] == "O":
        unpickle(stream, World())
        return
    count = _width(code, dtype.state)
    for size in shape:
        if not isinstance(size, int) or not 0 <= size <= stream.stop:
            raise ValueError("an array of joblib has a shape of no numbers")
        count = min(count * size, stream.stop + 1)
    if state.get("numpy_array_alignment_bytes") is not None:
        stream.skip(stream.take(1)[0])
    stream.skip(count)


def _width(code: str, state: object) -> int:
    """Bytes of one value of a type of numpy's (`f8`, `U5`, `V12`)."""
    match state:
        case (_, _, _, _, _, int(size), *_) if size >= 0:
            return size
    digits = code[1:]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:  # noqa: PLR2004 - a gigabyte
        raise ValueError("an array of joblib is of a type unknown here")
    return int(digits) * (_CHARACTER if code[0] == "U" else 1)
