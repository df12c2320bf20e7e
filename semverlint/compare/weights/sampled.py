"""What samples of two checkpoints show: the kind of change, as sure as a part of the values allows."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from semverlint.changes.base import Change
from semverlint.changes.weights import TensorCorrupted, WeightsChanged
from semverlint.compare.weights.afar import Task
from semverlint.compare.weights.found import updated
from semverlint.compare.weights.kinds import UNRELATED_BELOW, Decision, Distance, damage, decide, is_readable
from semverlint.compare.weights.placed import Dequantised, Placed, part_of
from semverlint.compare.weights.sampling import LEVEL, Estimate, Window, estimate, spread, windows
from semverlint.compare.weights.second_look import confirmed
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.structure import EMBEDDINGS, Sides
from semverlint.compare.weights.values import compare_all
from semverlint.errors import FileError
from semverlint.files import fetch_anew
from semverlint.text import plural, size, some

_MOST_CHECKED = 4
"""Tensors that look damaged in a window and are looked into again."""
_AGAIN = 4
"""Windows of each."""
_ON_THE_BORDER = 0.5
"""How sure a kind is at most where the interval reaches into another one."""


@dataclass(frozen=True)
class Sample:
    """What windows of two checkpoints showed.

    Attributes:
        drawn: The windows, in order.
        each: The figures of each.
        figures: Of every tensor looked into.
        share: Share of the large matrices' values that may differ, and from which the windows were drawn.
        cost: Bytes that were read.
    """

    drawn: Sequence[Window]
    each: Sequence[Statistics]
    figures: Mapping[str, Statistics]
    share: float
    cost: int

    @property
    def moved(self) -> dict[str, Statistics]:
        """The figures of the tensors that differ where they were read."""
        return {name: found for name, found in self.figures.items() if not found.same}


def sampled(sides: Sides, left: Mapping[str, int], budget: int) -> Sample | None:
    """Windows of the large matrices that may differ; None where they cannot be paid for, or are no plain numbers.

    Args:
        sides: Both checkpoints.
        left: Tensor → how many of its bytes may differ.
        budget: Bytes that may be downloaded.

    Raises:
        FileError: If a value cannot be read.
    """
    names = [name for name in sides.large if name in left]
    if not names or not all(_can_be_sampled(side[name]) for name in names for side in (sides.old, sides.new)):
        return None
    drawn = windows(names, sides.old, sides.new, budget, _seed(sides, names))
    if not drawn:
        return None
    each = confirmed(drawn, _read(sides, drawn), lambda some: _anew(sides, some))
    if each is None:
        path = sides.new[drawn[0].name].file.path
        raise FileError(path, "values come differently each time they are fetched", "check the network or HF_ENDPOINT")
    figures: dict[str, Statistics] = {}
    for window, found in zip(drawn, each, strict=True):
        figures.setdefault(window.name, Statistics()).include(found)
    again: list[Window] = []
    for name in [name for name, found in figures.items() if damage(name, sides.old[name], found)][:_MOST_CHECKED]:
        length = next(window.last - window.first for window in drawn if window.name == name)
        again += spread(name, sides.old[name], length, _AGAIN)
    for window, found in zip(again, _read(sides, again), strict=True):
        figures[window.name].include(found)
    held = [sum(sides.old[name].tensor.count for name in some) for some in (names, sides.large)]
    return Sample(drawn, each, figures, held[0] / held[1], sum(_cost(sides, one) for one in {*drawn, *again}))


def _can_be_sampled(placed: Placed) -> bool:
    """Whether a few values of a tensor can be read: they stand in a file as they are, and are the model's numbers."""
    return placed.file.store is not None and is_readable(placed) and not isinstance(placed, Dequantised)


def _seed(sides: Sides, names: Sequence[str]) -> bytes:
    """What decides where to look: the contents, and nothing else."""
    files = {side[name].file: None for name in names for side in (sides.old, sides.new)}
    told = sorted(f"{name} {digest}" for file in files for name, digest in file.digests.items())
    return hashlib.sha256("\n".join(told).encode()).digest()


def _read(sides: Sides, drawn: Sequence[Window]) -> list[Statistics]:
    """The figures of windows, in their order; each is read once."""
    tasks = {str(number): Task(*_parts(sides, window)) for number, window in enumerate(dict.fromkeys(drawn))}
    figures = dict(zip(dict.fromkeys(drawn), compare_all(tasks, same_too=True).values(), strict=True))
    return [figures[window] for window in drawn]


def _anew(sides: Sides, drawn: Sequence[Window]) -> list[Statistics]:
    """The figures of windows that are fetched once more."""
    fetch_anew((one.file, one.tensor.start, one.tensor.stop) for window in drawn for one in _parts(sides, window))
    return _read(sides, drawn)


