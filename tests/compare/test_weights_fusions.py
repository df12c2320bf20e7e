"""Fused tensors however their rows lie, under names of their own, trained further or not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from support import changes, safetensors

from semverlint.changes.weights import TensorAdded, WeightsChanged

Array = npt.NDArray[Any]
Tensors = dict[str, Array]
RANDOM = np.random.default_rng(23)
NAME = "model.safetensors"
WIDTH, HEAD = 64, 16
ROWS = {"q": 64, "k": 32, "v": 32}


def matrix(*shape: int) -> Array:
    return RANDOM.normal(0, 0.02, shape).astype("<f4")


OLD: Tensors = {"model.embed_tokens.weight": matrix(200, WIDTH)}
for layer in range(3):
    head = f"model.layers.{layer}"
    OLD |= {f"{head}.self_attn.{part}_proj.weight": matrix(rows, WIDTH) for part, rows in ROWS.items()}
    OLD |= {f"{head}.self_attn.{part}_proj.bias": matrix(rows) for part, rows in ROWS.items()}
    OLD |= {f"{head}.mlp.{part}_proj.weight": matrix(96, WIDTH) for part in ("gate", "up")}
    OLD[f"{head}.mlp.down_proj.weight"] = matrix(WIDTH, 96)
    OLD[f"{head}.input_layernorm.weight"] = 1 + matrix(WIDTH)


def fused(
    tensors: Mapping[str, Array], groups: int, names: tuple[str, str] = ("model.layers.", ".self_attn.wqkv")
) -> Tensors:
    """Query, key and value in one tensor, so many blocks of each in turn."""
    found = dict(tensors)
    for number in range(3):
        for ending in ("weight", "bias"):
            parts = [found.pop(f"model.layers.{number}.self_attn.{part}_proj.{ending}") for part in "qkv"]
            cut = [part.reshape(groups, len(part) // groups, *part.shape[1:]) for part in parts]
            whole = np.concatenate(cut, axis=1)
            found[f"{names[0]}{number}{names[1]}.{ending}"] = whole.reshape(-1, *whole.shape[2:])
    return found


def moved(tensors: Mapping[str, Array], step: float) -> Tensors:
    return {
        name: (one + RANDOM.normal(0, step * 0.02, one.shape)).astype("<f4") if step else one
        for name, one in tensors.items()
    }


def told(tmp_path: Path, old: Mapping[str, Array], new: Mapping[str, Array]) -> tuple[WeightsChanged, list[str]]:
    old_bytes, new_bytes = (
        safetensors({name: ("F32", list(one.shape), np.ascontiguousarray(one).tobytes()) for name, one in side.items()})
        for side in (old, new)
    )
    found = changes(tmp_path, {NAME: old_bytes}, {NAME: new_bytes})
    (whole,) = [one for one in found if isinstance(one, WeightsChanged)]
    return whole, [one.name for one in found if isinstance(one, TensorAdded)]


@pytest.mark.parametrize("step", [0.0, 0.05])
@pytest.mark.parametrize("groups", [1, 2])
def test_rows_of_query_key_and_value_may_lie_block_by_block(tmp_path: Path, groups: int, step: float) -> None:
    one, new = told(tmp_path, OLD, fused(moved(OLD, step), groups))
    ending = f", {groups} blocks of each in turn" if groups > 1 else ""
    assert one.what == "fused"
    assert one.detail.partition(";")[0] == f": q_proj, k_proj, v_proj → wqkv{ending}"
    assert ("31 tensors moved too (relative change 0.0" in one.detail) == bool(step)
    assert (one.moved, new) == (31 if step else 0, [])


@pytest.mark.parametrize("groups", [1, 2])
def test_what_lay_block_by_block_may_be_split(tmp_path: Path, groups: int) -> None:
    one, _ = told(tmp_path, fused(OLD, groups), OLD)
    ending = f", {groups} blocks of each in turn" if groups > 1 else ""
    assert (one.what, one.moved, one.detail) == ("split", 0, f": wqkv → q_proj, k_proj, v_proj{ending}")


def under_other_names(tensors: Mapping[str, Array]) -> Tensors:
    swaps = {"model.layers.": "transformer.h.", "model.embed_tokens": "transformer.wte", ".input_layernorm": ".ln_1"}
    found = {}
    for name, one in tensors.items():
        other = name
        for before, after in swaps.items():
            other = other.replace(before, after)
        found[other] = one
    return found


@pytest.mark.parametrize("groups", [1, 2])
def test_what_is_fused_may_have_other_names_too(tmp_path: Path, groups: int) -> None:
    new = under_other_names(fused(OLD, groups, ("transformer.h.", ".attn.c_attn")))
    one, added = told(tmp_path, OLD, new)
    assert (one.what, one.moved, added) == ("fused", 0, [])
    assert "; others renamed: model.layers → transformer.h" in one.detail
    one, _ = told(tmp_path / "back", new, OLD)
    assert (one.what, one.moved) == ("split", 0)


def test_other_weights_under_a_fused_name_are_other_weights(tmp_path: Path) -> None:
    anew = {name: matrix(*one.shape) for name, one in OLD.items()}
    assert told(tmp_path, OLD, fused(anew, 1))[0].what == "retrained"


def experts(layer: int) -> Tensors:
    head = f"model.layers.{layer}.mlp.experts"
    return {f"{head}.{n}.{part}.weight": matrix(48, WIDTH) for n in range(12) for part in ("gate_proj", "up_proj")}


MANY: Tensors = {name: one for layer in range(2) for name, one in experts(layer).items()}


def stacked(tensors: Mapping[str, Array]) -> Tensors:
    """Gate and up of every expert in one tensor of three dimensions, as transformers 5 has them."""
    return {
        f"model.layers.{layer}.mlp.experts.gate_up_proj": np.stack(
            [
                np.concatenate([tensors[f"model.layers.{layer}.mlp.experts.{n}.{part}_proj.weight"] for part in parts])
                for n in range(12)
            ]
        )
        for layer in range(2)
        for parts in (("gate", "up"),)
    }


def test_experts_may_be_stacked(tmp_path: Path) -> None:
    one, new = told(tmp_path, MANY, stacked(MANY))
    assert (one.what, one.moved, new) == ("fused", 0, [])
    assert one.detail == ": gate_proj, up_proj → gate_up_proj"
    one, _ = told(tmp_path / "back", stacked(MANY), MANY)
    assert (one.what, one.moved) == ("split", 0)


def test_tensors_that_changed_places_are_renamed(tmp_path: Path) -> None:
    names = [f"model.layers.0.mlp.{part}_proj.weight" for part in ("gate", "up")]
    one, _ = told(tmp_path, OLD, {**OLD, names[0]: OLD[names[1]], names[1]: OLD[names[0]]})
    assert (one.what, one.moved) == ("renamed", 0)
    assert one.detail == ": model.layers.0.mlp.gate_proj, model.layers.0.mlp.up_proj hold what others of them held"


def test_layers_in_another_order_are_not_trained_anew(tmp_path: Path) -> None:
    new = {name.replace("layers.2", "layers.x").replace("layers.0", "layers.2"): one for name, one in OLD.items()}
    new = {name.replace("layers.x", "layers.0"): one for name, one in new.items()}
    one, _ = told(tmp_path, OLD, {name: new[name] for name in OLD})
    assert (one.what, one.moved) == ("renamed", 0)


def test_one_tensor_anew_beside_exchanged_ones_is_still_told(tmp_path: Path) -> None:
    names = [f"model.layers.0.mlp.{part}_proj.weight" for part in ("gate", "up")]
    new = {**OLD, names[0]: OLD[names[1]], names[1]: matrix(96, WIDTH)}
    assert told(tmp_path, OLD, new)[0].what != "renamed"
