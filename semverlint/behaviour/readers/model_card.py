"""The scores that a model card publishes in its `model-index`: aggregates, which bound flips and cannot count them."""

from semverlint.behaviour.documents import listed, mapping
from semverlint.behaviour.lines import number
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
            index = read_card(file).head.get("model-index")
        except FileError:
            return {}  # prose below a line is no head; whoever checks the card says so
        found = {}
        for result in (mapping(one) for model in listed(index) for one in listed(mapping(model).get("results"))):
            dataset = mapping(result.get("dataset"))
            named = [dataset.get(key) for key in ("type", "config", "split")]
            task = " / ".join(str(name) for name in named if name) or str(dataset.get("name") or "unnamed")
            for metric in (mapping(one) for one in listed(result.get("metrics"))):
                value = number(metric.get("value"))
                if value == value:  # noqa: PLR0124 - NaN alone differs from itself
                    found[Unit(task, str(metric.get("type") or metric.get("name") or "score"))] = value
        return found
