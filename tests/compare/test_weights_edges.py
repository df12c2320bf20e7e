"""Weights where a first look deceives: two things at once, remote files, indexes, packed integers, variants."""

import json
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from support import Content, changes, pair, safetensors

from semverlint.changes import Change
from semverlint.changes.weights import (
    TensorRemoved,
    WeightsChanged,
    WeightsFileAdded,
    WeightsFileRemoved,
    WeightsFileRenamed,
)
from semverlint.changes.weights_coherence import IndexContradictsShards, TieContradictsTensors, VariantLeftBehind
from semverlint.compare import compare
from semverlint.compare.pair import Options
from semverlint.files import File

Tensors: TypeAlias = "dict[str, npt.NDArray[np.float32]]"
NAME = "model.safetensors"
RANDOM = np.random.default_rng(3)


def matrix(*shape: int) -> npt.NDArray[np.float32]:
    return RANDOM.normal(0, 0.02, shape).astype(np.float32)


def saved(tensors: Tensors, metadata: dict[str, str] | None = None) -> bytes:
    return safetensors({n: ("F32", list(v.shape), v.astype("<f4").tobytes()) for n, v in tensors.items()}, metadata)


def model(tensors: Tensors) -> dict[str, Content]:
    return {NAME: saved(tensors)}


def whole(found: list[Change]) -> list[WeightsChanged]:
    return [change for change in found if isinstance(change, WeightsChanged)]


OLD: Tensors = {
    "model.embed_tokens.weight": matrix(50, 16),
    "model.layers.0.w": matrix(64, 64),
    "model.norm": matrix(64),
}
EMBED = "model.embed_tokens.weight"
MORE = np.concatenate([OLD[EMBED], matrix(6, 16)])


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        ("vocab-appended", {**OLD, EMBED: MORE}),
        ("partial", {**OLD, EMBED: MORE * np.float32(1.01)}),
        ("retrained", {**OLD, EMBED: MORE, "model.layers.0.w": matrix(64, 64)}),
        ("fine-tuned", {**OLD, EMBED: MORE, "model.layers.0.w": OLD["model.layers.0.w"] + matrix(64, 64) / 50}),
        ("vocab-moved", {**OLD, EMBED: np.insert(OLD[EMBED], 48, matrix(1, 16), axis=0)}),
        ("vocab-moved", {**OLD, EMBED: OLD[EMBED][:40]}),
        ("retrained", {**OLD, EMBED: matrix(60, 16), "model.layers.0.w": matrix(64, 64)}),
        ("reshaped", {**OLD, EMBED: matrix(60, 8)}),
        ("reshaped", {f"encoder.block.{n}.v": matrix(9, 9) for n in range(4)}),
        ("reshaped", {"model.layers.0.w": OLD["model.layers.0.w"]}),
    ],
)
def test_rows_are_followed_one_by_one_and_the_gravest_kind_is_told(tmp_path: Path, kind: str, new: Tensors) -> None:
    assert [c.what for c in whole(changes(tmp_path, model(OLD), model(new)))] == [kind]


def test_a_copy_that_goes_while_the_weights_move_is_named(tmp_path: Path) -> None:
    tuned = {name: one * np.float32(1.01) for name, one in OLD.items()}
    found = changes(tmp_path, model({**OLD, "lm_head.weight": OLD[EMBED]}), model(tuned))
    assert [c.what for c in whole(found)] == ["fine-tuned"]
    assert [c.name for c in found if isinstance(c, TensorRemoved)] == ["lm_head.weight"]


def test_values_edited_here_and_there_are_no_adapter(tmp_path: Path) -> None:
    edited = OLD["model.layers.0.w"].copy()
    edited[3, 5] += 0.05
    (told,) = whole(changes(tmp_path, model(OLD), model({**OLD, "model.layers.0.w": edited})))
    assert (told.what, told.detail) == ("partial", "; frozen: model.embed_tokens, model.norm")


def test_packed_integers_have_no_distance(tmp_path: Path) -> None:
    def packed() -> dict[str, Content]:
        words = RANDOM.integers(0, 2**32, (64, 64), dtype=np.uint32)
        return {NAME: safetensors({"layer.qweight": ("U32", [64, 64], words.tobytes())})}

    both = pair(tmp_path, packed(), packed())
    assert [c.what for c in whole(list(compare(both)))] == ["unknown"]
    assert "packed integers" in both.undecided[0].reason


