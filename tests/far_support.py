"""Models that are far away: files in memory that count what is read of them, and a store that may know their chunks."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from support import safetensors
from weights_support import Held

from semverlint.compare.pair import Options, Pair
from semverlint.files import File, Range, Store, Term
from semverlint.formats.weights.dtypes import rounded
from semverlint.snapshot import Snapshot

Values = NDArray[np.float32]


class FarStore(Store):
    """A store that knows the chunks of some files.

    Attributes:
        known: File → its terms.
        fetched: Every range that was asked for ahead.
    """

    def __init__(self) -> None:
        self.known: dict[File, Sequence[Term]] = {}
        self.fetched: list[Range] = []

    def fetch(self, ranges: Sequence[Range], *, passing: bool = False) -> None:
        del passing
        self.fetched += ranges

    def terms(self, files: Sequence[File]) -> Mapping[File, Sequence[Term]]:
        return {file: self.known[file] for file in files if file in self.known}


class Far(Held):
    """A file that costs a download."""

    def __init__(self, content: bytes, path: str, store: FarStore) -> None:
        super().__init__(content, path)
        self.digests["sha256"] = hashlib.sha256(content).hexdigest()
        self._store = store

    @property
    def remote(self) -> bool:
        return True

    @property
    def store(self) -> FarStore:
        return self._store


def model(tensors: Mapping[str, Values], dtype: str = "BF16") -> bytes:
    """A safetensors file of matrices."""
    return safetensors({name: (dtype, list(values.shape), stored(values, dtype)) for name, values in tensors.items()})


def stored(values: Values, dtype: str) -> bytes:
    """Numbers as bytes of a type."""
    if dtype == "BF16":
        kept = rounded(values.reshape(-1), "BF16")
        assert kept is not None
        return (kept.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
    return values.astype({"F32": "<f4", "F16": "<f2"}[dtype]).tobytes()


def far_pair(
    old: Mapping[str, bytes], new: Mapping[str, bytes], max_download: int = 16_000_000
) -> tuple[Pair, FarStore]:
    """Two revisions that are far away."""
    store = FarStore()
    first, second = (
        Snapshot("org/model", [Far(content, path, store) for path, content in files.items()], revision=name)
        for name, files in (("v1", old), ("v2", new))
    )
    return Pair(first, second, Options(max_download=max_download)), store
