"""Every kind of change by what was done: the kinds that a second look at the matrices tells apart."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from support import Content, changes, pair, safetensors, snapshot, write

from semverlint.changes.weights import TensorCorrupted, TensorUpdated, WeightsChanged
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import tensors_of
from semverlint.compare.weights.placed import Dequantised
from semverlint.compare.weights.quantised import dequantised
from semverlint.compare.weights.traits import Permutation, is_same_function
from semverlint.formats.weights.dtypes import rounded
from semverlint.snapshot import Snapshot

Array = npt.NDArray[Any]
RANDOM = np.random.default_rng(11)
NAME = "model.safetensors"
DTYPES = {"f4": "F32", "f2": "F16", "i1": "I8", "i4": "I32", "f8": "F64"}


def matrix(rows: int, columns: int) -> Array:
    return RANDOM.normal(0, 0.02, (rows, columns)).astype("<f4")


def layer(number: int) -> dict[str, Array]:
    head = f"model.layers.{number}"
    return {
        f"{head}.self_attn.q_proj.weight": matrix(96, 96),
        f"{head}.self_attn.k_proj.weight": matrix(48, 96),
        f"{head}.self_attn.v_proj.weight": matrix(48, 96),
        f"{head}.mlp.up_proj.weight": matrix(160, 96),
        f"{head}.mlp.down_proj.weight": matrix(96, 160),
        f"{head}.norm.weight": np.ones(96, "<f4"),
    }


OLD: dict[str, Array] = {name: one for number in range(4) for name, one in layer(number).items()}


def stored(tensors: Mapping[str, Array]) -> Content:
    return safetensors(
        {
            name: (DTYPES[one.dtype.str[1:]], list(one.shape), np.ascontiguousarray(one).tobytes())
            for name, one in tensors.items()
        }
    )


def whole(tmp_path: Path, old: Mapping[str, Array], new: Mapping[str, Array]) -> WeightsChanged:
    found = [c for c in changes(tmp_path, {NAME: stored(old)}, {NAME: stored(new)}) if isinstance(c, WeightsChanged)]
    assert len(found) == 1
    return found[0]


def with_adapter(rank: int, names: str, step: float = 0.02) -> dict[str, Array]:
    new = dict(OLD)
    for name, one in OLD.items():
        if names in name and one.ndim == 2:
            delta = RANDOM.normal(0, 1, (one.shape[0], rank)) @ RANDOM.normal(0, 1, (rank, one.shape[1]))
            new[name] = (one + delta * step * np.linalg.norm(one) / np.linalg.norm(delta)).astype("<f4")
    return new


@pytest.mark.parametrize("rank", [1, 4, 16])
def test_a_merged_adapter_is_told_by_its_rank(tmp_path: Path, rank: int) -> None:
    one = whole(tmp_path, OLD, with_adapter(rank, "proj"))
    assert (one.what, one.detail) == ("low-rank", f": rank {rank} in down_proj, k_proj, q_proj, up_proj and 1 more")


@pytest.mark.parametrize(("shape", "rank"), [((2, 128, 96), 4), ((96, 24, 3, 3), 48), ((96, 96), 60), ((6, 200), 2)])
def test_a_rank_shows_however_a_tensor_is_folded(tmp_path: Path, shape: tuple[int, ...], rank: int) -> None:
    old = {f"layers.{n}.proj.weight": RANDOM.normal(0, 0.02, shape).astype("<f4") for n in range(3)}
    new = {}
    for name, one in old.items():
        rows = shape[0] * shape[1] if len(shape) == 3 else shape[0]
        delta = RANDOM.normal(0, 1, (rows, rank)) @ RANDOM.normal(0, 1, (rank, one.size // rows))
        new[name] = (one + 0.02 * delta.reshape(shape) * np.linalg.norm(one) / np.linalg.norm(delta)).astype("<f4")
    assert whole(tmp_path, old, new).detail == f": rank {rank} in proj"


@pytest.mark.parametrize("shape", [(2, 128, 96), (96, 24, 3, 3), (96, 96), (6, 200), (4, 4), (3, 500)])
def test_a_full_rank_stays_one_however_small_a_tensor_is(tmp_path: Path, shape: tuple[int, ...]) -> None:
    old = {f"layers.{n}.proj.weight": RANDOM.normal(0, 0.02, shape).astype("<f4") for n in range(3)}
    new = {name: (one + RANDOM.normal(0, 0.0004, shape)).astype("<f4") for name, one in old.items()}
    assert whole(tmp_path, old, new).what == "fine-tuned"


def test_a_high_rank_shows_through_rounding(tmp_path: Path) -> None:
    def half(one: Array) -> Array:
        kept = rounded(one, "BF16")
        assert kept is not None
        return kept

    def content(tensors: Mapping[str, Array]) -> Content:
        upper = {name: (half(one).view("<u4") >> 16).astype("<u2").tobytes() for name, one in tensors.items()}
        return safetensors({name: ("BF16", list(one.shape), upper[name]) for name, one in tensors.items()})

    old = {f"layers.{n}.proj.weight": half(matrix(192, 192)) for n in range(3)}
    new = {}
    for name, one in old.items():
        delta = RANDOM.normal(0, 1, (192, 64)) @ RANDOM.normal(0, 1, (64, 192))
        new[name] = (one + delta * 0.02 * np.linalg.norm(one) / np.linalg.norm(delta)).astype("<f4")
    (told,) = [
        c for c in changes(tmp_path, {NAME: content(old)}, {NAME: content(new)}) if isinstance(c, WeightsChanged)
    ]
    assert (told.what, told.detail) == ("low-rank", ": rank 64 in proj")


def test_an_adapter_on_few_modules_names_them(tmp_path: Path) -> None:
    new = with_adapter(8, "up_proj")
    found = changes(tmp_path, {NAME: stored(OLD)}, {NAME: stored(new)})
    one = next(c for c in found if isinstance(c, WeightsChanged))
    assert (one.what, one.detail, one.moved) == ("low-rank", ": rank 8 in up_proj", 4)
    assert {c.rank for c in found if isinstance(c, TensorUpdated)} == {8}


def test_a_fine_tune_whose_difference_is_compressible_is_no_adapter(tmp_path: Path) -> None:
    new = {}
    for name, one in OLD.items():
        noise = RANDOM.normal(0, 1, one.shape) * (1.0 + np.arange(one.shape[-1])) ** -0.7
        new[name] = (one + 0.02 * noise * np.linalg.norm(one) / np.linalg.norm(noise)).astype("<f4")
    assert whole(tmp_path, OLD, new).what == "fine-tuned"


@pytest.mark.parametrize(("pattern", "told"), [("half", "50%"), ("2:4", "50%"), ("1:4", "75%")])
def test_pruning_is_told_with_its_pattern(tmp_path: Path, pattern: str, told: str) -> None:
    new = {}
    for name, values in OLD.items():
        kept = values.copy()
        if pattern == "half":
            kept[np.abs(kept) < np.median(np.abs(kept))] = 0
        else:
            order = np.argsort(np.abs(kept.reshape(-1, 4)), axis=1)
            np.put_along_axis(kept.reshape(-1, 4), order[:, : 4 - int(pattern[0])], 0, axis=1)
        new[name] = kept if values.ndim > 1 else values
    one = whole(tmp_path, OLD, new)
    ending = "" if pattern == "half" else f", {pattern}"
    assert (one.what, one.detail) == ("pruned", f": {told} of the large matrices are zero{ending}")


def test_hidden_units_in_another_order_are_the_same_function(tmp_path: Path) -> None:
    new = dict(OLD)
    for number in range(4):
        up, down = f"model.layers.{number}.mlp.up_proj.weight", f"model.layers.{number}.mlp.down_proj.weight"
        order = RANDOM.permutation(160)
        new[up], new[down] = OLD[up][order], OLD[down][:, order]
    only = {name for name in OLD if "mlp" in name}
    one = whole(tmp_path, {n: OLD[n] for n in only}, {n: new[n] for n in only})
    assert one.what == "permuted"


def test_rows_shuffled_by_themselves_are_not(tmp_path: Path) -> None:
    new = {name: one[RANDOM.permutation(len(one))] if one.ndim > 1 else one for name, one in OLD.items()}
    assert whole(tmp_path, OLD, new).what == "retrained"
    assert not is_same_function([Permutation("a", ""), Permutation("b", "")])
    assert is_same_function([Permutation("a", ""), Permutation("", "a")])


@pytest.mark.parametrize(("dtype", "step"), [("<f4", 0.1), ("<f2", 0.004)])
def test_a_mixture_of_known_revisions_is_told_with_its_shares(tmp_path: Path, dtype: str, step: float) -> None:
    """In half precision much of a small step is rounding: here a tenth of it."""
    moved = {name: one + RANDOM.normal(0, step * 0.02, one.shape) for name, one in OLD.items()}
    old, other = ({name: one.astype(dtype) for name, one in side.items()} for side in (OLD, moved))
    mixed = {name: (0.7 * one + 0.3 * moved[name]).astype(dtype) for name, one in OLD.items()}
    sides = [snapshot(write(tmp_path / str(n), {NAME: stored(t)})) for n, t in enumerate((old, mixed, other))]
    found = list(compare(Pair(sides[0], sides[1], known=[sides[2]])))
    one = next(c for c in found if isinstance(c, WeightsChanged))
    assert one.what == "interpolated"
    assert one.detail.startswith(": 0.70 of the old one + 0.30 of ")
    assert [c.what for c in compare(Pair(sides[0], sides[1])) if isinstance(c, WeightsChanged)] == ["fine-tuned"]


def test_other_revisions_are_asked_for_only_where_nothing_else_explains_the_change(tmp_path: Path) -> None:
    def other_releases() -> Iterator[Snapshot]:
        asked.append(True)
        yield from ()

    asked: list[bool] = []
    pruned = {name: np.where(np.abs(one) < np.median(np.abs(one)), 0, one).astype("<f4") for name, one in OLD.items()}
    moved = {name: (one * np.float32(1.01)).astype("<f4") for name, one in OLD.items()}
    sides = [snapshot(write(tmp_path / str(n), {NAME: stored(t)})) for n, t in enumerate((OLD, pruned, moved))]
    assert list(compare(Pair(sides[0], sides[1], known=other_releases())))
    assert not asked
    assert list(compare(Pair(sides[0], sides[2], known=other_releases())))
    assert asked


def test_transposed_matrices_are_held_against_the_old_ones(tmp_path: Path) -> None:
    new = {name: np.ascontiguousarray(one.T) if one.ndim > 1 else one for name, one in OLD.items()}
    one = whole(tmp_path, OLD, new)
    assert (one.what, one.moved) == ("transposed", 0)
    square = {name: one for name, one in OLD.items() if "q_proj" in name}
    assert (
        whole(tmp_path / "square", square, {n: np.ascontiguousarray(t.T) for n, t in square.items()}).what
        == "transposed"
    )


def fused(tensors: Mapping[str, Array]) -> dict[str, Array]:
    found = dict(tensors)
    for number in range(4):
        head = f"model.layers.{number}.self_attn."
        found[f"{head}qkv_proj.weight"] = np.concatenate([found.pop(f"{head}{part}_proj.weight") for part in "qkv"])
    return found


def test_fused_and_split_tensors_are_the_old_ones(tmp_path: Path) -> None:
    one = whole(tmp_path, OLD, fused(OLD))
    assert (one.what, one.moved) == ("fused", 0)
    assert one.detail == ": q_proj, k_proj, v_proj → qkv_proj"
    assert whole(tmp_path / "back", fused(OLD), OLD).what == "split"


def test_fused_tensors_that_moved_are_recognised_by_their_names(tmp_path: Path) -> None:
    moved = {name: (one * np.float32(1.01)).astype("<f4") for name, one in OLD.items()}
    one = whole(tmp_path, OLD, fused(moved))
    assert (one.what, one.moved > 0) == ("fused", True)


def turned(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Every matrix along its other axis, under another name."""
    return {
        name.replace("model.layers.", "transformer.h."): np.ascontiguousarray(one.T) if one.ndim > 1 else one
        for name, one in tensors.items()
    }


