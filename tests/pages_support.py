"""Pages for the tests: of real pairs, and of as many tensors and as hostile findings as a report can hold."""

import json
import random
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hostile_support import ATTACKS
from support import Model, safetensors, write

from semverlint.changes import Change, Undecided
from semverlint.changes.config import ConfigChanged
from semverlint.changes.tokenizer import TokenMoved
from semverlint.changes.weights import TensorUpdated, WeightsChanged, WeightsMap
from semverlint.check import diff
from semverlint.reports import Style, render
from semverlint.run import Run
from semverlint.sources import parse
from semverlint.verdict import Report

LAYERS = 12
FROZEN = 3


def pair(place: Path) -> tuple[Path, Path]:
    """A small language model before and after it was trained on, its first layers frozen."""
    config: dict[str, object] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 8}
    old: Model = {"model.safetensors": _weights(0.0), "config.json": {**config, "rope_theta": 10000.0}}
    new: Model = {"model.safetensors": _weights(0.02), "config.json": {**config, "rope_theta": 500000.0}}
    return write(place / "old", old), write(place / "new", new)


def _weights(step: float) -> bytes:
    chance = random.Random(1)  # noqa: S311 - the same numbers in every run
    tensors: dict[str, tuple[str, list[int], bytes]] = {}
    for name, layer in _names():
        moved = step * (layer + 1) if layer >= FROZEN else 0.0
        values = [chance.gauss(0, 1) + moved * chance.gauss(0, 1) for _ in range(64)]
        tensors[name] = ("F32", [8, 8], struct.pack("<64f", *values))
    return safetensors(tensors)


def _names() -> Iterator[tuple[str, int]]:
    yield "model.embed_tokens.weight", FROZEN
    for layer in range(LAYERS):
        for module in ("self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj", "mlp.down_proj"):
            yield f"model.layers.{layer}.{module}.weight", layer
    yield "lm_head.weight", LAYERS


def report(place: Path) -> Report:
    """What is found of the pair, without what only a page asks for."""
    old, new = pair(place)
    return diff(parse(str(old)), parse(str(new)), Run())


def page(*reports: Report) -> str:
    return render("html", reports, Style())


def of_tensors(one: Report, names: list[str]) -> Report:
    """The report as it would be of a checkpoint with other tensors, half of which moved."""
    path = "model.safetensors"
    moved = names[::2]
    whole = WeightsChanged(
        path=path, what="fine-tuned", confidence=1.0, parameters=len(names), tensors=len(names), moved=len(moved),
        relative_change=0.01, cosine=0.99, embedding=False, known_from="exact",
    )  # fmt: skip
    changes: list[Change] = [
        TensorUpdated(
            path=path, name=name, dtype="BF16", shape="4096 x 4096", relative_change=(place % 997 + 1) / 1000,
            cosine=0.99, largest=0.5, changed_share=1.0,
        )
        for place, name in enumerate(moved)
    ]  # fmt: skip
    drawn = WeightsMap(path=path, kept=tuple(names[1::2]), spread=dict.fromkeys(moved[:12], (1, 2, 3) * 6))
    return replace(one, changes=[whole, *changes, drawn])


def of_everything_hostile(one: Report) -> Report:
    """The report with as many and as long strings as a stranger can put into each of its parts."""
    text = ("".join(ATTACKS) * 20)[:5000]
    finding = replace(one.findings[0], path=text, message=text[:400], examples=(text[:200],) * 3, why=text, fix=text)
    names = [
        f"{text[place % 50 :][:300]}.{place % 700}.{place}{ATTACKS[place % len(ATTACKS)]}" for place in range(20_000)
    ]
    before = json.dumps({f"{place}{text[:50]}": text[:200] for place in range(200)})
    after = f'{before[:-2]}1"}}'
    changes: list[Change] = [
        ConfigChanged(
            path=text[: 50 + place % 40], key=f"{place}{text}", effect="unknown", before=before, after=after,
            direction="changed", tiny=False, remote_code=False, known=False,
        )
        for place in range(700)
    ]  # fmt: skip
    changes += [
        TokenMoved(path=f"{place % 30}{text}", token=text, before=place, after=9000 - place, special=False)
        for place in range(9000)
    ]
    doubts = tuple(Undecided(path=f"{place}{text}", reason=text, would_settle=text) for place in range(3000))
    heavy = of_tensors(one, names)
    return replace(
        heavy, findings=(finding,) * 3000, coherence=(finding,) * 3000, undecided=doubts, why=text,
        changes=[*heavy.changes, *changes],
    )  # fmt: skip
