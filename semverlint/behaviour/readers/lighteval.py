"""lighteval: `details_<task>_<time>.parquet`, a row a sample, with `doc`, `model_response` and `metric`.

The columns are those of `logging/info_loggers.py` (version 0.13). A question is known by its text and choices: the
`id` beside them only counts. Where choices were scored, the answer is the likeliest, as in MUSCLE.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from semverlint.behaviour import lines, parquet, plain
from semverlint.behaviour.documents import listed, mapping
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows, Unit

_COLUMNS = ("doc", "model_response", "metric")
_FIRST = ("acc", "em", "exact_match", "qem", "pem", "extractive_match", "pass@k", "f1", "rouge1")


@reader
class Lighteval(Reader):
    """lighteval's details."""

    def recognises(self, head: Head) -> bool:
        return parquet.is_parquet(head.start) and set(_COLUMNS) <= set(parquet.names(head.path, head.shown))

    def pieces(self, head: Head) -> Iterator[Piece]:
        for group in parquet.groups(head.path, head.shown):
            yield Piece("lighteval", head.path, head.shown, group, group + 1)

    def read(self, piece: Piece) -> list[Rows]:
        table = parquet.columns(piece, _COLUMNS)
        samples = [
            tuple(mapping(_plain(value)) for value in row)
            for row in zip(*(table[name] for name in _COLUMNS), strict=True)
        ]
        groups: dict[str, list[tuple[dict[str, Any], ...]]] = {}
        for sample in samples:
            groups.setdefault(str(sample[0].get("task_name") or plain.EVERYTHING), []).append(sample)
        return [_rows(task, group) for task, group in groups.items()]

    def where(self, piece: Piece, row: int) -> str:
        return f"{piece.shown}: row {row + 1} of group {piece.start + 1}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    """A structure as it is; older versions wrote it as JSON in a text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _rows(task: str, samples: Sequence[tuple[dict[str, Any], ...]]) -> Rows:
    docs, responses, metrics = zip(*samples, strict=True)
    known = [name for name, value in metrics[0].items() if isinstance(value, bool | int | float)]
    metric = next(
        (name for first in _FIRST for name in known if name.startswith(first)), known[0] if known else "score"
    )
    judged = [_judged(doc, response, metric) for doc, response in zip(docs, responses, strict=True)]
    questions = [_question(doc.get("query")) for doc in docs]
    return Rows(
        unit=Unit(task, metric),
        ids=[_identity(doc) for doc in docs],
        scores=[lines.number(measured.get(metric)) for measured in metrics],
        answers=[answer for answer, _, _, _ in judged] if any(row[0] is not None for row in judged) else (),
        references=[right for _, right, _, _ in judged],
        prompts=[
            _question(response.get("input") or doc.get("query")) for doc, response in zip(docs, responses, strict=True)
        ],
        likelihoods=[row[2] for row in judged] if not any(math.isnan(row[2]) for row in judged) else (),
        confidences=[row[3] for row in judged] if not any(math.isnan(row[3]) for row in judged) else (),
        questions=questions,
        slices={"length": plain.lengths(questions)},
        content_ids=True,
        settings=_settings(docs[0]),
    )


def _identity(doc: Mapping[str, Any]) -> str:
    return json.dumps([doc.get("query"), doc.get("choices"), doc.get("gold_index")], default=str)


def _question(value: Any) -> str:  # noqa: ANN401 - a text, or messages of a chat
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _judged(doc: Mapping[str, Any], response: Mapping[str, Any], metric: str) -> tuple[Any, Any, float, float]:
    """Answer, reference, probability of the reference, probability of the answer."""
    choices = listed(doc.get("choices"))
    gold = doc.get("gold_index")
    gold = gold[0] if isinstance(gold, list) and gold else gold
    right = choices[gold] if isinstance(gold, int) and 0 <= gold < len(choices) else None
    scored = [lines.number(value) for value in listed(response.get("logprobs"))]
    if choices and len(scored) == len(choices) > 1:
        shares = plain.softmax(scored)
        best = max(range(len(shares)), key=shares.__getitem__)
        likely = shares[gold] if isinstance(gold, int) and right is not None else math.nan
        return (choices[best] if "norm" not in metric else None), right, likely, shares[best]
    texts = listed(response.get("text_post_processed")) or listed(response.get("text"))
    return (texts[0] if texts else None), right, math.nan, math.nan


def _settings(doc: Mapping[str, Any]) -> dict[str, str]:
    shots = doc.get("fewshot_samples")
    wanted = {"few-shot": len(shots) if isinstance(shots, list) else None, "sampling": doc.get("num_samples")}
    return {name: str(value) for name, value in wanted.items() if value is not None}
