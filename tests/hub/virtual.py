"""Models of any size, computed from a seed when they are read: any range of any shard, the same bytes every time.

A tensor's numbers come in blocks; a block's are drawn by Philox, a counter-based generator, with the tensor's seed and
the block's number as its key, so that a range costs what it holds and not what lies before it.
"""

import hashlib
import json
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import prod

import numpy as np
from hub.contents import Content, Plain, Term
from numpy.typing import NDArray

BLOCK = 1 << 14
"""Numbers drawn at a time."""
WIDTH = 2
"""Bytes of a number: all are bfloat16."""
CHUNK = 1 << 16
"""Bytes of a chunk of Xet, on average in truth, always here."""
XORB = 1024
"""Chunks of a xorb."""
_SMALL = 50_000_000
"""Bytes up to which a digest is that of the content."""


@dataclass(frozen=True)
class Numbers:
    """How a tensor's numbers are made: normal ones, then normal ones added.

    Attributes:
        seed: Of the first ones.
        scale: Their standard deviation.
        steps: What was added since: a seed, and the size relative to `scale`.
        edited: Numbers drawn anew: the first, the one behind the last, and their seed.
    """

    seed: int
    scale: float = 0.02
    steps: tuple[tuple[int, float], ...] = ()
    edited: tuple[int, int, int] | None = None

    def block(self, number: int) -> NDArray[np.uint16]:
        """The bits of a block's numbers in bfloat16."""
        values = _normal(self.seed, number)
        for seed, size in self.steps:
            values += np.float32(size) * _normal(seed, number)
        if self.edited:
            first, last = (min(max(at - number * BLOCK, 0), BLOCK) for at in self.edited[:2])
            values[first:last] = _normal(self.edited[2], number)[first:last]
        bits = (values * np.float32(self.scale)).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)

    def read(self, start: int, stop: int) -> bytes:
        """Bytes `start` to `stop` of the tensor."""
        first, last = start // (BLOCK * WIDTH), -(-stop // (BLOCK * WIDTH))
        data = b"".join(self.block(number).tobytes() for number in range(first, last))
        return data[start - first * BLOCK * WIDTH : stop - first * BLOCK * WIDTH]


def _normal(seed: int, block: int) -> NDArray[np.float32]:
    key = np.array([seed % (1 << 64), block], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).standard_normal(BLOCK, np.float32)


def seed_of(*parts: object) -> int:
    """A seed that these parts alone decide."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "little")


Tensors = Mapping[str, tuple[tuple[int, ...], Numbers]]
"""Shape and numbers of tensors by name, in the order of the file."""


class Shard(Content):
    """A safetensors file of virtual tensors."""

    lfs = True

    def __init__(self, tensors: Tensors, base: "Shard | None" = None) -> None:
        self.tensors = dict(tensors)
        self._base = base
        header: dict[str, object] = {"__metadata__": {"format": "pt"}}
        self._stops = [0]
        for name, (shape, _) in self.tensors.items():
            self._stops.append(self._stops[-1] + prod(shape) * WIDTH)
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": self._stops[-2:]}
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        self.header = struct.pack("<Q", len(text)) + text
        self.size = len(self.header) + self._stops[-1]

    @cached_property
    def sha256(self) -> str:
        state = hashlib.sha256(b"" if self.size <= _SMALL else repr(self.tensors).encode())
        if self.size <= _SMALL:
            state.update(self.read(0, self.size))
        return state.hexdigest()

    def read(self, start: int, stop: int) -> bytes:
        return b"".join(self._read(start, stop))

    def _read(self, start: int, stop: int) -> Iterator[bytes]:
        yield self.header[start:stop]
        start, stop = (max(0, at - len(self.header)) for at in (start, stop))
        numbers = [each for _, each in self.tensors.values()]
        while start < stop:
            at = bisect_right(self._stops, start) - 1
            end = min(stop, self._stops[at + 1])
            yield numbers[at].read(start - self._stops[at], end - self._stops[at])
            start = end

    def terms(self) -> list[Term]:
        chunks = -(-self.size // CHUNK)
        dirty = self._dirty()
        found: list[Term] = []
        for first, last in _runs(dirty, chunks):
            if self._base is not None and not dirty[first]:
                found += _cut(self._base.terms(), first, last)
                continue
            for start in range(first, last, XORB):
                stop = min(last, start + XORB)
                xorb = hashlib.sha256(f"{self.sha256} {start}".encode()).hexdigest()
                found.append(Term(xorb, 0, stop - start, min(stop * CHUNK, self.size) - start * CHUNK))
        return found

    def _dirty(self) -> NDArray[np.bool_]:
        """Which chunks hold other bytes than the base's."""
        chunks = -(-self.size // CHUNK)
        if self._base is None or self._base.header != self.header:
            return np.ones(chunks, bool)
        dirty = np.zeros(chunks, bool)
        pairs = zip(self._base.tensors.values(), self.tensors.values(), self._stops, self._stops[1:], strict=False)
        for (_, before), (_, after), start, stop in pairs:
            if before == after:
                continue
            first, last = start, stop
            if after.edited and replace(after, edited=None) == before:
                first, last = (start + at * WIDTH for at in after.edited[:2])
            dirty[(len(self.header) + first) // CHUNK : (len(self.header) + last - 1) // CHUNK + 1] = True
        return dirty


def _runs(flags: NDArray[np.bool_], length: int) -> Iterator[tuple[int, int]]:
    """Where neighbours are alike: from the first to behind the last."""
    edges = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), length]
    yield from pairwise(edges)


