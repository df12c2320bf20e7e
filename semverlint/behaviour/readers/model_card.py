"""The scores that a model card publishes in its `model-index`: aggregates, which bound flips and cannot count them."""

from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Unit
from semverlint.errors import FileError
from semverlint.files import Meter
from semverlint.formats.card import read_card
from semverlint.sources.folder import LocalFile


@reader
class ModelCard(Reader):
    """README.md with a `model-index` (https://huggingface.co/docs/hub/model-cards#evaluation-results)."""

    def recognises(self, head: Head) -> bool:
        return head.start.startswith(b"---") and b"model-index" in head.start

    def scores(self, head: Head) -> dict[Unit, float]:
        file = LocalFile(head.shown, head.path, head.path.stat().st_size, Meter())
        try:
            found = read_card(file).scores
        except FileError:
            return {}  # prose below a line is no head; whoever checks the card says so
        return {Unit(task, metric): value for (task, metric), value in found.items()}
