"""What happened to a checkpoint, decided from figures alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from semverlint.changes.weights import What
from semverlint.compare.weights.checkpoint import Placed
from semverlint.compare.weights.values import FLOATS, PACKED, SMALL, Statistics

SHARE_OF_LARGE = 0.9
"""The large matrices are those that together hold this share of the parameters (docs/architecture.md, Versions).
Norms, biases and fixed buffers stay near where they were even in a model trained anew: they would vote wrongly."""

UNRELATED_BELOW = 0.5
"""Cosine between old and new. Models trained anew lie between -0.03 and 0.4 in the releases this was tried on
(silero-vad 6.0 and 6.2: -0.03 to 0.03; magika 0.6.2: 0.25; nudenet 3.4: 0.15 to 0.4), continued ones above 0.7."""

LARGE_STEP = 0.1
"""Relative L2 change. Fine-tunes lie between 0.001 and 0.05 (cosine 0.9987 there); what is above 0.1 has trained on."""

CLOSE = 0.1
"""Cosine so near the border that the kind is called a close call."""


@dataclass(frozen=True)
class Decision:
    """The kind of change of a checkpoint.

    Attributes:
        what: The kind.
        confidence: How sure it is, 0 to 1.
        relative_change: Root mean square of the large matrices' relative changes, weighted by parameters.
        cosine: Mean of their cosines, weighted likewise.
    """

    what: What
    confidence: float
    relative_change: float
    cosine: float


def large_matrices(tensors: Mapping[str, Placed]) -> list[str]:
    """Names of the matrices that hold most of the parameters, largest first; of all tensors if none is a matrix."""
    matrices = {name: one.tensor.count for name, one in tensors.items() if len(one.tensor.shape) > 1}
    sizes = matrices or {name: one.tensor.count for name, one in tensors.items()}
    left = SHARE_OF_LARGE * sum(sizes.values())
    large: list[str] = []
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        if left <= 0:
            break
        large.append(name)
        left -= sizes[name]
    return large


def decide(
    large: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> Decision:
    """The kind of change of tensors that keep their names and shapes.

    Args:
        large: The large matrices among them.
        old: The old tensors.
        new: The new tensors.
        moved: The figures of every tensor whose bytes or type differ.
    """
    relative, cosine, share = _over(large, old, moved)
    what = _special(large, old, new, moved)
    if what is not None:
        return Decision(what, 0.0 if what == "unknown" else 1.0, relative, cosine)
    if cosine < UNRELATED_BELOW:
        return Decision("retrained", _confidence(UNRELATED_BELOW - cosine), relative, cosine)
    if relative > LARGE_STEP:
        return Decision("continued", _confidence(cosine - UNRELATED_BELOW), relative, cosine)
    return Decision("partial" if share < SHARE_OF_LARGE else "fine-tuned", 1.0, relative, cosine)


def _special(
    large: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> What | None:
    """The kinds that are no matter of distance."""
    recast = {name for name in moved if old[name].tensor.dtype != new[name].tensor.dtype}
    what: What | None = None
    if any(is_corrupted(old[name], figures) for name, figures in moved.items()):
        what = "corrupted"
    elif any(old[name].tensor.dtype in FLOATS and new[name].tensor.dtype in SMALL for name in recast):
        what = "quantised"
    elif recast and all(figures.rounded if name in recast else not figures.changed for name, figures in moved.items()):
        what = "cast-lossy" if any(figures.changed for figures in moved.values()) else "cast-lossless"
    elif all(figures.changed == 0 and old[name].tensor.dtype in FLOATS for name, figures in moved.items()):
        what = "reserialised"  # other signs of zero, other bits of NaN
    elif any(name in moved and old[name].tensor.dtype in PACKED for name in large):
        what = "unknown"
    return what


def is_corrupted(old: Placed, figures: Statistics) -> bool:
    """Whether a tensor holds NaN or infinities, or nothing but zeros, and did not before."""
    bad = (figures.new_nan or figures.new_infinite) and not figures.old_bad
    zeroed = figures.new_square == 0 and figures.old_square > 0 and len(old.tensor.shape) > 1
    return bool(bad or zeroed)


def _over(
    large: Sequence[str], old: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> tuple[float, float, float]:
    """Relative change, cosine, and the share of parameters that moved, over the large matrices."""
    total = sum(old[name].tensor.count for name in large) or 1
    relative = cosine = share = 0.0
    for name in large:
        weight = old[name].tensor.count / total
        figures = moved.get(name)
        if figures is None:
            cosine += weight
            continue
        relative += weight * min(figures.relative_change, 1e6) ** 2
        cosine += weight * figures.cosine
        share += weight * bool(figures.changed)
    return float(relative**0.5), float(cosine), share


def _confidence(distance: float) -> float:
    """From 0.5 at the border to 1.0 at twice `CLOSE` from it."""
    return round(min(1.0, 0.5 + 0.25 * distance / CLOSE), 2)
