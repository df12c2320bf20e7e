"""Which kind of change semverlint calls what was really done to weights: a confusion matrix.

    python benchmarks/kinds.py FOLDER

FOLDER holds real models in any format that semverlint reads, anywhere below it. From each of them, and from the first
four layers of those that have layers, pairs are made by exact transformations whose kind is known: written again, re-
sharded, renamed, cast, quantised, dequantised, transposed, fused, split, tied, merged with an adapter of rank 1 to
64, fine-tuned by several sizes, trained on, trained anew, partly frozen, pruned in five ways, resized, shuffled,
permuted, mixed, shortened, corrupted in six ways. Printed are the mistakes, a row a kind that was done with what it
was called, and the share that is right. Exits with 1 where fewer than 98 % are, or where a kind that needs a major
release was called one that needs a patch. The types that numpy does not have come from the package ml_dtypes.
"""

import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from semverlint.changes.weights import WeightsChanged
from semverlint.compare.pair import Pair
from semverlint.compare.weights import compare_weights
from semverlint.compare.weights.checkpoint import checkpoints, loaded, tensors_of
from semverlint.compare.weights.sources import why_unread
from semverlint.config import Config
from semverlint.formats.weights.dtypes import FLOATS
from semverlint.rulebook import load_rulebook
from semverlint.snapshot import Snapshot
from semverlint.sources.base import Settings
from semverlint.sources.folder import FolderRepository
from semverlint.terms import Bump

Array = npt.NDArray[Any]
Tensors = dict[str, Array]

LARGEST = 40_000_000
"""Values of the largest model taken."""
SMALLEST = 30_000
"""Values of the largest matrix of a model from which on its changes have a kind."""
ENOUGH = 0.98
RANKS = (1, 2, 4, 8, 16, 32, 64)
STEPS = (0.001, 0.003, 0.01, 0.03, 0.05)
FAR_STEPS = (0.15, 0.3, 0.6)


@dataclass
class Case:
    """A pair whose kind is known.

    Attributes:
        kind: What was done.
        label: How.
        old: The old tensors, in files.
        new: The new ones.
        known: Tensors of another known revision.
    """

    kind: str
    label: str
    old: dict[str, Tensors]
    new: dict[str, Tensors]
    known: Tensors = field(default_factory=dict)


def one(tensors: Tensors) -> dict[str, Tensors]:
    """Tensors in a single file."""
    return {"model.safetensors": tensors}


def matrices(tensors: Tensors) -> list[str]:
    """Names of the matrices, largest first."""
    return sorted((n for n, t in tensors.items() if t.ndim > 1), key=lambda n: (-tensors[n].size, n))


def large(tensors: Tensors) -> list[str]:
    """Those that together hold nine tenths of the values."""
    names, left = [], 0.9 * sum(tensors[name].size for name in matrices(tensors))
    for name in matrices(tensors):
        if left <= 0:
            break
        names.append(name)
        left -= tensors[name].size
    return names


def folded(tensor: Array) -> Array:
    """A tensor as a matrix: by its first axis, or by its last one where matrices are stacked."""
    both = tensor.reshape(tensor.shape[0], -1), tensor.reshape(-1, tensor.shape[-1])
    return max(both, key=lambda matrix: min(matrix.shape))


def moved(tensors: Tensors, step: float, random: np.random.Generator, names: list[str] | None = None) -> Tensors:
    """Every tensor, or those named, a relative L2 step away, with a spectrum that falls off as gradients' do."""
    found = dict(tensors)
    for name in tensors if names is None else names:
        tensor = tensors[name]
        noise = random.standard_normal(tensor.shape, dtype=np.float32)
        if tensor.ndim > 1:
            rows = folded(noise)
            scale = (1 + np.arange(rows.shape[1])) ** -0.3
            noise = (rows * random.permutation(scale).astype(np.float32)).reshape(tensor.shape)
        size = np.linalg.norm(tensor) or 1.0
        found[name] = (tensor + noise * np.float32(step * size / np.linalg.norm(noise))).astype(tensor.dtype)
    return found


def anew(tensors: Tensors, random: np.random.Generator) -> Tensors:
    """Matrices drawn again with the same spread; vectors stay near where they were, as norms do."""
    return {
        name: (random.standard_normal(t.shape) * t.std() + t.mean()).astype(t.dtype)
        if t.ndim > 1
        else t * np.float32(1.01)
        for name, t in tensors.items()
    }


