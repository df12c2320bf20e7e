"""What a GGUF file says of itself ahead of its settings, without reading on to the vocabulary."""

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json
from semverlint.formats.weights.gguf.header import Header

_MOST_KEYS = 64
"""Keys looked at; writers put the general ones first, and they are some dozen."""
_MOST_BYTES = 1 << 20
"""Bytes looked at; what claims to be longer is left to whoever compares the file."""


class _Beginning(File):
    """The first bytes of a file, as a file that ends there."""

    def __init__(self, file: File) -> None:
        super().__init__(file.path, min(file.size, _MOST_BYTES), {})
        self._whole = file

    def _read(self, start: int, stop: int) -> bytes:
        return self._whole.read(start, stop)


def read_remarks(file: File) -> dict[str, Json]:
    """The keys `general.*` at the head of a GGUF file, in one read of 64 KiB where they are short.

    Raises:
        FileError: If it is no GGUF file, damaged that far, or longer there than remarks are.
    """
    if file.size < 4 + 4 or file.read(0, 4) != b"GGUF":
        raise FileError(file.path, "is no GGUF file", "fetch it again: it is truncated")
    header = Header(_Beginning(file))
    header.count()
    found: dict[str, Json] = {}
    for _ in range(min(header.count(), _MOST_KEYS)):
        key = header.name("key")
        if key.startswith("tokenizer."):
            break  # vocabularies have megabytes
        _, value = header.value(key)
        if key.startswith("general."):
            found[key] = value
    return found
