"""Files of weights: formats, twins, variants, indexes, metadata, and what may be downloaded for them."""

import io
from pathlib import Path

import numpy as np
import pytest
from support import Content, Model, changes, pair, safetensors

from semverlint.changes.weights import WeightsChanged, WeightsFileAdded, WeightsFileRemoved, WeightsMetadataChanged
from semverlint.changes.weights_coherence import (
    IndexContradictsShards,
    IndexTotalDisagrees,
    NameContradictsDtype,
    TieContradictsTensors,
    VariantLeftBehind,
)
from semverlint.compare import compare
from semverlint.compare.pair import Options
from semverlint.files import File

RANDOM = np.random.default_rng(13)
DATA = RANDOM.normal(0, 0.02, 64 * 64).astype("<f4")
SAFE = safetensors({"w": ("F32", [64, 64], DATA.tobytes())})
TUNED = safetensors({"w": ("F32", [64, 64], (DATA * np.float32(1.01)).tobytes())})
AGAIN = safetensors({"w": ("F32", [64, 64], DATA.tobytes())}, {"by": "me"})
PICKLE = b"PK\x03\x04 an archive"
OTHER = b"\x00\x01 no pickle"


def held(dtype: str, size: int) -> bytes:
    return safetensors({"w": (dtype, [8, 8], bytes(64 * size))})


def kinds(tmp_path: Path, old: Model, new: Model) -> dict[str, str]:
    both = pair(tmp_path, old, new)
    return {c.path: c.what for c in compare(both) if isinstance(c, WeightsChanged)}


@pytest.mark.parametrize(
    ("name", "content", "pickled"),
    [
        ("pytorch_model.bin", PICKLE, True),
        ("pytorch_model.bin", b"\x80\x02\x8a", True),
        ("openvino_model.bin", OTHER, False),
        ("pytorch_model.bin", b"", False),
        ("model.pt", OTHER, True),
        ("model.ckpt", OTHER, True),
        ("model.onnx", OTHER, False),
        ("model.gguf", OTHER, False),
    ],
)
def test_a_pickle_is_told_by_its_ending_and_a_bin_by_how_it_begins(
    tmp_path: Path, name: str, content: bytes, *, pickled: bool
) -> None:
    both = pair(tmp_path, {"x.safetensors": SAFE}, {"x.safetensors": SAFE, name: content})
    came = [c for c in compare(both) if isinstance(c, WeightsFileAdded)]
    assert [(c.path, c.pickled, c.safe_before) for c in came] == [(name, pickled, True)]


@pytest.mark.parametrize("name", ["model.zip", "export/model.tar.gz", "Model.7Z"])
def test_what_an_archive_holds_is_undecided(tmp_path: Path, name: str) -> None:
    both = pair(tmp_path, {name: PICKLE}, {name: PICKLE + b"!"})
    assert [change.path for change in compare(both)] == [name]
    assert [doubt.path for doubt in both.undecided] == [name]


def test_a_format_that_libraries_prefer_is_a_question_until_its_twin_can_be_read(tmp_path: Path) -> None:
    both = pair(tmp_path, {"pytorch_model.bin": PICKLE}, {"pytorch_model.bin": PICKLE, "model.safetensors": SAFE})
    came = [c for c in compare(both) if isinstance(c, WeightsFileAdded)]
    assert [c.preferred for c in came] == [True]
    assert [(doubt.path, doubt.failed) for doubt in both.undecided] == [("model.safetensors", False)]
    assert "pytorch_model.bin" in both.undecided[0].reason


def test_a_preferred_format_with_other_names_is_held_against_the_old_one(tmp_path: Path) -> None:
    matrices = {f"model.layers.{n}.w": RANDOM.normal(0, 0.02, (32, 32)).astype("<f4") for n in range(3)}
    stream = io.BytesIO()
    np.savez(stream, **matrices)  # type: ignore[arg-type]  # names are keywords
    renamed = {f"transformer.h.{n}.w": one.astype("<f2") for n, one in enumerate(matrices.values())}
    after = safetensors({name: ("F16", [32, 32], one.tobytes()) for name, one in renamed.items()})
    found = changes(tmp_path, {"model.npz": stream.getvalue()}, {"model.safetensors": after})
    (one,) = [c for c in found if isinstance(c, WeightsChanged)]
    assert (one.what, one.detail) == ("renamed", ": model.layers → transformer.h; rounded too: F32 → F16")


