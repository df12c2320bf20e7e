"""lighteval: `results_<time>.json`, the scores of a whole run; aggregates, which bound flips and cannot count them.

The fields are those of `logging/evaluation_tracker.py` (version 0.13). The details beside them, as Parquet, hold the
samples; a task of which both are there is counted by its samples.
"""

from semverlint.behaviour.documents import document, mapping
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Unit

_OVER_TASKS = ("all", "_average|")
"""What stands for several tasks: their mean."""


@reader
class LightevalResults(Reader):
    """lighteval's results."""

    def recognises(self, head: Head) -> bool:
        return head.is_document and head.mentions("config_general", "lighteval_sha")

    def scores(self, head: Head) -> dict[Unit, float]:
        results = mapping(mapping(document(head.path, head.shown)).get("results"))
        return {
            Unit(task, metric): float(value)
            for task, measured in results.items()
            if task != _OVER_TASKS[0] and _OVER_TASKS[1] not in task
            for metric, value in mapping(measured).items()
            if isinstance(value, int | float) and not metric.endswith("_stderr")
        }