def test_zeros_of_another_sign_are_the_same_numbers(tmp_path: Path) -> None:
    zero = {**OLD, "model.norm": np.zeros(64, np.float32)}
    found = changes(tmp_path, model(zero), model({**zero, "model.norm": -np.zeros(64, np.float32)}))
    assert [c.what for c in whole(found)] == ["reserialised"]


def test_values_too_large_for_single_precision_are_still_measured(tmp_path: Path) -> None:
    huge = {"w": matrix(64, 64) * np.float32(1e30)}
    found = whole(changes(tmp_path, model(huge), model({"w": huge["w"] * np.float32(1.01)})))
    assert [c.what for c in found] == ["fine-tuned"]
    assert found[0].relative_change == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(
    ("options", "kind", "doubts"),
    [(Options(max_download=100), "unknown", 1), (Options(max_download=100, exact=True), "fine-tuned", 0)],
)
def test_values_far_away_are_read_only_where_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Options, kind: str, doubts: int
) -> None:
    monkeypatch.setattr(File, "remote", property(lambda _: True))
    near = {name: values * np.float32(1.001) for name, values in OLD.items()}
    both = pair(tmp_path, model(OLD), model(near), options)
    assert [c.what for c in whole(list(compare(both)))] == [kind]
    assert len(both.undecided) == doubts


def test_headers_alone_tell_what_is_gone_far_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(File, "remote", property(lambda _: True))
    new = {name: values * np.float32(1.001) for name, values in OLD.items() if name != EMBED}
    both = pair(tmp_path, model(OLD), model(new), Options(max_download=100))
    found = whole(list(compare(both)))
    assert [(c.what, c.evidence) for c in found] == [("reshaped", "metadata")]


def shards(index: dict[str, str]) -> dict[str, Content]:
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    return {
        first: saved({EMBED: OLD[EMBED]}),
        second: saved({name: values for name, values in OLD.items() if name != EMBED}),
        "model.safetensors.index.json": {
            "weight_map": {k: f"model-0000{v}-of-00002.safetensors" for k, v in index.items()}
        },
    }


TRUE = {EMBED: "1", "model.layers.0.w": "2", "model.norm": "2"}


@pytest.mark.parametrize(
    ("index", "missing"),
    [
        (TRUE, []),
        ({**TRUE, "model.norm": "1"}, ["tensors"]),
        ({EMBED: "1", "model.layers.0.w": "2"}, ["names"]),
        ({**TRUE, "model.extra": "3"}, ["shard"]),
    ],
)
def test_the_index_is_held_against_the_shards(tmp_path: Path, index: dict[str, str], missing: list[str]) -> None:
    found = [c for c in changes(tmp_path, model(OLD), shards(index)) if isinstance(c, IndexContradictsShards)]
    assert [(c.missing, c.already) for c in found] == [(one, False) for one in missing]


def test_a_shard_that_was_lost_is_missed_though_nobody_touched_the_index(tmp_path: Path) -> None:
    old = shards(TRUE)
    new = {path: content for path, content in old.items() if "00002-of" not in path or path.endswith(".json")}
    found = [c for c in changes(tmp_path, old, new) if isinstance(c, IndexContradictsShards)]
    assert [(c.missing, c.already) for c in found] == [("shard", False)]


def test_an_index_written_again_moves_no_weights_of_any_format(tmp_path: Path) -> None:
    shard = {"pytorch_model-00001-of-00001.bin": b"numbers"}
    index = {"weight_map": {"w": "pytorch_model-00001-of-00001.bin"}}
    old: dict[str, Content] = {**shard, "pytorch_model.bin.index.json": json.dumps(index)}
    new: dict[str, Content] = {**shard, "pytorch_model.bin.index.json": json.dumps(index, indent=4)}
    assert [c.what for c in whole(changes(tmp_path, old, new))] == ["reserialised"]


