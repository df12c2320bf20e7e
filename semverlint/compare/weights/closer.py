"""A closer look at a checkpoint that moved: whether it was pruned, permuted, mixed, or merged with an adapter.

Sums over all values tell how far weights moved; why they did is asked here of the matrices themselves.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from semverlint.changes.weights import What
from semverlint.compare.weights.kinds import UNRELATED_BELOW, Decision, are_most, spectrum_asked
from semverlint.compare.weights.names import module_of
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.sources import Known
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.structure import EMBEDDINGS, Sides
from semverlint.compare.weights.traits import (
    Rank,
    Zeros,
    is_same_function,
    mixture_of,
    permutation_of,
    rank_of,
    to_sketch,
    zeros_of,
)
from semverlint.compare.weights.values import rows_elsewhere
from semverlint.text import some

_MOVED: frozenset[What] = frozenset({"fine-tuned", "partial", "continued", "retrained"})
"""Kinds that only say how far the weights moved."""
_FAR: frozenset[What] = frozenset({"continued", "retrained"})
_PRUNED = 0.05
"""Share of the large matrices' values that became zero from which on they were pruned."""
_TRAINED_ON = 0.1
"""Relative change of the other values up to which a pruned model is the old one."""
_EDITED = 0.02
"""Share of a matrix's values below which it was edited here and there: that has a low rank too, and no adapter did it.
What rounding to BF16 leaves of a merge as small as 0.0005 moves 13 %."""
_EXACT = 1e-6
_MOST = 0.9
"""Share of the parameters looked at that must answer alike."""
_FEWEST_ROWS = 2
_SWAPPED = 0.5
"""Share of the embeddings' rows that turned which must be old rows in other places."""


@dataclass
class Closer:
    """What a closer look found.

    Attributes:
        decision: The kind of change; the one that was known, where nothing more was found.
        ranks: Matrix → the rank of its difference, where that is low.
        zeros: Matrix → what became zero in it.
    """

    decision: Decision
    ranks: dict[str, Rank] = field(default_factory=dict)
    zeros: dict[str, Zeros] = field(default_factory=dict)


def look_closer(
    sides: Sides, moved: Mapping[str, Statistics], decision: Decision, known: Callable[[], Sequence[Known]]
) -> Closer:
    """Why the weights moved.

    Args:
        sides: Both checkpoints.
        moved: The figures of every tensor that differs.
        decision: How far they moved.
        known: Gives the other known revisions; asked only where the new one may be mixed from them.

    Raises:
        FileError: If their bytes cannot be read.
    """
    found = Closer(decision)
    names = [name for name in sides.large if name in moved and moved[name].changed and _is_matrix(sides.old[name])]
    if decision.what not in _MOVED or not names:
        return found
    for ask in (_pruned, _vocabulary, _permuted):
        if answer := ask(sides, moved, names, found):
            found.decision = answer
            return found
    found.decision = _mixed(sides, names, known(), decision) or _low_rank(sides, moved, names, found) or decision
    return found


def _is_matrix(placed: Placed) -> bool:
    return len(placed.tensor.shape) > 1


def _share(names: Sequence[str], chosen: Sequence[str], sides: Sides) -> float:
    """The share of the parameters of some matrices that others of them hold."""
    total = sum(sides.old[name].tensor.count for name in names)
    return sum(sides.old[name].tensor.count for name in chosen) / total if total else 0.0


def _pruned(sides: Sides, _: Mapping[str, Statistics], names: Sequence[str], found: Closer) -> Decision | None:
    asked = to_sketch(names)
    for name in asked:
        if zeros := zeros_of(sides.old[name], sides.new[name]):
            found.zeros[name] = zeros
    weights = {name: sides.old[name].tensor.count for name in asked}
    total = sum(weights.values())
    gained = sum((one.share - one.before) * weights[name] for name, one in found.zeros.items()) / total
    share = sum(one.share * weights[name] for name, one in found.zeros.items()) / total
    survivors = max((one.survivors for one in found.zeros.values()), default=0.0)
    if gained < _PRUNED or survivors > _TRAINED_ON:
        return None
    patterns = {one.pattern for one in found.zeros.values()}
    pattern = patterns.pop() if len(patterns) == 1 else ""
    detail = f": {share:.0%} of the large matrices are zero{', ' + pattern if pattern else ''}"
    detail += "; the others were trained on" if survivors > _EXACT else ""
    return replace(found.decision, what="pruned", confidence=1.0 if survivors <= _EXACT else 0.9, detail=detail)