@pytest.mark.parametrize("step", [0, 0.0002])
def test_what_is_transposed_may_be_renamed_or_fused_as_well(tmp_path: Path, step: float) -> None:
    new = {name: (one + RANDOM.normal(0, step, one.shape)).astype("<f4") for name, one in OLD.items()} if step else OLD
    one = whole(tmp_path, OLD, turned(new))
    assert (one.what, one.moved) == ("transposed", 24 if step else 0)
    assert "; renamed: model.layers → transformer.h" in one.detail
    one = whole(tmp_path / "fused", OLD, turned(fused(new)))
    assert (one.what, one.moved > 0) == ("fused", bool(step))
    assert "q_proj, k_proj, v_proj → qkv_proj; others renamed: model.layers → transformer.h; transposed" in one.detail
    other = {name: matrix(*one.shape) if one.ndim > 1 else one for name, one in turned(OLD).items()}
    assert whole(tmp_path / "other", OLD, other).what == "reshaped"


def test_a_copy_of_the_embeddings_is_no_new_tensor(tmp_path: Path) -> None:
    tied = {"model.embed_tokens.weight": matrix(300, 96), **OLD}
    untied = {**tied, "lm_head.weight": tied["model.embed_tokens.weight"]}
    assert whole(tmp_path, tied, untied).what == "untied"
    assert whole(tmp_path / "back", untied, tied).what == "tied"
    other = {**tied, "lm_head.weight": matrix(300, 96)}
    assert whole(tmp_path / "other", other, tied).what == "reshaped"


