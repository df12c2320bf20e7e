"""What the calls of a checkpoint's pickle would give: the few that torch writes are modelled, all others are opaque."""

import struct
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from semverlint.formats.weights.base import MOST_DIMENSIONS
from semverlint.formats.weights.pytorch.values import STORAGES, Blob, Name, Opaque, Root, Storage, Strided, as_key

_LARGEST = 1 << 63
"""What torch keeps sizes, strides and offsets in."""


_MOST_ARGUMENTS = 16
"""Arguments of a call that is modelled; torch's have nine at most."""


class _World(Protocol):
    def nested(self, blob: Blob) -> object: ...


class Caller(Protocol):
    """Who calls: the machine, as far as a call can see it."""

    @property
    def world(self) -> _World:
        """What the pickle may ask for that is outside itself."""

    def charge(self, cost: int) -> None:
        """Count what the call costs beyond its own price."""


_Call: TypeAlias = Callable[[tuple[Any, ...], Caller], object]


def called(name: Name, args: tuple[Any, ...], caller: Caller) -> object:
    """What a call gives.

    Raises:
        ValueError: If torch never calls it with such arguments.
    """
    model = _CALLS.get(name.full) if len(args) <= _MOST_ARGUMENTS else None
    return Opaque(name.full, args) if model is None else model(args, caller)


def rebuild(tensor: Strided, state: object) -> None:
    """Set a tensor's state, as torch before 0.4 stored tensors; attributes of a subclass are left alone."""
    match state:
        case (Storage() as storage, offset, shape, stride):
            found = _strided(storage, offset, shape, stride)
        case (Strided() as found, *_):
            pass
        case _:
            return
    tensor.storage, tensor.dtype, tensor.offset = found.storage, found.dtype, found.offset
    tensor.shape, tensor.stride, tensor.why = found.shape, found.stride, found.why


def _strided(storage: object, offset: object, shape: Any, stride: Any, dtype: str = "", why: str = "") -> Strided:  # noqa: ANN401, PLR0913, PLR0917 - what torch itself passes
    if not isinstance(storage, Storage):
        return Strided(why=why or "whose storage is of a kind unknown here")
    numbers = []
    for one in (shape, stride):
        if not isinstance(one, tuple | list) or len(one) > MOST_DIMENSIONS:
            raise ValueError("a tensor has no sizes or strides, or too many")
        numbers.append(tuple(one))
    sizes, strides = numbers
    if len(sizes) != len(strides) or not all(
        type(number) is int and 0 <= number < _LARGEST for number in (offset, *sizes, *strides)
    ):
        raise ValueError("a tensor's sizes, strides and offset do not fit together")
    return Strided(storage, dtype or storage.dtype, offset, sizes, strides, why)  # type: ignore[arg-type] # checked


def _tensor(args: tuple[Any, ...], _: Caller) -> Strided:
    storage, offset, shape, stride, *rest = args
    flags = rest[2] if len(rest) > 2 else None  # noqa: PLR2004 - behind requires_grad and the hooks
    return _strided(storage, offset, shape, stride, "", _flagged(flags))


def _typed_tensor(args: tuple[Any, ...], _: Caller) -> Strided:
    storage, offset, shape, stride, _grad, _hooks, dtype, *rest = args
    if not isinstance(dtype, Name):
        raise ValueError("a tensor's type is no type")  # noqa: TRY004 - the pickle's fault, not the caller's
    return _strided(storage, offset, shape, stride, dtype.full.removeprefix("torch."), _flagged(*rest[:1]))


def _quantised(args: tuple[Any, ...], _: Caller) -> Strided:
    """A tensor of codes: one scale and zero point for all, or one for each place along an axis (`_tensor.py`)."""
    storage, offset, shape, stride, how, *_rest = args
    found = _strided(storage, offset, shape, stride)
    match how:
        case (Name(full="torch.per_tensor_affine"), float() | int() as scale, int() as zero):
            found.steps = _number("<d", scale), _number("<q", zero), 0
        case (Name(), Strided() as scale, Strided() as zero, int() as axis):
            found.steps = scale, zero, axis
        case _:
            found.why = "quantised in a way unknown here"
    return found


def _number(kind: str, value: float) -> Strided:
    """A number that stands in the pickle itself, as a tensor.

    Raises:
        ValueError: If torch could not hold it.
    """
    try:
        held = struct.pack(kind, value)
    except (struct.error, OverflowError):
        raise ValueError("a scale is no number that torch knows") from None
    dtype = "float64" if kind == "<d" else "int64"
    return Strided(Storage(Root("", len(held), 1, 0, held), dtype, 0, len(held)), dtype)


def _flagged(flags: object = None) -> str:
    """Why the bytes of a tensor with such metadata are not its values."""
    if not isinstance(flags, dict) or not flags:
        return ""
    return "stored conjugated or negated" if len(flags) > _MOST_ARGUMENTS or any(flags.values()) else ""


def _first(args: tuple[Any, ...], _: Caller) -> object:
    return args[0]


def _parameter(args: tuple[Any, ...], _: Caller) -> object:
    return args[0] if args and isinstance(args[0], Strided | Opaque) else Strided(why="without values")


