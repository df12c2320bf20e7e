"""What happened to a checkpoint, decided from figures alone."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from semverlint.changes.weights import Damage, What
from semverlint.compare.weights.placed import Dequantised, Placed
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.traits import ROUNDING
from semverlint.formats.weights.dtypes import BLOCKS, CODES, FLOATS, LAYOUTS, PACKED, SMALL
from semverlint.formats.weights.ggml import decodable

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

_NEARLY = 0.8
"""Confidence in a cast whose values are not exactly the old ones rounded to nearest: stochastic, or towards zero."""
_ROUNDED = 2.0
"""Rounding towards zero errs twice as far as rounding to nearest, stochastic rounding 1.4 times."""
_DECODED = 0.01
"""Relative change up to which numbers are those that codes stood for: what rounding to BF16 leaves, and room."""
_ABSURD = 1e4
"""Growth of a matrix's norm that no training makes: a scale was lost, or applied twice."""
_CODED = 1.9
"""What rounding to codes leaves, times two to the power of the bits a value takes: 0.084 for Q4_0, 0.0052 for Q8_0."""
_ALIKE = 0.8
"""Cosine that even codes of two bits keep to the numbers they stand for (error 0.3 to 0.5)."""
_SMALLEST = {"F64": 2.2e-308, "F32": 1.2e-38, "BF16": 1.2e-38, "F16": 6.1e-5}
"""The smallest normal number of a type."""

_FEWEST = 16
"""Values of a matrix from which on it is damage that all of them are one number."""

_MASKS = re.compile(r"mask|causal|attn\.bias$")
"""Buffers that hold the lowest number, or minus infinity, where attention must not look."""


@dataclass(frozen=True)
class Decision:
    """The kind of change of a checkpoint.

    Attributes:
        what: The kind.
        confidence: How sure it is, 0 to 1.
        relative_change: Root mean square of the large matrices' relative changes, weighted by parameters; None where
            it says nothing, as between numbers and the codes of their quantised form.
        cosine: Mean of their cosines, weighted likewise.
        detail: What more there is to say, with its punctuation, to stand behind a sentence.
    """

    what: What
    confidence: float
    relative_change: float | None
    cosine: float | None
    detail: str = ""


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


@dataclass(frozen=True)
class Distance:
    """How far the large matrices moved.

    Attributes:
        relative: Root mean square of their relative changes, weighted by parameters.
        cosine: Mean of their cosines, weighted likewise.
        share: Share of their parameters that moved.
    """

    relative: float
    cosine: float
    share: float


def decide(
    large: Sequence[str],
    old: Mapping[str, Placed],
    new: Mapping[str, Placed],
    moved: Mapping[str, Statistics],
    distance: Distance | None = None,
) -> Decision:
    """The kind of change of tensors that keep their names and shapes.

    Args:
        large: The large matrices among them.
        old: The old tensors.
        new: The new tensors.
        moved: The figures of every tensor whose bytes or type differ.
        distance: How far they moved, where that is estimated and does not follow from their figures.
    """
    distance = distance or _over(large, old, moved)
    relative, cosine, share = distance.relative, distance.cosine, distance.share
    what = _special(large, old, new, moved)
    if what == "unknown" or (what == "quantised" and not _comparable(large, old, new, moved)):
        return Decision(what, 1.0 if what == "quantised" else 0.0, None, None)
    if what is not None:
        return Decision(what, 1.0, relative, cosine)
    recast = [name for name in large if name in moved and old[name].tensor.dtype != new[name].tensor.dtype]
    if are_most(set(recast), large, old) and all(_is_rounding(new[name], moved[name]) for name in recast):
        return Decision("cast-lossy", _NEARLY, relative, cosine)
    # of a model that is frozen in part, the part that moved says whether it moved on or began anew
    apart = 1 - (1 - cosine) / share if share >= 1 - SHARE_OF_LARGE else cosine
    if apart < UNRELATED_BELOW:
        part = f"; {share:.0%} of the parameters moved, these with cosine {apart:.2g}" if share < SHARE_OF_LARGE else ""
        part += "; they point the other way" if apart < -UNRELATED_BELOW else ""
        return Decision("retrained", _sure((UNRELATED_BELOW - apart) / CLOSE), relative, cosine, part)
    noise, scheme = _noise(large, old, new, moved)
    size = max(0.0, relative**2 - noise**2) ** 0.5
    step = abs(math.log2(size / LARGE_STEP)) if size > 0 else math.inf
    # so little of a model that nearly all of it stayed cannot carry it far, however far it went itself
    if size > LARGE_STEP and share >= 1 - SHARE_OF_LARGE:
        return Decision("continued", _sure(min((apart - UNRELATED_BELOW) / CLOSE, 2 * step)), relative, cosine)
    told = f"; rounding to {scheme} may be all of it" if noise > relative / 2 else ""
    return Decision("partial" if share < SHARE_OF_LARGE else "fine-tuned", _sure(2 * step), relative, cosine, told)


