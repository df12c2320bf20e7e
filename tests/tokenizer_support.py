"""Small tokenizers for the tests, in every form they are kept in."""

import base64
import copy
import struct
from pathlib import Path
from typing import Any

from support import changes

from semverlint.changes import Change

END = {"id": 9, "content": "</s>", "special": True, "lstrip": False, "rstrip": False, "normalized": False}
END |= {"single_word": False}
LETTERS: dict[str, Any] = {"a": 0, "b": 1, "c": 2, "d": 3, "ab": 4, "cd": 5, "abcd": 6, " ": 7, "A": 8}
BPE: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [END],
    "normalizer": None,
    "pre_tokenizer": None,
    "post_processor": None,
    "decoder": None,
    "model": {"type": "BPE", "vocab": LETTERS, "merges": ["a b", "c d", "ab cd"]},
}


def bpe(**model: object) -> dict[str, Any]:
    changed = copy.deepcopy(BPE)
    changed["model"] |= model
    return changed


def between(
    tmp_path: Path, old: dict[str, object], new: dict[str, object], name: str = "tokenizer.json"
) -> list[Change]:
    return changes(tmp_path, {name: old}, {name: new})


def kinds(found: list[Change]) -> list[str]:
    return [change.kind for change in found]


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def message(*fields: tuple[int, int | float | bytes]) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif isinstance(value, float):
            out += varint(number << 3 | 5) + struct.pack("<f", value)
        else:
            out += varint(number << 3) + varint(value)
    return out


def sentencepiece(*pieces: tuple[str, float, int], dummy_prefix: int = 1, pad: int = -1) -> bytes:
    listed = [(1, message((1, piece.encode()), (2, score), (3, kind))) for piece, score, kind in pieces]
    return message(*listed, (2, message((3, 2), (43, pad))), (3, message((1, b"nmt_nfkc"), (3, dummy_prefix))))


PIECES = (("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("▁a", -1.0, 1), ("b", -2.0, 1))


def ranks(*tokens: bytes) -> bytes:
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))
