"""Which tensors of two checkpoints may differ, and what it would cost to know."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from semverlint.compare.pair import Pair
from semverlint.compare.weights.placed import Dequantised, Placed
from semverlint.compare.weights.proof import Proof
from semverlint.compare.weights.structure import Sides
from semverlint.files import terms_of

_WORTH_ASKING = 2_000_000
"""Bytes of values above which stores are asked for proof: what a line of 50 Mbit/s brings while they answer."""


@dataclass(frozen=True)
class Doubts:
    """What files, and stores of chunks, leave open about tensors of one name.

    Attributes:
        pair: The two revisions.
        proof: What stores prove to be equal; None where none was asked.
    """

    pair: Pair
    proof: Proof | None = None

    def after_proof(self, sides: Sides) -> "Doubts":
        """What is left where stores of chunks have been asked, if that is worth it."""
        if self.cost(sides) < _WORTH_ASKING:
            return self
        both = ((sides.old[name], sides.new[name]) for name in sides.common)
        files = {each.file: None for pair in both if self.between(*pair) for each in pair}
        terms = terms_of(files)
        return replace(self, proof=Proof(terms)) if terms else self

    def between(self, old: Placed, new: Placed) -> bool:
        """Whether two tensors may differ."""
        return self._may_differ(old, new) and not self._is_proved(old, new)

    def bytes_between(self, old: Placed, new: Placed) -> int:
        """How many bytes of two tensors are not known to be equal."""
        if not self._may_differ(old, new):
            return 0
        length = new.tensor.stop - new.tensor.start
        return length - self._proved_bytes(old, new) if _are_alike(old, new) else length

    def known_same(self, sides: Sides) -> int:
        """How many tensors are known to be the same without reading them: by their files' digests, or by proof."""
        return sum(not self.between(sides.old[name], sides.new[name]) for name in sides.common)

    def cost(self, sides: Sides) -> int:
        """Bytes that must be downloaded to decide everything."""
        pairs = [(sides.old[name], sides.new[name]) for name in (*sides.common, *sides.reshaped)]
        asked = [side for both in pairs if self.between(*both) for side in both]
        if sides.removed and sides.added:
            asked += [*(sides.old[name] for name in sides.removed), *(sides.new[name] for name in sides.added)]
        return far_bytes(asked)

    def _may_differ(self, old: Placed, new: Placed) -> bool:
        """Not where two tensors, and their scales, stand at one place of two equal files."""
        if isinstance(old, Dequantised) and isinstance(new, Dequantised):
            scales = zip(old.beside, new.beside, strict=False)
            if len(old.beside) != len(new.beside) or any(self.between(*both) for both in scales):
                return True
        same_path = old.file.path == new.file.path and old.file.path not in self.pair.touched
        equal_files = same_path or self.pair.renamed.get(old.file.path) == new.file.path
        return not (equal_files and old.tensor.start == new.tensor.start and _are_alike(old, new))

    def _is_proved(self, old: Placed, new: Placed) -> bool:
        whole = new.tensor.stop - new.tensor.start
        return _are_alike(old, new) and 0 < whole == self._proved_bytes(old, new)

    def _proved_bytes(self, old: Placed, new: Placed) -> int:
        """Bytes of two tensors that stores prove to be equal; none of codes whose scales may differ."""
        scales = isinstance(old, Dequantised) or isinstance(new, Dequantised)
        if self.proof is None or scales:
            return 0
        places = (old.file, old.tensor.start), (new.file, new.tensor.start)
        return sum(last - first for first, last in self.proof.equal(*places, new.tensor.stop - new.tensor.start))


def _are_alike(old: Placed, new: Placed) -> bool:
    return old.tensor.dtype == new.tensor.dtype and old.tensor.shape == new.tensor.shape


def far_bytes(tensors: Iterable[Placed]) -> int:
    """Bytes of tensors that are not on this machine."""
    return sum(one.tensor.stop - one.tensor.start for one in tensors if one.file.remote)
