"""Byte-pair vocabularies as ranks: tiktoken files, and Mistral's `tekken.json`; nothing is run.

A tiktoken file holds a token a line: its bytes in base64, a space, its rank, which is its id. `tekken.json` holds the
same as objects; there the special tokens come first (mistral-common, `tokens/tokenizers/tekken.py`).
"""

import base64
import binascii

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object

_LARGEST = 100_000_000
_MOST_TOKENS = 5_000_000


def read_ranks(file: File) -> dict[str, int]:
    """Token → id; a token that is not UTF-8 is written as Python writes bytes.

    Raises:
        FileError: If the file is neither of the two.
    """
    ranks = _tekken(file) if file.path.endswith(".json") else _tiktoken(file)
    if not ranks:
        raise FileError(file.path, "holds no vocabulary", "check that it is the file it claims to be")
    return ranks


def _tiktoken(file: File) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for number, line in enumerate(file.read_all(_LARGEST).split(b"\n")):
        if not line.strip():
            continue
        token, _, rank = line.rstrip().partition(b" ")
        if not rank.isdigit() or number > _MOST_TOKENS:
            raise FileError(file.path, f"line {number + 1} is no token and its rank", "check who wrote it")
        ranks[_text(file, token)] = int(rank[:18])
    return ranks


def _tekken(file: File) -> dict[str, int]:
    data = read_json_object(file, _LARGEST)
    config, vocabulary = data.get("config"), data.get("vocab")
    settings = config if isinstance(config, dict) else {}
    size, special = settings.get("default_vocab_size"), settings.get("default_num_special_tokens")
    if not isinstance(vocabulary, list) or not isinstance(special, int) or len(vocabulary) > _MOST_TOKENS:
        raise FileError(file.path, "has no vocabulary", "check that it is the file it claims to be")
    used = size - special if isinstance(size, int) else len(vocabulary)
    ranks: dict[str, int] = {}
    for entry in vocabulary[: max(used, 0)]:
        match entry:
            case {"rank": int(rank), "token_bytes": str(token)}:
                ranks[_text(file, token.encode())] = rank + special
            case _:
                raise FileError(file.path, "an entry of its vocabulary is no token and its rank", "mend the file")
    return ranks | _specials(data.get("special_tokens"))


def _specials(listed: Json) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in listed if isinstance(listed, list) else []:
        match entry:
            case {"rank": int(rank), "token_str": str(token)}:
                found[token] = rank
            case _:
                continue
    return found


def _text(file: File, encoded: bytes) -> str:
    try:
        token = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise FileError(file.path, "a token is not in base64", "check who wrote it") from None
    try:
        return token.decode()
    except UnicodeDecodeError:
        return repr(token)