def merged(tensors: Tensors, rank: int, step: float, random: np.random.Generator, *, every: bool) -> Tensors | None:
    """An adapter of a rank merged into the large matrices, or into every second one of them."""
    names = [name for name in large(tensors) if 3 * rank <= 2 * min(64 * 3, *folded(tensors[name]).shape)]
    if sum(tensors[name].size for name in names) < 0.95 * sum(tensors[name].size for name in large(tensors)):
        return None
    found = dict(tensors)
    for name in names if every else names[::2]:
        matrix = folded(tensors[name])
        left = random.standard_normal((matrix.shape[0], rank))
        right = random.standard_normal((rank, matrix.shape[1]))
        delta = left @ right
        delta *= step * np.linalg.norm(matrix) / np.linalg.norm(delta)
        found[name] = (matrix + delta).astype(np.float32).reshape(tensors[name].shape)
    return found


def cast(tensors: Tensors, dtype: str) -> Tensors:
    """Values rounded to another type."""
    return {
        name: t.astype(getattr(ml_dtypes, dtype) if hasattr(ml_dtypes, dtype) else dtype) for name, t in tensors.items()
    }


def zeroed(tensors: Tensors, how: str, random: np.random.Generator) -> Tensors:
    """The large matrices with many values at zero."""
    found = dict(tensors)
    for name in matrices(tensors):
        matrix = folded(tensors[name]).copy()
        size = np.abs(matrix)
        if how == "magnitude":
            matrix[size < np.quantile(size, 0.5)] = 0
        elif how == "random":
            matrix[random.random(matrix.shape) < 0.3] = 0
        elif how == "most":
            matrix[size < np.quantile(size, 0.9)] = 0
        elif matrix.shape[1] % 4 == 0:
            groups = size.reshape(-1, 4)
            order = np.argsort(groups, axis=1)
            np.put_along_axis(matrix.reshape(-1, 4), order[:, :2], 0, axis=1)
        found[name] = matrix.reshape(tensors[name].shape)
    return found


def damaged(tensors: Tensors, how: str) -> Tensors:
    """One large matrix with what no training leaves."""
    found = dict(tensors)
    name = matrices(tensors)[0]
    t = found[name] = found[name].copy()
    match how:
        case "NaN":
            t.reshape(-1)[7] = np.nan
        case "infinite":
            t.reshape(-1)[9] = np.inf
        case "zero":
            t[:] = 0
        case "constant":
            t[:] = 0.125
        case "denormal":
            t *= np.float32(1e-41)
        case "out of scale":
            t *= np.float32(1e6)
    return found


