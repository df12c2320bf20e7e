"""A SentencePiece model (`*.model`): its pieces, read from the protobuf's wire format; nothing is run.

The message is `ModelProto` of sentencepiece's `src/sentencepiece_model.proto`: field 1 holds the pieces (piece = 1,
score = 2, type = 3), field 2 the trainer's and field 3 the normaliser's settings.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from semverlint.errors import FileError
from semverlint.files import File

_LARGEST = 100_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_MOST_PIECES = 5_000_000
"""More fields than this are not read; no vocabulary is a tenth of it."""
CONTROL, USER_DEFINED = 3, 4
"""Types of pieces that are special."""

_TRAINER = {
    3: "model_type",
    24: "treat_whitespace_as_suffix",
    35: "byte_fallback",
    40: "unk_id",
    41: "bos_id",
    42: "eos_id",
    43: "pad_id",
}
_NORMALISER = {
    2: "precompiled_charsmap",
    3: "add_dummy_prefix",
    4: "remove_extra_whitespaces",
    5: "escape_whitespaces",
    6: "normalization_rule_tsv",
}
"""What of the settings acts on encoding, by the field's number; the others say how the model was trained."""
_NAMES = {2: _TRAINER, 3: _NORMALISER}


@dataclass(frozen=True)
class SentencePieceFacts:
    """What a SentencePiece model says.

    Attributes:
        vocabulary: Piece → id, by position.
        scores: Piece → score.
        special: Pieces of the types control and user-defined.
        trainer: The trainer's settings that act on encoding, by name; what is left out has its default.
        normaliser: Likewise the normaliser's; long values by their digest.
    """

    vocabulary: dict[str, int]
    scores: dict[str, float]
    special: frozenset[str]
    trainer: dict[str, int | str]
    normaliser: dict[str, int | str]


def read_sentencepiece(file: File) -> SentencePieceFacts:
    """The facts of a SentencePiece model.

    Raises:
        FileError: If it is none.
    """
    data = file.read_all(_LARGEST)
    vocabulary: dict[str, int] = {}
    scores: dict[str, float] = {}
    special: set[str] = set()
    settings: dict[int, dict[str, int | str]] = {2: {}, 3: {}}
    count = 0
    try:
        for number, value in islice(_fields(data), _MOST_PIECES):
            if number == 1 and isinstance(value, bytes):
                piece, score, kind = _piece(value)
                vocabulary.setdefault(piece, count)
                scores[piece] = score
                if kind in {CONTROL, USER_DEFINED}:
                    special.add(piece)
                count += 1
            elif number in settings and isinstance(value, bytes):
                settings[number] = _settings(value, _NAMES[number])
    except (ValueError, struct.error) as error:
        raise FileError(
            file.path, f"no SentencePiece model ({error})", "check that it is the file it claims to be"
        ) from None
    if not vocabulary:
        raise FileError(
            file.path, "no SentencePiece model (it has no pieces)", "check that it is the file it claims to be"
        )
    return SentencePieceFacts(vocabulary, scores, frozenset(special), settings[2], settings[3])


def _settings(data: bytes, names: dict[int, str]) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    for number, value in _fields(data):
        if number in names:
            found[names[number]] = _signed(value) if isinstance(value, int) else _digest(value)
    return found


def _signed(value: int) -> int:
    """A varint as the signed number it stands for (`pad_id` is -1 where there is none)."""
    return value - (1 << 64) if value >> 63 else value


def _digest(value: float | bytes) -> str:
    return hashlib.sha256(value if isinstance(value, bytes) else repr(value).encode()).hexdigest()[:16]


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