def test_layers_that_stayed_are_named(tmp_path: Path) -> None:
    kept = {0: 0, 2: 1, 3: 2}
    new = {
        n.replace(f".{old}.", f".{now}."): one for old, now in kept.items() for n, one in OLD.items() if f".{old}." in n
    }
    one = whole(tmp_path, OLD, new)
    assert (one.what, one.detail) == ("depth-changed", ": 4 → 3 (kept {0,2-3}; dropped 1)")
    tuned = {name: (values + RANDOM.normal(0, 0.0004, values.shape)).astype("<f4") for name, values in new.items()}
    one = whole(tmp_path / "tuned", OLD, tuned)
    assert one.what == "depth-changed"
    assert one.detail.startswith(": 4 → 3 (kept {0,2-3}; dropped 1); 18 tensors moved too (relative change 0.02")
    more = {**OLD, **{n.replace(".1.", ".4."): one for n, one in OLD.items() if ".1." in n}}
    assert whole(tmp_path / "more", OLD, more).detail == ": 4 → 5 (kept {0-3}; repeated as 4)"


def test_what_was_cut_out_is_told_from_what_is_new(tmp_path: Path) -> None:
    rows = np.sort(RANDOM.permutation(160)[:120])
    new = dict(OLD)
    for number in range(4):
        up, down = f"model.layers.{number}.mlp.up_proj.weight", f"model.layers.{number}.mlp.down_proj.weight"
        new[up], new[down] = OLD[up][rows], OLD[down][:, rows]
    assert whole(tmp_path, OLD, new).what == "slimmed"
    new["model.layers.0.mlp.up_proj.weight"] = matrix(120, 96)
    assert whole(tmp_path / "anew", OLD, new).what == "reshaped"


