"""Where a view of a storage lies in the file."""

from collections import defaultdict
from collections.abc import Mapping

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights.base import Tensor
from semverlint.formats.weights.dtypes import LAYOUTS
from semverlint.formats.weights.pytorch.values import DTYPES, Storage, Strided, width_of
from semverlint.text import clean, plural, some


def placed(file: File, tensors: Mapping[str, Strided]) -> tuple[dict[str, Tensor], list[str]]:
    """Tensors by name with their places; and remarks on those that have none.

    Raises:
        FileError: If one reaches beyond its storage, or is of no type.
    """
    found: dict[str, Tensor] = {}
    without: defaultdict[str, list[str]] = defaultdict(list)
    for name, tensor in tensors.items():
        try:
            entry = _placed(tensor)
        except ValueError as error:
            raise FileError(
                file.path, f"the tensor {clean(name, 80)} {clean(error, 80)}", "fetch it again, or save it again"
            ) from None
        if isinstance(entry, str):
            without[entry].append(name)
        else:
            found[name] = entry
    return found, [f"{plural(len(names), 'tensor')} {why} ({some(names)})" for why, names in without.items()]


def _placed(tensor: Strided) -> Tensor | str:
    """A tensor's place, or why it has none."""
    storage = tensor.storage
    if tensor.why or storage is None:
        return tensor.why or "without values"
    _refuse_outside(tensor, storage)
    if storage.root.missing or tensor.dtype not in DTYPES:
        return storage.root.missing or f"of the type {tensor.dtype}"
    width = width_of(tensor.dtype)
    shape = tensor.shape
    begin = storage.root.start + storage.skip
    if 0 in shape:
        return Tensor(DTYPES[tensor.dtype], _values(tensor), begin, begin, held=storage.root.held)
    order = _order(shape, tensor.stride)
    if order is None:
        return "whose values overlap or leave gaps"
    in_order = tuple(range(len(shape)))
    if DTYPES[tensor.dtype] == "F4" and (not shape or order != in_order):
        return "of packed numbers in an order of its own"
    start = begin + tensor.offset * width
    stop = start + _count(shape) * width
    return Tensor(
        DTYPES[tensor.dtype],
        _values(tensor),
        start,
        stop,
        held=storage.root.held,
        order=None if order == in_order else order,
    )


def _refuse_outside(tensor: Strided, storage: Storage) -> None:
    last = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True))
    if 0 not in tensor.shape and (tensor.offset + last + 1) * width_of(tensor.dtype) > storage.length:
        raise ValueError("reaches beyond its storage")


def _values(tensor: Strided) -> tuple[int, ...]:
    """The shape counted in values, where torch counts the bytes that several lie in."""
    together = LAYOUTS[DTYPES[tensor.dtype]][0]
    return (*tensor.shape[:-1], tensor.shape[-1] * together) if together > 1 and tensor.shape else tensor.shape


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _order(shape: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes from the slowest to the fastest, if they fill a run of values without gap or overlap; else None.

    Axes of one entry may stand anywhere: their own order is kept where the others allow it.
    """
    wide = [axis for axis, size in enumerate(shape) if size > 1]
    ranked = sorted(wide, key=lambda axis: -stride[axis])
    step = 1
    for axis in reversed(ranked):
        if stride[axis] != step:
            return None
        step *= shape[axis]
    if ranked == wide:
        return tuple(range(len(shape)))
    return (*(axis for axis, size in enumerate(shape) if size <= 1), *ranked)
