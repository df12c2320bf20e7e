"""ONNX models put together field by field, for the tests of what reads them."""

from collections.abc import Iterable


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def put(number: int, value: bytes | str | int) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, shape: Iterable[int], data: bytes, kind: int = 1, where: int = 9) -> bytes:
    return b"".join(put(1, size) for size in shape) + put(2, kind) + put(8, name) + put(where, data)


def attribute(name: str, number: int, value: bytes | str | int) -> bytes:
    return put(5, put(1, name) + put(number, value))


def node(operator: str, takes: str, gives: str, *attributes: bytes, name: str = "") -> bytes:
    named = b"".join(put(1, one) for one in takes.split()) + b"".join(put(2, one) for one in gives.split())
    return named + put(3, name) + put(4, operator) + b"".join(attributes)


def port(name: str, *lengths: int | str, kind: int = 1) -> bytes:
    dims = b"".join(put(1, put(1, one) if isinstance(one, int) else put(2, one)) for one in lengths)
    return put(1, name) + put(2, put(1, put(1, kind) + put(2, dims)))


def graph(nodes: Iterable[bytes], tensors: Iterable[bytes], takes: Iterable[bytes], gives: Iterable[bytes]) -> bytes:
    parts = ((1, nodes), (5, tensors), (11, takes), (12, gives))
    return b"".join(put(number, one) for number, many in parts for one in many)


def model(made: bytes, *, opset: int = 17, ir: int = 8, more: bytes = b"") -> bytes:
    return put(1, ir) + put(2, "a test") + put(7, made) + put(8, put(2, opset)) + more
