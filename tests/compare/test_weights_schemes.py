"""Quantised weights against others: other schemes, other rounding, and what of a distance is rounding alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest
from support import changes

from semverlint.changes.weights import WeightsChanged

Array = npt.NDArray[Any]
RANDOM = np.random.default_rng(5)
TYPES = gguf.GGMLQuantizationType
WEIGHTS: dict[str, Array] = {
    f"blk.{layer}.ffn_{part}.weight": RANDOM.normal(0, 0.02, (64, 256)).astype("<f4")
    for layer in range(3)
    for part in ("up", "gate")
}


def blocks(path: Path, tensors: Mapping[str, Array], scheme: Any) -> bytes:
    """A GGUF file in which every matrix is quantised by the package gguf."""
    writer = gguf.GGUFWriter(str(path), "llama")
    for name, one in tensors.items():
        writer.add_tensor(name, gguf.quants.quantize(one, scheme), raw_dtype=scheme)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def tuned(tensors: Mapping[str, Array], step: float) -> dict[str, Array]:
    return {
        name: (one + RANDOM.normal(0, step * 0.02, one.shape)).astype("<f4") if one.ndim > 1 else one
        for name, one in tensors.items()
    }


def whole(tmp_path: Path, name: str, old: bytes, new: bytes) -> WeightsChanged:
    return next(c for c in changes(tmp_path, {name: old}, {name: new}) if isinstance(c, WeightsChanged))


def of_gguf(tmp_path: Path, old: tuple[Mapping[str, Array], Any], new: tuple[Mapping[str, Array], Any]) -> Any:
    old_bytes, new_bytes = (blocks(tmp_path / "made", *side) for side in (old, new))
    return whole(tmp_path, "model.gguf", old_bytes, new_bytes)


@pytest.mark.parametrize(("before", "after"), [("Q8_0", "Q4_0"), ("Q4_0", "Q8_0"), ("Q5_1", "Q4_1")])
def test_another_scheme_is_no_other_training(tmp_path: Path, before: str, after: str) -> None:
    one = of_gguf(tmp_path, (WEIGHTS, TYPES[before]), (WEIGHTS, TYPES[after]))
    assert (one.what, one.detail.partition(";")[0]) == ("quantised", f": {before} → {after}")


def test_another_scheme_of_other_weights_is_another_training(tmp_path: Path) -> None:
    other = {name: RANDOM.normal(0, 0.02, one.shape).astype("<f4") for name, one in WEIGHTS.items()}
    assert of_gguf(tmp_path, (WEIGHTS, TYPES.Q8_0), (other, TYPES.Q4_0)).what == "retrained"


@pytest.mark.parametrize(("step", "what"), [(0.05, "fine-tuned"), (0.3, "continued")])
def test_what_rounding_to_few_bits_adds_to_a_step_does_not_count(tmp_path: Path, step: float, what: str) -> None:
    one = of_gguf(tmp_path, (WEIGHTS, TYPES.Q4_0), (tuned(WEIGHTS, step), TYPES.Q4_0))
    assert (one.what, one.confidence) == (what, 1.0)
    assert ("rounding to Q4_0" in one.detail) == (what == "fine-tuned")
