"""lm-evaluation-harness: `samples_<task>_<time>.jsonl`, a line a question and filter, beside `results_<time>.json`.

The fields are those that versions 0.4.0 to 0.4.13 of the package write (`evaluator.py` and, in `loggers`,
`evaluation_tracker.py`); older ones lack the digests, and the question's number takes their place. What is scored, and
how:

- multiple choice: `filtered_resps` holds log-likelihood and greediness of each choice; the answer is the most likely
  one (as in MUSCLE), the probability of a choice its share among all (softmax over the choices);
- `loglikelihood`: one pair; the probability of the continuation is the exponential of the first;
- `loglikelihood_rolling`: the metric is a pair (log-likelihood, weight); the score is their ratio, larger is better;
- `generate_until`: the filtered text is the answer.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from semverlint.behaviour import lines, plain
from semverlint.behaviour.documents import mapping
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows, Unit

_SIGNATURE = {"doc_id", "doc", "target", "resps", "filtered_resps"}
_KNOWN = _SIGNATURE | {"arguments", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash"}
_FIRST = ("exact_match", "acc", "em", "f1", "rouge1")
"""Metrics taken before others where a task has several."""
_BY_WEIGHT = ("perplexity", "bits_per_byte", "bits_per_word")
_NAME = re.compile(r"samples_(?P<task>.+?)(?:_(?P<time>\d{4}-\d\d-\d\dT[\d.:-]+))?")
_LARGEST = 64_000_000
_CHAT = ("chat_template_sha", "system_instruction_sha", "fewshot_as_multiturn")


@reader
class LmEval(Reader):
    """The harness' samples."""

    def recognises(self, head: Head) -> bool:
        return _sample(head) is not None or (head.mentions("results") and read_results(head.path) is not None)

    def scores(self, head: Head) -> dict[Unit, float]:
        if _sample(head) is not None:
            return {}
        results = read_results(head.path) or {}
        groups = mapping(results.get("groups"))  # means of tasks that stand beside them
        found = {}
        for task, measured in mapping(results.get("results")).items():
            if task in groups:
                continue
            for key, value in measured.items() if isinstance(measured, dict) else ():
                metric, comma, name = key.partition(",")
                if comma and isinstance(value, int | float) and not metric.endswith("_stderr"):
                    found[Unit(task if name == "none" else f"{task}, {name}", metric)] = float(value)
        return found

    def pieces(self, head: Head) -> Iterator[Piece]:
        first = _sample(head)
        if first is None:
            return
        name = _NAME.fullmatch(head.path.stem)
        task = name["task"] if name else plain.EVERYTHING
        results = _results(head.path, task, name["time"] if name else None)
        metrics = first.get("metrics") or [key for key in first if key not in _KNOWN]
        metric = next((known for known in _FIRST if known in metrics), metrics[0] if metrics else "acc")
        doc = first.get("doc") if isinstance(first.get("doc"), dict) else {}
        extra = {
            "task": task,
            "metric": metric,
            "hashed": "doc_hash" in first,
            "slices": [key for key in plain.SLICES if key in (doc or {})],
            "settings": _settings(results, task),
            "lower": _lower(results, task, metric),
        }
        for start, stop in lines.spans(head.path, head.shown):
            yield Piece("lm_eval", head.path, head.shown, start, stop, extra)

    def read(self, piece: Piece) -> list[Rows]:
        extra = piece.extra
        metric, key = extra["metric"], "doc_hash" if extra["hashed"] else "doc_id"
        prompt = "arguments.gen_args_0.arg_0"
        fields = [key, "filter", "filtered_resps", "target", "prompt_hash", prompt, metric]
        table = lines.columns(piece, [*fields, *(f"doc.{name}" for name in extra["slices"])])
        groups: dict[str, list[int]] = {}
        for at, name in enumerate(table["filter"]):
            groups.setdefault(name or "none", []).append(at)
        found = []
        for name, places in groups.items():
            part = (
                table if len(groups) == 1 else {field: [values[i] for i in places] for field, values in table.items()}
            )
            scores, answers, references = _scored(part[metric], metric, part["target"])
            given, likelihoods, confidences = _answered(part["filtered_resps"], part["target"], metric, answers)
            slices = {slice_: part[f"doc.{slice_}"] for slice_ in extra["slices"]}
            if any(isinstance(text, str) for text in part[prompt]):
                slices["length"] = plain.lengths([text or "" for text in part[prompt]])
            found.append(
                Rows(
                    unit=Unit(extra["task"] if name == "none" else f"{extra['task']}, {name}", metric),
                    ids=part[key],
                    scores=scores,
                    answers=given,
                    references=references,
                    questions=part[prompt],
                    prompts=part["prompt_hash"] if any(part["prompt_hash"]) else (),
                    likelihoods=likelihoods,
                    confidences=confidences,
                    slices=slices,
                    content_ids=extra["hashed"],
                    numbers=places if len(groups) > 1 else (),
                    settings=extra["settings"],
                    lower_is_better=extra["lower"],
                )
            )
        return found

    def where(self, piece: Piece, row: int) -> str:
        return lines.where(piece, row)


