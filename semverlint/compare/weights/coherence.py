"""What the weight files of one revision say about each other, the configuration, and their own names."""

import re
from collections.abc import Iterator, Mapping

from semverlint.changes.base import Change
from semverlint.changes.weights import (
    IndexContradictsShards,
    NameContradictsDtype,
    TieContradictsTensors,
    VariantLeftBehind,
    What,
)
from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import STANDARD, Checkpoint, tensors_of
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json_object
from semverlint.snapshot import Snapshot

_PROMISES = {
    "F16": re.compile(r"(?:^|[-_.])(?:fp16|float16|half)(?=[-_.])", re.IGNORECASE),
    "BF16": re.compile(r"(?:^|[-_.])(?:bf16|bfloat16)(?=[-_.])", re.IGNORECASE),
    "F32": re.compile(r"(?:^|[-_.])(?:fp32|float32)(?=[-_.])", re.IGNORECASE),
}
_VARIANT = re.compile(
    r"[-_.](?:fp16|float16|half|bf16|bfloat16|fp32|float32|fp8|int8|int4|uint8|q4|q8|q4f16|bnb4|quantized|quant|ema|non_ema)(?=[-_.]|$)",
    re.IGNORECASE,
)


_SAME_MODEL: frozenset[What] = frozenset(
    {"reserialised", "resharded", "reordered", "renamed", "cast-lossless", "cast-lossy"}
)
"""Kinds after which variants still are variants of one model."""


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
    yield from _variants(old, new, told)
    for key, checkpoint in new.items():
        if not pair.options.full and not pair.touched.intersection((*checkpoint.paths, checkpoint.index or "")):
            continue
        with pair.attempt(checkpoint.anchor):
            before = old.get(key)
            for found in _of(pair.new, checkpoint):
                same = before is not None and _had(pair.old, before, found)
                yield type(found)(**{**vars(found), "already": same})


def _had(snapshot: Snapshot, checkpoint: Checkpoint, found: Change) -> bool:
    try:
        return any(one.kind == found.kind and _missing(one) == _missing(found) for one in _of(snapshot, checkpoint))
    except FileError:
        return False


def _missing(found: Change) -> str:
    return found.missing if isinstance(found, IndexContradictsShards) else ""


def _of(
    snapshot: Snapshot, checkpoint: Checkpoint
) -> Iterator[IndexContradictsShards | NameContradictsDtype | TieContradictsTensors]:
    if checkpoint.index:
        index = snapshot.facts(read_json_object, checkpoint.index) or {}
        weight_map = index.get("weight_map")
        place = f"{checkpoint.folder}/" if checkpoint.folder else ""
        shards = {str(shard) for shard in weight_map.values()} if isinstance(weight_map, dict) else set()
        for shard in sorted(shards):
            if place + shard not in snapshot.files:
                yield IndexContradictsShards(path=checkpoint.index, already=False, shard=shard, missing="shard")
        if isinstance(weight_map, dict) and checkpoint.ending == ".safetensors":
            yield from _misplaced(snapshot, checkpoint, checkpoint.index, weight_map)
    if checkpoint.ending != ".safetensors" or not checkpoint.paths:
        return
    tensors = tensors_of(snapshot, checkpoint.paths)
    dtypes = {one.tensor.dtype for one in tensors.values() if len(one.tensor.shape) > 1}
    for promised, pattern in _PROMISES.items():
        if pattern.search(checkpoint.key.rpartition("/")[2]) and len(dtypes) == 1 and promised not in dtypes:
            yield NameContradictsDtype(path=checkpoint.anchor, already=False, promised=promised, dtype=min(dtypes))
    yield from _tie(snapshot, checkpoint, set(tensors))


def _misplaced(
    snapshot: Snapshot, checkpoint: Checkpoint, index: str, weight_map: Mapping[str, Json]
) -> Iterator[IndexContradictsShards]:
    """Tensors that the index looks for in a shard that does not hold them, or does not name at all."""
    held = {path.rpartition("/")[2]: set(tensors_of(snapshot, [path])) for path in checkpoint.paths}
    for shard in sorted(held):
        named = {name for name, file in weight_map.items() if file == shard}
        if named - held[shard]:
            yield IndexContradictsShards(path=index, already=False, shard=shard, missing="tensors")
        if held[shard] - weight_map.keys():
            yield IndexContradictsShards(path=index, already=False, shard=shard, missing="names")


def _tie(snapshot: Snapshot, checkpoint: Checkpoint, names: set[str]) -> Iterator[TieContradictsTensors]:
    """A causal language model has a head of its own, or says that it shares the embeddings; not neither, nor both."""
    if checkpoint.stem not in STANDARD or checkpoint.stem == "adapter_model":
        return
    config = (
        snapshot.facts(read_json_object, f"{checkpoint.folder}/config.json" if checkpoint.folder else "config.json")
        or {}
    )
    kinds, tied = config.get("architectures"), config.get("tie_word_embeddings")
    causal = isinstance(kinds, list) and any(str(kind).endswith("ForCausalLM") for kind in kinds)
    head = any(name.endswith("lm_head.weight") for name in names)
    if causal and isinstance(tied, bool) and tied == head and any("embed_tokens" in name for name in names):
        yield TieContradictsTensors(path=checkpoint.anchor, already=False, tied=tied, head=head)


def _variants(
    old: Mapping[str, Checkpoint], new: Mapping[str, Checkpoint], told: Mapping[str, What]
) -> Iterator[Change]:
    """Variants of one set of weights (`model.onnx`, `model_half.onnx`) of which some moved and others did not."""
    families: dict[tuple[str, str], list[str]] = {}
    for key in new:
        if key in old:
            checkpoint = new[key]
            families.setdefault((checkpoint.folder, _family(checkpoint)), []).append(key)
    for keys in families.values():
        moved = [key for key in keys if key in told and told[key] not in _SAME_MODEL]
        unread = all(told[key] == "unknown" for key in moved)
        for key in keys:
            same_again = key in told and unread  # written again beside one nobody read, which may be just that
            if moved and key not in moved and not same_again:
                yield VariantLeftBehind(path=new[key].anchor, already=False, moved=new[moved[0]].anchor)


def _family(checkpoint: Checkpoint) -> str:
    """What variants share: the stem without precision, and without the prefix that tells PyTorch's twin apart."""
    name = checkpoint.key.rpartition("/")[2].rpartition(".")[0]
    return _VARIANT.sub("", name).removeprefix("pytorch_").removeprefix("tf_").removeprefix("flax_")
