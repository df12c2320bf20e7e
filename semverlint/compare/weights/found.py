"""What the values of two checkpoints showed, and what of it is put into words behind the kind of change."""

from collections import Counter
from dataclasses import dataclass, field

from semverlint.changes.base import Evidence
from semverlint.changes.weights import TensorUpdated, What
from semverlint.compare.weights.closer import Closer
from semverlint.compare.weights.kinds import Decision, damage, has_distance, type_of
from semverlint.compare.weights.layout import Layout
from semverlint.compare.weights.names import in_words, summary
from semverlint.compare.weights.placed import Placed, shape_of
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.structure import Sides
from semverlint.text import clean, plural, some

_FEW_VALUES = 0.2
"""Share of the values below which an update is called sparse; rounding hides more of a dense one only in 8 bits."""
_UNSURE = 0.75
"""Confidence below which the report calls a kind a close call."""


@dataclass
class Found:
    """What the values of two checkpoints showed, and how their tensors were matched for it."""

    sides: Sides
    moved: dict[str, Statistics] = field(default_factory=dict)
    closer: Closer | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    layout: Layout | None = None
    padding: bool = False

    @property
    def decision(self) -> Decision | None:
        """What the values say together; None if nothing differs."""
        return self.closer.decision if self.closer else None


def updated(  # noqa: PLR0913 - figures that few tensors have
    path: str,
    name: str,
    new: Placed,
    figures: Statistics,
    *,
    rank: int | None = None,
    zeros: float | None = None,
    known_from: Evidence = "exact",
) -> TensorUpdated:
    """The record of a tensor whose values moved, with the figures of it that were found."""
    return TensorUpdated(
        path=path,
        name=name,
        dtype=type_of(new),
        shape=shape_of(new),
        relative_change=figures.relative_change,
        cosine=figures.cosine,
        largest=figures.largest,
        changed_share=figures.changed_share,
        mean_shift=figures.mean_shift,
        spread=figures.spread,
        rank=rank,
        zeros=zeros,
        known_from=known_from,
    )


def detail(  # noqa: C901, PLR0911, PLR0912 - a kind a line
    what: What, found: Found, paths: tuple[list[str], list[str]]
) -> str:
    """What more is to say of a kind, to be put behind its message; empty where there is nothing."""
    sides = found.sides
    said = found.decision.detail if found.decision and found.decision.what == what else ""
    if said.startswith(":"):
        return said
    if found.layout and found.layout.what == what:
        return found.layout.detail + _moved_too(found)
    match what:
        case "renamed":
            return f": {in_words(found.mapping)}" + _moved_too(found)
        case "resharded" if paths[0]:
            return f": {plural(len(paths[0]), 'file')} → {len(paths[1]):,}"
        case "reformatted" if paths[0]:
            return f": {clean(paths[0][0])} → {clean(paths[1][0])}"
        case "partial" if not any(found.moved[name].changed for name in sides.large if name in found.moved):
            return "; none of the large matrices" + said
        case "partial":
            still = [name for name in sides.common if name not in found.moved or not found.moved[name].changed]
            return (f"; frozen: {summary(still, sides.old)}" if still else "") + said
        case "reshaped":
            return f": {summary([*sides.gone, *sides.reshaped], sides.old)}"
        case "corrupted":
            bad = [name for name, figures in found.moved.items() if damage(name, sides.old[name], figures)]
            return f": {summary(bad, sides.old)} ({_damage(found, bad)})"
        case "depth-changed":
            return f": {len(sides.numbers[0]):,} → {len(sides.numbers[1]):,}"
        case "vocab-appended" | "vocab-moved" if sides.reshaped:
            old, new = (side[sides.reshaped[0]].tensor.shape[0] for side in (sides.old, sides.new))
            return f": {old:,} → {new:,}"
        case "cast-lossy" | "cast-lossless" | "quantised" | "dequantised":
            return _types(sides) + _error(what, found)
        case "fine-tuned" | "continued" | "retrained" | "low-rank":
            close = found.decision is not None and found.decision.confidence < _UNSURE
            return said + _sparse(found) + ("; a close call" if close else "")
        case _:
            return ""


def _moved_too(found: Found) -> str:
    """That values moved as well, of tensors that have other names, or are laid out otherwise."""
    moved = sum(bool(figures.changed) for figures in found.moved.values())
    if not moved or found.decision is None or found.decision.relative_change is None:
        return ""
    if found.decision.what == "cast-lossy":
        return f"; rounded too{_types(found.sides)}"
    return f"; {plural(moved, 'tensor')} moved too (relative change {found.decision.relative_change:.4g})"


def _damage(found: Found, names: list[str]) -> str:
    """What is wrong with damaged tensors, and with how many of their values."""
    counts = Counter[str]()
    for name in names:
        counts.update(dict(damage(name, found.sides.old[name], found.moved[name])))
    values = sum(found.moved[name].count for name in names)
    return f"{some([f'{count:,} {how}' for how, count in counts.items()])} of {plural(values, 'value')}"


def _error(what: What, found: Found) -> str:
    """How far quantised numbers are from the old ones, from the best tensor to the worst."""
    errors = [
        figures.relative_change
        for name, figures in found.moved.items()
        if has_distance(found.sides.old[name], found.sides.new[name])
    ]
    if what != "quantised" or not errors or not found.decision or found.decision.relative_change is None:
        return ""
    return f"; relative error {min(errors):.2g} to {max(errors):.2g}"


def _sparse(found: Found) -> str:
    """That only a few of the values moved, where it is so."""
    large = [found.moved[name] for name in found.sides.large if name in found.moved]
    share = sum(one.changed for one in large) / max(1, sum(one.count for one in large))
    return f"; {share:.1%} of the values moved" if 0 < share < _FEW_VALUES else ""


def _types(sides: Sides) -> str:
    """The types of the largest tensor that has another one: `: F32 → BF16`."""
    both = [(sides.old[name], sides.new[name]) for name in (*sides.common, *sides.reshaped)]
    recast = [
        (old.tensor.count, f"{type_of(old)} → {type_of(new)}") for old, new in both if type_of(old) != type_of(new)
    ]
    return f": {max(recast)[1]}" if recast else ""
