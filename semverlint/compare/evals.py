"""The scores a model publishes: evidence of its own that answers changed, for better or worse."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.evals import EvaluationsRewritten, ScoreAdded, ScoreChanged, ScoreRemoved
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.formats.evals import read_scores


@comparer
def compare_evals(pair: Pair) -> Iterator[Change]:
    """Changes of every file under `.eval_results/` that was touched."""
    for path in pair.paths("evals"):
        with pair.attempt(path):
            before, after = pair.facts(read_scores, path)
            old, new = before or {}, after or {}
            changes: list[Change] = []
            for task, metric in sorted(old.keys() | new.keys()):
                was, now = old.get((task, metric)), new.get((task, metric))
                if was is None:
                    changes.append(ScoreAdded(path=path, task=task, metric=metric))
                elif now is None:
                    changes.append(ScoreRemoved(path=path, task=task, metric=metric))
                elif was != now:
                    changes.append(
                        ScoreChanged(path=path, task=task, metric=metric, before=was, after=now, lowered=now < was)
                    )
            yield from changes or [EvaluationsRewritten(path=path)]
