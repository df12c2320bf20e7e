"""The model card: the YAML head of README.md by a safe reader, and the headings of its body, never rendered."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from semverlint import strict_yaml
from semverlint.errors import ConfigError, FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, compact, read_text

_HEADING = re.compile(r"^#{1,6} +(.{1,200}?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MOST_HEADINGS = 1_000
_VERSION_KEYS = ("version", "model_version")


@dataclass(frozen=True)
class CardFacts:
    """What a card says.

    Attributes:
        head: The YAML head, key by key; empty where there is none.
        headings: The headings of the body, in order.
        body: The text below the head.
    """

    head: dict[str, Json]
    headings: tuple[str, ...]
    body: str

    @property
    def declared_version(self) -> str | None:
        """The version the head declares, as it stands there."""
        values = (self.head.get(key) for key in _VERSION_KEYS)
        return next((str(value) for value in values if isinstance(value, str | int | float)), None)

    def text(self, key: str) -> str | None:
        """The value of a key as text (a list or mapping as JSON); None where it is absent or null."""
        value = self.head.get(key)
        if value is None:
            return None
        return value if isinstance(value, str) else compact(value)

    def listed(self, key: str) -> tuple[str, ...]:
        """The value of a key that may be one text or a list of them."""
        value = self.head.get(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(item if isinstance(item, str) else compact(item) for item in items)

    @property
    def scores(self) -> dict[tuple[str, str], float]:
        """The finite scores of the `model-index`, by (task and data, metric).

        Source: https://huggingface.co/docs/hub/model-cards#evaluation-results
        """
        found = {}
        for result in _entries(self.head.get("model-index"), "results"):
            dataset = result.get("dataset")
            named = dataset if isinstance(dataset, dict) else {}
            data = " / ".join(str(one) for key in ("type", "config", "split") if (one := named.get(key)))
            for metric in _entries([result], "metrics"):
                value = _finite(metric.get("value"))
                if value is not None:
                    name = str(metric.get("type") or metric.get("name") or "score")
                    found[data or str(named.get("name") or "unnamed"), name] = value
        return found


def _entries(holders: Json, key: str) -> Iterator[dict[str, Json]]:
    """Every mapping in the list that stands at `key` of every mapping of a list."""
    for holder in holders if isinstance(holders, list) else ():
        listed = holder.get(key) if isinstance(holder, dict) else None
        yield from (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))


def _finite(value: Json) -> float | None:
    """A score as a number, written as text too; None for anything else."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def read_card(file: File) -> CardFacts:
    """The facts of a model card.

    Raises:
        FileError: If it is no UTF-8, or its head is no YAML that can be read safely.
    """
    text = read_text(file).replace("\r\n", "\n")
    start, stop = head_span(text) or (0, 0)
    head, body = text[start:stop], text[stop:].partition("\n")[2] if start else text
    try:
        data = strict_yaml.load_lenient(head, file.path).data
    except ConfigError as error:
        place, _, problem = error.problem.partition(": ")
        line = int(place.rsplit(":", 2)[-2]) + text.count("\n", 0, start)  # the head begins below its ---
        raise FileError(file.path, f"its YAML head cannot be read, line {line}: {problem}", error.remedy) from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise FileError(file.path, "its YAML head is no mapping of keys", "write `key: value` lines between the ---")
    headings = _HEADING.findall(_FENCE.sub("", body))[:_MOST_HEADINGS]
    return CardFacts(data, tuple(headings), body)


def head_span(text: str) -> tuple[int, int] | None:
    """Where the head stands between two lines of `---`, both left out; None in a card without.

    As the Hub reads it (`REGEX_YAML_BLOCK` of huggingface_hub's repocard.py): there may be space ahead of the first
    line, and behind the dashes of the last.
    """
    opening = re.match(r"\s*---\r?\n", text)
    closing = opening and re.compile(r"^---[ \t]*\r?$", re.MULTILINE).search(text, opening.end())
    return (opening.end(), closing.start()) if opening and closing else None
