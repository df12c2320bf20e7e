"""A checkpoint: the weight files that are loaded together as one set of tensors."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from semverlint.files import File
from semverlint.formats.safetensors import Tensor, read_safetensors
from semverlint.roles import role
from semverlint.snapshot import Snapshot

_SHARD = re.compile(r"[-_.](\d{3,6})-of-(\d{3,6})")
_INDEX = re.compile(r"\.index(\.[\w-]+)?\.json$")
PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".nemo"})
"""Endings of files whose ordinary readers run what a pickle says."""
STANDARD = frozenset({"model", "pytorch_model", "tf_model", "flax_model", "diffusion_pytorch_model", "adapter_model"})
"""Stems under which libraries look for weights by themselves (transformers `utils/__init__.py`, diffusers, peft)."""


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


@dataclass(frozen=True)
class Placed:
    """A tensor and the file its values are in."""

    tensor: Tensor
    file: File


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
            values.setdefault(_SHARD.sub("", path), []).append(path)
    return {
        key: Checkpoint(key, tuple(sorted(values.get(key, ()))), indexes.get(key))
        for key in sorted(values.keys() | indexes.keys())
    }


def _indexed(path: str) -> str:
    """The key an index belongs to; `model.safetensors.index.fp16.json` names the shards of `model.fp16.safetensors`."""
    variant = match[1] if (match := _INDEX.search(path)) else None
    whole = PurePosixPath(_INDEX.sub("", path))
    return str(whole.with_suffix(f"{variant}{whole.suffix}")) if variant else str(whole)


def tensors_of(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, Placed]:
    """Every tensor of some safetensors files by name.

    Raises:
        FileError: If a header cannot be read.
    """
    found: dict[str, Placed] = {}
    for path in paths:
        facts = snapshot.facts(read_safetensors, path)
        if facts is not None:
            found.update((name, Placed(tensor, snapshot.files[path])) for name, tensor in facts.tensors.items())
    return found


def metadata_of(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, str]:
    """The metadata of some safetensors files; of a key that several have, the last file's."""
    found: dict[str, str] = {}
    for path in paths:
        facts = snapshot.facts(read_safetensors, path)
        found.update(facts.metadata if facts else {})
    return found
