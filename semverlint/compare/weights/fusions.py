"""Tensors that are rows of a larger one: query, key and value, gate and up, experts; side by side or block by block.

Models with many heads keep the rows of a head's query, key and value together: the fused tensor then holds a block of
each in turn (GPT-NeoX, BLOOM; InternLM2 with several heads of queries to one of keys).
"""

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from semverlint.compare.weights.placed import Placed, beginning, part_of
from semverlint.compare.weights.structure import LAYER
from semverlint.files import File
from semverlint.formats.weights.base import Tensor
from semverlint.formats.weights.dtypes import FLOATS, bytes_of

_ATTENTION = re.compile(r"qkv_proj|W_pack|[Ww]qkv|query_key_value|c_attn|in_proj|qkv")
_FUSED: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("q_proj", "k_proj", "v_proj"), _ATTENTION),
    (("query", "key", "value"), _ATTENTION),
    (("wq", "wk", "wv"), _ATTENTION),
    (("to_q", "to_k", "to_v"), _ATTENTION),
    (("gate_proj", "up_proj"), re.compile(r"gate_up")),
    (("w1", "w3"), re.compile(r"gate_up|w13")),
)
"""Names of tensors that are fused in this order, and what the fused one is called, where the values cannot tell."""

_MOST_PARTS = 64
"""Tensors fused into one."""
_MOST_STACKED = 2048
"""Matrices stacked in one tensor: two for each of a layer's experts."""
_MOST_GROUPS = 256
"""Blocks of each: as many as there are heads."""
_PROBES = 4
"""Rows of a part that are looked for where a layout puts them."""
_RELATED = 0.5
"""Cosine of rows above which they are the same one, trained further perhaps."""


@dataclass
class Fusions:
    """What is found.

    Attributes:
        views: Part → where its values lie in the larger tensor.
        wholes: Larger tensor → its parts, in order.
        groups: Blocks in which the parts lie, at most; 1 where each lies in one piece.
    """

    views: dict[str, Placed] = field(default_factory=dict)
    wholes: dict[str, list[str]] = field(default_factory=dict)
    groups: int = 1


def fusions(
    parts: Sequence[str], side: Mapping[str, Placed], wholes: Iterable[str], other: Mapping[str, Placed]
) -> Fusions:
    """Which tensors of one side are rows of which of the other.

    Args:
        parts: Names of those that may be parts.
        side: The tensors they are names of.
        wholes: Names of those they may be parts of.
        other: The tensors these are names of.

    Raises:
        FileError: If a tensor's bytes cannot be read.
    """
    found = Fusions()
    groups, stacks = _by_group(parts, side), _by_layer(parts, side)
    known: dict[str, int] = {}
    for name in sorted(wholes, key=lambda name: -len(other[name].tensor.shape)):
        whole = other[name]
        if not whole.tensor.shape or whole.tensor.dtype not in FLOATS or not whole.tensor.count:
            continue
        if chain := _stacked(name, whole, stacks, side, found.views):
            found.wholes[name] = chain
            found.views |= zip(chain, _cut(_as_rows(whole), [side[one] for one in chain], 1), strict=True)
            continue
        group = groups.get(_group(name, whole), ())
        smaller = bisect_left(group, whole.tensor.shape[0], key=lambda one: side[one].tensor.shape[0])
        fitting = [one for one in group[:smaller] if one not in found.views] if smaller <= _MOST_PARTS else []
        if not fitting:
            continue
        chain, blocks = _by_content(whole, fitting, side, _MOST_PARTS), 1
        if not chain:
            module = name.rpartition(".")[0]
            chain, blocks = _by_name(name, whole, fitting, side, known.get(module))
            known[module] = blocks
        if chain:
            found.wholes[name] = chain
            found.views |= zip(chain, _cut(whole, [side[one] for one in chain], blocks), strict=True)
            found.groups = max(found.groups, blocks)
    return found


_Group: TypeAlias = tuple[tuple[str, ...], tuple[int, ...]]
"""Numbers in the name, and length of rows: what tensors that are fused have in common."""


def _group(name: str, placed: Placed) -> _Group:
    return tuple(LAYER.findall(name)), placed.tensor.shape[1:]


def _by_group(names: Iterable[str], side: Mapping[str, Placed]) -> Mapping[_Group, list[str]]:
    """Names that may be parts, those with the fewest rows first."""
    found: defaultdict[_Group, list[str]] = defaultdict(list)
    for name in names:
        if side[name].tensor.count and side[name].tensor.shape and side[name].tensor.dtype in FLOATS:
            found[_group(name, side[name])].append(name)
    return {group: sorted(every, key=lambda name: side[name].tensor.shape[0]) for group, every in found.items()}


def _by_layer(names: Iterable[str], side: Mapping[str, Placed]) -> Mapping[object, list[str]]:
    """Matrices that may be stacked, by the number of their layer and the length of their rows."""
    found: defaultdict[object, list[str]] = defaultdict(list)
    for name in names:
        tensor = side[name].tensor
        if len(tensor.shape) == 2 and tensor.count and tensor.dtype in FLOATS:  # noqa: PLR2004 - a matrix
            found[*LAYER.findall(name)[:1], tensor.shape[-1]].append(name)
    return found


def _as_rows(placed: Placed) -> Placed:
    """A tensor as the matrix of all its rows."""
    shape = placed.tensor.shape
    return replace(placed, tensor=replace(placed.tensor, shape=(math.prod(shape[:-1]), shape[-1])))


