"""What happened to a checkpoint, told from real safetensors files of every kind of change."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import Content, changes, pair, safetensors, snapshot, write

from semverlint.changes import Change
from semverlint.changes.weights import TensorCorrupted, TensorUpdated, WeightsChanged
from semverlint.changes.weights_coherence import NameContradictsDtype, NameContradictsSize, VariantLeftBehind
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.formats.weights.dtypes import decode

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Tensors = dict[str, Array]
NAME = "model.safetensors"


def made() -> Tensors:
    random = np.random.default_rng(0)
    layers = {f"model.layers.{i}.mlp.weight": random.normal(0, 0.02, (96, 128)) for i in range(4)}
    return {**layers, "model.embed_tokens.weight": random.normal(0, 0.02, (200, 32)), "model.norm.weight": np.ones(128)}


def as_f32(values: Array) -> bytes:
    return values.astype("<f4").tobytes()


def as_bf16(values: Array) -> bytes:
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def as_i8(values: Array) -> bytes:
    return np.clip(values * 1000, -127, 127).astype("i1").tobytes()


def saved(
    tensors: Tensors,
    dtype: str = "F32",
    encode: Callable[[Array], bytes] = as_f32,
    metadata: dict[str, str] | None = None,
) -> bytes:
    return safetensors(
        {name: (dtype, list(values.shape), encode(values)) for name, values in tensors.items()}, metadata
    )


def stepped(tensors: Tensors, size: float) -> Tensors:
    random = np.random.default_rng(1)
    return {name: values + random.normal(0, 0.02 * size, values.shape) for name, values in tensors.items()}


def what(found: list[Change]) -> list[str]:
    return [change.what for change in found if isinstance(change, WeightsChanged)]


def sharded(tensors: Tensors) -> dict[str, Content]:
    names = list(tensors)
    parts = {"model-00001-of-00002.safetensors": names[:3], "model-00002-of-00002.safetensors": names[3:]}
    index: dict[str, object] = {"weight_map": {name: part for part, inside in parts.items() for name in inside}}
    files = {part: saved({name: tensors[name] for name in inside}) for part, inside in parts.items()}
    return {**files, "model.safetensors.index.json": index}


OLD = made()
SINGLE: dict[str, Content] = {NAME: saved(OLD)}


def new(tensors: Tensors) -> dict[str, Content]:
    return {NAME: saved(tensors)}


def damaged() -> Tensors:
    tensors = made()
    tensors["model.layers.1.mlp.weight"][0, 0] = np.nan
    return tensors


def silenced() -> Tensors:
    return {name: values * (0.0 if "layers.2" in name else 1.0) for name, values in made().items()}


RANDOM = np.random.default_rng(7)
ANEW = {name: RANDOM.normal(0, 0.02, v.shape) if v.ndim > 1 else v for name, v in OLD.items()}
ROWS = RANDOM.normal(0, 0.02, (24, 32))


def embedded(make: Callable[[Array], Array]) -> Tensors:
    return {name: make(values) if "embed" in name else values for name, values in OLD.items()}


@pytest.mark.parametrize(
    ("kind", "old", "after"),
    [
        ("reserialised", SINGLE, {NAME: saved(OLD, metadata={"format": "pt"})}),
        ("reordered", SINGLE, new(dict(reversed(OLD.items())))),
        ("resharded", SINGLE, sharded(OLD)),
        ("resharded", sharded(OLD), SINGLE),
        ("cast-lossy", SINGLE, {NAME: saved(OLD, "BF16", as_bf16)}),
        ("cast-lossless", {NAME: saved({n: np.round(v * 64) / 64 for n, v in OLD.items()}, "BF16", as_bf16)},
         new({n: np.round(v * 64) / 64 for n, v in OLD.items()})),
        ("fine-tuned", SINGLE, new(stepped(OLD, 0.001))),
        ("fine-tuned", SINGLE, new(stepped(OLD, 0.05))),
        ("continued", SINGLE, new(stepped(OLD, 0.3))),
        ("retrained", SINGLE, new(ANEW)),
        ("partial", SINGLE, new({**OLD, "model.layers.0.mlp.weight": OLD["model.layers.0.mlp.weight"] * 1.01})),
        ("partial", SINGLE, new({**OLD, "model.norm.weight": OLD["model.norm.weight"] * 1.01})),
        ("renamed", SINGLE, new({name.replace("model.", "transformer."): v for name, v in OLD.items()})),
        ("vocab-appended", SINGLE, new(embedded(lambda v: np.concatenate([v, ROWS])))),
        ("vocab-moved", SINGLE, new(embedded(lambda v: np.concatenate([ROWS, v])))),
        ("depth-changed", SINGLE, new({name: v for name, v in OLD.items() if "layers.3" not in name})),
        ("reshaped", SINGLE, new({**OLD, "model.layers.0.mlp.weight": np.zeros((96, 64))})),
        ("quantised", SINGLE, {NAME: saved(OLD, "I8", as_i8)}),
        ("corrupted", SINGLE, new(damaged())),
        ("corrupted", SINGLE, new(silenced())),
    ],
)  # fmt: skip
def test_every_kind_of_change_is_told_apart(
    tmp_path: Path, kind: str, old: dict[str, Content], after: dict[str, Content]
) -> None:
    assert what(changes(tmp_path, old, after)) == [kind]


def test_equal_files_say_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, SINGLE, SINGLE) == []


def test_the_figures_are_those_of_the_definition(tmp_path: Path) -> None:
    after = stepped(OLD, 0.01)
    found = {c.name: c for c in changes(tmp_path, SINGLE, new(after)) if isinstance(c, TensorUpdated)}
    name = "model.layers.2.mlp.weight"
    a, b = OLD[name].astype(np.float32).astype(float).ravel(), after[name].astype(np.float32).astype(float).ravel()
    assert found[name].relative_change == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a), rel=1e-4)
    assert found[name].cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-5)
    assert found[name].largest == pytest.approx(np.abs(b - a).max(), rel=1e-4)
    assert found[name].changed_share == 1.0


def test_norms_that_stay_do_not_hide_a_model_trained_anew(tmp_path: Path) -> None:
    many = {**OLD, **{f"model.norms.{i}.weight": np.ones(128) for i in range(200)}}
    assert what(changes(tmp_path, new(many), new({**many, **ANEW}))) == ["retrained"]


def test_a_damaged_tensor_is_named_with_what_it_holds(tmp_path: Path) -> None:
    found = [c for c in changes(tmp_path, SINGLE, new(damaged())) if isinstance(c, TensorCorrupted)]
    assert [(c.name, c.how, c.count) for c in found] == [("model.layers.1.mlp.weight", "NaN", 1)]


def test_vectors_of_an_embedding_model_are_marked(tmp_path: Path) -> None:
    modules: dict[str, Content] = {"modules.json": []}
    found = changes(tmp_path, {**SINGLE, **modules}, {**new(stepped(OLD, 0.001)), **modules})
    assert [c.embedding for c in found if isinstance(c, WeightsChanged)] == [True]


def test_a_variant_that_stayed_behind_is_named(tmp_path: Path) -> None:
    old: dict[str, Content] = {
        **SINGLE,
        "model.fp16.safetensors": saved(OLD, "F16", lambda v: v.astype("<f2").tobytes()),
    }
    found = changes(tmp_path, old, {**old, **new(stepped(OLD, 0.01))})
    left = [c for c in found if isinstance(c, VariantLeftBehind)]
    assert [(c.path, c.moved) for c in left] == [("model.fp16.safetensors", NAME)]


@pytest.mark.parametrize(
    ("dtype", "code", "value"),
    [
        ("F8_E4M3", 0x38, 1.0), ("F8_E4M3", 0x7E, 448.0), ("F8_E4M3", 0x01, 2.0**-9), ("F8_E5M2", 0x3C, 1.0),
        ("F8_E5M2", 0x7B, 57344.0), ("F8_E4M3FNUZ", 0x40, 1.0), ("F8_E4M3FNUZ", 0x7F, 240.0), ("F8_E8M0", 127, 1.0),
    ],
)  # fmt: skip
def test_small_types_are_decoded_as_their_specifications_say(dtype: str, code: int, value: float) -> None:
    assert decode(bytes([code]), dtype)[0] == value


def test_two_f4_values_share_a_byte() -> None:
    assert decode(bytes([0x7A]), "F4").tolist() == [-1.0, 6.0]


@pytest.mark.parametrize("ending", ["mlmodel", "bin", "gguf", "ort", "nemo", "engine", "pte", "mnn"])
def test_numbers_nobody_reads_are_undecided_and_never_fine(tmp_path: Path, ending: str) -> None:
    both = pair(tmp_path, {f"model.{ending}": b"one" * 9}, {f"model.{ending}": b"two" * 9})
    assert what(list(compare(both))) == ["unknown"]
    assert [doubt.path for doubt in both.undecided] == [f"model.{ending}"]
    assert not both.undecided[0].failed


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    both = pair(tmp_path, {"model.bin": b"one" * 9}, {"model.bin": b""})
    assert what(list(compare(both))) == ["unknown"]
    assert [(doubt.reason, doubt.failed) for doubt in both.undecided] == [("is empty", True)]


def test_a_shard_that_is_gone_takes_its_tensors_with_it(tmp_path: Path) -> None:
    old = {path: content for path, content in sharded(OLD).items() if not path.endswith(".json")}
    assert what(changes(tmp_path, old, dict(list(old.items())[:1]))) == ["depth-changed"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tiny-7B", ["7B"]),
        ("tiny-8x7B", ["8x7B"]),
        ("tiny-600M", ["600M"]),
        ("tiny-4bit", []),
        ("tiny", []),
        ("tiny-7B-7B", []),
        ("tiny-base", []),
    ],
)
def test_a_name_that_promises_another_size_is_told(tmp_path: Path, name: str, told: list[str]) -> None:
    old, new = write(tmp_path / "old", SINGLE), write(tmp_path / name, {NAME: saved(stepped(OLD, 0.01))})
    found = list(compare(Pair(snapshot(old), snapshot(new))))
    assert [c.promised for c in found if isinstance(c, NameContradictsSize)] == told


@pytest.mark.parametrize(
    ("name", "told"),
    [("tiny-bf16", ["BF16"]), ("tiny-fp32", []), ("tiny-fp16-fp32", []), ("tiny-fp16-AWQ", []), ("tiny", [])],
)
def test_a_name_that_promises_another_type_of_numbers_is_told(tmp_path: Path, name: str, told: list[str]) -> None:
    old, new = write(tmp_path / "old", SINGLE), write(tmp_path / name, {NAME: saved(stepped(OLD, 0.01))})
    found = list(compare(Pair(snapshot(old), snapshot(new))))
    assert [c.promised for c in found if isinstance(c, NameContradictsDtype)] == told
