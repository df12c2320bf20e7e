"""What the weight files of one revision say about each other, the configuration, and their own names."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from semverlint.changes.base import Change
from semverlint.changes.weights import What
from semverlint.changes.weights_coherence import (
    IndexContradictsShards,
    IndexTotalDisagrees,
    NameContradictsDtype,
    NameContradictsSize,
    TieContradictsTensors,
)
from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import STANDARD, Checkpoint, loaded, tensors_of, weight_map
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.values import same_bytes
from semverlint.compare.weights.variants import variants_in_step
from semverlint.errors import FileError
from semverlint.formats.text_files import read_json_object
from semverlint.formats.weights.dtypes import PACKED, SMALL
from semverlint.snapshot import Snapshot
from semverlint.versions.names import amount, name_of

Contradiction: TypeAlias = (
    IndexContradictsShards | IndexTotalDisagrees | NameContradictsDtype | NameContradictsSize | TieContradictsTensors
)

_WITH_HEADS = ("ForCausalLM", "ForConditionalGeneration")
"""Classes that name tokens, and so have an output head, or share the embeddings."""

_UNPACKED = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
"""Types that hold one parameter a value."""

_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
_PRECISIONS = {
    **dict.fromkeys(("fp16", "f16", "float16", "half"), "F16"),
    **dict.fromkeys(("bf16", "bfloat16"), "BF16"),
    **dict.fromkeys(("fp32", "f32", "float32"), "F32"),
}
"""Words for types of numbers in the names of models."""
_PROMISES = (
    ("F16", re.compile(r"(?:^|[-_./])(?:fp16|float16|half)(?=[-_./]|$)", re.IGNORECASE), {"F16"}),
    ("BF16", re.compile(r"(?:^|[-_./])(?:bf16|bfloat16)(?=[-_./]|$)", re.IGNORECASE), {"BF16"}),
    ("F32", re.compile(r"(?:^|[-_./])(?:fp32|float32)(?=[-_./]|$)", re.IGNORECASE), {"F32"}),
    ("F8", re.compile(r"(?:^|[-_./])(?:fp8|float8)(?=[-_./]|$)", re.IGNORECASE), SMALL),
    ("I8", re.compile(r"(?:^|[-_./])(?:int8|w8a8)(?=[-_./]|$)", re.IGNORECASE), SMALL | PACKED),
)
"""What names of files and folders promise, and the types that keep the promise."""


def contradictions(
    pair: Pair, old: Mapping[str, Checkpoint], new: Mapping[str, Checkpoint], told: Mapping[str, What]
) -> Iterator[Change]:
    """Contradictions that a touched file may be part of.

    Args:
        pair: The two revisions.
        old: The old checkpoints by key.
        new: The new ones.
        told: What happened to those that both revisions have.
    """
    yield from variants_in_step(pair, old, new, told)
    most = sys.maxsize if pair.options.exact else pair.options.max_download
    for key, checkpoint in new.items():
        before = old.get(key)
        paths = {*checkpoint.paths, checkpoint.index or "", *(before.paths if before else ())}
        if not pair.options.full and not pair.touched & paths:
            continue
        with pair.attempt(checkpoint.anchor):
            for found in _of(pair.new, checkpoint, most):
                same = before is not None and _had(pair.old, before, found)
                yield type(found)(**{**vars(found), "already": same})


def _had(snapshot: Snapshot, checkpoint: Checkpoint, found: Change) -> bool:
    try:
        return any(one.kind == found.kind and _missing(one) == _missing(found) for one in _of(snapshot, checkpoint, 0))
    except FileError:
        return False


def _missing(found: Change) -> str:
    return found.missing if isinstance(found, IndexContradictsShards) else ""


def _of(snapshot: Snapshot, checkpoint: Checkpoint, most: int) -> Iterator[Contradiction]:
    """What a checkpoint contradicts; `most` bytes may be downloaded for it."""
    if checkpoint.index:
        yield from _index(snapshot, checkpoint, checkpoint.index)
    if checkpoint.ending != ".safetensors" or not checkpoint.paths:
        return
    tensors = tensors_of(snapshot, loaded(snapshot, checkpoint))
    dtypes = {one.tensor.dtype for one in tensors.values() if len(one.tensor.shape) > 1}
    for promised, pattern, kept in _PROMISES:
        if dtypes and pattern.search(checkpoint.key.removesuffix(checkpoint.ending)) and not dtypes & kept:
            told = ", ".join(sorted(dtypes))
            yield NameContradictsDtype(path=checkpoint.anchor, already=False, promised=promised, dtype=told)
    if checkpoint.stem in STANDARD and not checkpoint.folder and (said := _promised_by_name(snapshot, dtypes)):
        yield NameContradictsDtype(
            path=checkpoint.anchor, already=False, promised=said, dtype=", ".join(sorted(dtypes))
        )
    if dtypes <= _UNPACKED and checkpoint.stem in STANDARD and checkpoint.stem != "adapter_model":
        yield from _size(snapshot, checkpoint, sum(one.tensor.count for one in tensors.values()))
    yield from _tie(snapshot, checkpoint, tensors, most)


def _size(snapshot: Snapshot, checkpoint: Checkpoint, parameters: int) -> Iterator[Contradiction]:
    """A size in the model's name that is not even half, or more than twice, what its tensors hold.

    Names round, and count experts and embeddings in many ways; beyond a factor of two somebody was misled. A name with
    several sizes (a base and a draft model), or whose size may be something else, is left alone.
    """
    sizes = [one for one in name_of(snapshot.address).of("size") if not one.alternatives and amount(one.value)]
    if len(sizes) == 1 and not checkpoint.folder and parameters:
        said = amount(sizes[0].value)
        if not said / 2 <= parameters <= said * 2:
            yield NameContradictsSize(
                path=checkpoint.anchor, already=False, promised=sizes[0].text, billions=round(parameters / 1e9, 3)
            )


def _promised_by_name(snapshot: Snapshot, dtypes: AbstractSet[str]) -> str | None:
    """The type of numbers that the model's own name promises and none of its weights have."""
    name = name_of(snapshot.address)
    if any(name.of("quantisation")):
        return None  # what is packed or computed is the configuration's business
    said = {kind: segment for segment in name.of("precision") if (kind := _PRECISIONS.get(segment.text.lower()))}
    return next(iter(said)) if said and dtypes <= _FLOATS and not dtypes & said.keys() else None


