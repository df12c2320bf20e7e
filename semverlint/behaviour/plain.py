"""Plain tables of samples, whatever file they stand in: which column is the id, the answer, the reference."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from semverlint.behaviour.lines import number
from semverlint.behaviour.samples import Rows, Unit, text

IDS = (
    "id", "sample_id", "example_id", "question_id", "instance_id", "item_id", "doc_id", "qid", "uid", "guid", "idx",
    "index", "unnamed:_0", "",
)  # fmt: skip
"""The last two are what pandas calls a column of row numbers, and how it writes one."""
ANSWERS = (
    "prediction", "predicted", "pred", "predictions", "predicted_label", "pred_label", "y_pred", "output",
    "model_output", "response", "model_response", "model_answer", "generated", "generated_text", "completion", "answer",
)  # fmt: skip
REFERENCES = (
    "reference", "label", "target", "gold", "expected", "truth", "ground_truth", "references", "gold_label",
    "true_label", "y_true", "correct_answer", "expected_output", "answer",
)  # fmt: skip
SCORES = ("score", "correct", "is_correct", "acc", "accuracy", "exact_match", "em", "f1", "rouge1", "rougel", "bleu")
VECTORS = ("logits", "probabilities", "probs", "logprobs", "log_probs")
CHOICES = ("choices", "labels", "classes")
PROMPTS = ("prompt", "input", "question", "query", "text")
SLICES = ("subject", "language", "lang", "category", "domain", "dataset", "topic", "slice", "difficulty")
TASKS = ("task", "task_name", "benchmark")
_LENGTHS = (100, 400, 1600, 6400)
"""Characters between short and long questions: each step is four times the one before."""
_ROUNDING = 1e-3
EVERYTHING = "samples"
"""The task of a table that names none."""


def wanted(names: Collection[str]) -> dict[str, str]:
    """What each known column of a table is: `id` → its column; `slice subject` → that of a slice.

    `Question ID`, `question-id` and `question_id` are one name.
    """
    spelled = {_spelling(name): name for name in reversed([*names])}
    parts = {
        "id": IDS,
        "answer": ANSWERS,
        "reference": REFERENCES,
        "score": SCORES,
        "vector": VECTORS,
        "choices": CHOICES,
        "prompt": PROMPTS,
        "task": TASKS,
    }
    found = {part: spelled[name] for part, known in parts.items() if (name := _known(known, spelled)) is not None}
    if found.get("answer") == found.get("reference"):
        found.pop("reference", None)
    return found | {f"slice {name}": spelled[name] for name in SLICES if name in spelled}


def _spelling(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _known(known: Sequence[str], spelled: Collection[str]) -> str | None:
    return next((name for name in known if name in spelled), None)


def is_plain(names: Collection[str]) -> bool:
    """Whether columns make a table of samples: an id, and something to judge the answer by."""
    found = wanted(names)
    return "id" in found and _can_be_judged(found)


def _can_be_judged(found: Collection[str]) -> bool:
    return "score" in found or ("reference" in found and ("answer" in found or "vector" in found))


def lacking(names: Collection[str]) -> str:
    """What a table lacks that is almost one of samples; nothing where it is another one altogether."""
    found = wanted(names)
    if "id" not in found:
        return "has answers but no id: name a column id" if _can_be_judged(found) else ""
    if "answer" in found or "vector" in found:
        return "has answers, but neither a score nor a reference beside them"
    return ""


def rows_of(table: Mapping[str, Sequence[Any]], roles: Mapping[str, str]) -> list[Rows]:
    """The rows of a table, those of each task together."""
    tasks = table[roles["task"]] if "task" in roles else ()
    if not tasks:
        return [_rows(table, roles, EVERYTHING, ())]
    groups: dict[str, list[int]] = {}
    for at, task in enumerate(tasks):
        groups.setdefault(EVERYTHING if task is None else str(task), []).append(at)
    if len(groups) == 1:
        return [_rows(table, roles, next(iter(groups)), ())]
    return [
        _rows({name: [column[at] for at in places] for name, column in table.items()}, roles, task, places)
        for task, places in groups.items()
    ]


def _rows(table: Mapping[str, Sequence[Any]], roles: Mapping[str, str], task: str, places: Sequence[int]) -> Rows:
    def column(part: str) -> Sequence[Any]:
        return table[roles[part]] if part in roles else ()

    answers, references = column("answer"), column("reference")
    likelihoods: list[float] = []
    confidences: list[float] = []
    if "vector" in roles:
        chosen, references, likelihoods, confidences = _judged(
            column("vector"), references, column("choices"), already=roles["vector"].startswith("prob")
        )
        answers = answers or chosen
    prompts = column("prompt")
    slices = {part.removeprefix("slice "): table[name] for part, name in roles.items() if part.startswith("slice ")}
    if prompts:
        slices["length"] = lengths(prompts)
    return Rows(
        unit=Unit(task, _spelling(roles.get("score", "exact match")).replace("_", " ")),
        ids=column("id"),
        scores=[number(score) for score in column("score")] or _among(answers, references),
        answers=answers,
        references=references,
        questions=prompts,
        prompts=prompts,
        likelihoods=likelihoods,
        confidences=confidences,
        slices=slices,
        numbers=places,
    )


def _among(answers: Sequence[Any], references: Sequence[Any]) -> list[float]:
    """1 where an answer is one of several that are right; empty where every sample has but one."""
    if not any(isinstance(right, list) for right in references) or any(isinstance(answer, list) for answer in answers):
        return []
    several = (right if isinstance(right, list) else [right] for right in references)
    return [float(text(one) in map(text, right)) for one, right in zip(answers, several, strict=True)]


def lengths(prompts: Sequence[Any]) -> list[str]:
    """How long each question is, in characters, as one of a few words."""
    labels = [f"up to {bound:,} characters" for bound in _LENGTHS] + [f"above {_LENGTHS[-1]:,} characters"]
    return [labels[sum(len(str(prompt)) > bound for bound in _LENGTHS)] for prompt in prompts]


def softmax(logits: Sequence[float]) -> list[float]:
    """exp(z_i) / Σ exp(z_j), without overflow; empty for no numbers."""
    if not logits:
        return []
    top = max(logits)
    if not math.isfinite(top):
        return [math.nan] * len(logits)
    powers = [math.exp(value - top) for value in logits]
    whole = sum(powers)
    return [power / whole for power in powers]


def _judged(
    vectors: Sequence[Any], references: Sequence[Any], choices: Sequence[Any], *, already: bool
) -> tuple[list[Any], list[Any], list[float], list[float]]:
    """Answer, reference, probability of the reference and of the answer, for logits or probabilities of each choice.

    A reference is the position of a choice, or one of the choices' names.
    """
    rows = list(_each(vectors, references, choices, already=already))
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]


def _each(
    vectors: Sequence[Any], references: Sequence[Any], choices: Sequence[Any], *, already: bool
) -> Iterator[tuple[Any, Any, float, float]]:
    for at, vector in enumerate(vectors):
        values = [number(value) for value in vector] if isinstance(vector, list | tuple) else []
        shares = values if already else softmax(values)
        if not shares or not all(0 <= share <= 1 + _ROUNDING for share in shares):
            raise ValueError(f"sample {at + 1}: no numbers that could be probabilities or logits")
        best = max(range(len(shares)), key=shares.__getitem__)
        names = choices[at] if choices and isinstance(choices[at], list) else list(range(len(shares)))
        right = references[at]
        where = names.index(right) if right in names else _position(right, len(shares))
        named = names[where] if where is not None else right
        yield names[best], named, shares[where] if where is not None else math.nan, shares[best]


def _position(right: Any, count: int) -> int | None:  # noqa: ANN401 - a cell of a table
    """The reference as a position among the choices; None where it is none."""
    value = number(right)
    return int(value) if value == value and value.is_integer() and 0 <= value < count else None  # noqa: PLR0124 - NaN
