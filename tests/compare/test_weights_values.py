"""The figures of two tensors: those of their definitions, for every type, however the values are cut into blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import changes, safetensors, snapshot, write

from semverlint.changes.weights import TensorCorrupted, TensorUpdated, WeightsChanged
from semverlint.compare.weights import statistics
from semverlint.compare.weights.afar import Task
from semverlint.compare.weights.checkpoint import tensors_of
from semverlint.compare.weights.placed import Placed, Turned
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.values import compare_all, same_bytes
from semverlint.files import File, HeldFile
from semverlint.formats.weights.base import Tensor
from semverlint.formats.weights.dtypes import OVERFLOW, bytes_of, code_of, decode

RANDOM = np.random.default_rng(5)
NAME = "model.safetensors"
Array = npt.NDArray[Any]


def placed(folder: Path, dtype: str, shape: list[int], data: bytes) -> Placed:
    return tensors_of(snapshot(write(folder, {NAME: safetensors({"w": (dtype, shape, data)})})), [NAME])["w"]


def figures(tmp_path: Path, old: Array, new: Array, dtype: str = "F32") -> Statistics:
    before, after = (placed(tmp_path / str(n), dtype, list(v.shape), v.tobytes()) for n, v in enumerate((old, new)))
    return compare_all({"": Task(before, after)})[""]


def test_a_tensor_of_many_blocks_is_measured_whole(tmp_path: Path) -> None:
    old = RANDOM.normal(0, 1, 3 * statistics.BLOCK + 17).astype("<f4")
    new = old.copy()
    new[statistics.BLOCK * 2 + 5 :] += np.float32(0.25)
    found = figures(tmp_path, old, new)
    a, b = old.astype(float), new.astype(float)
    assert found.count == old.size
    assert found.changed == int((old != new).sum())
    assert found.relative_change == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a), rel=1e-5)
    assert found.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-5)
    assert found.largest == pytest.approx(0.25, rel=1e-5)


@pytest.mark.parametrize("at", [0, 1, statistics.BLOCK, 5 * statistics.BLOCK + 3, 9 * statistics.BLOCK])
def test_one_value_that_moved_is_found_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    old = RANDOM.normal(0, 1, 9 * statistics.BLOCK + 1).astype("<f4")
    new = old.copy()
    new[at] += 1
    near = figures(tmp_path, old, new)
    monkeypatch.setattr(File, "remote", property(lambda _: True))
    far = figures(tmp_path, old, new)
    for found in (near, far):
        assert (found.same, found.changed, found.count) == (False, 1, old.size)
        assert found.old_square == pytest.approx(float((old.astype(float) ** 2).sum()), rel=1e-5)
        assert found.cosine == pytest.approx(1, abs=1e-5)


def test_equal_bytes_are_the_same_without_a_figure(tmp_path: Path) -> None:
    old = RANDOM.normal(0, 1, 5000).astype("<f4")
    assert figures(tmp_path, old, old).same


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_small_integers_are_told_apart_exactly(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    dtype = data.draw(st.sampled_from(["I64", "U64", "I32", "U8", "I8", "BOOL"]))
    kind = {"I64": "<i8", "U64": "<u8", "I32": "<i4", "U8": "u1", "I8": "i1", "BOOL": "u1"}[dtype]
    info = np.iinfo(kind)
    numbers = st.lists(st.integers(int(info.min), int(info.max)), min_size=4, max_size=4)
    old, new = (np.array(data.draw(numbers), dtype=kind) for _ in range(2))
    found = figures(tmp_path_factory.mktemp("pair"), old, new, dtype)
    assert found.changed == int((old != new).sum())
    assert found.same is bool((old == new).all())


def test_neighbours_beyond_double_precision_are_not_taken_for_equal(tmp_path: Path) -> None:
    old = np.array([2**53, 1], "<i8")
    assert figures(tmp_path, old, old + np.array([1, 0]), "I64").changed == 1


def test_norms_far_apart_do_not_cancel(tmp_path: Path) -> None:
    old = RANDOM.normal(0, 1, 4096).astype("<f4")
    found = figures(tmp_path, old * np.float32(1e-8), old * np.float32(1e8))
    assert found.cosine == pytest.approx(1, abs=1e-5)


def test_numbers_whose_difference_overflows_are_still_measured(tmp_path: Path) -> None:
    old = np.full(64, 3e38, "<f4")
    found = figures(tmp_path, old, -old)
    assert found.relative_change == pytest.approx(2)
    assert found.cosine == pytest.approx(-1)


@pytest.mark.parametrize("dtype", ["F16", "F8_E4M3", "F8_E5M2"])
def test_the_least_code_that_is_no_number_is_known(dtype: str) -> None:
    width = bytes_of(dtype, 1)
    table = decode(np.arange(1 << (8 * width), dtype=f"<u{width}").tobytes(), dtype)
    positive = table[: len(table) // 2]
    assert code_of(OVERFLOW[dtype], dtype) == int(np.argmin(np.isfinite(positive)))


@pytest.mark.parametrize("dtype", ["F16", "F8_E4M3", "F8_E5M2", "BF16", "F32"])
@pytest.mark.parametrize("fault", ["none", "first", "negative"])
def test_large_numbers_and_those_that_are_none_are_measured_by_definition(
    tmp_path: Path, dtype: str, fault: str
) -> None:
    width, count = bytes_of(dtype, 1), 4096
    least = code_of(OVERFLOW.get(dtype, 1e30), dtype)
    sides = RANDOM.integers(0, least, (2, count)) + RANDOM.integers(0, 2, (2, count)) * (1 << (8 * width - 1))
    if fault != "none":
        nan = (1 << (8 * width - 1)) - 1 + (fault == "negative") * (1 << (8 * width - 1))
        sides[1, 7] = nan
    old, new = (side.astype(f"<u{width}") for side in sides)
    found = figures(tmp_path, old, new, dtype)
    a, b = (decode(side.tobytes(), dtype).astype(float) for side in (old, new))
    good = np.isfinite(b)
    assert (found.new_nan, found.new_infinite) == (int((~good).sum()), 0)
    assert found.changed == int((a != b).sum())
    assert found.old_square == pytest.approx(float((a[good] ** 2).sum()), rel=1e-4)
    assert found.difference_square == pytest.approx(float(((b - a)[good] ** 2).sum()), rel=1e-4)
    assert found.largest == pytest.approx(float(abs((b - a)[good]).max()), rel=1e-6)


@pytest.mark.parametrize("dtype", ["F6_E2M3", "F6_E3M2", "F4", "F8_E5M2FNUZ"])
def test_every_code_of_a_small_type_is_a_number_or_nan(dtype: str) -> None:
    table = decode(bytes(range(240)), dtype)
    assert table.dtype == np.float32
    assert not np.isinf(table).any()


def test_four_six_bit_values_share_three_bytes() -> None:
    codes = [0b001000, 0b101000, 0b011111, 0b000001]  # 1, -1, the largest and the smallest of E2M3
    packed = sum(code << (6 * place) for place, code in enumerate(codes))
    assert decode(packed.to_bytes(3, "little"), "F6_E2M3").tolist() == [1.0, -1.0, 7.5, 0.125]


def test_bytes_are_compared_to_the_last_one(tmp_path: Path) -> None:
    old = np.zeros(3_000_001, "u1")
    new = old.copy()
    new[-1] = 1
    sides = [placed(tmp_path / str(n), "U8", [v.size], v.tobytes()) for n, v in enumerate((old, new))]
    assert not same_bytes(*sides)
    assert same_bytes(sides[0], sides[0])


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)), dtype=st.sampled_from(["<f4", "<u2", "u1"]), data=st.data()
)
def test_a_part_of_what_is_stored_along_the_other_axis_is_that_part(
    shape: tuple[int, int], dtype: str, data: st.DataObject
) -> None:
    whole = np.arange(shape[0] * shape[1]).astype(dtype).reshape(shape)
    stored = np.ascontiguousarray(whole.T).tobytes()
    name = {"<f4": "F32", "<u2": "BF16", "u1": "U8"}[dtype]
    turned = Turned(Tensor(name, shape, 0, len(stored), order=(1, 0)), HeldFile("w", stored))
    start = data.draw(st.integers(0, len(stored)))
    stop = data.draw(st.integers(start, len(stored)))
    assert turned.read(start, stop) == whole.tobytes()[start:stop]
    assert turned.content().tobytes() == whole.tobytes()


def model(tensors: dict[str, Array]) -> dict[str, Any]:
    types = {"float32": "F32", "float16": "F16", "bool": "BOOL", "int8": "I8"}
    return {NAME: safetensors({n: (types[v.dtype.name], list(v.shape), v.tobytes()) for n, v in tensors.items()})}


W = RANDOM.normal(0, 0.02, (64, 64)).astype("<f4")
HOLED = W.copy()
HOLED[0, 0] = -np.inf
with np.errstate(over="ignore"):
    OVERFLOWN = (W * np.float32(1e7)).astype("<f2")
SCALES = RANDOM.normal(1, 0.1, 64).astype("<f4")
INF_MASK = np.where(np.tri(8, dtype=bool), 0, -np.inf).astype("<f4")
LOW_MASK = np.where(np.tri(8, dtype=bool), 0, -1e4).astype("<f4")


@pytest.mark.parametrize(
    ("kind", "old", "new", "damage"),
    [
        ("partial", {"w": W, "causal_mask": LOW_MASK}, {"w": W, "causal_mask": INF_MASK}, []),
        ("corrupted", {"w": W}, {"w": HOLED}, [("infinite", 1)]),
        ("corrupted", {"w": W}, {"w": np.full((64, 64), 0.5, "<f4")}, [("constant", 4096)]),
        ("corrupted", {"w": W}, {"w": W * 0}, [("zero", 4096)]),
        ("corrupted", {"w": W, "norm": SCALES}, {"w": W, "norm": SCALES * 0}, [("zero", 64)]),
        ("partial", {"w": W, "bias": W[0]}, {"w": W, "bias": W[0] * 0}, []),
        ("corrupted", {"w": W * 1e6}, {"w": OVERFLOWN}, [("infinite", None)]),
        ("partial", {"w": HOLED, "b": W}, {"w": HOLED * np.float32(1.01), "b": W}, []),
        ("fine-tuned", {"w": W, "mask": np.ones(9, "<f4")}, {"w": W * np.float32(1.01), "mask": np.ones(9, "?")}, []),
    ],
)
def test_damage_is_what_no_trained_tensor_holds_and_none_held_before(
    tmp_path: Path, kind: str, old: dict[str, Array], new: dict[str, Array], damage: list[tuple[str, int | None]]
) -> None:
    found = changes(tmp_path, model(old), model(new))
    assert [c.what for c in found if isinstance(c, WeightsChanged)] == [kind]
    told = [c for c in found if isinstance(c, TensorCorrupted)]
    assert [c.how for c in told] == [how for how, _ in damage]
    assert all(count is None or c.count == count for c, (_, count) in zip(told, damage, strict=True))


def test_codes_have_no_figures(tmp_path: Path) -> None:
    found = changes(tmp_path, model({"w": W}), model({"w": (W * 1000).astype("i1")}))
    (whole,) = [c for c in found if isinstance(c, WeightsChanged)]
    assert (whole.what, whole.relative_change, whole.cosine, whole.detail) == ("quantised", None, None, ": F32 → I8")
    assert not [c for c in found if isinstance(c, TensorUpdated)]


@pytest.mark.parametrize(
    ("step", "kind", "close"),
    [(0.01, "fine-tuned", False), (0.095, "fine-tuned", True), (0.105, "continued", True), (0.4, "continued", False)],
)
def test_a_step_near_the_border_is_a_close_call(tmp_path: Path, step: float, kind: str, *, close: bool) -> None:
    noise = RANDOM.normal(0, 0.02 * step, W.shape).astype("<f4")
    (whole,) = [c for c in changes(tmp_path, model({"w": W}), model({"w": W + noise})) if isinstance(c, WeightsChanged)]
    assert whole.what == kind
    assert (whole.detail == "; a close call") is close
    assert (whole.confidence < 0.75) is close


def test_weights_of_the_other_sign_are_called_that(tmp_path: Path) -> None:
    (whole,) = [c for c in changes(tmp_path, model({"w": W}), model({"w": -W})) if isinstance(c, WeightsChanged)]
    assert (whole.what, whole.detail) == ("retrained", "; they point the other way")


def test_a_frozen_half_does_not_hide_that_the_other_began_anew(tmp_path: Path) -> None:
    anew = RANDOM.normal(0, 0.02, (64, 64)).astype("<f4")
    frozen = {f"a.{n}.w": RANDOM.normal(0, 0.02, (64, 64)).astype("<f4") for n in range(3)}
    found = changes(tmp_path, model({**frozen, "b": W}), model({**frozen, "b": anew}))
    assert [c.what for c in found if isinstance(c, WeightsChanged)] == ["retrained"]