def _sample(head: Head) -> dict[str, Any] | None:
    """The first line, if it is a sample; results may be one line, too."""
    return head.line if head.line is not None and head.line.keys() >= _SIGNATURE else None


def _scored(values: Sequence[Any], metric: str, targets: Sequence[Any]) -> tuple[list[float], list[Any], Sequence[Any]]:
    """The scores, and answers and references where the metric itself holds them.

    A metric over the whole task keeps pairs: (log-likelihood, weight), or (reference, answer).
    """
    pairs = [value for value in values if isinstance(value, list) and len(value) == 2]  # noqa: PLR2004 - a pair
    if len(pairs) != len(values) or not pairs:
        return [lines.number(value) for value in values], [], targets
    if metric.endswith(_BY_WEIGHT):
        return [_ratio(*pair) for pair in pairs], [], targets
    return [float(pair[0] == pair[1]) for pair in pairs], [pair[1] for pair in pairs], [pair[0] for pair in pairs]


def _ratio(likelihood: Any, weight: Any) -> float:  # noqa: ANN401 - JSON
    weight = lines.number(weight)
    return lines.number(likelihood) / weight if weight else math.nan


def _answered(
    responses: Sequence[Any], targets: Sequence[Any], metric: str, answers: list[Any]
) -> tuple[Sequence[Any], Sequence[float], Sequence[float]]:
    """Answers, probabilities of the right answer, probabilities of the answer given."""
    first = responses[0] if responses else None
    if metric.endswith(_BY_WEIGHT) or not isinstance(first, list) or not first:
        return answers, [], []
    if not isinstance(first[0], list):
        return answers or [_text(response) for response in responses], [], []
    counts = {len(response) if isinstance(response, list) else 0 for response in responses}
    if len(counts) == 1:
        return _chosen(responses, targets, answers, metric)
    found = [_chosen([response], [target], [], metric) for response, target in zip(responses, targets, strict=True)]
    # a column is known where every sample has it: a shorter one would stand beside the wrong samples
    known = [all(len(part[column]) for part in found) for column in range(3)]
    columns = [[part[column][0] for part in found] if known[column] else [] for column in range(3)]
    return answers or columns[0], columns[1], columns[2]


def _chosen(
    responses: Sequence[Any], targets: Sequence[Any], answers: list[Any], metric: str
) -> tuple[Sequence[Any], Sequence[float], Sequence[float]]:
    """As `_answered`, of questions with equally many choices: log-likelihoods of shape (questions, choices)."""
    try:
        likely = np.array([[pair[0] for pair in response] for response in responses], object).astype(np.float64)
    except (TypeError, ValueError, LookupError, KeyError):
        return answers, [], []
    if likely.shape[1] == 1:
        return answers, np.exp(np.minimum(likely[:, 0], 0.0)).tolist(), []
    shares = np.exp(likely - likely.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    places = np.array([lines.number(target) for target in targets])
    known = (places >= 0) & (places < shares.shape[1])
    rows = np.arange(len(shares))
    right = np.where(known, shares[rows, np.where(known, places, 0).astype(np.int64)], np.nan)
    if metric != "acc":  # others choose by length-normalised likelihoods, which the log does not hold
        return answers, right.tolist(), []
    best = shares.argmax(axis=1)
    return answers or [str(choice) for choice in best.tolist()], right.tolist(), shares[rows, best].tolist()


def _text(response: Any) -> str:  # noqa: ANN401 - JSON
    """The text of an answer: the first of several repeats."""
    while isinstance(response, list) and response:
        response = response[0]
    return response if isinstance(response, str) else str(response)


def _results(samples: Path, task: str, time: str | None) -> dict[str, Any]:
    """What the run's results say: of the same time, else the only file beside the samples that knows the task."""
    found = []
    for path in sorted(samples.parent.glob("*.json")):
        if time and path.stem.endswith(time):
            return read_results(path) or {}
        results = read_results(path)
        if results is not None and task in results["results"]:
            found.append(results)
    return found[0] if len(found) == 1 else {}


def read_results(path: Path) -> dict[str, Any] | None:
    """The harness' `results_<time>.json`; None for any other file."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    known = (
        isinstance(value, dict) and isinstance(value.get("results"), dict) and ("n-shot" in value or "configs" in value)
    )
    return value if known else None


def _settings(results: dict[str, Any], task: str) -> dict[str, str]:
    """How a task was measured, as far as it must be equal in both runs or is worth telling."""
    config = results.get("configs", {}).get(task, {})
    general = results.get("config", {})
    values = {
        "task version": results.get("versions", {}).get(task),
        "few-shot": results.get("n-shot", {}).get(task, config.get("num_fewshot")),
        "generation": config.get("generation_kwargs"),
        "seed": general.get("fewshot_seed"),
        "limit": general.get("limit"),
        "harness": results.get("lm_eval_version"),
        "chat template": " ".join(str(results[name]) for name in _CHAT if results.get(name)) or None,
    }
    return {
        name: json.dumps(value) if isinstance(value, dict) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _lower(results: dict[str, Any], task: str, metric: str) -> bool:
    """Whether small is good. What becomes a perplexity over the task is a log-likelihood here: large is good."""
    if metric.endswith(_BY_WEIGHT):
        return False
    return results.get("higher_is_better", {}).get(task, {}).get(metric) is False
