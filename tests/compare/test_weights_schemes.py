"""Quantised weights against others: other schemes, other rounding, and what of a distance is rounding alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest
import weights_support
from support import changes, pair, safetensors, snapshot, write

from semverlint.changes.weights import WeightsChanged
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.compare.weights.quantised import dequantised
from semverlint.compare.weights.sources import by_role

Array = npt.NDArray[Any]
RANDOM = np.random.default_rng(5)
SAMPLES = Path(__file__).parent.parent / "formats" / "weights" / "samples"
TYPES = gguf.GGMLQuantizationType
WEIGHTS: dict[str, Array] = {
    f"blk.{layer}.ffn_{part}.weight": RANDOM.normal(0, 0.02, (64, 256)).astype("<f4")
    for layer in range(3)
    for part in ("up", "gate")
}


def blocks(path: Path, tensors: Mapping[str, Array], scheme: gguf.GGMLQuantizationType, template: str = "") -> bytes:
    """A GGUF file in which every matrix is quantised by the package gguf."""
    writer = gguf.GGUFWriter(str(path), "llama")
    if template:
        writer.add_chat_template(template)
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


Side = tuple[Mapping[str, Array], gguf.GGMLQuantizationType]


def of_gguf(tmp_path: Path, old: Side, new: Side) -> WeightsChanged:
    old_bytes, new_bytes = (blocks(tmp_path / "made", *side) for side in (old, new))
    return whole(tmp_path, "model.gguf", old_bytes, new_bytes)


@pytest.mark.parametrize(("before", "after"), [("Q8_0", "Q4_0"), ("Q4_0", "Q8_0"), ("Q5_1", "Q4_1")])
def test_another_scheme_is_no_other_training(tmp_path: Path, before: str, after: str) -> None:
    one = of_gguf(tmp_path, (WEIGHTS, getattr(TYPES, before)), (WEIGHTS, getattr(TYPES, after)))
    assert (one.what, one.detail.partition(";")[0]) == ("quantised", f": {before} → {after}")


def test_another_scheme_of_other_weights_is_another_training(tmp_path: Path) -> None:
    other = {name: RANDOM.normal(0, 0.02, one.shape).astype("<f4") for name, one in WEIGHTS.items()}
    assert of_gguf(tmp_path, (WEIGHTS, TYPES.Q8_0), (other, TYPES.Q4_0)).what == "retrained"


@pytest.mark.parametrize(("step", "what"), [(0.05, "fine-tuned"), (0.3, "continued")])
def test_what_rounding_to_few_bits_adds_to_a_step_does_not_count(tmp_path: Path, step: float, what: str) -> None:
    one = of_gguf(tmp_path, (WEIGHTS, TYPES.Q4_0), (tuned(WEIGHTS, step), TYPES.Q4_0))
    assert (one.what, one.confidence) == (what, 1.0)
    assert ("rounding to Q4_0" in one.detail) == (what == "fine-tuned")


def numbers(tmp_path: Path, name: str, content: bytes) -> dict[str, Array]:
    """Every tensor of a file as numbers, codes with their scales."""
    snap = snapshot(write(tmp_path, {name: content}))
    sides = by_role(Pair(snap, snap), ([name], [name]))[0]
    return {key: one.floats(0, one.tensor.count) for key, one in dequantised(sides).items()}


def test_what_torch_quantised_is_read_as_torch_dequantises_it(tmp_path: Path) -> None:
    expected = json.loads((SAMPLES / "pytorch_quantised.json").read_text())
    found = numbers(tmp_path, "model.pt", (SAMPLES / "pytorch_quantised.pt").read_bytes())
    assert found.keys() == {*expected, "bias"}
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-6, atol=1e-7)


TURNS = "{%% for m in messages %%}<%s>{{ m.role }}: {{ m.content }}{%% endfor %%}"


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (TURNS % "", (TURNS % "").replace("m.", "m ."), {"prompt-rewritten"}),
        (TURNS % "", TURNS % "|", {"prompt-changed"}),
        ("", TURNS % "", {"setting-changed"}),
    ],
)
def test_a_template_in_blocks_is_decided_by_what_it_renders(
    tmp_path: Path, before: str, after: str, kinds: set[str]
) -> None:
    old, new = (blocks(tmp_path / "made", WEIGHTS, TYPES.Q8_0, one) for one in (before, after))
    found = changes(tmp_path, {"model.gguf": old}, {"model.gguf": new})
    assert {one.kind for one in found} - {"weights-changed"} == kinds


NF4 = np.array(
    [
        -1,
        -0.6962,
        -0.5251,
        -0.3949,
        -0.2844,
        -0.1848,
        -0.0911,
        0,
        0.0796,
        0.1609,
        0.2461,
        0.3379,
        0.4407,
        0.5626,
        0.723,
        1,
    ]
).astype("<f4")


def nf4(name: str, values: Array, *, nested: bool, block: int = 64) -> tuple[dict[str, Array], Array]:
    """A matrix as bitsandbytes stores it, its largest values in eight bits too or not; and what that stands for."""
    rows = values.reshape(-1, block)
    most = np.abs(rows).max(axis=1).astype("<f4")
    codes = np.abs(rows[..., None] / most[:, None, None] - NF4).argmin(axis=2).astype("u1").reshape(-1)
    state = {"quant_type": "nf4", "blocksize": block, "dtype": "bfloat16", "shape": list(values.shape)}
    stored: dict[str, Array] = {
        name: (codes[::2] << 4 | codes[1::2]).reshape(-1, 1), f"{name}.absmax": most, f"{name}.quant_map": NF4
    }  # fmt: skip
    if nested:
        mean, table = float(most.mean()), np.linspace(-1, 1, 256).astype("<f4")
        steps = np.array([np.abs(most[at : at + 32] - mean).max() for at in range(0, len(most), 32)], "<f4")
        spread = np.repeat(steps, 32)[: len(most)]
        eight = np.abs((most - mean)[:, None] / spread[:, None] - table).argmin(axis=1).astype("u1")
        most = table[eight] * spread + np.float32(mean)
        state |= {"nested_blocksize": 32, "nested_offset": mean, "nested_dtype": "float32"}
        stored |= {f"{name}.absmax": eight, f"{name}.nested_absmax": steps, f"{name}.nested_quant_map": table}
    text = np.frombuffer(json.dumps(state).encode(), "u1")
    stored[f"{name}.quant_state.bitsandbytes__nf4"] = text
    return stored, (NF4[codes].reshape(-1, block) * most[:, None]).reshape(values.shape)


FP4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6]).astype("<f4")


def mxfp4(name: str, values: Array) -> tuple[dict[str, Array], Array]:
    """A matrix in blocks of 32 as gpt-oss stores it, and the numbers that stand for."""
    groups = values.reshape(*values.shape[:-1], -1, 32)
    power = np.floor(np.log2(np.abs(groups).max(axis=-1))) - 2
    codes = np.abs(groups[..., None] / np.exp2(power)[..., None, None] - FP4).argmin(axis=-1).astype("u1")
    plain = (FP4[codes] * np.exp2(power)[..., None]).reshape(values.shape).astype("<f4")
    packed = codes[..., ::2] | codes[..., 1::2] << 4
    return {f"{name}_blocks": packed, f"{name}_scales": (power + 127).astype("u1")}, plain


def stored(tensors: Mapping[str, Array]) -> bytes:
    kinds = {"f4": "F32", "u1": "U8"}
    return safetensors({n: (kinds[t.dtype.str[1:]], list(t.shape), t.tobytes()) for n, t in tensors.items()})


PLAIN: dict[str, Array] = {
    f"model.layers.{layer}.mlp.{part}.weight": RANDOM.normal(0, 0.02, shape).astype("<f4")
    for layer in range(2)
    for part, shape in (("up_proj", (96, 256)), ("down_proj", (64, 96)))
}


@pytest.mark.parametrize("nested", [False, True])
def test_the_codes_of_bitsandbytes_are_numbers(tmp_path: Path, *, nested: bool) -> None:
    codes: dict[str, Array] = {}
    plain = {}
    for name, one in PLAIN.items():
        parts, plain[name] = nf4(name, one, nested=nested)
        codes |= parts
    found = numbers(tmp_path / "read", "model.safetensors", stored(codes))
    assert found.keys() == PLAIN.keys()
    for name, one in plain.items():
        np.testing.assert_allclose(found[name].reshape(one.shape), one, rtol=1e-5, atol=1e-8)
    told = whole(tmp_path / "to", "model.safetensors", stored(PLAIN), stored(codes))
    assert (told.what, told.detail) == ("quantised", ": F32 → bitsandbytes NF4; relative error 0.092 to 0.092")
    assert whole(tmp_path / "from", "model.safetensors", stored(codes), stored(plain)).what == "dequantised"


def test_the_codes_of_microscaling_are_numbers(tmp_path: Path) -> None:
    codes: dict[str, Array] = {}
    plain = {}
    for name, one in PLAIN.items():
        parts, plain[name] = mxfp4(name.removesuffix(".weight"), one)
        codes |= parts
    found = numbers(tmp_path / "read", "model.safetensors", stored(codes))
    for name, one in plain.items():
        np.testing.assert_array_equal(found[name.removesuffix(".weight")].reshape(one.shape), one)
    assert whole(tmp_path / "to", "model.safetensors", stored(PLAIN), stored(codes)).what == "quantised"


@pytest.mark.parametrize(
    "state", [b"[" * 4000, b"{}", b'{"quant_type": "nf4", "blocksize": 0, "shape": [96, 256]}', b'{"shape": [-1]}']
)
def test_codes_that_say_nothing_sensible_stay_codes(tmp_path: Path, state: bytes) -> None:
    codes, _ = nf4("a.weight", PLAIN["model.layers.0.mlp.up_proj.weight"], nested=False)
    codes["a.weight.quant_state.bitsandbytes__nf4"] = np.frombuffer(state, "u1")
    assert numbers(tmp_path, "model.safetensors", stored(codes)).keys() == codes.keys()


def test_values_nobody_can_read_leave_a_doubt(tmp_path: Path) -> None:
    """Whatever the tensors that are read say: the others may have moved."""
    content = (SAMPLES / "pytorch_zip.pt").read_bytes()
    one = weights_support.read(content, "model.pt").tensors["plain"]
    moved = content[: one.start] + bytes(one.stop - one.start) + content[one.stop :]
    found = pair(tmp_path, {"model.pt": content}, {"model.pt": moved})
    list(compare(found))
    assert [doubt.path for doubt in found.undecided] == ["model.pt"]
