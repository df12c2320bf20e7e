"""A checkpoint: the weight files that are loaded together as one set of tensors."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from semverlint.compare.weights.placed import Placed, place
from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object
from semverlint.formats.weights import read_weights
from semverlint.roles import role
from semverlint.snapshot import Snapshot
from semverlint.text import clean

_SHARD = re.compile(r"[-_.](\d{3,6})-of-(\d{3,6})")
_INDEX = re.compile(r"\.index(\.[\w-]+)?\.json$")
_EXTERNAL = re.compile(r"(\.onnx)[._]data.*$")
"""Where ONNX keeps tensors too large for its graph: part of the same checkpoint."""
_BUNDLE = re.compile(r"\.data-\d{5}-of-\d{5}$")
"""Where TensorFlow keeps what its `.index` names."""
_VARIANT = re.compile(
    r"[-_.](?:i?q[1-8](?:_(?:\d|k|nl|x*[sml]))*|tq[12]_0|mxfp4(?:_moe)?|f16|f32|fp16|float16|half|bf16|bfloat16|fp32|float32|fp8|q?u?int[48]|q4f16|bnb4|quantized|quant|ema|non_ema"
    r"|o[1-4]|avx2|avx512_vnni|avx512|arm64)(?=[-_.]|$)",
    re.IGNORECASE,
)
_EXPORTS = frozenset({"onnx", "openvino", "gguf", "ggml", "coreml", "tflite", "mlx"})
"""Folders in which people put the same model in another format."""
_PREFIXES = ("pytorch_", "tf_", "flax_", "openvino_")
STANDARD = frozenset({"model", "pytorch_model", "tf_model", "flax_model", "diffusion_pytorch_model", "adapter_model"})
"""Stems under which libraries look for weights by themselves (transformers `utils/__init__.py`, diffusers, peft)."""

_PICKLED = frozenset({".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".nemo"})
"""Endings of files whose ordinary readers run what a pickle says."""
_PICKLE_BEGINS = (b"PK\x03\x04", b"\x80")
"""How a `.bin` of PyTorch begins: a zip archive, or a pickle of protocol 2 and later. OpenVINO, CTranslate2 and ggml
call their own files `.bin` too, and there is nothing in them to run."""


@dataclass(frozen=True)
class Checkpoint:
    """The files of one checkpoint in one revision.

    Attributes:
        key: Folder, stem and ending, shards and index folded: the same for one file and for many.
        paths: Its files with values, in order.
        index: Its index, if it has one.
    """

    key: str
    paths: tuple[str, ...]
    index: str | None

    @property
    def anchor(self) -> str:
        """The file that stands for the whole."""
        return self.index or self.paths[0] if self.paths else self.index or self.key

    @property
    def ending(self) -> str:
        """The ending of its files: `.safetensors`."""
        return PurePosixPath(self.key).suffix.lower()

    @property
    def stem(self) -> str:
        """Its name without ending and variant: `model` of `model.fp16.safetensors`."""
        return PurePosixPath(self.key).name.partition(".")[0]

    @property
    def folder(self) -> str:
        """The folder it stands in."""
        parent = str(PurePosixPath(self.key).parent)
        return "" if parent == "." else parent

    @property
    def family(self) -> tuple[str, str]:
        """What variants of one set of weights share: the component, and the name without format and precision."""
        component, _, last = self.folder.rpartition("/")
        name = _VARIANT.sub("", _VARIANT.sub("", PurePosixPath(self.key).stem))
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        return component if last.lower() in _EXPORTS else self.folder, name

    @property
    def derived(self) -> bool:
        """Whether it is made from the model itself: of another precision, or exported to another format's folder."""
        exported = self.folder.rpartition("/")[2].lower() in _EXPORTS
        return exported or _VARIANT.search(PurePosixPath(self.key).stem) is not None