def _vocabulary(sides: Sides, _: Mapping[str, Statistics], names: Sequence[str], found: Closer) -> Decision | None:
    """Rows of the embeddings stand elsewhere: the ids mean other tokens."""
    embeddings = [name for name in names if EMBEDDINGS.search(name)]
    others = [name for name in names if name not in embeddings]
    if others and found.decision.what == "retrained" and _share(names, embeddings, sides) < 1 - UNRELATED_BELOW:
        return None
    for name in embeddings:
        turned, elsewhere = rows_elsewhere(sides.old[name], sides.new[name])
        if elsewhere >= _FEWEST_ROWS and elsewhere >= _SWAPPED * turned:
            detail = f": {elsewhere:,} rows of {name} stand elsewhere"
            return replace(found.decision, what="vocab-moved", confidence=1.0, detail=detail)
    return None


def _permuted(sides: Sides, moved: Mapping[str, Statistics], names: Sequence[str], found: Closer) -> Decision | None:
    if found.decision.what not in _FAR:
        return None
    seen = {}
    for name in names:
        one = permutation_of(sides.old[name], sides.new[name], moved[name])
        if one is None:
            return None
        seen[name] = one
    small = [name for name in moved if name not in seen and moved[name].changed]
    rest = [permutation_of(sides.old[name], sides.new[name], moved[name]) for name in small]
    every = [*seen.values(), *(one for one in rest if one)]
    if None in rest or not is_same_function(every):
        return None
    return replace(found.decision, what="permuted", confidence=1.0, detail=f": {_modules(names)}")


def _mixed(sides: Sides, names: Sequence[str], known: Sequence[Known], decision: Decision) -> Decision | None:
    """Whether the new weights are a mixture of the old ones and other known ones of the same shapes."""
    fitting = [
        (label, tensors)
        for label, tensors in known
        if all(name in tensors and tensors[name].tensor.shape == sides.old[name].tensor.shape for name in names)
    ]
    asked = to_sketch(names)
    old, new = ([side[name] for name in asked] for side in (sides.old, sides.new))
    candidates = [[one] for one in fitting] + ([fitting] if len(fitting) > 1 else [])
    for chosen in candidates:
        weights = mixture_of(old, new, [[tensors[name] for name in asked] for _, tensors in chosen])
        if weights and abs(weights[0]) < 1 - _EXACT:
            parts = zip(weights, ("the old one", *(label for label, _ in chosen)), strict=True)
            told = " + ".join(f"{weight:.2f} of {label}" for weight, label in parts)
            return replace(decision, what="interpolated", confidence=0.95, detail=f": {told}")
    return None


def _low_rank(sides: Sides, moved: Mapping[str, Statistics], names: Sequence[str], found: Closer) -> Decision | None:
    dense = [name for name in names if moved[name].changed_share >= _EDITED]
    asked = to_sketch([name for name in dense if spectrum_asked(sides.old[name], sides.new[name])])
    if found.decision.what == "retrained" or not asked:
        return None
    may_miss = (1 - _MOST) * sum(sides.old[name].tensor.count for name in asked)
    for name in asked:
        rank = rank_of(sides.old[name], sides.new[name])
        if rank is not None:
            found.ranks[name] = rank
        else:
            may_miss -= sides.old[name].tensor.count
            if may_miss < 0:
                found.ranks.clear()
                return None
    if not are_most(set(asked), names, sides.old):
        return None
    usual, _ = Counter(one.rank for one in found.ranks.values()).most_common(1)[0]
    highest = max(one.rank for one in found.ranks.values())
    told = f"{usual}" if usual == highest else f"{usual} to {highest}"
    cliff = sorted(one.cliff for one in found.ranks.values())[len(found.ranks) // 2]
    sure = round(min(1.0, 0.5 + cliff / 10), 2)
    detail = f": rank {told} in {_modules(list(found.ranks))}"
    return replace(found.decision, what="low-rank", confidence=sure, detail=detail)


def _modules(names: Sequence[str]) -> str:
    """What kinds of modules some tensors belong to, layers left out: `q_proj, v_proj`."""
    return some(sorted({module_of(name) for name in names}), 4)