def _index(snapshot: Snapshot, checkpoint: Checkpoint, index: str) -> Iterator[Contradiction]:
    """Shards that are not there, tensors that are not where the index looks for them or that it does not name."""
    place = f"{checkpoint.folder}/" if checkpoint.folder else ""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for name, shard in weight_map(snapshot, checkpoint).items():
        named[shard].add(name)
    for shard in sorted(named):
        if place + shard not in snapshot.files:
            yield IndexContradictsShards(path=index, already=False, shard=shard, missing="shard")
    if checkpoint.ending != ".safetensors":
        return
    everything = set().union(*named.values())
    held = 0
    for path in checkpoint.paths:
        tensors = tensors_of(snapshot, [path])
        held += sum(one.tensor.stop - one.tensor.start for one in tensors.values())
        shard = path.rpartition("/")[2]
        if named[shard] - tensors.keys():
            yield IndexContradictsShards(path=index, already=False, shard=shard, missing="tensors")
        if tensors.keys() - everything:
            yield IndexContradictsShards(path=index, already=False, shard=shard, missing="names")
    metadata = (snapshot.facts(read_json_object, index) or {}).get("metadata")
    said = metadata.get("total_size") if isinstance(metadata, dict) else None
    if isinstance(said, int | float) and not isinstance(said, bool) and checkpoint.paths and int(said) != held:
        yield IndexTotalDisagrees(path=index, already=False, said=int(said), held=held)


def _tie(
    snapshot: Snapshot, checkpoint: Checkpoint, tensors: Mapping[str, Placed], most: int
) -> Iterator[TieContradictsTensors]:
    """A causal language model has a head of its own, or says that it shares the embeddings; not neither, nor both."""
    if checkpoint.stem not in STANDARD or checkpoint.stem == "adapter_model":
        return
    path = f"{checkpoint.folder}/config.json" if checkpoint.folder else "config.json"
    config = snapshot.facts(read_json_object, path) or {}
    text = config.get("text_config")
    tied = config.get("tie_word_embeddings")
    if tied is None and isinstance(text, dict):
        tied = text.get("tie_word_embeddings")
    kinds = config.get("architectures")
    causal = isinstance(kinds, list) and any(str(kind).endswith(_WITH_HEADS) for kind in kinds)
    heads = [one for name, one in tensors.items() if name.endswith("lm_head.weight")]
    rows = [one for name, one in tensors.items() if name.endswith("embed_tokens.weight")]
    if not (causal and rows and isinstance(tied, bool) and tied == bool(heads)):
        return
    differs = _differ(heads[0], rows[0], most) if heads else None
    if differs is not False:
        yield TieContradictsTensors(path=checkpoint.anchor, already=False, tied=tied, head=bool(heads), differs=differs)


def _differ(head: Placed, rows: Placed, most: int) -> bool | None:
    """Whether an output head holds other values than the embeddings; None where that would cost too much."""
    if (head.tensor.dtype, head.tensor.shape) != (rows.tensor.dtype, rows.tensor.shape):
        return True
    if head.file.remote and 2 * (head.tensor.stop - head.tensor.start) > most:
        return None
    return not same_bytes(head, rows)