@pytest.mark.parametrize("name", ["detector.safetensors", "model.onnx", "sub/model.safetensors"])
def test_a_format_nobody_loads_by_itself_is_no_question(tmp_path: Path, name: str) -> None:
    old: dict[str, Content] = {"pytorch_model.bin": PICKLE}
    came = [c for c in changes(tmp_path, old, {**old, name: SAFE}) if isinstance(c, WeightsFileAdded)]
    assert [c.preferred for c in came] == [False]


@pytest.mark.parametrize(
    ("gone", "left", "other", "only_pickled"),
    [
        ("model.safetensors", {"pytorch_model.bin": PICKLE}, True, True),
        ("model.safetensors", {"pytorch_model.bin": PICKLE, "model.onnx": OTHER}, True, False),
        ("pytorch_model.bin", {"model.safetensors": SAFE}, True, False),
        ("tf_model.h5", {"model.safetensors": SAFE}, True, False),
        ("model.onnx", {"other.safetensors": SAFE}, False, False),
        ("model.safetensors", {"model.fp16.safetensors": SAFE}, False, False),
    ],
)
def test_a_format_that_goes_is_judged_by_what_is_left(
    tmp_path: Path, gone: str, left: dict[str, Content], *, other: bool, only_pickled: bool
) -> None:
    old = {**left, gone: PICKLE if gone.endswith("bin") else SAFE[::-1]}
    found = [c for c in changes(tmp_path, old, left) if isinstance(c, WeightsFileRemoved)]
    assert [(c.path, c.other_format, c.only_pickled) for c in found] == [(gone, other, only_pickled)]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ({"format": "pt"}, {"format": "mlx"}, ["none"]),
        ({"format": "pt"}, {"format": "np"}, ["every"]),
        ({"format": "pt", "by": "me"}, {"by": "me"}, ["every"]),
        ({"format": "pt"}, None, ["older"]),
        (None, {"format": "pt"}, ["none"]),
        ({"format": "pt"}, {"format": "pt", "by": "me"}, ["none"]),
    ],
)
def test_the_one_key_that_readers_look_at_is_told_from_the_rest(
    tmp_path: Path, before: dict[str, str] | None, after: dict[str, str] | None, refused: list[str]
) -> None:
    tensors = {"w": ("F32", [1], bytes(4))}
    old, new = ({"model.safetensors": safetensors(tensors, one)} for one in (before, after))
    found = changes(tmp_path, old, new)
    assert [c.refused_by for c in found if isinstance(c, WeightsMetadataChanged)] == refused


@pytest.mark.parametrize(
    ("unmoved", "moved", "told"),
    [
        ("pytorch_model.bin", "model.safetensors", ("pytorch_model.bin", True)),
        ("model.fp16.safetensors", "model.safetensors", ("model.fp16.safetensors", False)),
        ("onnx/model.onnx", "model.safetensors", ("onnx/model.onnx", False)),
        ("onnx/model_quantized.onnx", "model.safetensors", ("onnx/model_quantized.onnx", False)),
        ("openvino/openvino_model.bin", "model.safetensors", ("openvino/openvino_model.bin", False)),
        ("onnx/model_qint8_avx512_vnni.onnx", "model.safetensors", ("onnx/model_qint8_avx512_vnni.onnx", False)),
        ("model.safetensors", "model.fp16.safetensors", None),
        ("onnx/model_O2.onnx", "onnx/model_O3.onnx", None),
        ("decoder.safetensors", "encoder.safetensors", None),
        ("vae/model.safetensors", "unet/model.safetensors", None),
    ],
)
def test_what_is_made_from_a_model_is_behind_when_the_model_moves(
    tmp_path: Path, unmoved: str, moved: str, told: tuple[str, bool] | None
) -> None:
    both = pair(tmp_path, {unmoved: SAFE, moved: SAFE}, {unmoved: SAFE, moved: TUNED})
    left = [(c.path, c.twin) for c in compare(both) if isinstance(c, VariantLeftBehind)]
    assert left == ([told] if told else [])


def test_a_variant_only_written_again_is_behind_too(tmp_path: Path) -> None:
    old: dict[str, Content] = {"model.safetensors": SAFE, "model.fp32.safetensors": SAFE}
    new: dict[str, Content] = {"model.safetensors": TUNED, "model.fp32.safetensors": AGAIN}
    found = changes(tmp_path, old, new)
    assert [c.path for c in found if isinstance(c, VariantLeftBehind)] == ["model.fp32.safetensors"]