def _cut(terms: Sequence[Term], first: int, last: int) -> Iterator[Term]:
    """The part of some terms from a chunk of their file to another."""
    at = 0
    for term in terms:
        count = term.stop - term.start
        low, high = max(first - at, 0), min(last - at, count)
        if low < high:
            length = (term.length if high == count else high * CHUNK) - low * CHUNK
            yield Term(term.xorb, term.start + low, term.start + high, length)
        at += count


def model(
    seed: int,
    *,
    layers: int = 80,
    hidden: int = 8192,
    heads: int = 64,
    groups: int = 8,
    inner: int = 28_672,
    vocabulary: int = 128_256,
    shards: int = 30,
) -> dict[str, Content]:
    """A causal language model as people publish it; by default of the size of Llama 3 70B: 141 GB in 30 shards."""
    narrow = hidden // heads * groups
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (vocabulary, hidden)}
    for layer in range(layers):
        of_layer = {
            "input_layernorm": (hidden,),
            "mlp.down_proj": (hidden, inner),
            "mlp.gate_proj": (inner, hidden),
            "mlp.up_proj": (inner, hidden),
            "post_attention_layernorm": (hidden,),
            "self_attn.k_proj": (narrow, hidden),
            "self_attn.o_proj": (hidden, hidden),
            "self_attn.q_proj": (hidden, hidden),
            "self_attn.v_proj": (narrow, hidden),
        }
        shapes |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in of_layer.items()}
    shapes |= {"model.norm.weight": (hidden,), "lm_head.weight": (vocabulary, hidden)}
    tensors = {name: (shape, Numbers(seed_of(seed, name), 0.01 + 0.03 / len(shape))) for name, shape in shapes.items()}
    files: dict[str, Content] = {path: Shard(part) for path, part in _split(tensors, shards).items()}
    weight_map = {name: path for path, shard in files.items() if isinstance(shard, Shard) for name in shard.tensors}
    total = sum(prod(shape) for shape in shapes.values()) * WIDTH
    config = {
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "max_position_embeddings": 8192,
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": groups,
        "rms_norm_eps": 1e-05,
        "rope_theta": 500_000.0,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "vocab_size": vocabulary,
    }
    described = {
        "config.json": config,
        "generation_config.json": {"bos_token_id": 1, "eos_token_id": 2, "temperature": 0.6, "top_p": 0.9},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 8192},
        "special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>"},
        "tokenizer.json": {"version": "1.0", "model": {"type": "BPE", "vocab": {"<s>": 1, "</s>": 2}, "merges": []}},
    }
    if shards > 1:
        described["model.safetensors.index.json"] = {"metadata": {"total_size": total}, "weight_map": weight_map}
    files |= {path: Plain(json.dumps(value, indent=2).encode()) for path, value in described.items()}
    return files | {"README.md": Plain(b"---\nlicense: llama3\n---\n# A model that nobody trained\n")}


def _split(tensors: Tensors, shards: int) -> dict[str, Tensors]:
    """Tensors by shard, in order, of about the same size."""
    sizes = {name: prod(shape) for name, (shape, _) in tensors.items()}
    total, so_far = sum(sizes.values()), 0
    parts: list[dict[str, tuple[tuple[int, ...], Numbers]]] = [{} for _ in range(shards)]
    for name, tensor in tensors.items():
        parts[min(so_far * shards // total, shards - 1)][name] = tensor
        so_far += sizes[name]
    if shards == 1:
        return {"model.safetensors": parts[0]}
    return {f"model-{at:05}-of-{shards:05}.safetensors": part for at, part in enumerate(parts, 1)}


def changed(files: Mapping[str, Content], change: Callable[[str, Numbers], Numbers]) -> dict[str, Content]:
    """The model with each tensor's numbers made anew from its name and what they were."""

    def shard(before: Shard) -> Shard:
        after = {name: (shape, change(name, numbers)) for name, (shape, numbers) in before.tensors.items()}
        return before if after == before.tensors else Shard(after, before)

    return {path: shard(content) if isinstance(content, Shard) else content for path, content in files.items()}


def fine_tuned(
    files: Mapping[str, Content], seed: int, relative: float | Callable[[str], float] = 0.01
) -> dict[str, Content]:
    """A sibling: normal noise on every number, of a size relative to it (one for all tensors, or one by name)."""

    def change(name: str, numbers: Numbers) -> Numbers:
        size = relative(name) if callable(relative) else relative
        return replace(numbers, steps=(*numbers.steps, (seed_of(seed, name, "step"), size))) if size else numbers

    return changed(files, change)


def edited(
    files: Mapping[str, Content], tensor: str, seed: int, part: tuple[int, int] | None = None
) -> dict[str, Content]:
    """A sibling with one tensor drawn anew: whole, or from one number of it to another."""

    def change(name: str, numbers: Numbers) -> Numbers:
        if name != tensor:
            return numbers
        other = seed_of(seed, name, "edit")
        return replace(numbers, seed=other, steps=()) if part is None else replace(numbers, edited=(*part, other))

    return changed(files, change)


def rewritten(files: Mapping[str, Content], **by_path: bytes) -> dict[str, Content]:
    """The model with some small files replaced; `__` in a keyword stands for a dot."""
    return {**files, **{path.replace("__", "."): Plain(data) for path, data in by_path.items()}}
