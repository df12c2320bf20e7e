"""What a pickle's values become here: inert pieces that name what they stand for and do nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from semverlint.formats.weights.dtypes import LAYOUTS


@dataclass(eq=False, frozen=True, slots=True)
class Name:
    """A class or function that a pickle names; it is never looked up."""

    full: str


@dataclass(eq=False, slots=True)
class Opaque:
    """What a call would give that is not modelled here.

    Attributes:
        name: The class or function, in full.
        args: What it was called with.
        state: What was to be set on it: its attributes, mostly.
        items: What was put in it by key.
        elements: What was appended to it.
    """

    name: str
    args: object = ()
    state: object = None
    items: dict[object, object] | None = None
    elements: list[object] | None = None


@dataclass(eq=False, frozen=True, slots=True)
class Blob:
    """Bytes inside the pickle: where they lie in the file that was read; they are not kept."""

    start: int
    stop: int


@dataclass(eq=False, slots=True)
class Root:
    """A run of values that a checkpoint stores.

    Attributes:
        key: Its name there.
        width: Bytes of one value, as the pickle says.
        count: How many values, as the pickle says.
        start: Its first byte in the file, or in `held`; -1 until it is known.
        held: The values themselves, where they are compressed in the file.
        missing: Why its values cannot be had; empty where they can.
    """

    key: str
    width: int
    count: int
    start: int = -1
    held: bytes | None = None
    missing: str = ""


@dataclass(eq=False, frozen=True, slots=True)
class Storage:
    """A part of a root, of one type.

    Attributes:
        root: What it is a part of.
        dtype: torch's name of the type of its values.
        skip: The byte of the root where it begins.
        length: How many bytes it has.
    """

    root: Root
    dtype: str
    skip: int
    length: int


@dataclass(eq=False, slots=True)
class Strided:
    """A tensor: a view of a storage, in values of its type.

    Attributes:
        storage: Whose values it shows; None where it has none that could be shown.
        dtype: torch's name of its type.
        offset: The first value.
        shape: Its dimensions.
        stride: Values from one entry to the next along each dimension.
        why: What keeps it from being shown, as the end of "a tensor …"; empty where nothing does.
        steps: How its codes become numbers, where it is quantised by torch itself: scale, zero point, and the axis
            along which they lie.
    """

    storage: Storage | None = None
    dtype: str = ""
    offset: int = 0
    shape: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    why: str = ""
    steps: "tuple[Strided, Strided, int] | None" = None


DTYPES: Mapping[str, str] = {
    "float64": "F64", "double": "F64", "float32": "F32", "float": "F32", "float16": "F16", "half": "F16",
    "bfloat16": "BF16", "int64": "I64", "long": "I64", "int32": "I32", "int": "I32", "int16": "I16", "short": "I16",
    "int8": "I8", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "bool": "BOOL",
    "complex64": "C64", "cfloat": "C64", "complex128": "C128", "cdouble": "C128", "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2", "float8_e4m3fnuz": "F8_E4M3FNUZ", "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0", "float4_e2m1fn_x2": "F4", "qint8": "I8", "quint8": "U8", "qint32": "I32",
}  # fmt: skip
"""torch's types by their names there."""

_OTHER = {
    "complex32": 4, "chalf": 4, "quint4x2": 1, "quint2x4": 1, "bits8": 1,
    "bits16": 2, "bits1x8": 1, "bits2x4": 1, "bits4x2": 1,
}  # fmt: skip
"""Types of torch that are not read, with the bytes of one value."""

STORAGES: Mapping[str, str] = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "QInt8Storage": "qint8", "QUInt8Storage": "quint8", "QInt32Storage": "qint32",
    "QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4", "UntypedStorage": "uint8",
}  # fmt: skip
"""Classes of storages → the type of their values (`_dtype_to_storage_type_map` in torch's storage.py)."""


def width_of(dtype: str) -> int:
    """Bytes of one value of a type of torch's.

    Raises:
        ValueError: If torch has no such type.
    """
    if dtype in _OTHER:
        return _OTHER[dtype]
    if dtype not in DTYPES:
        raise ValueError(f"torch has no type {dtype}")
    return LAYOUTS[DTYPES[dtype]][1]


def stored(root: Root, kind: object) -> Storage:
    """The whole of a root, as the class of storages says that the pickle names for it."""
    return Storage(root, storage_type(kind), 0, root.width * root.count)


def storage_type(kind: object) -> str:
    """The name in torch of the type of the values in a class of storages.

    Raises:
        ValueError: If it is none.
    """
    name = kind.full.rpartition(".")[2] if isinstance(kind, Name) else ""
    if name not in STORAGES:
        raise ValueError("a storage is of a class torch does not have")
    return STORAGES[name]


_LARGEST_KEY = 1 << 60
"""Whole numbers below are their own hash; larger ones could be chosen to have all the same."""


def as_key(key: Any) -> object:  # noqa: ANN401 - whatever a stranger wrote
    """A key of a dict, as something whose hash is known to be cheap.

    Raises:
        ValueError: If nothing like it is ever a key.
    """
    match key:
        case int() if abs(key) < _LARGEST_KEY:
            return key
        case int():
            return f"{key:x}"
        case float():
            return repr(key)
        case tuple():
            return Opaque("tuple", key)
        case list() | dict():
            raise ValueError("a list or a dict is a key")
        case _:
            return key
