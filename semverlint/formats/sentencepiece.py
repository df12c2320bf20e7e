"""A SentencePiece model (`*.model`): its pieces, read from the protobuf's wire format; nothing is run.

The message is `ModelProto` of sentencepiece's `src/sentencepiece_model.proto`: field 1 holds the pieces (piece = 1,
score = 2, type = 3), field 2 the trainer's and field 3 the normaliser's settings.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File

_LARGEST = 100_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
CONTROL, USER_DEFINED = 3, 4
"""Types of pieces that are special."""


@dataclass(frozen=True)
class SentencePieceFacts:
    """What a SentencePiece model says.

    Attributes:
        vocabulary: Piece → id, by position.
        scores: Piece → score.
        special: Pieces of the types control and user-defined.
        normaliser: The normaliser's settings, as they are encoded.
    """

    vocabulary: dict[str, int]
    scores: dict[str, float]
    special: frozenset[str]
    normaliser: bytes


def read_sentencepiece(file: File) -> SentencePieceFacts:
    """The facts of a SentencePiece model.

    Raises:
        FileError: If it is none.
    """
    data = file.read_all(_LARGEST)
    vocabulary: dict[str, int] = {}
    scores: dict[str, float] = {}
    special: set[str] = set()
    normaliser = b""
    count = 0
    try:
        for number, value in _fields(data):
            if number == 1 and isinstance(value, bytes):
                piece, score, kind = _piece(value)
                vocabulary.setdefault(piece, count)
                scores[piece] = score
                if kind in {CONTROL, USER_DEFINED}:
                    special.add(piece)
                count += 1
            elif number == 3 and isinstance(value, bytes):  # noqa: PLR2004 - the field's number in the message
                normaliser = value
    except (ValueError, struct.error) as error:
        raise FileError(
            file.path, f"no SentencePiece model ({error})", "check that it is the file it claims to be"
        ) from None
    if not vocabulary:
        raise FileError(
            file.path, "no SentencePiece model (it has no pieces)", "check that it is the file it claims to be"
        )
    return SentencePieceFacts(vocabulary, scores, frozenset(special), normaliser)


def _piece(data: bytes) -> tuple[str, float, int]:
    piece, score, kind = "", 0.0, 1
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            piece = value.decode("utf-8")
        elif number == 2 and isinstance(value, float):  # noqa: PLR2004 - the field's number in the message
            score = value
        elif number == 3 and isinstance(value, int):  # noqa: PLR2004 - likewise
            kind = value
    return piece, score, kind


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Every field of a message: its number and its value."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif wire == _BYTES:
            length, at = _varint(data, at)
            if length > len(data) - at:
                raise ValueError("a field is longer than the file")
            yield key >> 3, data[at : at + length]
            at += length
        elif wire in {_FIXED32, _FIXED64}:
            width = 4 if wire == _FIXED32 else 8
            (number,) = struct.unpack_from("<f" if wire == _FIXED32 else "<d", data, at)
            yield key >> 3, number
            at += width
        else:
            raise ValueError(f"a field of the unknown kind {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(_LONGEST_VARINT):
        if at >= len(data):
            raise ValueError("it ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says whether another byte follows
            return value, at
    raise ValueError("a number that does not end")