@pytest.mark.parametrize(
    ("factor", "how"), [(np.float32(1e-41), "denormal"), (np.float32(1e6), "out of scale"), (np.float32(0), "zero")]
)
def test_matrices_of_an_absurd_size_are_damage(tmp_path: Path, factor: np.float32, how: str) -> None:
    name = "model.layers.1.mlp.up_proj.weight"
    new = {**OLD, name: OLD[name] * factor}
    found = changes(tmp_path, {NAME: stored(OLD)}, {NAME: stored(new)})
    assert [(c.name, c.how) for c in found if isinstance(c, TensorCorrupted)] == [(name, how)]


def test_scaled_codes_are_seen_as_numbers(tmp_path: Path) -> None:
    codes: dict[str, Array] = {}
    plain: dict[str, Array] = {}
    for name, values in OLD.items():
        if values.ndim == 1:
            codes[name] = plain[name] = values
            continue
        scale = (np.abs(values).max(axis=1, keepdims=True) / 127).astype("<f4")
        codes[name] = np.rint(values / scale).astype("i1")
        codes[f"{name}_scale"] = scale
        plain[name] = codes[name].astype("<f4") * scale
    one = whole(tmp_path, OLD, codes)
    assert one.what == "quantised"
    assert one.detail.startswith(": F32 → int8, scaled; relative error 0.0")
    assert whole(tmp_path / "back", codes, plain).what == "dequantised"
    assert (
        whole(
            tmp_path / "anew", codes, {n: np.roll(t, 1, 0) if t.dtype == np.int8 else t for n, t in codes.items()}
        ).what
        == "retrained"
    )


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (16, 1)])
def test_scales_of_blocks_are_spread_over_them(tmp_path: Path, rows: int, columns: int) -> None:
    codes = RANDOM.integers(-127, 128, (16, 12)).astype("i1")
    scale = RANDOM.random((rows, columns)).astype("<f4")
    both = {"a.weight": codes, "a.weight_scale_inv": scale}
    every = dequantised(tensors_of(snapshot(write(tmp_path, {NAME: stored(both)})), [NAME]))
    one = every["a.weight"]
    assert isinstance(one, Dequantised)
    assert set(every) == {"a.weight"}
    expected = codes * np.kron(scale, np.ones((16 // rows, 12 // columns)))
    assert np.allclose(one.floats(0, 192).reshape(16, 12), expected)
    assert np.allclose(one.floats(17, 101), expected.reshape(-1)[17:101])


def test_the_last_block_may_be_cut_short(tmp_path: Path) -> None:
    codes = RANDOM.integers(-127, 128, (576, 192)).astype("i1")
    scale = RANDOM.random((5, 2)).astype("<f4")  # blocks of 128, as DeepSeek's
    both = {"a.weight": codes, "a.weight_scale_inv": scale}
    one = dequantised(tensors_of(snapshot(write(tmp_path, {NAME: stored(both)})), [NAME]))["a.weight"]
    expected = codes * np.kron(scale, np.ones((128, 128)))[:576, :192]
    assert np.allclose(one.floats(0, codes.size).reshape(codes.shape), expected)


def test_a_scale_of_another_shape_is_left_alone(tmp_path: Path) -> None:
    both = {"a.weight": np.ones((16, 12), "i1"), "a.weight_scale": np.ones((5, 12), "<f4")}
    every = dequantised(tensors_of(snapshot(write(tmp_path, {NAME: stored(both)})), [NAME]))
    assert set(every) == {"a.weight", "a.weight_scale"}
    assert not any(isinstance(one, Dequantised) for one in every.values())


def test_another_format_of_the_same_tensors_is_the_same_model(tmp_path: Path) -> None:
    import io  # noqa: PLC0415 - for this test alone

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **OLD)
    both = pair(tmp_path, {"model.npz": buffer.getvalue()}, {NAME: stored(OLD)})
    assert [c.what for c in compare(both) if isinstance(c, WeightsChanged)] == ["reformatted"]
    assert both.undecided == []