def _parts(sides: Sides, window: Window) -> tuple[Placed, Placed]:
    """A window of both sides, as tensors of their own."""
    shape = (window.last - window.first,)
    old, new = (part_of(side[window.name], window.first, window.last, shape) for side in (sides.old, sides.new))
    return old, new


def _cost(sides: Sides, window: Window) -> int:
    return sum(one.tensor.stop - one.tensor.start for one in _parts(sides, window))


def told_by_samples(
    whole: WeightsChanged, sides: Sides, sample: Sample, cost: int, unmoved: WeightsChanged
) -> Iterator[Change | str]:
    """What samples show, tensor by tensor and of the whole, and what they leave open, as a text.

    Args:
        whole: What is known of the checkpoint so far.
        sides: Both checkpoints.
        sample: What was read.
        cost: Bytes of all values.
        unmoved: What is to be said where no number is seen to differ.
    """
    found = estimate(sample.drawn, sample.each)
    values = sum(window.last - window.first for window in set(sample.drawn))
    share = values / max(1, whole.parameters)
    read = f"{plural(len(sample.drawn), 'window')} ({100 * share:.2g} % of the values)"
    about: dict[str, Any] = {"share_read": share, "samples": read, "unseen": f"{found.unseen:.1%}", "whole": size(cost)}
    moved = sum(bool(one.changed) for one in sample.figures.values())
    recast = any(sides.old[name].tensor.dtype != sides.new[name].tensor.dtype for name in sample.figures)
    if not moved and not recast:
        yield f"no number differs in {read}; in up to {found.unseen:.1%} of the weights they can ({LEVEL:.0%} sure)"
        yield replace(unmoved, **about) if unmoved.known_from == "sampled" else unmoved
        return
    yield from _tensors(whole.path, sides, sample)
    middle, low, high = _distances(found, sample)
    decision, doubts = _decided(sides, sample, (middle, low, high))
    yield from doubts
    if decision.what == "unknown":
        yield whole
        return
    yield replace(
        whole,
        what=decision.what,
        confidence=decision.confidence,
        tensors=len(sample.figures),
        moved=moved,
        by_range=moved,
        relative_change=decision.relative_change,
        cosine=decision.cosine,
        known_from="sampled",
        relative_low=low.relative,
        relative_high=high.relative,
        cosine_low=high.cosine,
        cosine_high=low.cosine,
        detail=f"{decision.detail}; {LEVEL:.0%} interval {low.relative:.4g} to {high.relative:.4g}",
        **about,
    )


def _distances(found: Estimate, sample: Sample) -> tuple[Distance, Distance, Distance]:
    """How far all large matrices moved, and where the intervals end: those that are known to be the same did not."""
    share = sample.share
    middle, low, high = (
        Distance(relative * share**0.5, 1 - share * (1 - cosine), share * found.moved)
        for relative, cosine in (
            (found.relative_change, found.cosine),
            (found.relative_interval[0], found.cosine_interval[1]),
            (found.relative_interval[1], found.cosine_interval[0]),
        )
    )
    return middle, low, high


def _decided(
    sides: Sides, sample: Sample, distances: tuple[Distance, Distance, Distance]
) -> tuple[Decision, list[str]]:
    """The kind, and what stays open: another kind within the interval that would ask for more, and rows that turned."""
    names = list(sample.figures)
    decision, *ends = (decide(names, sides.old, sides.new, sample.moved, one) for one in distances)
    doubts: list[str] = []
    others = {end.what for end in ends} - {decision.what}
    if others and "retrained" in {decision.what, *others}:
        if decision.what == "retrained":
            decision = replace(decision, what=ends[0].what)
        reach = f"{distances[2].cosine:.3g} to {distances[1].cosine:.3g}"
        doubts.append(f"samples leave the cosine at {reach}: the model may be trained anew")
    turned = [name for name, one in sample.figures.items() if EMBEDDINGS.search(name) and one.cosine < UNRELATED_BELOW]
    if turned and decision.what not in {"retrained", "unknown"}:
        doubts.append(f"rows of {some(turned)} are unlike the old ones: tokens may have moved")
    if decision.what == "unknown":
        doubts.append("its large matrices are packed integers, whose distance says nothing")
    return replace(decision, confidence=min(decision.confidence, _ON_THE_BORDER if others else LEVEL)), doubts


def _tensors(path: str, sides: Sides, sample: Sample) -> Iterator[Change]:
    for name, figures in sample.moved.items():
        new = sides.new[name]
        if figures.difference_square > 0:
            yield updated(path, name, new, figures, known_from="sampled")
        for how, count in damage(name, sides.old[name], figures):
            yield TensorCorrupted(path=path, name=name, how=how, count=count)