@pytest.mark.parametrize(
    ("path", "content", "promised"),
    [
        ("model.fp16.safetensors", held("F32", 4), ["F16"]),
        ("model.fp16.safetensors", held("F16", 2), []),
        ("fp16/model.safetensors", held("F32", 4), ["F16"]),
        ("model-fp8.safetensors", held("BF16", 2), ["F8"]),
        ("model-fp8.safetensors", held("F8_E4M3", 1), []),
        ("x_int8.safetensors", held("F32", 4), ["I8"]),
        ("halfway.safetensors", held("F32", 4), []),
        ("model.bf16.safetensors", safetensors({"w": ("F32", [4], bytes(16))}), []),
    ],
)
def test_a_name_is_held_to_the_type_it_promises(tmp_path: Path, path: str, content: bytes, promised: list[str]) -> None:
    found = changes(tmp_path, {}, {path: content})
    assert [c.promised for c in found if isinstance(c, NameContradictsDtype)] == promised


PARTS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
HALVES = [safetensors({n: ("F32", [32, 64], DATA[k * 2048 :][:2048].tobytes())}) for k, n in enumerate("ab")]


def shards(total: object) -> dict[str, Content]:
    index = {"metadata": {"total_size": total}, "weight_map": dict(zip("ab", PARTS, strict=True))}
    return {**dict(zip(PARTS, HALVES, strict=True)), "model.safetensors.index.json": index}


@pytest.mark.parametrize(("total", "count"), [(16384, 0), (16384.0, 0), (16000, 1), (None, 0), ("16000", 0), (True, 0)])
def test_the_size_in_the_index_is_added_up(tmp_path: Path, total: object, count: int) -> None:
    found = changes(tmp_path, {}, shards(total))
    assert [c.held for c in found if isinstance(c, IndexTotalDisagrees)] == [16384] * count


def test_shards_left_over_from_another_cut_are_not_loaded(tmp_path: Path) -> None:
    stale = safetensors({"a": ("F32", [32, 64], bytes(8192))})
    found = changes(tmp_path, shards(16384), {**shards(24576), "model-00001-of-00003.safetensors": stale})
    assert [(c.what, c.moved) for c in found if isinstance(c, WeightsChanged)] == [("reserialised", 0)]


@pytest.mark.parametrize("weight_map", [[], None, {"a": 3}])
def test_an_index_that_is_none_is_undecided(tmp_path: Path, weight_map: object) -> None:
    new = {**shards(16384), "model.safetensors.index.json": {"weight_map": weight_map}}
    both = pair(tmp_path, shards(16384), new)
    assert not [c for c in compare(both) if isinstance(c, IndexContradictsShards)]
    assert [(doubt.path, doubt.failed) for doubt in both.undecided] == [("model.safetensors.index.json", True)]


def test_a_contradiction_that_was_there_before_is_marked(tmp_path: Path) -> None:
    found = changes(tmp_path, shards(1), {**shards(2)})
    assert [c.already for c in found if isinstance(c, IndexTotalDisagrees)] == [True]


def test_external_data_belong_to_their_graph(tmp_path: Path) -> None:
    old: dict[str, Content] = {"model.onnx": b"graph", "model.onnx_data": b"one"}
    assert kinds(tmp_path, old, {**old, "model.onnx_data": b"two"}) == {"model.onnx": "unknown"}


def test_a_tie_flag_of_the_language_part_counts(tmp_path: Path) -> None:
    config: dict[str, object] = {
        "architectures": ["XForConditionalGeneration"],
        "text_config": {"tie_word_embeddings": False},
    }
    weights = safetensors({"model.embed_tokens.weight": ("F32", [64, 64], DATA.tobytes())})
    found = changes(tmp_path, {"config.json": config}, {"config.json": config, "model.safetensors": weights})
    assert [(c.tied, c.head) for c in found if isinstance(c, TieContradictsTensors)] == [(False, False)]


def test_what_may_be_downloaded_is_shared_by_all_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(File, "remote", property(lambda _: True))
    names = [f"{part}/model.safetensors" for part in ("a", "b", "c")]
    both = pair(tmp_path, dict.fromkeys(names, SAFE), dict.fromkeys(names, TUNED), Options(max_download=70_000))
    told = {c.path: c.what for c in compare(both) if isinstance(c, WeightsChanged)}
    assert list(told.values()) == ["fine-tuned", "fine-tuned", "unknown"]
    assert [doubt.path for doubt in both.undecided] == ["c/model.safetensors"]