def cases(tensors: Tensors, random: np.random.Generator) -> Iterator[Case]:  # noqa: C901, PLR0912, PLR0915 - a kind a line
    """Everything that can be done to one model."""
    old = one(tensors)
    names = list(tensors)
    yield Case("reserialised", "other metadata", old, {"model.safetensors": {**tensors}}, {})
    if len(names) > 3:
        half = len(names) // 2
        yield Case(
            "resharded",
            "in two",
            old,
            {
                "model-00001-of-00002.safetensors": {n: tensors[n] for n in names[:half]},
                "model-00002-of-00002.safetensors": {n: tensors[n] for n in names[half:]},
            },
        )
        yield Case(
            "resharded",
            "in one again",
            {
                "model-00001-of-00002.safetensors": {n: tensors[n] for n in names[:half]},
                "model-00002-of-00002.safetensors": {n: tensors[n] for n in names[half:]},
            },
            old,
        )
    for prefix in ("model.", "encoder.backbone."):
        yield Case("renamed", prefix, old, one({prefix + name: t for name, t in tensors.items()}))
    yield Case(
        "renamed",
        "a segment",
        old,
        one({n.replace(".", ".x.", 1) if "." in n else "x." + n: t for n, t in tensors.items()}),
    )
    for dtype in ("float16", "bfloat16"):
        low = cast(tensors, dtype)
        if not all(np.isfinite(t).all() for t in low.values()):
            yield Case("corrupted", f"{dtype} overflows", old, one(low))
            continue
        yield Case("cast-lossy", dtype, old, one(low))
        yield Case("cast-lossless", dtype, one(low), one({n: t.astype(np.float32) for n, t in low.items()}))
        yield Case("fine-tuned", f"by 0.02, {dtype}", one(low), one(cast(moved(tensors, 0.02, random), dtype)))
        yield Case("retrained", dtype, one(low), one(cast(anew(tensors, random), dtype)))
        if m := merged({n: t.astype(np.float32) for n, t in low.items()}, 8, 0.02, random, every=True):
            yield Case("low-rank", f"8, {dtype}", one(low), one(cast(m, dtype)))
    yield Case("cast-lossless", "float64", old, one({n: t.astype(np.float64) for n, t in tensors.items()}))
    for dtype in ("float8_e4m3fn", "float8_e5m2"):
        yield Case(
            "quantised", dtype, old, one({n: cast({n: t}, dtype)[n] if t.ndim > 1 else t for n, t in tensors.items()})
        )
    if parts := attention(tensors):
        for blocks in (1, 4):
            yield Case("fused", f"{blocks} blocks", one(parts), one(in_turn(parts, blocks)))
            yield Case("split", f"{blocks} blocks", one(in_turn(parts, blocks)), one(parts))
            tuned = in_turn(moved(parts, 0.02, random), blocks)
            yield Case("fused", f"{blocks} blocks, fine-tuned", one(parts), one(tuned))
    codes: Tensors = {}
    plain: Tensors = {}
    for name, t in tensors.items():
        if t.ndim != 2 or not name.endswith(".weight"):
            codes[name] = plain[name] = t
            continue
        scale = (np.abs(t).max(axis=1, keepdims=True) / 127).astype(np.float32)
        scale[scale == 0] = 1
        code = np.rint(t / scale).astype(np.int8)
        codes[name], codes[name.removesuffix("weight") + "weight_scale"] = code, scale
        plain[name] = code.astype(np.float32) * scale
    if sum(t.size for t in codes.values() if t.dtype == np.int8) > 0.6 * sum(t.size for t in tensors.values()):
        yield Case("quantised", "int8, scaled", old, one(codes))
        yield Case("dequantised", "int8, scaled", one(codes), one(plain))
        other = dict(codes)
        for name, t in codes.items():
            if t.dtype == np.int8:
                other[name] = np.clip(t.astype(np.int16) + random.integers(-1, 2, t.shape), -128, 127).astype(np.int8)
        yield Case("fine-tuned", "int8, scaled", one(codes), one(other))
    square = {n for n in matrices(tensors) if tensors[n].ndim == 2}
    if len(square) == len(matrices(tensors)):
        yield Case(
            "transposed",
            "all",
            old,
            one({n: np.ascontiguousarray(t.T) if n in square else t for n, t in tensors.items()}),
        )
    if groups := same_rows(tensors):
        fused, apart = {}, dict(tensors)
        for number, (head, members) in enumerate(groups.items()):
            fused[f"{head}.fused_{number}.weight".lstrip(".")] = np.concatenate([apart.pop(m) for m in members])
        yield Case("fused", "rows", old, one({**apart, **fused}))
        yield Case("split", "rows", one({**apart, **fused}), old)
    top = matrices(tensors)[0]
    copy = {**tensors, "lm_head.weight": tensors[top].copy()}
    yield Case("untied", "head", old, one(copy))
    yield Case("tied", "head", one(copy), old)
    for step in STEPS:
        yield Case("fine-tuned", f"by {step}", old, one(moved(tensors, step, random)))
    for step in FAR_STEPS:
        yield Case("continued", f"by {step}", old, one(moved(tensors, step, random)))
    yield Case("retrained", "float32", old, one(anew(tensors, random)))
    for rank in RANKS:
        if m := merged(tensors, rank, 0.02, random, every=True):
            yield Case("low-rank", f"{rank}, all", old, one(m))
    for rank in (8, 32):
        if len(large(tensors)) > 3 and (m := merged(tensors, rank, 0.01, random, every=False)):
            yield Case("low-rank", f"{rank}, every second", old, one(m))
    some = large(tensors)[: max(1, len(large(tensors)) // 3)]
    share = sum(tensors[n].size for n in some) / sum(tensors[n].size for n in large(tensors))
    if share < 0.85:
        yield Case("partial", f"{share:.0%}", old, one(moved(tensors, 0.02, random, some)))
    for how in ("magnitude", "random", "most", "2:4"):
        if how != "2:4" or all(folded(tensors[n]).shape[1] % 4 == 0 for n in large(tensors)):
            yield Case("pruned", how, old, one(zeroed(tensors, how, random)))
    yield Case("pruned", "and trained on", old, one(zeroed(moved(tensors, 0.02, random), "magnitude", random)))
    rows = next((n for n in matrices(tensors) if "embed" in n.lower() and tensors[n].ndim == 2), None)
    table = rows or top
    if tensors[table].ndim == 2 and tensors[table].shape[0] > 100:
        base = {n: t for n, t in tensors.items() if n != table}
        e = tensors[table]
        more = np.concatenate([e, (random.standard_normal((37, e.shape[1])) * e.std()).astype(e.dtype)])
        key = "model.embed_tokens.weight"
        yield Case("vocab-appended", "37 rows", one({**base, key: e}), one({**base, key: more}))
        yield Case("vocab-moved", "inserted", one({**base, key: e}), one({**base, key: np.concatenate([more[-5:], e])}))
        yield Case("vocab-moved", "fewer", one({**base, key: e}), one({**base, key: e[5:]}))
        yield Case("vocab-moved", "shuffled", one({**base, key: e}), one({**base, key: e[random.permutation(len(e))]}))
    pair = chained(tensors)
    if pair:
        up, down = pair
        order = random.permutation(tensors[up].shape[0])
        new = {**tensors, up: tensors[up][order], down: np.ascontiguousarray(tensors[down][:, order])}
        only = {n: t for n, t in tensors.items() if n in pair or t.ndim == 1}
        yield Case("permuted", "a hidden layer", one(only), one({n: new[n] for n in only}))
    second = moved(tensors, 0.05, random)
    for weight in (0.5, 0.2):
        mixed = {n: ((1 - weight) * tensors[n] + weight * second[n]).astype(np.float32) for n in tensors}
        yield Case("interpolated", f"{weight}", old, one(mixed), second)
    for how in ("NaN", "infinite", "zero", "constant", "denormal", "out of scale"):
        yield Case("corrupted", how, old, one(damaged(tensors, how)))
    if layers := layered(tensors):
        yield Case(
            "depth-changed",
            "the last dropped",
            old,
            one({n: t for n, t in tensors.items() if layers.get(n, 0) != max(layers.values())}),
        )
        yield Case("depth-changed", "every second dropped", old, one(shortened(tensors, layers)))
    small = {n: t for n, t in tensors.items() if n != top}
    if len(small) > 1 and len(matrices(tensors)) > 1:
        yield Case("reshaped", "one is gone", old, one(small))
        half = np.ascontiguousarray(tensors[top][..., : tensors[top].shape[-1] // 2])
        if tensors[top].shape[-1] > 1:
            yield Case("slimmed", "every second column", old, one({**tensors, top: half}))
            yield Case("reshaped", "narrower and anew", old, one({**tensors, top: half + np.float32(0.01)}))
    if pair:
        kept = np.sort(random.permutation(tensors[pair[0]].shape[0])[: tensors[pair[0]].shape[0] * 3 // 4])
        cut = {**tensors, pair[0]: tensors[pair[0]][kept], pair[1]: np.ascontiguousarray(tensors[pair[1]][:, kept])}
        yield Case("slimmed", "a hidden layer", old, one(cut))
    packed = {"GPTQ": as_gptq, "AWQ": as_awq}
    for scheme, pack in packed.items():
        fits = [
            n
            for n in large(tensors)
            if tensors[n].ndim == 2 and n.endswith(".weight") and not any(s % 128 for s in tensors[n].shape)
        ]
        if sum(tensors[n].size for n in fits) > 0.9 * sum(tensors[n].size for n in large(tensors)):
            codes, plain = dict(tensors), dict(tensors)
            for name in fits:
                parts, plain[name] = pack(codes.pop(name))
                codes |= {name.removesuffix("weight") + part: t for part, t in parts.items()}
            yield Case("quantised", scheme, old, one(codes))
            yield Case("dequantised", scheme, one(codes), one(plain))


def as_gptq(matrix: Array) -> tuple[Tensors, Array]:
    """A matrix in four bits, groups of 128, as GPTQ packs it; and the numbers that stand for."""
    code, zero, scale, plain = in_four_bits(matrix)
    shifts = np.arange(8, dtype=np.uint32) * 4
    words = (code.reshape(-1, 8, code.shape[1]) << shifts[None, :, None]).sum(axis=1, dtype=np.uint32)
    zeros = ((zero - 1).reshape(len(zero), -1, 8) << shifts).sum(axis=2, dtype=np.uint32)
    index = (np.arange(len(code)) // 128).astype(np.int32)
    return {"qweight": words.view(np.int32), "qzeros": zeros.view(np.int32), "scales": scale, "g_idx": index}, plain


def as_awq(matrix: Array) -> tuple[Tensors, Array]:
    """Likewise as AWQ packs it."""
    code, zero, scale, plain = in_four_bits(matrix)
    shifts = np.array([0, 4, 1, 5, 2, 6, 3, 7], dtype=np.uint32) * 4
    words, zeros = (((one.reshape(len(one), -1, 8) << shifts).sum(axis=2, dtype=np.uint32)) for one in (code, zero))
    return {"qweight": words.view(np.int32), "qzeros": zeros.view(np.int32), "scales": scale}, plain


def in_four_bits(matrix: Array) -> tuple[Array, Array, Array, Array]:
    """Codes (inputs by outputs), zeros and scales a group of 128 inputs, and the numbers they stand for."""
    groups = matrix.T.reshape(-1, 128, matrix.shape[0])
    low, high = groups.min(axis=1, keepdims=True), groups.max(axis=1, keepdims=True)
    scale = np.maximum((high - low) / 15, 1e-8).astype(np.float16).astype(np.float32)
    zero = np.clip(np.rint(-low / scale), 1, 15)
    code = np.clip(np.rint(groups / scale) + zero, 0, 15)
    plain = ((code - zero) * scale).reshape(matrix.shape[::-1]).T
    flat = code.reshape(matrix.shape[::-1]).astype(np.uint32)
    return flat, zero[:, 0].astype(np.uint32), scale[:, 0].astype(np.float16), np.ascontiguousarray(plain, np.float32)


def attention(tensors: Tensors) -> Tensors:
    """Rows of real matrices as query, key and value of a model's layers; nothing where none has as many rows."""
    fits = [n for n in large(tensors) if tensors[n].ndim == 2 and tensors[n].shape[0] % 48 == 0]
    found: Tensors = {}
    for number, name in enumerate(fits[:8]):
        cut = np.split(tensors[name], [tensors[name].shape[0] // 2, tensors[name].shape[0] * 3 // 4])
        found |= {f"model.layers.{number}.self_attn.{part}_proj.weight": t for part, t in zip("qkv", cut, strict=True)}
    return found


def in_turn(parts: Tensors, blocks: int) -> Tensors:
    """Query, key and value of each layer in one matrix, so many blocks of each in turn."""
    found: Tensors = {}
    for head in dict.fromkeys(name.partition(".self_attn.")[0] for name in parts):
        three = [parts[f"{head}.self_attn.{part}_proj.weight"] for part in "qkv"]
        cut = [t.reshape(blocks, -1, t.shape[1]) for t in three]
        found[f"{head}.attention.query_key_value.weight"] = np.concatenate(cut, axis=1).reshape(-1, three[0].shape[1])
    return found


def same_rows(tensors: Tensors) -> dict[str, list[str]]:
    """Matrices of one folder and width that could be fused: three at a time."""
    groups: defaultdict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for name, t in tensors.items():
        if t.ndim == 2 and "." in name:
            groups[name.rsplit(".", 2)[0], t.shape].append(name)
    return {head: members for (head, _), members in groups.items() if 1 < len(members) < 5}


def chained(tensors: Tensors) -> tuple[str, str] | None:
    """Two matrices of which the second takes what the first gives."""
    flat = [n for n in matrices(tensors) if tensors[n].ndim == 2]
    for up in flat:
        for down in flat:
            if (
                up != down
                and tensors[up].shape == tensors[down].shape[::-1]
                and tensors[up].shape[0] > tensors[up].shape[1]
            ):
                return up, down
    return None


def layered(tensors: Tensors) -> dict[str, int]:
    """Tensor → its layer, where there are several layers that are all alike."""
    found: dict[str, int] = {}
    shapes: defaultdict[int, set[tuple[str, tuple[int, ...]]]] = defaultdict(set)
    for name, t in tensors.items():
        numbers = [part for part in name.split(".")[:-1] if part.isdigit()]
        if numbers:
            found[name] = int(numbers[0])
            shapes[int(numbers[0])].add((name.replace(f".{numbers[0]}.", ".#.", 1), t.shape))
    alike = len(shapes) > 3 and all(each == shapes[min(shapes)] for each in shapes.values())
    return found if alike else {}


def shortened(tensors: Tensors, layers: dict[str, int]) -> Tensors:
    """Every second layer, numbered anew."""
    kept = {layer: number for number, layer in enumerate(sorted(set(layers.values()))[::2])}
    found: Tensors = {}
    for name, t in tensors.items():
        if name not in layers:
            found[name] = t
        elif layers[name] in kept:
            found[name.replace(f".{layers[name]}.", f".{kept[layers[name]]}.", 1)] = t
    return found


def called(case: Case, folder: Path) -> str:
    """What semverlint calls a case."""
    for side, files in (("old", case.old), ("new", case.new), ("known", one(case.known) if case.known else {})):
        (folder / side).mkdir()
        for name, tensors in files.items():
            remark = {"format": "pt", "side": side} if case.kind == "reserialised" else {"format": "pt"}
            save_file({n: np.ascontiguousarray(t) for n, t in tensors.items()}, folder / side / name, remark)
    sides = [snapshot(folder / side) for side in ("old", "new")]
    known = [snapshot(folder / "known")] if case.known else []
    found = [c for c in compare_weights(Pair(*sides, known=known)) if isinstance(c, WeightsChanged)]
    return found[0].what if found else "nothing"


def snapshot(folder: Path) -> Snapshot:
    """A folder as semverlint sees it."""
    return FolderRepository(str(folder), folder, Settings()).snapshot(None)


def models(folder: Path) -> Iterator[tuple[str, Tensors]]:
    """Every real model below a folder once, in whatever format, its values as single-precision floats."""
    seen: set[bytes] = set()
    for place in sorted({path.parent for path in folder.rglob("*") if path.is_file()}):
        every = snapshot(place)
        for checkpoint in checkpoints(every).values():
            name = f"{place.relative_to(folder)}/{checkpoint.key}"
            if "/" in checkpoint.key or why_unread(every, checkpoint):
                continue
            placed = tensors_of(every, loaded(every, checkpoint))
            if sum(one.tensor.count for one in placed.values()) > LARGEST:
                continue
            tensors = {
                n: t.floats(0, t.tensor.count).reshape(t.tensor.shape).astype(np.float32)
                for n, t in placed.items()
                if t.tensor.dtype in FLOATS and t.tensor.count
            }
            if not matrices(tensors) or tensors[matrices(tensors)[0]].size < SMALLEST:
                continue
            mark = tensors[matrices(tensors)[0]].tobytes()[:256]
            if mark in seen or not all(np.isfinite(t).all() for t in tensors.values()):
                continue
            seen.add(mark)
            yield name, tensors
            if first := [n for n, layer in layered(tensors).items() if layer < 4]:
                yield f"{name}, four layers", {n: tensors[n] for n in first}


def main(folder: Path) -> int:
    """Print mistakes and the matrix."""
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    grave = 0
    bumps = bump_of()
    for name, tensors in models(folder):
        random = np.random.default_rng(7)
        for case in cases(tensors, random):
            with tempfile.TemporaryDirectory() as place:
                result = called(case, Path(place))
            table[case.kind][result] += 1
            if result != case.kind:
                print(f"{name}: {case.kind} ({case.label}) was called {result}", flush=True)
                grave += bumps.get(case.kind) == Bump.MAJOR and bumps.get(result, Bump.NONE) <= Bump.PATCH
    total = sum(sum(row.values()) for row in table.values())
    right = sum(row[kind] for kind, row in table.items())
    for kind, row in sorted(table.items()):
        told = ", ".join(f"{count} {what}" for what, count in row.most_common())
        print(f"{kind:16} {sum(row.values()):4}   {told}")
    print(f"{right} of {total} right ({right / total:.1%}); {grave} breaking ones called a patch or less")
    return 0 if right >= ENOUGH * total and not grave else 1


def bump_of() -> dict[str, Bump]:
    """Kind → the bump its line of the policy asks for."""
    return dict(load_rulebook(Config(), needed=True).policy)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
