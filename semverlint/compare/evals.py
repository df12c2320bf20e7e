"""The scores a model publishes: evidence of its own that answers changed, for better or worse."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.evals import EvaluationsRewritten, ScoreAdded, ScoreChanged, ScoreRemoved
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.card import read_card
from semverlint.formats.evals import Scores, read_scores

_CARD = "README.md"


@comparer
def compare_evals(pair: Pair) -> Iterator[Change]:
    """Changes of every file under `.eval_results/` that was touched, and of the scores in the card."""
    for path in pair.paths("evals"):
        with pair.attempt(path):
            before, after = pair.facts(read_scores, path)
            yield from list(_scores(path, before or {}, after or {})) or [EvaluationsRewritten(path=path)]
    if _CARD in pair.touched:
        with pair.attempt(_CARD):
            old, new = pair.facts(read_card, _CARD)
            yield from _scores(_CARD, old.scores if old else {}, new.scores if new else {})


def _scores(path: str, old: Scores, new: Scores) -> Iterator[Change]:
    for task, metric in sorted(old.keys() | new.keys()):
        was, now = old.get((task, metric)), new.get((task, metric))
        if was is None:
            yield ScoreAdded(path=path, task=task, metric=metric)
        elif now is None:
            yield ScoreRemoved(path=path, task=task, metric=metric)
        elif was != now:
            yield ScoreChanged(path=path, task=task, metric=metric, before=was, after=now, lowered=now < was)
