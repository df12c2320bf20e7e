"""Keras files that Keras itself and h5py wrote are read; what is damaged is refused, whatever pyfive makes of it."""

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest
import weights_support
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_support import Edits, Held, damaged, edits

from semverlint.errors import FileError
from semverlint.formats.text_files import compact
from semverlint.formats.weights import keras, read_weights
from semverlint.formats.weights.base import Tensor, WeightFile
from semverlint.formats.weights.dtypes import bytes_of, decode
from semverlint.formats.weights.keras import chunks, hdf5

SAMPLES = Path(__file__).parent / "samples"
VALID = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("keras_*"))}
ENDINGS = {name: Path(name).suffix for name in VALID}


def read(content: bytes, path: str) -> WeightFile:
    return weights_support.read(content, path)


def values(content: bytes, tensor: Tensor) -> list[float]:
    data = (content if tensor.held is None else tensor.held)[tensor.start : tensor.stop]
    return [float(value) for value in decode(data, tensor.dtype)]


def digest(text: str) -> str:
    return hashlib.sha256(compact(json.loads(text)).encode()).hexdigest()


def repacked(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(VALID["keras_model.keras"])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class TestWithPyfive:
    @pytest.fixture(autouse=True)
    def _pyfive(self) -> None:
        pytest.importorskip("pyfive")

    def test_a_legacy_file_is_read(self) -> None:
        content = VALID["keras_legacy.h5"]
        facts = read(content, "model.h5")
        assert {name: (one.dtype, one.shape) for name, one in facts.tensors.items()} == {
            "model_weights/d1/sequential_1/d1/bias": ("F32", (3,)),
            "model_weights/d1/sequential_1/d1/kernel": ("F32", (4, 3)),
            "model_weights/d2/sequential_1/d2/bias": ("F16", (2,)),
            "model_weights/d2/sequential_1/d2/kernel": ("F16", (3, 2)),
        }
        assert values(content, facts.tensors["model_weights/d1/sequential_1/d1/bias"]) == [0, 0, 0]
        assert 0 not in values(content, facts.tensors["model_weights/d1/sequential_1/d1/kernel"])
        assert facts.metadata == {"keras_version": "3.15.1", "backend": "torch"}
        assert list(facts.settings) == ["model_config"]
        assert facts.left_out == ()

    def test_an_archive_is_read_in_place(self) -> None:
        content = VALID["keras_model.keras"]
        facts = read(content, "model.keras")
        assert {name: (one.dtype, one.shape) for name, one in facts.tensors.items()} == {
            "layers/batch_normalization/vars/0": ("F32", (3,)),
            "layers/batch_normalization/vars/1": ("F32", (3,)),
            "layers/batch_normalization/vars/2": ("F32", (3,)),
            "layers/batch_normalization/vars/3": ("F32", (3,)),
            "layers/dense/vars/0": ("F32", (4, 3)),
            "layers/dense/vars/1": ("F32", (3,)),
            "layers/dense_1/vars/0": ("BF16", (3, 2)),
            "layers/dense_1/vars/1": ("BF16", (2,)),
        }
        kernel = values(content, facts.tensors["layers/dense/vars/0"])
        assert kernel[:3] == pytest.approx([0.14580512, -0.5886754, -0.34897745])
        assert values(content, facts.tensors["layers/batch_normalization/vars/3"]) == [1, 1, 1]
        assert facts.tensors["layers/dense/vars/0"].held is None
        assert facts.settings == {"model_config": digest(members()["config.json"].decode())}
        assert facts.metadata["keras_version"] == "3.15.1"

    def test_a_deflated_archive_is_held(self) -> None:
        content = repacked(members(), zipfile.ZIP_DEFLATED)
        tensors = read(content, "model.keras").tensors
        stored = read(VALID["keras_model.keras"], "model.keras").tensors
        assert list(tensors) == list(stored)
        for name, tensor in tensors.items():
            assert values(content, tensor) == values(VALID["keras_model.keras"], stored[name])

    def test_a_deflated_archive_beyond_the_limit_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keras, "MOST_HELD", 1000)
        facts = read(repacked(members(), zipfile.ZIP_DEFLATED), "model.keras")
        assert facts.tensors == {}
        assert facts.left_out == ("the member model.weights.h5, deflated: Keras stores it as it is",)

    def test_shards_assets_and_strangers(self) -> None:
        inside = members()
        weights = inside["model.weights.h5"]
        more = {**inside, "b.weights.h5": weights, "assets/vocabulary.txt": b"abc", "assets/": b"", "x.bin": b"x"}
        facts = read(repacked(more), "model.keras")
        assert len(facts.tensors) == 16
        assert "b.weights.h5/layers/dense/vars/0" in facts.tensors
        assert facts.settings["assets/vocabulary.txt"] == {"size": 3, "crc32": f"{zlib.crc32(b'abc'):08x}"}
        assert facts.aside == ("the member x.bin, which Keras does not read",)

    def test_every_kind_of_dataset_has_its_word(self) -> None:
        content = VALID["keras_odd.h5"]
        facts = read(content, "model.hdf5")
        assert {name: (one.dtype, one.shape, values(content, one)) for name, one in facts.tensors.items()} == {
            "a/b/deep": ("I64", (2,), [0, 1]),
            "bool": ("BOOL", (2,), [1, 0]),
            "chunked": ("F64", (10, 10), [0] * 100),
            "compact": ("F32", (2,), [1, 2]),
            "complex": ("C64", (3,), [0, 0, 1, 0, 2, 0]),
            "empty": ("F32", (0, 3), []),
            "half": ("F16", (3,), [0, 1, 2]),
            "scalar": ("F32", (), [3]),
            "soft": ("F16", (3,), [0, 1, 2]),
        }
        said = "\n".join(facts.left_out)
        for part in (
            "dataset big, whose type >f4",
            "dataset bytes, whose type |S2",
            "dataset null, which cannot be read",
            "dataset text, whose type |O",
            "dataset unwritten, whose values were never written",
        ):
            assert part in said
        assert facts.settings == {"model_config": digest('{"b": [1, 2.5], "a": "\u00e9"}')}
        assert facts.metadata == {"backend": "none"}

    def test_newer_structures_behind_a_user_block_are_read(self) -> None:
        content = VALID["keras_latest.h5"]
        found = hdf5.read_hdf5(Held(content, "model.h5"))
        assert values(content, found.tensors["a/w"]) == [0, 1, 2]
        assert [values(content, found.tensors[f"many/w{number}"]) for number in range(12)] == [[n] for n in range(12)]

    def test_chunks_are_put_together_and_unpacked(self) -> None:
        content = VALID["keras_chunks.h5"]
        facts = read(content, "model.h5")
        assert {name: (one.dtype, one.shape, values(content, one)) for name, one in facts.tensors.items()} == {
            "packed": ("F32", (15, 7), list(range(105))),
            "plain": ("F32", (15, 7), list(range(105))),
            "row": ("F16", (40,), list(range(40))),
        }
        assert facts.left_out == (
            "the dataset holes, of which some chunks were never written",
            "the dataset lzf, stored in chunks that only a plugin of HDF5 unpacks",
        )

    def test_more_chunks_than_there_is_memory_for_are_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chunks, "MOST_JOINED", 500)
        facts = read(VALID["keras_chunks.h5"], "model.h5")
        assert list(facts.tensors) == []
        assert "h5repack" in facts.left_out[-1]

    def test_a_chunk_that_is_no_chunk_is_refused(self) -> None:
        content = VALID["keras_chunks.h5"]
        at = content.index(b"\x78\x5e", 4000)
        with pytest.raises(FileError, match="is not what the file says of it"):
            read(content[: at + 4] + b"\xff" * 12 + content[at + 16 :], "model.h5")

    def test_groups_in_a_ring_are_refused(self) -> None:
        with pytest.raises(FileError, match="lead around without end"):
            read(VALID["keras_loop.h5"], "model.h5")

    @pytest.mark.parametrize(
        ("content", "path", "said"),
        [
            (b"\x89HDF\r\n\x1a\n", "a.h5", "cannot be read"),
            (b"\x89HDF\r\n\x1a\n" + bytes(500), "a.h5", "cannot be read"),
            (VALID["keras_legacy.h5"][:5000], "a.h5", "cannot be read"),
            (VALID["keras_legacy.h5"][:10350], "a.h5", ""),
            (VALID["keras_legacy.h5"].replace(b'{"module"', b'["module"', 1), "a.h5", "no JSON"),
            (VALID["keras_model.keras"][:-30], "a.keras", "zip directory"),
            (repacked({"config.json": b"{"}), "a.keras", "no JSON"),
            (repacked({"config.json": b"[" * 100_000}), "a.keras", "no JSON"),
            (repacked({"metadata.json": b"\xff"}), "a.keras", "no JSON"),
            (repacked({"config.json": b" " * 16_000_001}), "a.keras", "larger than a configuration"),
            (repacked({"model.weights.h5": b"nothing"}), "a.keras", "cannot be read"),
        ],
    )
    def test_a_file_that_lies_is_refused_in_one_line(self, content: bytes, path: str, said: str) -> None:
        with pytest.raises(FileError) as caught:
            read(content, path)
        assert said in str(caught.value)
        assert str(caught.value).isprintable()
        assert caught.value.remedy

    @settings(max_examples=300, deadline=None)
    @given(
        st.sampled_from(sorted(VALID)),
        edits([], 20_000, piece=9),
    )
    def test_a_damaged_file_is_read_within_its_bounds_or_refused(self, name: str, wrong: Edits) -> None:
        content = damaged(VALID[name], wrong, 8)
        try:
            facts = read_weights(Held(content, f"model{ENDINGS[name]}"))
        except FileError:
            return
        for tensor in facts.tensors.values() if facts else ():
            inside = content if tensor.held is None else tensor.held
            assert 0 <= tensor.start <= tensor.stop <= len(inside)
            assert tensor.stop - tensor.start == bytes_of(tensor.dtype, tensor.count)


@pytest.mark.parametrize("name", ["keras_legacy.h5", "keras_model.keras"])
def test_without_pyfive_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    facts = read(VALID[name], name)
    assert facts.tensors == {}
    assert facts.extra == "keras"
    assert bool(facts.settings) == name.endswith(".keras")
