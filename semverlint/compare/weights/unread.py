"""A checkpoint whose values cost more to download than may be spent: what proof and samples say of it.

Where chunks prove all but a few tensors to be the same, these are named, and nothing is read: what samples could
estimate is known by then, and what is open (whether the few hold damage) samples cannot close. Else the budget is spent
on samples. What none of them can tell is a doubt, with what would settle it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from semverlint.changes.base import Change
from semverlint.changes.weights import WeightsChanged
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import has_same_tokens, is_embedding_model
from semverlint.compare.weights.doubts import Doubts, far_bytes
from semverlint.compare.weights.kinds import SHARE_OF_LARGE
from semverlint.compare.weights.names import cost_of_templates, in_words, renamed
from semverlint.compare.weights.placed import part_of
from semverlint.compare.weights.sampled import sampled, told_by_samples
from semverlint.compare.weights.structure import Sides, by_headers, is_padding, is_resized
from semverlint.text import plural, size, some

_EDGE = 1 << 18
"""Bytes that a change leaves unproved in its neighbours: two chunks of the largest size of Xet, 128 KiB."""
_FEW = 3
"""Tensors that are named rather than sampled."""
_SURE = 0.95
"""How sure a kind is that is known from where changes can be, and not from the values."""
_UNREAD = 0.75
"""How sure it is that tensors have other names, where shapes and names say so and no values do."""


@dataclass
class Budget:
    """Bytes that may still be downloaded for values."""

    left: int


def compare_unread(pair: Pair, path: str, sides: Sides, doubts: Doubts, budget: Budget) -> Iterator[Change]:
    """What can be said without reading it all of a checkpoint whose headers leave the kind of change open.

    Rows that were appended to embeddings are left aside: it is told whether anything moved of what was there before.

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
    whole, unmoved = _known(pair, path, sides, doubts), None
    if is_resized(sides):
        unmoved = replace(whole, **_appended(pair, sides, budget))
        sides = _without_new_rows(sides)
    left = {name: doubts.bytes_between(sides.old[name], sides.new[name]) for name in sides.common}
    left = {name: count for name, count in left.items() if count}
    if unmoved and not left:
        yield replace(unmoved, confidence=1.0)
    elif not sides.reshaped and (named := _named(sides, left)):
        only = _told(named, left)
        reason = f"only {only} can differ, all else is proved the same; nobody read these numbers: they may be damaged"
        pair.doubt(path, reason, would_settle)
        yield unmoved or replace(whole, what="partial", confidence=_SURE, moved=len(named), detail=only)
    elif not sides.reshaped and (sample := sampled(sides, left, budget.left)):
        budget.left -= sample.cost
        seen = replace(unmoved, known_from="sampled") if unmoved else whole
        for found in told_by_samples(whole, sides, sample, cost, seen):
            if isinstance(found, str):
                pair.doubt(path, found, would_settle)
            else:
                yield found
    else:
        pair.doubt(path, f"{size(cost)} of values would have to be downloaded", would_settle)
        yield whole


def _known(pair: Pair, path: str, sides: Sides, doubts: Doubts) -> WeightsChanged:
    """What is known of a checkpoint before any value is read."""
    return WeightsChanged(
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


def _appended(pair: Pair, sides: Sides, budget: Budget) -> dict[str, Any]:
    """What is to be said of appended rows where nothing else is seen to move."""
    grown = [(sides.old[name], sides.new[name]) for name in sides.reshaped]
    before, after = (side.tensor.shape[0] for side in grown[0])
    rows = sum(far_bytes([new]) - far_bytes([old]) for old, new in grown)
    read = rows <= budget.left
    budget.left -= rows if read else 0
    padding = read and is_padding(sides, same_tokens=has_same_tokens(pair))
    return {"what": "vocab-appended", "confidence": _SURE, "detail": f": {before:,} → {after:,}", "padding": padding}


def _without_new_rows(sides: Sides) -> Sides:
    """Both checkpoints with as many rows of each tensor as the old one has."""
    kept = {
        name: part_of(sides.new[name], 0, sides.old[name].tensor.count, sides.old[name].tensor.shape)
        for name in sides.reshaped
    }
    return replace(sides, new={**sides.new, **kept})


def under_other_names(
    pair: Pair, path: str, sides: Sides, doubts: Doubts, budget: Budget
) -> tuple[Sides, list[Change]] | None:
    """A checkpoint whose tensors have other names now, and what can be said of it; None where these explain nothing.

    Names are matched by shapes and a few beginnings, which are paid for first.

    Raises:
        FileError: If a value cannot be read.
    """
    cost = 2 * cost_of_templates((*sides.gone, *sides.added))
    if not sides.gone or not sides.added or cost > budget.left:
        return None
    budget.left -= cost
    mapping = renamed(sides.removed, sides.added, sides.old, sides.new, by_content=False)
    under = replace(sides, old={mapping.get(name, name): placed for name, placed in sides.old.items()})
    if not mapping or by_headers(under) is not None:
        return None
    noted = len(pair.undecided)
    told = list(compare_unread(pair, path, under, doubts, budget))
    if any(isinstance(one, WeightsChanged) and one.what == "retrained" for one in told):
        del pair.undecided[noted:]  # names that fit by chance, over unrelated values
        return None
    return under, [_renamed(one, mapping) if isinstance(one, WeightsChanged) else one for one in told]


def _renamed(whole: WeightsChanged, mapping: Mapping[str, str]) -> WeightsChanged:
    """What is known of a checkpoint, told as other names unless the values have something graver to say."""
    if whole.what == "corrupted":
        return whole
    moved = ""
    if whole.moved and whole.relative_change is not None:
        moved = f"; {plural(whole.moved, 'tensor')} moved too (relative change {whole.relative_change:.4g})"
    sure = min(whole.confidence, _SURE) or _UNREAD
    return replace(whole, what="renamed", confidence=sure, detail=f": {in_words(mapping)}{moved}")


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