def test_a_twin_stays_in_step_with_weights_only_written_again(tmp_path: Path) -> None:
    twin: dict[str, Content] = {"pytorch_model.bin": b"numbers"}
    again = {NAME: saved(OLD, {"format": "pt"})}
    found = changes(tmp_path, {**model(OLD), **twin}, {**again, **twin})
    assert not [c for c in found if isinstance(c, VariantLeftBehind)]


def test_a_twin_is_left_behind_by_weights_trained_anew(tmp_path: Path) -> None:
    twin: dict[str, Content] = {"pytorch_model.bin": b"numbers"}
    anew = model({name: matrix(*values.shape) for name, values in OLD.items()})
    found = changes(tmp_path, {**model(OLD), **twin}, {**anew, **twin})
    assert [c.path for c in found if isinstance(c, VariantLeftBehind)] == ["pytorch_model.bin"]


def test_formats_come_and_go_with_their_names(tmp_path: Path) -> None:
    pickled: dict[str, Content] = {"pytorch_model.bin": b"PK\x03\x04numbers"}
    gone = changes(tmp_path / "gone", {**pickled, **model(OLD)}, model(OLD))
    assert [(c.format, c.other_format) for c in gone if isinstance(c, WeightsFileRemoved)] == [("bin", True)]
    came = changes(tmp_path / "came", model(OLD), {**pickled, **model(OLD)})
    assert [(c.pickled, c.safe_before) for c in came if isinstance(c, WeightsFileAdded)] == [(True, True)]
    moved = changes(tmp_path / "moved", {"a.onnx": b"graph"}, {"b.onnx": b"graph"})
    assert [(c.path, c.after) for c in moved if isinstance(c, WeightsFileRenamed)] == [("a.onnx", "b.onnx")]


@pytest.mark.parametrize(
    ("tied", "head", "count"),
    [(True, "other", 1), (True, "equal", 0), (False, "", 1), (True, "", 0), (False, "equal", 0), (False, "other", 0)],
)
def test_the_tie_flag_is_held_against_the_tensors(tmp_path: Path, tied: bool, head: str, count: int) -> None:  # noqa: FBT001 - a table
    config: dict[str, Content] = {
        "config.json": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "tie_word_embeddings": tied}
    }
    heads: dict[str, Tensors] = {
        "": {},
        "equal": {"lm_head.weight": OLD[EMBED]},
        "other": {"lm_head.weight": matrix(50, 16)},
    }
    new = {**OLD, **heads[head], "model.norm": OLD["model.norm"] * 2}
    both = pair(tmp_path, {**config, **model(OLD)}, {**config, **model(new)})
    assert len([c for c in compare(both) if isinstance(c, TieContradictsTensors)]) == count


def test_a_shard_that_lies_is_undecided_and_no_crash(tmp_path: Path) -> None:
    both = pair(tmp_path, model(OLD), {NAME: b"version https://git-lfs.github.com/spec/v1\n" * 2})
    list(compare(both))
    assert any(doubt.failed and "git lfs pull" in doubt.would_settle for doubt in both.undecided)


def test_damage_is_counted(tmp_path: Path) -> None:
    values = matrix(4, 8)
    broken = values.copy()
    broken[1, 2:4] = np.nan
    found = changes(tmp_path, model({"w.weight": values}), model({"w.weight": broken}))
    assert [c.detail for c in found if isinstance(c, WeightsChanged)] == [": w (2 NaN of 32 values)"]


def test_a_part_that_was_trained_anew_is_told_with_its_own_cosine(tmp_path: Path) -> None:
    old = {name: matrix(32, 32) for name in "abcde"}
    found = changes(tmp_path, model(old), model({**old, "e": matrix(32, 32)}))
    (one,) = [c for c in found if isinstance(c, WeightsChanged)]
    assert one.what == "retrained"
    assert one.detail.startswith("; 20% of the parameters moved, these with cosine")


def test_where_only_small_tensors_moved_it_is_said_that_no_large_one_did(tmp_path: Path) -> None:
    old = {"layers.0.w": matrix(32, 32), "layers.0.norm": matrix(32)}
    found = changes(tmp_path, model(old), model({**old, "layers.0.norm": old["layers.0.norm"] * np.float32(1.5)}))
    assert [(c.what, c.detail) for c in found if isinstance(c, WeightsChanged)] == [
        ("partial", "; none of the large matrices")
    ]
