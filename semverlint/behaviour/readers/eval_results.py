"""`.eval_results/*.yaml`: the scores a Hub repository publishes beside its card; aggregates, as in the card itself."""

import re

from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Unit
from semverlint.files import Meter
from semverlint.formats.evals import read_scores
from semverlint.sources.folder import LocalFile

_RESULT = re.compile(rb"\A(\s*#[^\n]*\n|\s*\n|---\n)*\s*- +(dataset|value|metric|source|date|verifyToken|notes)\s*:")


@reader
class EvalResults(Reader):
    """A YAML list of results, each with a data set and a value (https://huggingface.co/docs/hub/eval-results)."""

    def recognises(self, head: Head) -> bool:
        return bool(_RESULT.match(head.start)) and b"value:" in head.start and b"dataset:" in head.start

    def scores(self, head: Head) -> dict[Unit, float]:
        file = LocalFile(head.shown, head.path, head.path.stat().st_size, Meter())
        return {Unit(task, metric): value for (task, metric), value in read_scores(file).items()}
