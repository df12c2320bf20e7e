"""What names, types and shapes of two checkpoints say, before any value is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from semverlint.changes.weights import What
from semverlint.compare.weights.kinds import are_most, is_coded, large_matrices
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.values import rows_filled, rows_moved

EMBEDDINGS = re.compile(r"embed|wte|lm_head|word_emb|shared\.weight|output_projection|decoder\.weight|output\.weight")
"""Matrices with a row a token."""
LAYER = re.compile(r"(?<=\.)(\d{1,6})(?=\.)")
"""A layer's number in a name."""
_BUFFERS = re.compile(r"(^|\.)(position_ids|rotary_emb\.inv_freq|attn\.masked_bias|attn\.bias)$")
"""Tables that transformers stored once and computes since: positions and causal masks (BERT, CLIP, LLaMA, GPT-2)."""
_PACKED_NAMES = (".qweight", ".weight_packed", ".weight_quantized", "_blocks", ".blocks", ".W_q", ".codes")
"""What quantisers call a matrix they packed: GPTQ and AWQ, compressed-tensors, Quanto, MXFP4, HQQ, AQLM."""
_PAD_TO = 64
"""Rows are padded to a multiple of this, or of twice as many, for the matrix units of accelerators."""


@dataclass(frozen=True)
class Sides:
    """Two checkpoints, tensor by name.

    Attributes:
        old: The old tensors; under their new names where they were only renamed.
        new: The new ones.
        layers: Layers that the old and the new configuration declare, None where they say nothing.
    """

    old: Mapping[str, Placed]
    new: Mapping[str, Placed]
    layers: tuple[int | None, int | None] = (None, None)

    @cached_property
    def common(self) -> list[str]:
        """Names of equal shape in both."""
        return [name for name in self._both if self.old[name].tensor.shape == self.new[name].tensor.shape]

    @cached_property
    def reshaped(self) -> list[str]:
        """Names of another shape."""
        return [name for name in self._both if self.old[name].tensor.shape != self.new[name].tensor.shape]

    @cached_property
    def added(self) -> list[str]:
        """Names that only the new one has."""
        return [name for name in self.new if name not in self.old]

    @cached_property
    def removed(self) -> list[str]:
        """Names that only the old one has."""
        return [name for name in self.old if name not in self.new]

    @cached_property
    def gone(self) -> list[str]:
        """Of these, the ones that were learned."""
        return [name for name in self.removed if not is_buffer(name, self.old[name])]

    @cached_property
    def large(self) -> list[str]:
        """The large matrices among the names of equal shape."""
        return large_matrices({name: self.old[name] for name in self.common})

    @cached_property
    def numbers(self) -> tuple[set[int], set[int]]:
        """The layers' numbers in the names of the old and of the new one."""
        old, new = ({int(match[1]) for name in side if (match := LAYER.search(name))} for side in (self.old, self.new))
        return old, new

    @cached_property
    def share_layers(self) -> bool:
        """Whether a tensor of a layer is called alike in both: they are layers of one architecture."""
        old, new = (
            {LAYER.sub("#", one, count=1) for one in side if LAYER.search(one)} for side in (self.old, self.new)
        )
        return not old.isdisjoint(new)

    @property
    def _both(self) -> list[str]:
        return [name for name in self.old if name in self.new]


def by_headers(sides: Sides) -> What | None:
    """The kind that headers decide; None where they leave it to the values (appended rows are for `by_rows`)."""
    if _were_packed(sides):
        return "quantised"
    if is_resized(sides):  # a row that is gone needs no reading
        return None if all(is_grown(sides.old[name], sides.new[name]) for name in sides.reshaped) else "vocab-moved"
    before, after = sides.numbers
    deeper = sides.share_layers and (sides.layers[0] is None or sides.layers[0] != sides.layers[1])
    gone = bool(sides.gone) and not sides.reshaped and before != after
    grown = bool(sides.added) and not (sides.gone or sides.reshaped) and max(after, default=0) > max(before, default=0)
    if deeper and (gone or grown):
        return "depth-changed"
    return "reshaped" if sides.gone or sides.reshaped else None


def by_rows(sides: Sides) -> What:
    """Whether embeddings that were resized kept their old rows where they were, trained further or not.

    Raises:
        FileError: If their bytes cannot be read.
    """
    kept = all(
        is_grown(sides.old[name], sides.new[name]) and rows_moved(sides.old[name], sides.new[name]) == 0
        for name in sides.reshaped
    )
    return "vocab-appended" if kept else "vocab-moved"


def is_resized(sides: Sides) -> bool:
    """Whether nothing is gone, and all that has another shape are embeddings of another number of rows."""
    return (
        bool(sides.reshaped)
        and not sides.gone
        and all(
            EMBEDDINGS.search(name)
            and len(sides.old[name].tensor.shape) > 0
            and sides.old[name].tensor.shape[1:] == sides.new[name].tensor.shape[1:]
            for name in sides.reshaped
        )
    )


def is_buffer(name: str, placed: Placed) -> bool:
    """Whether a tensor is a table that readers compute for themselves; a bias of that name is one row of numbers."""
    return bool(_BUFFERS.search(name)) and (not name.endswith("attn.bias") or len(placed.tensor.shape) > 1)


def is_grown(old: Placed, new: Placed) -> bool:
    """Whether a matrix has more rows of the same width."""
    before, after = old.tensor.shape, new.tensor.shape
    return bool(before) and before[1:] == after[1:] and before[0] <= after[0]


def is_padding(sides: Sides, *, same_tokens: bool) -> bool:
    """Whether appended rows are there for the hardware only.

    Args:
        sides: Two checkpoints whose embeddings grew.
        same_tokens: Whether no file of the tokenizer was touched.

    Raises:
        FileError: If their bytes cannot be read.
    """
    for name in sides.reshaped:
        before, after = sides.old[name].tensor.shape[0], sides.new[name].tensor.shape[0]
        rounded_up = same_tokens and after % _PAD_TO == 0 and after - before < 2 * _PAD_TO
        if not rounded_up and rows_filled(sides.old[name], sides.new[name]):
            return False
    return True


def _were_packed(sides: Sides) -> bool:
    """Whether most of the large matrices are codes of a few bits now, under their names or a quantiser's."""
    packed = {name for name in sides.reshaped if is_coded(sides.old[name], sides.new[name])}
    for name in sides.removed:
        bare = name.removesuffix(".weight")
        unpacked = sides.new.get(bare)  # codes that were understood go by the name without an ending
        if any(bare + ending in sides.new for ending in _PACKED_NAMES) or (
            unpacked is not None and is_coded(sides.old[name], unpacked)
        ):
            packed.add(name)
    packed |= {name for name in sides.common if is_coded(sides.old[name], sides.new[name])}
    return are_most(packed, large_matrices(sides.old), sides.old) or (bool(sides.gone) and set(sides.gone) <= packed)
