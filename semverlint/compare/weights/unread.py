"""A checkpoint whose values cost more to download than may be spent: what proof and samples say of it.

Where chunks prove all but a few tensors to be the same, these are named, and nothing is read: what samples could
estimate is known by then, and what is open (whether the few hold damage) samples cannot close. Else the budget is spent
on samples. What none of them can tell is a doubt, with what would settle it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from semverlint.changes.base import Change
from semverlint.changes.weights import WeightsChanged
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import is_embedding_model
from semverlint.compare.weights.doubts import Doubts
from semverlint.compare.weights.kinds import SHARE_OF_LARGE
from semverlint.compare.weights.sampled import sampled, told_by_samples
from semverlint.compare.weights.structure import Sides
from semverlint.text import size, some

_EDGE = 1 << 18
"""Bytes that a change leaves unproved in its neighbours: two chunks of the largest size of Xet, 128 KiB."""
_FEW = 3
"""Tensors that are named rather than sampled."""
_SURE = 0.95
"""How sure a kind is that is known from where changes can be, and not from the values."""


@dataclass
class Budget:
    """Bytes that may still be downloaded for values."""

    left: int


def compare_unread(pair: Pair, path: str, sides: Sides, doubts: Doubts, budget: Budget) -> Iterator[Change]:
    """What can be said without reading it all of a checkpoint whose headers leave the kind of change open.

    Args:
        pair: The two revisions; what stays open is noted there.
        path: The file that stands for the checkpoint.
        sides: Its tensors.
        doubts: Which of them may differ.
        budget: What may be spent; what is, is taken from it.

    Raises:
        FileError: If a value cannot be read.
    """
    cost = doubts.cost(sides)
    would_settle = f"run with --exact (reads {size(cost)}), or download the model"
    left = {name: doubts.bytes_between(sides.old[name], sides.new[name]) for name in sides.common}
    left = {name: count for name, count in left.items() if count}
    whole = WeightsChanged(
        path=path,
        what="unknown",
        confidence=0.0,
        parameters=sum(sides.new[name].tensor.count for name in sides.common),
        tensors=len(sides.common),
        moved=0,
        relative_change=None,
        cosine=None,
        embedding=is_embedding_model(pair.new),
        known_from="metadata",
        known_same=doubts.known_same(sides),
    )
    if not sides.reshaped and (named := _named(sides, left)):
        only = _told(named, left)
        reason = f"only {only} can differ, all else is proved the same; nobody read these numbers: they may be damaged"
        pair.doubt(path, reason, would_settle)
        yield replace(whole, what="partial", confidence=_SURE, moved=len(named), detail=only)
    elif not sides.reshaped and (sample := sampled(sides, left, budget.left)):
        budget.left -= sample.cost
        for found in told_by_samples(whole, sides, sample, cost):
            if isinstance(found, str):
                pair.doubt(path, found, would_settle)
            else:
                yield found
    else:
        pair.doubt(path, f"{size(cost)} of values would have to be downloaded", would_settle)
        yield whole


def _named(sides: Sides, left: Mapping[str, int]) -> list[str]:
    """The few tensors that alone may differ, all others being the same but for chunks that reach into them.

    Nothing where they are more than a few, or so large a part of the model that its kind is open.

    Args:
        sides: Both checkpoints.
        left: Tensor → how many of its bytes may differ.
    """
    large = set(sides.large)
    total = sum(sides.new[name].tensor.stop - sides.new[name].tensor.start for name in large)
    if sum(count for name, count in left.items() if name in large) > (1 - SHARE_OF_LARGE) * total:
        return []
    entire = [
        name for name, count in left.items() if count == sides.new[name].tensor.stop - sides.new[name].tensor.start
    ]
    named = [name for name, count in left.items() if count > _EDGE] or entire or list(left)
    return named if len(named) <= _FEW else []


def _told(named: Sequence[str], left: Mapping[str, int]) -> str:
    beside = sum(count for name, count in left.items() if name not in named)
    return some(named, _FEW) + (f" and up to {size(beside)} of its neighbours" if beside else "")