def _subclass(args: tuple[Any, ...], caller: Caller) -> object:
    function, _type, inner, *_ = args
    if not isinstance(function, Name) or not isinstance(inner, tuple):
        raise ValueError("a tensor is rebuilt by what is no function")  # noqa: TRY004 - likewise
    if function.full in _SUBCLASSES:
        raise ValueError("a tensor is rebuilt from a tensor that is rebuilt")
    return called(function, inner, caller)


def _left_out(why: str) -> _Call:
    return lambda _args, _caller: Strided(why=why)


def _dict(args: tuple[Any, ...], caller: Caller) -> object:
    """An OrderedDict: empty, or of the list of pairs that Python 2 wrote."""
    if not args:
        return {}
    pairs = args[0]
    if not isinstance(pairs, list):
        return Opaque("collections.OrderedDict", args)
    caller.charge(128 * len(pairs))
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):  # noqa: PLR2004 - key and value
        return Opaque("collections.OrderedDict", args)
    return {as_key(key): value for key, value in pairs}


def _default_dict(args: tuple[Any, ...], _: Caller) -> object:
    return args[1] if len(args) > 1 and isinstance(args[1], dict) else {}


def _counter(args: tuple[Any, ...], _: Caller) -> object:
    return args[0] if args and isinstance(args[0], dict) else {}


def _collection(args: tuple[Any, ...], _: Caller) -> object:
    """A set, list or tuple of what it is called with, which nobody changes afterwards."""
    return args[0] if args and isinstance(args[0], list | tuple) else []


def _reconstructed(args: tuple[Any, ...], _: Caller) -> object:
    """An object as protocols 0 and 1 store it: its class, the built-in below it and what that was made of."""
    kind, _base, state = args
    made = Opaque(kind.full if isinstance(kind, Name) else "copyreg._reconstructor")
    made.items = state if isinstance(state, dict) else None
    return made


def _new_object(args: tuple[Any, ...], caller: Caller) -> object:
    kind, *rest = args
    return called(kind, tuple(rest), caller) if isinstance(kind, Name) and kind.full not in _NEW else Opaque("object")


def _text(args: tuple[Any, ...], _: Caller) -> object:
    """Bytes as Python 3 writes them for protocol 2: a text, and how it is encoded."""
    return args[0] if args and isinstance(args[0], str) else ""


def _nested(args: tuple[Any, ...], caller: Caller) -> object:
    (blob,) = args
    if not isinstance(blob, Blob):
        raise ValueError("what it loads in turn is not in the file")  # noqa: TRY004 - likewise
    return caller.world.nested(blob)


_SUBCLASSES = frozenset({"torch._tensor._rebuild_from_type", "torch._tensor._rebuild_from_type_v2"})
_NEW = frozenset({"copyreg.__newobj__", "copy_reg.__newobj__"})
_BUILTINS = ("builtins", "__builtin__")
_KINDS = [name.removesuffix("Storage") for name in STORAGES]

_CALLS: Mapping[str, _Call] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._utils._rebuild_sparse_tensor": _left_out("that is sparse"),
    "torch._utils._rebuild_sparse_csr_tensor": _left_out("that is sparse"),
    "torch._utils._rebuild_nested_tensor": _left_out("that is nested"),
    "torch._utils._rebuild_qtensor": _quantised,
    "torch._utils._rebuild_meta_tensor_no_storage": _left_out("without values (on the meta device)"),
    "torch._utils._rebuild_wrapper_subclass": _left_out("of a class that wraps others"),
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _parameter,
    "torch._utils._rebuild_device_tensor_from_numpy": _left_out("stored as an array of numpy"),
    "torch._utils._rebuild_xla_tensor": _left_out("stored as an array of numpy"),
    **dict.fromkeys(_SUBCLASSES, _subclass),
    **dict.fromkeys(("torch.nn.parameter.Parameter", "torch.nn.Parameter", "torch.nn.parameter.Buffer"), _parameter),
    **dict.fromkeys((f"torch.{part}{kind}Tensor" for kind in _KINDS for part in ("", "cuda.")), _parameter),
    "torch.tensor._rebuild_from_type": _subclass,
    "torch.storage._load_from_bytes": _nested,
    "torch.Size": _first,
    "torch.device": lambda _args, _caller: "device",
    "torch.jit._pickle.build_intlist": _first,
    "torch.jit._pickle.build_tensorlist": _first,
    "torch.jit._pickle.build_doublelist": _first,
    "torch.jit._pickle.build_boollist": _first,
    "torch.jit._pickle.restore_type_tag": _first,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _default_dict,
    "collections.Counter": _counter,
    **{f"{module}.{kind}": _collection for module in _BUILTINS for kind in ("set", "frozenset", "list", "tuple")},
    **{f"{module}.dict": _counter for module in _BUILTINS},
    **{f"{module}.bytearray": lambda _args, _caller: "bytes" for module in _BUILTINS},
    "_codecs.encode": _text,
    "copyreg._reconstructor": _reconstructed,
    "copy_reg._reconstructor": _reconstructed,
    **dict.fromkeys(_NEW, _new_object),
}