def _stacked(
    name: str, whole: Placed, stacks: Mapping[object, list[str]], side: Mapping[str, Placed], used: Mapping[str, Placed]
) -> list[str]:
    """The matrices that are stacked in a tensor of more dimensions, told by what they hold: the experts of a layer."""
    shape = whole.tensor.shape
    if len(shape) < 3 or whole.file.remote:  # noqa: PLR2004 - more than a matrix; and every look would be a request
        return []
    fitting = [one for one in stacks.get((*LAYER.findall(name)[:1], shape[-1]), ()) if one not in used]
    return _by_content(_as_rows(whole), fitting, side, _MOST_STACKED) if 0 < len(fitting) <= _MOST_STACKED else []


def _by_content(whole: Placed, fitting: list[str], side: Mapping[str, Placed], most: int) -> list[str]:
    """The tensors that a fused one begins with, row by row; nothing where at some row none begins."""
    starts: defaultdict[bytes, list[str]] = defaultdict(list)
    taken: set[str] = set()
    for other in fitting:
        starts[beginning(side[other])].append(other)
    width = whole.tensor.count // whole.tensor.shape[0]
    chain: list[str] = []
    row = 0
    while row < whole.tensor.shape[0] and len(chain) < most:
        for length in sorted({side[other].tensor.count for other in fitting}):
            mark = beginning(part_of(whole, row * width, min(row * width + length, whole.tensor.count), ()))
            if waiting := [one for one in starts.get(mark, ()) if one not in taken]:
                chain.append(waiting[0])
                taken.add(waiting[0])
                row += side[waiting[0]].tensor.shape[0]
                break
        else:
            return []
    return chain if row == whole.tensor.shape[0] else []


def _by_name(
    name: str, whole: Placed, fitting: list[str], side: Mapping[str, Placed], known: int | None
) -> tuple[list[str], int]:
    """The tensors whose names say that they are fused in this one, and in how many blocks of each they seem to lie."""
    for parts, fused in _FUSED:
        if not fused.search(name):
            continue
        chains: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for other in fitting:
            for part in parts:
                if part in other.split("."):
                    chains[other.replace(part, "#")][part] = other
        for pattern in sorted(chains, key=lambda pattern: (pattern != fused.sub("#", name, count=1), pattern)):
            chain = [chains[pattern][part] for part in parts if part in chains[pattern]]
            whole_rows = sum(side[one].tensor.shape[0] for one in chain) == whole.tensor.shape[0]
            if len(chain) == len(parts) and whole_rows:
                return chain, known or _blocks_of(whole, [side[one] for one in chain])
    return [], 1


def _blocks_of(whole: Placed, parts: Sequence[Placed]) -> int:
    """In how many blocks of each parts lie in a tensor: where their rows are found again; 1 where they are not."""
    if whole.file.remote or any(part.file.remote for part in parts):
        return 1  # looking for rows would be a request each
    most = math.gcd(*(part.tensor.shape[0] for part in parts))
    for blocks in (count for count in range(1, min(most, _MOST_GROUPS) + 1) if most % count == 0):
        if all(_likeness(view, part) > _RELATED for view, part in zip(_cut(whole, parts, blocks), parts, strict=True)):
            return blocks
    return 1


def _likeness(one: Placed, other: Placed) -> float:
    """The cosine of a few rows of two tensors of the same shape; of all of them where they are numbers."""
    import numpy as np  # noqa: PLC0415 - only where values must be compared

    rows = one.tensor.shape[0]
    if len(one.tensor.shape) == 1:
        spans = [(0, rows)]
    else:
        spans = [(at, at + 1) for at in sorted({number * (rows - 1) // (_PROBES - 1) for number in range(_PROBES)})]
    a, b = (np.concatenate([side.rows(*span).reshape(-1) for span in spans]).astype("f8") for side in (one, other))
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 1.0


def _cut(whole: Placed, parts: Sequence[Placed], blocks: int) -> list[Placed]:
    """A tensor in parts of these shapes, so many blocks of each in turn."""
    width = whole.tensor.count // whole.tensor.shape[0]
    stride = sum(part.tensor.count for part in parts) // blocks
    views = []
    row = 0
    for part in parts:
        values = part.tensor.shape[0] // blocks * width
        if blocks == 1:
            views.append(part_of(whole, row, row + values, part.tensor.shape))
        else:
            dtype = whole.tensor.dtype
            first = whole.tensor.start + bytes_of(dtype, row)
            file = _Blocks(whole.file, first, bytes_of(dtype, values), bytes_of(dtype, stride), blocks)
            views.append(Placed(Tensor(dtype, part.tensor.shape, 0, file.size), file))
        row += values
    return views


class _Blocks(File):
    """Blocks of a file that lie at equal distances, one behind the other."""

    def __init__(self, file: File, first: int, length: int, stride: int, count: int) -> None:
        super().__init__(file.path, length * count, {})
        self._file = file
        self._first = first
        self._length = length
        self._stride = stride

    @property
    def remote(self) -> bool:
        return self._file.remote

    def _read(self, start: int, stop: int) -> bytes:
        pieces = []
        while start < stop:
            block, skip = divmod(start, self._length)
            length = min(self._length - skip, stop - start)
            begin = self._first + block * self._stride + skip
            pieces.append(self._file.read(begin, begin + length))
            start += length
        return b"".join(pieces)
