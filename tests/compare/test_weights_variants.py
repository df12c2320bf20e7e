"""Variants of one model, made again or new, held against each other by their numbers."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnx_support import graph, model, node, port, tensor
from safetensors.numpy import save
from support import Content, changes

from semverlint.changes.weights_coherence import VariantLeftBehind, VariantsApart

Floats = npt.NDArray[np.float32]
RANDOM = np.random.default_rng(11)
FIRST, SECOND, THIRD = (RANDOM.standard_normal((48, 64)).astype("<f4") for _ in range(3))
TUNED = (SECOND + RANDOM.standard_normal((48, 64)) * 0.02).astype("<f4")


def safe(values: Floats, dtype: str = "<f4") -> bytes:
    return save({"a.weight": values.astype(dtype), "a.bias": np.zeros(48, dtype)})


def coded(values: Floats) -> bytes:
    codes = np.rint(values / 0.04).astype("i1")
    steps = [node("DequantizeLinear", "a.weight_quantized a.weight_scale", "d"), node("MatMul", "x d", "y")]
    tensors = [
        tensor("a.weight_quantized", codes.shape, codes.tobytes(), 3),
        tensor("a.weight_scale", (), np.float32(0.04).tobytes()),
    ]
    return model(graph(steps, tensors, [port("x", 1, 48)], [port("y", 1, 64)]))


def apart(tmp_path: Path, old: dict[str, Content], new: dict[str, Content]) -> list[tuple[str, str, int, bool]]:
    found = changes(tmp_path, old, new)
    return [(one.path, one.other, one.percent, one.already) for one in found if isinstance(one, VariantsApart)]


HALF = "model.fp16.safetensors"
WHOLE = "model.safetensors"


def test_two_variants_that_both_moved_but_not_to_the_same_model(tmp_path: Path) -> None:
    old: dict[str, Content] = {WHOLE: safe(FIRST), HALF: safe(FIRST, "<f2")}
    new: dict[str, Content] = {WHOLE: safe(SECOND), HALF: safe(THIRD, "<f2")}
    assert apart(tmp_path / "anew", old, new) == [(HALF, WHOLE, 100, False)]
    new[HALF] = safe(TUNED, "<f2")
    assert apart(tmp_path / "tuned", old, new) == [(HALF, WHOLE, 100, False)]
    new[HALF] = safe(SECOND, "<f2")
    assert apart(tmp_path / "together", old, new) == []


def test_a_new_variant_made_from_other_weights(tmp_path: Path) -> None:
    assert apart(tmp_path / "a", {WHOLE: safe(FIRST)}, {WHOLE: safe(FIRST), HALF: safe(SECOND, "<f2")}) == [
        (HALF, WHOLE, 100, False)
    ]
    assert apart(tmp_path / "b", {WHOLE: safe(FIRST)}, {WHOLE: safe(FIRST), HALF: safe(FIRST, "<f2")}) == []


@pytest.mark.parametrize(("values", "told"), [(SECOND, []), (THIRD, [("onnx/model_int8.onnx", WHOLE, 100, False)])])
def test_quantised_variants_are_held_against_the_model_by_the_numbers_they_stand_for(
    tmp_path: Path, values: Floats, told: list[object]
) -> None:
    old: dict[str, Content] = {WHOLE: safe(FIRST), "onnx/model_int8.onnx": coded(FIRST)}
    new: dict[str, Content] = {WHOLE: safe(SECOND), "onnx/model_int8.onnx": coded(values)}
    assert apart(tmp_path, old, new) == told


def test_what_was_so_before_is_said_to_have_been_so(tmp_path: Path) -> None:
    old: dict[str, Content] = {WHOLE: safe(FIRST), HALF: safe(THIRD, "<f2")}
    new: dict[str, Content] = {WHOLE: safe(SECOND), HALF: safe(TUNED + THIRD, "<f2")}
    assert apart(tmp_path, old, new) == [(HALF, WHOLE, 100, True)]


def test_an_average_over_the_training_is_another_model_on_purpose(tmp_path: Path) -> None:
    old: dict[str, Content] = {WHOLE: safe(FIRST), "model.ema.safetensors": safe(FIRST)}
    new: dict[str, Content] = {WHOLE: safe(SECOND), "model.ema.safetensors": safe(TUNED)}
    assert apart(tmp_path, old, new) == []


def test_variants_under_other_names_are_left_alone(tmp_path: Path) -> None:
    other = save({"other.weight": THIRD.astype("<f2")})
    assert apart(tmp_path, {WHOLE: safe(FIRST)}, {WHOLE: safe(SECOND), HALF: other}) == []


@pytest.mark.parametrize("name", ["Some-Model-Q8_0.gguf", "gguf/some-model.IQ4_XS.gguf", "model-q4_k_m.gguf"])
def test_the_model_in_blocks_is_a_variant_of_the_model_it_stands_beside(tmp_path: Path, name: str) -> None:
    blocks = (Path(__file__).parent.parent / "formats" / "weights" / "samples" / "gguf_model.gguf").read_bytes()
    found = changes(tmp_path, {WHOLE: safe(FIRST), name: blocks}, {WHOLE: safe(SECOND), name: blocks})
    assert [(one.path, one.moved) for one in found if isinstance(one, VariantLeftBehind)] == [(name, WHOLE)]


def test_of_several_models_in_blocks_nobody_knows_which_is_meant(tmp_path: Path) -> None:
    blocks = (Path(__file__).parent.parent / "formats" / "weights" / "samples" / "gguf_model.gguf").read_bytes()
    beside: dict[str, Content] = {"one-Q8_0.gguf": blocks, "other-Q8_0.gguf": blocks}
    found = changes(tmp_path, {WHOLE: safe(FIRST), **beside}, {WHOLE: safe(SECOND), **beside})
    assert not [one for one in found if isinstance(one, VariantLeftBehind)]
