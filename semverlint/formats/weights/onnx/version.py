"""The version an ONNX model gives itself, without reading its graph."""

from itertools import islice

from semverlint.files import File
from semverlint.formats.protobuf import message, signed

_VERSION, _GRAPH = 5, 7
_PATCH_BITS, _PART_BITS = 32, 16
_MOST_FIELDS = 10_000
"""Fields looked at ahead of the graph; there are seven, and imported operator sets behind it."""


def read_model_version(file: File) -> str | None:
    """`model_version` as people write it; None for 0, which says nothing.

    A number with any of its top four bytes set is packed: two bytes for major, two for minor, four for patch
    (https://github.com/onnx/onnx/blob/main/docs/Versioning.md, "Serializing SemVer version numbers in protobuf").

    Raises:
        FileError: If it is no ONNX model, or damaged that far.
    """
    number = 0
    for field, value in islice(message(file).fields(), _MOST_FIELDS):
        if field == _VERSION:
            number = signed(value)
        if field == _GRAPH:
            break  # writers put the fields in order, and the graph is the file
    if number <= 0:
        return None
    if number < 1 << _PATCH_BITS:
        return str(number)
    major, minor = number >> (_PATCH_BITS + _PART_BITS), number >> _PATCH_BITS & (1 << _PART_BITS) - 1
    return f"{major}.{minor}.{number & (1 << _PATCH_BITS) - 1}"
