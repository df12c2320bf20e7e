"""HELM: `per_instance_stats.json` of a run, with `run_spec.json` and `scenario_state.json` beside it.

The fields are those of `metrics/metric.py`, `metrics/statistic.py` and `run_spec.py` (crfm-helm 0.5): a list of
instances, each with `instance_id`, `train_trial_index`, maybe a `perturbation`, and `stats`, of which `mean` counts. An
instance may stand in it several times, once for each group of metrics.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from semverlint.behaviour import lines, plain
from semverlint.behaviour.documents import document, listed, mapping
from semverlint.behaviour.readers import Head, Reader, reader
from semverlint.behaviour.samples import Piece, Rows, Unit

_FIRST = (
    "exact_match", "quasi_exact_match", "prefix_exact_match", "quasi_prefix_exact_match", "final_number_exact_match",
    "math_equiv", "math_equiv_chain_of_thought", "equivalent", "f1_score", "rouge_l", "rouge_2", "rouge_1", "bleu_4",
)  # fmt: skip
"""Metrics taken before others; an instance has some dozen, most of them counts of tokens."""
_OF_THE_MODEL = ("model=", "model_deployment=")

Key = tuple[str, str, int]
"""Instance, perturbation, replication."""


@reader
class Helm(Reader):
    """HELM's statistics of each instance."""

    def recognises(self, head: Head) -> bool:
        return head.start.lstrip().startswith(b"[") and head.mentions(
            "instance_id", "train_trial_index", "stats", "mean"
        )

    def pieces(self, head: Head) -> Iterator[Piece]:
        if not head.mentions("predicted_text"):  # display_predictions.json holds them again, for the web
            yield Piece("helm", head.path, head.shown)

    def read(self, piece: Piece) -> list[Rows]:
        scores: dict[Key, dict[str, float]] = {}
        for instance in listed(document(piece.path, piece.shown)):
            found = scores.setdefault(_key(mapping(instance)), {})
            for stat in listed(mapping(instance).get("stats")):
                name = mapping(mapping(stat).get("name")).get("name")
                if mapping(stat).get("mean") is not None:
                    found.setdefault(str(name), lines.number(stat["mean"]))
        if not scores:
            return []
        spec = mapping(_beside(piece.path, "run_spec.json"))
        metric = next((name for name in _FIRST if any(name in one for one in scores.values())), None)
        metric = metric or next(iter(next(iter(scores.values()))), "score")
        keys = [key for key, one in scores.items() if metric in one]
        said = _said(piece.path)
        return [
            Rows(
                unit=Unit(_task(spec), metric),
                ids=[_identity(key) for key in keys],
                scores=[scores[key][metric] for key in keys],
                answers=[said[key][0] for key in keys] if all(key in said for key in keys) else (),
                references=[said[key][1] for key in keys] if all(key in said for key in keys) else (),
                questions=[said[key][2] for key in keys] if all(key in said for key in keys) else (),
                slices={"perturbation": [key[1] or "none" for key in keys]},
                settings=_settings(spec),
            )
        ]


def _beside(path: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    other = path.with_name(name)
    return document(other, other.name) if other.is_file() else None


def _key(instance: Mapping[str, Any]) -> Key:
    perturbation = mapping(instance.get("perturbation")).get("name") or ""
    name = instance.get("instance_id") or instance.get("id") or ""
    return str(name), str(perturbation), int(lines.number(instance.get("train_trial_index", 0)))


def _identity(key: Key) -> str | None:
    instance, perturbation, trial = key
    if not instance:
        return None
    return instance + (f", {perturbation}" if perturbation else "") + (f", trial {trial}" if trial else "")


def _task(spec: Mapping[str, Any]) -> str:
    """The run's name without the model: `mmlu:subject=anatomy,model=…` is the task `mmlu:subject=anatomy`."""
    name, colon, arguments = str(spec.get("name") or plain.EVERYTHING).partition(":")
    kept = [part for part in arguments.split(",") if part and not part.startswith(_OF_THE_MODEL)]
    return name + (colon + ",".join(kept) if kept else "")


def _said(path: Path) -> dict[Key, tuple[Any, Any, Any]]:
    """Answer, reference and question of each instance, from the run's state where it was kept."""
    found: dict[Key, tuple[Any, Any, Any]] = {}
    for state in listed(mapping(_beside(path, "scenario_state.json")).get("request_states")):
        instance, result = mapping(state.get("instance")), mapping(state.get("result"))
        completions = listed(result.get("completions"))
        if not completions:
            continue
        text = str(mapping(completions[0]).get("text", "")).strip()
        answer = mapping(state.get("output_mapping")).get(text, text)
        right = next(
            (
                mapping(mapping(one).get("output")).get("text")
                for one in listed(instance.get("references"))
                if "correct" in listed(mapping(one).get("tags"))
            ),
            None,
        )
        question = mapping(instance.get("input")).get("text")
        key = _key(
            {**instance, "instance_id": instance.get("id"), "train_trial_index": state.get("train_trial_index", 0)}
        )
        found.setdefault(key, (answer, right, question))
    return found


def _settings(spec: Mapping[str, Any]) -> dict[str, str]:
    adapter = mapping(spec.get("adapter_spec"))
    sampling = {name: adapter[name] for name in ("temperature", "max_tokens", "num_outputs") if name in adapter}
    wanted = {
        "few-shot": adapter.get("max_train_instances"),
        "generation": json.dumps(sampling, sort_keys=True) if sampling else None,
        "instructions": adapter.get("instructions"),
        "limit": adapter.get("max_eval_instances"),
        "seed": adapter.get("random"),
    }
    return {name: str(value) for name, value in wanted.items() if value is not None}