def checkpoints(snapshot: Snapshot) -> dict[str, Checkpoint]:
    """Every checkpoint of a revision by its key."""
    values: dict[str, list[str]] = {}
    indexes: dict[str, str] = {}
    for path in snapshot.files:
        if role(path) != "weights":
            continue
        if _INDEX.search(path):
            indexes[_indexed(path)] = path
        else:
            whole = _BUNDLE.sub(".index", path)
            values.setdefault(_EXTERNAL.sub(r"\1", _SHARD.sub("", whole)), []).append(path)
    return {
        key: Checkpoint(key, tuple(sorted(values.get(key, ()), key=lambda path: (path != key, path))), indexes.get(key))
        for key in sorted(values.keys() | indexes.keys())
    }


def _indexed(path: str) -> str:
    """The key an index belongs to; `model.safetensors.index.fp16.json` names the shards of `model.fp16.safetensors`."""
    variant = match[1] if (match := _INDEX.search(path)) else None
    whole = PurePosixPath(_INDEX.sub("", path))
    return str(whole.with_suffix(f"{variant}{whole.suffix}")) if variant else str(whole)


def is_pickled(snapshot: Snapshot, checkpoint: Checkpoint) -> bool:
    """Whether loading a checkpoint in the ordinary way runs what a pickle says; so too where that cannot be read."""
    if checkpoint.ending != ".bin" or not checkpoint.paths:
        return checkpoint.ending in _PICKLED
    file = snapshot.files[checkpoint.paths[0]]
    try:
        return file.read(0, min(4, file.size)).startswith(_PICKLE_BEGINS)
    except FileError:
        return True


def weight_map(snapshot: Snapshot, checkpoint: Checkpoint) -> dict[str, str]:
    """Tensor → file name, as a checkpoint's index has it; empty without an index.

    Raises:
        FileError: If the index is no index.
    """
    if checkpoint.index is None:
        return {}
    index = snapshot.facts(read_json_object, checkpoint.index)
    found: Json = index.get("weight_map") if index else {}
    if not isinstance(found, dict) or not all(isinstance(shard, str) for shard in found.values()):
        raise FileError(checkpoint.index, "has no weight_map of names and shards", "save the model again")
    return found  # type: ignore[return-value]  # every value was checked to be a text


def loaded(snapshot: Snapshot, checkpoint: Checkpoint) -> list[str]:
    """The files that libraries load: the single file, else the shards of the index; shards left over are not.

    Raises:
        FileError: If the index is no index.
    """
    if checkpoint.key in checkpoint.paths:
        return [checkpoint.key]
    place = f"{checkpoint.folder}/" if checkpoint.folder else ""
    named = {place + shard for shard in weight_map(snapshot, checkpoint).values()}
    return [path for path in checkpoint.paths if path in named] or list(checkpoint.paths)


def tensors_of(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, Placed]:
    """Every tensor of some weight files by name.

    Raises:
        FileError: If a header cannot be read, or values are in a file that is not there.
    """
    found: dict[str, Placed] = {}
    for path in paths:
        facts = snapshot.facts(read_weights, path)
        for name, tensor in (facts.tensors if facts else {}).items():
            found[name] = place(tensor, _holder(snapshot, path, tensor.beside))
    return found


def _holder(snapshot: Snapshot, path: str, beside: str | None) -> File:
    """The file that holds a tensor's values."""
    if beside is None:
        return snapshot.files[path]
    folder = path.rpartition("/")[0]
    other = f"{folder}/{beside}" if folder else beside
    if other not in snapshot.files:
        raise FileError(path, f"its values are in {clean(beside, 80)}, which is not there", "publish that file too")
    return snapshot.files[other]


def metadata_of(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, str]:
    """The metadata of some safetensors files; of a key that several have, the last file's."""
    found: dict[str, str] = {}
    for path in paths:
        facts = snapshot.facts(read_weights, path)
        found.update(facts.metadata if facts else {})
    return found