def _special(
    large: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> What | None:
    """The kinds that are no matter of distance."""
    recast = {name for name in moved if type_of(old[name]) != type_of(new[name])}
    what: What | None = None
    if any(damage(name, old[name], figures) for name, figures in moved.items()):
        what = "corrupted"
    elif are_most({name for name in recast if _is_quantised(old[name], new[name], moved[name])}, large, old):
        what = "quantised"
    elif are_most({name for name in recast if _is_decoded(old[name], new[name], moved[name])}, large, old):
        what = "dequantised"
    elif recast and all(figures.rounded if name in recast else not figures.changed for name, figures in moved.items()):
        what = "cast-lossy" if any(figures.changed for figures in moved.values()) else "cast-lossless"
    elif all(figures.changed == 0 for figures in moved.values()):
        what = "reserialised"  # other signs of zero, other bits of NaN
    elif any(name in moved and _is_code(old[name], new[name]) for name in large):
        what = "unknown"
    return what


def type_of(placed: Placed) -> str:
    """The type of a tensor's values, or the scheme by which they are computed."""
    return placed.scheme if isinstance(placed, Dequantised) else placed.tensor.dtype


def is_readable(placed: Placed) -> bool:
    """Whether a tensor's bytes can be made numbers here: some blocks of GGUF need the package that knows them."""
    return isinstance(placed, Dequantised) or placed.tensor.dtype not in BLOCKS or decodable(placed.tensor.dtype)


def has_distance(old: Placed, new: Placed) -> bool:
    """Whether the distance of two tensors means anything: not where numbers became codes of an unknown scale."""
    return not is_coded(old, new) or isinstance(new, Dequantised) or new.tensor.dtype in BLOCKS


def is_coded(old: Placed, new: Placed) -> bool:
    """Whether numbers became codes of a few bits."""
    return _is_plain(old) and not _is_plain(new) and (isinstance(new, Dequantised) or new.tensor.dtype in CODES)


def _is_quantised(old: Placed, new: Placed, figures: Statistics) -> bool:
    """Whether numbers became codes, or codes those of another scheme for about the same numbers."""
    if _is_plain(old) or _is_plain(new):
        return is_coded(old, new)
    return bool(_rounding(old) and _rounding(new)) and figures.cosine >= _ALIKE


def _rounding(placed: Placed) -> float:
    """How far rounding to its codes leaves a tensor from the numbers that were rounded; 0 where nobody knows."""
    if isinstance(placed, Dequantised):
        return _CODED * 2**-placed.bits
    if placed.tensor.dtype in BLOCKS:
        values, length = LAYOUTS[placed.tensor.dtype]
        return float(_CODED * 2 ** -(8 * length / values))
    return 0.0


def _noise(
    large: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> tuple[float, str]:
    """The distance that rounding both sides to their codes explains by itself, and to which codes."""
    total = sum(old[name].tensor.count for name in large) or 1
    errors = {name: math.hypot(_rounding(old[name]), _rounding(new[name])) for name in large if name in moved}
    schemes = {type_of(new[name]): error for name, error in errors.items()}
    square = sum(old[name].tensor.count / total * error**2 for name, error in errors.items())
    return math.sqrt(square), max(schemes, key=lambda name: (schemes[name], name), default="")


def _is_plain(placed: Placed) -> bool:
    return not isinstance(placed, Dequantised) and placed.tensor.dtype in FLOATS


def _is_decoded(old: Placed, new: Placed, figures: Statistics) -> bool:
    """Whether codes became the numbers they stood for; of raw 8-bit floats only the very same ones."""
    known = isinstance(old, Dequantised) or old.tensor.dtype in BLOCKS
    return known and _is_plain(new) and figures.relative_change <= _DECODED


def _comparable(
    large: Sequence[str], old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> bool:
    """Whether the distance of numbers from their codes means anything: the codes were scaled as the numbers are."""
    return all(has_distance(old[name], new[name]) for name in large if name in moved)


def _is_code(old: Placed, new: Placed) -> bool:
    """Whether one side holds codes whose distance from the other says nothing: packed words, or another scale."""
    if isinstance(old, Dequantised) or isinstance(new, Dequantised):
        return False
    return old.tensor.dtype in PACKED or (old.tensor.dtype in SMALL and old.tensor.dtype != new.tensor.dtype)


def _is_rounding(new: Placed, figures: Statistics) -> bool:
    """Whether a tensor of another type is as far away as rounding leaves it, if not by the usual rounding."""
    return figures.relative_change <= _ROUNDED * ROUNDING.get(new.tensor.dtype, 0.0)


def spectrum_asked(old: Placed, new: Placed) -> bool:
    """Whether the rank of a difference can be asked for: both sides are numbers of the same type."""
    return _is_plain(old) and old.tensor.dtype == new.tensor.dtype


def are_most(some: set[str], large: Sequence[str], old: Mapping[str, Placed]) -> bool:
    """Whether some tensors hold at least half of the parameters of the large ones."""
    sizes = {name: old[name].tensor.count for name in large}
    return bool(some) and 2 * sum(sizes.get(name, 0) for name in some) >= sum(sizes.values())


def damage(name: str, old: Placed, figures: Statistics) -> list[tuple[Damage, int]]:
    """What a tensor holds that no trained tensor holds, and did not hold before, with how often.

    Vectors may come to hold one number, as biases do; but not nought where they scaled what goes through them: the
    values of norms lie about one, so that their mean is more than they deviate from it.
    """
    found: list[tuple[Damage, int]] = []
    is_mask = bool(_MASKS.search(name)) and figures.new_infinite == figures.new_lowest
    if figures.new_nan:
        found.append(("NaN", figures.new_nan))
    if figures.new_infinite and not is_mask:
        found.append(("infinite", figures.new_infinite))
    learned = old.tensor.dtype in FLOATS and figures.count >= _FEWEST
    matrix = learned and len(old.tensor.shape) > 1
    scale = learned and not matrix and figures.old_sum**2 > figures.old_square * figures.count / 2
    if (matrix or scale) and not found and figures.new_value == 0 and figures.old_square > 0:
        found.append(("zero", figures.count))
    elif matrix and not found and _is_one(figures.new_value) and not _is_one(figures.old_value):
        found.append(("constant", figures.count))
    elif matrix and not found and _is_denormal(figures.new_square, figures.count, old.tensor.dtype):
        was = _is_denormal(figures.old_square, figures.count, old.tensor.dtype)
        found += [] if was else [("denormal", figures.count)]
    elif matrix and not found and figures.old_square > 0 and figures.new_square > _ABSURD**2 * figures.old_square:
        found.append(("out of scale", figures.count))
    return found


def _is_denormal(square: float, count: int, dtype: str) -> bool:
    """Whether values are, on the average, too small for a type's normal numbers."""
    return square <= _SMALLEST.get(dtype, 0.0) ** 2 * count


def _is_one(value: float | None) -> bool:
    """Whether a tensor holds one value over and over."""
    return value is not None and not math.isnan(value)


def _over(large: Sequence[str], old: Mapping[str, Placed], moved: Mapping[str, Statistics]) -> Distance:
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
    return Distance(float(relative**0.5), float(cosine), share)


def _sure(distance: float) -> float:
    """From 0.5 at the border to 1.0 at a distance of two."""
    return round(min(1.0, 0.5 + 0.25 * distance), 2)
