"""Names, types and shapes of tensors: renamed, packed, padded, deeper, or only longer by what is optional."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from support import Content, changes, pair, safetensors

from semverlint.changes import Change
from semverlint.changes.weights import TensorAdded, TensorRemoved, WeightsChanged
from semverlint.compare import compare
from semverlint.compare.pair import Options
from semverlint.compare.weights.names import module_of, summary
from semverlint.files import File
from semverlint.rulebook import load_rulebook
from semverlint.terms import Bump

RANDOM = np.random.default_rng(11)
NAME = "model.safetensors"
Array = npt.NDArray[Any]
Tensors = dict[str, Array]
TYPES = {"float32": "F32", "uint8": "U8", "int32": "I32", "float16": "F16"}


def matrix(*shape: int) -> Array:
    return RANDOM.normal(0, 0.02, shape).astype("<f4")


def model(tensors: Tensors, **more: Content) -> dict[str, Content]:
    held = {name: (TYPES[v.dtype.name], list(v.shape), v.tobytes()) for name, v in tensors.items()}
    return {NAME: safetensors(held), **{name.replace("__", "."): content for name, content in more.items()}}


def whole(found: list[Change]) -> WeightsChanged:
    (one,) = [change for change in found if isinstance(change, WeightsChanged)]
    return one


OLD: Tensors = {
    "model.embed_tokens.weight": matrix(60, 16),
    **{
        f"model.layers.{n}.{part}.weight": matrix(32, 32)
        for n in range(3)
        for part in ("self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj")
    },
    **{f"model.layers.{n}.norm.weight": np.ones(32, "<f4") for n in range(3)},
}


def under(names: dict[str, str], tensors: Tensors) -> Tensors:
    found = tensors
    for old, new in names.items():
        found = {name.replace(old, new): values for name, values in found.items()}
    return found


def stepped(tensors: Tensors, size: float) -> Tensors:
    return {
        name: v + RANDOM.normal(0, 0.02 * size, v.shape).astype("<f4") if v.ndim > 1 else v
        for name, v in tensors.items()
    }


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"model.": "transformer."}, ": model → transformer"),
        ({"model.": "model.language_model."}, ": nothing → language_model"),
        ({"model.": ""}, ": model → nothing"),
        ({"self_attn.q_proj": "attn.query", "self_attn.k_proj": "attn.key"},
         ": self_attn.k_proj → attn.key, self_attn.q_proj → attn.query"),
        ({"layers.": "h."}, ": layers → h"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [0.0, 0.01])
def test_a_mapping_of_names_is_one_change_and_is_told(
    tmp_path: Path, names: dict[str, str], told: str, step: float
) -> None:
    found = changes(tmp_path, model(OLD), model(under(names, stepped(OLD, step) if step else OLD)))
    one = whole(found)
    assert (one.what, one.detail.partition("; 10 tensors")[0], one.moved) == ("renamed", told, 10 if step else 0)
    assert not [c for c in found if isinstance(c, TensorAdded | TensorRemoved)]


def test_layers_with_the_same_bytes_keep_their_numbers(tmp_path: Path) -> None:
    found = changes(tmp_path, model(OLD), model(dict(reversed(under({"model.": "m."}, OLD).items()))))
    assert (whole(found).what, whole(found).moved) == ("renamed", 0)


def test_what_is_new_beside_renamed_tensors_is_still_named(tmp_path: Path) -> None:
    found = changes(tmp_path, model(OLD), model({**under({"model.": "m."}, OLD), "m.head.weight": matrix(4, 16)}))
    assert whole(found).what == "renamed"
    assert [c.name for c in found if isinstance(c, TensorAdded)] == ["m.head.weight"]


def test_other_names_over_unrelated_values_are_another_model(tmp_path: Path) -> None:
    anew = {name: matrix(*v.shape) if v.ndim > 1 else v for name, v in OLD.items()}
    found = changes(tmp_path, model(OLD), model(under({"model.": "m."}, anew)))
    assert whole(found).what == "reshaped"
    assert len([c for c in found if isinstance(c, TensorRemoved)]) == len(OLD)


def test_names_are_matched_in_time_however_many_there_are(tmp_path: Path) -> None:
    zeros = np.zeros((2, 2), "<f4")
    started = time.monotonic()
    many = {f"x{n}y": zeros for n in range(3_000)}, {f"z{n}y": zeros for n in range(3_000)}
    assert whole(changes(tmp_path, model(many[0]), model(many[1]))).what == "reshaped"
    assert time.monotonic() - started < 5


PACKED: dict[str, Callable[[str], Tensors]] = {
    "GPTQ": lambda base: {f"{base}.qweight": np.zeros((4, 32), "<i4"), f"{base}.scales": np.ones((1, 32), "<f2")},
    "compressed-tensors": lambda base: {f"{base}.weight_packed": np.zeros((32, 4), "<i4")},
    "bitsandbytes": lambda base: {
        f"{base}.weight": np.zeros((512, 1), "u1"),
        f"{base}.weight.absmax": np.zeros(8, "u1"),
    },
}


@pytest.mark.parametrize("scheme", sorted(PACKED))
@pytest.mark.parametrize("far", [False, True])
def test_weights_packed_by_a_quantiser_are_quantised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, *, far: bool
) -> None:
    new: Tensors = {}
    for name, values in OLD.items():
        new |= PACKED[scheme](name.removesuffix(".weight")) if "proj" in name else {name: values}
    if far:
        monkeypatch.setattr(File, "remote", property(lambda _: True))
    found = list(compare(pair(tmp_path, model(OLD), model(new), Options(max_download=10))))
    assert whole(found).what == "quantised"


EMBED = "model.embed_tokens.weight"


@pytest.mark.parametrize(
    ("rows", "tokens", "padding"),
    [
        (np.zeros((4, 16), "<f4"), True, True),
        (np.tile(matrix(1, 16), (5, 1)), True, True),
        (matrix(4, 16), False, True),  # 64 rows, and the same tokens
        (matrix(4, 16), True, False),
        (matrix(5, 16), False, False),
    ],
)
def test_padding_is_no_new_vocabulary(tmp_path: Path, rows: Array, *, tokens: bool, padding: bool) -> None:
    new = {**OLD, EMBED: np.concatenate([OLD[EMBED], rows])}
    vocabularies = ("a\nb\n", "a\nb\nc\n" if tokens else "a\nb\n")
    one = whole(changes(tmp_path, model(OLD, vocab__txt=vocabularies[0]), model(new, vocab__txt=vocabularies[1])))
    assert (one.what, one.padding, one.detail) == ("vocab-appended", padding, f": 60 → {60 + len(rows)}")


@pytest.mark.parametrize(("declared", "kind"), [((3, 4), "depth-changed"), ((3, 3), "reserialised")])
def test_a_layer_the_configuration_does_not_count_is_optional(
    tmp_path: Path, declared: tuple[int, int], kind: str
) -> None:
    configs = [{"config.json": {"model_type": "x", "num_hidden_layers": count}} for count in declared]
    new = {**OLD, "model.layers.3.eh_proj.weight": matrix(32, 32)}
    found = changes(tmp_path, {**model(OLD), **configs[0]}, {**model(new), **configs[1]})
    assert whole(found).what == kind
    assert [c.name for c in found if isinstance(c, TensorAdded)] == ["model.layers.3.eh_proj.weight"]


def test_what_is_frozen_is_named(tmp_path: Path) -> None:
    new = {name: v * np.float32(1.01) if "up_proj" in name else v for name, v in OLD.items()}
    one = whole(changes(tmp_path, model(OLD), model(new)))
    assert one.what == "partial"
    assert one.detail.startswith("; frozen: model.embed_tokens, model.layers.{0-2}.self_attn, model.layers.{0-2}.norm")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["b.w"], "b"),
        (["a.9.w"], "a.9.w"),
        (["a.9.w", "a.9.v"], "a"),
        ([f"a.{n}.w" for n in (0, 1, 2, 5)], "a.{0-2,5}"),
        (["z", "a.1.w", "a.0.w"], "z, a.{0-1}"),
        (["l.0.w"], "l.0.w"),
        ([f"x{n}" for n in range(9)], "x0, x1, x2 and 6 more"),
        (["a\x1b[2J"], "a\\x1b[2J"),
        ([], ""),
    ],
)
def test_names_are_summed_up(names: list[str], told: str) -> None:
    assert summary(names, [*names, "model.b.1.w", "a.9.w", "a.9.v", "l.0.x", "l.1.y"]) == told


def test_many_names_of_one_shape_are_matched_in_time(tmp_path: Path) -> None:
    zeros = np.zeros((2, 2), "<f4")
    many = {f"a.x{n}y.w": zeros for n in range(500)}
    started = time.monotonic()
    one = whole(changes(tmp_path, model(many), model(under({"a.": "b."}, many))))
    assert (one.what, one.detail) == ("renamed", ": a → b")
    assert time.monotonic() - started < 10


BUFFERS: Tensors = {
    "embeddings.position_ids": np.arange(16, dtype="<i4").reshape(1, 16),
    "model.layers.0.self_attn.rotary_emb.inv_freq": np.ones(8, "<f4"),
    "h.0.attn.bias": np.tri(8, dtype="<f4").reshape(1, 1, 8, 8),
}


def test_tables_that_readers_compute_may_go(tmp_path: Path) -> None:
    found = changes(tmp_path, model({**OLD, **BUFFERS}), model(OLD))
    assert whole(found).what == "reserialised"
    assert [c.buffer for c in found if isinstance(c, TensorRemoved)] == [True] * 3
    assert max(finding.bump for finding in load_rulebook().judge(found)) == Bump.PATCH


def test_tables_that_readers_compute_may_come(tmp_path: Path) -> None:
    found = changes(tmp_path, model(OLD), model({**OLD, **BUFFERS}))
    assert [c.buffer for c in found if isinstance(c, TensorAdded)] == [True] * 3
    assert max(finding.bump for finding in load_rulebook().judge(found)) == Bump.PATCH


def test_a_learned_bias_is_no_table(tmp_path: Path) -> None:
    found = changes(tmp_path, model({**OLD, "h.0.attn.bias": np.ones(8, "<f4")}), model(OLD))
    assert whole(found).what == "reshaped"


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("model.layers.3.self_attn.q_proj.weight", "q_proj"),
        ("h.0.attn.c_attn.bias", "c_attn"),
        ("embeddings", "embeddings"),
        ("weight", "weight"),
        ("811", "811"),
        ("3.4", "3.4"),
        ("", ""),
    ],
)
def test_a_module_is_named_whatever_the_tensor_is_called(name: str, module: str) -> None:
    assert module_of(name) == module
