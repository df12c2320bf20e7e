"""One checkpoint in both revisions: its tensors by name, shape, type and, where a doubt is left, by their values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from semverlint.changes.base import Change
from semverlint.changes.weights import (
    TensorAdded,
    TensorCorrupted,
    TensorRemoved,
    TensorReshaped,
    TensorUpdated,
    WeightsChanged,
    WeightsMetadataChanged,
    What,
)
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import is_embedding_model
from semverlint.compare.weights.checkpoint import Checkpoint, Placed, metadata_of, tensors_of
from semverlint.compare.weights.kinds import Decision, decide, is_corrupted, large_matrices
from semverlint.compare.weights.values import FLOATS, SMALL, Statistics, compare_values, rows_moved, same_bytes
from semverlint.text import size

_EMBEDDINGS = re.compile(r"embed|wte|lm_head|word_emb|shared\.weight|output_projection|decoder\.weight|output\.weight")
_GRAVER: frozenset[What] = frozenset({"corrupted", "quantised", "retrained", "continued", "partial", "fine-tuned"})
"""Kinds that say more of a release than that rows were appended."""
_LAYER = re.compile(r"\.(\d+)\.")


_MOST_RENAMED = 20_000
"""Names matched by content; every one is held against every other of its shape."""


@dataclass
class _Names:
    """How the names of two checkpoints stand to each other."""

    common: list[str]
    added: list[str]
    removed: list[str]
    reshaped: list[str]
    renamed: dict[str, str] = field(default_factory=dict)


def compare_tensors(pair: Pair, before: Checkpoint, after: Checkpoint) -> Iterator[Change]:
    """What happened to one checkpoint: the change as a whole, and the tensors it is about.

    Raises:
        FileError: If a header or a value cannot be read.
    """
    old, new = tensors_of(pair.old, before.paths), tensors_of(pair.new, after.paths)
    names = _names(old, new)
    doubtful = [name for name in names.common if _doubtful(pair, old[name], new[name])]
    cost = _cost(names, doubtful, old, new)
    if cost > pair.options.max_download and not pair.options.exact:
        yield from _named_changes(after.anchor, names, old, new)
        yield from _metadata(pair, before, after)
        yield _from_headers(pair, after, names, (old, new), cost)
        return
    if 0 < len(names.removed) == len(names.added) <= _MOST_RENAMED:
        names.renamed = _renamed(names, old, new)
    yield from _named_changes(after.anchor, names, old, new)
    moved = {name: figures for name in doubtful if (figures := _figures(old[name], new[name]))}
    for name in names.reshaped:
        if (
            _grown(old[name], new[name])
            and (figures := compare_values(old[name], new[name], old[name].tensor.shape[0])).changed
        ):
            moved[name] = figures
    yield from _moved_changes(after.anchor, old, new, moved)
    yield from _metadata(pair, before, after)
    large = large_matrices({name: old[name] for name in names.common})
    decision = decide(large, old, new, moved)
    what = _by_names(names, old, new)
    if what is None and not moved:
        yield _whole(pair, after, names, _by_layout(before, after, old, new), moved)
    else:
        if what is None or (what == "vocab-appended" and decision.what in _GRAVER):
            what = decision.what
        if decision.what == "unknown":
            pair.doubt(
                after.anchor,
                "its large matrices are packed integers, whose distance says nothing",
                "compare the originals they were quantised from, or evaluations of both revisions",
            )
        yield _whole(pair, after, names, what, moved, decision)


def _cost(names: _Names, doubtful: list[str], old: Mapping[str, Placed], new: Mapping[str, Placed]) -> int:
    """Bytes that must be downloaded to decide everything."""
    asked = [side[name] for name in (*doubtful, *names.reshaped) for side in (old, new)]
    if len(names.removed) == len(names.added):
        asked += [*(old[name] for name in names.removed), *(new[name] for name in names.added)]
    return sum(one.tensor.stop - one.tensor.start for one in asked if one.file.remote)


def _from_headers(
    pair: Pair, after: Checkpoint, names: _Names, sides: tuple[Mapping[str, Placed], Mapping[str, Placed]], cost: int
) -> WeightsChanged:
    """What names, types and shapes say by themselves; `unknown`, with a doubt, where the values would have to."""
    old, new = sides
    types = {
        (old[name].tensor.dtype, new[name].tensor.dtype) for name in names.common if len(old[name].tensor.shape) > 1
    }
    what: What = "unknown"
    if names.removed or any(not (_EMBEDDINGS.search(name) and _grown(old[name], new[name])) for name in names.reshaped):
        what = "depth-changed" if names.removed and _layers(old) != _layers(new) else "reshaped"
    elif any(before in FLOATS and now in SMALL for before, now in types):
        what = "quantised"
    else:
        pair.doubt(
            after.anchor,
            f"{size(cost)} of values would have to be downloaded",
            "run with --exact, or download the model",
        )
    return replace(_whole(pair, after, names, what, {}), known_from="metadata")


def _names(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> _Names:
    both = [name for name in old if name in new]
    return _Names(
        common=[name for name in both if old[name].tensor.shape == new[name].tensor.shape],
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        reshaped=[name for name in both if old[name].tensor.shape != new[name].tensor.shape],
    )


def _doubtful(pair: Pair, old: Placed, new: Placed) -> bool:
    """Whether two tensors of one shape may differ: not where they stand at one place of two equal files."""
    equal_files = old.file.path == new.file.path and old.file.path not in pair.touched
    return not (equal_files and old.tensor.start == new.tensor.start and old.tensor.dtype == new.tensor.dtype)


def _figures(old: Placed, new: Placed) -> Statistics | None:
    """The figures of two tensors; None where their type and bytes are the same."""
    if old.tensor.dtype == new.tensor.dtype and same_bytes(old, new):
        return None
    return compare_values(old, new)


def _renamed(names: _Names, old: Mapping[str, Placed], new: Mapping[str, Placed]) -> dict[str, str]:
    """Old name → new name, where every tensor that is gone has one that is new with the same bytes; else nothing."""
    found: dict[str, str] = {}
    left = set(names.added)
    for name in names.removed:
        tail = name.rpartition(".")[2]
        alike = [
            other
            for other in sorted(
                left, key=lambda other: (other.rpartition(".")[2] != tail, -_shared_tail(name, other), other)
            )
            if (old[name].tensor.dtype, old[name].tensor.shape) == (new[other].tensor.dtype, new[other].tensor.shape)
        ]
        match = next((other for other in alike if same_bytes(old[name], new[other])), None)
        if match is None:
            return {}
        found[name] = match
        left.discard(match)
    return found


def _shared_tail(one: str, other: str) -> int:
    """How many segments two names share at their end."""
    pairs = zip(reversed(one.split(".")), reversed(other.split(".")), strict=False)
    count = 0
    for left, right in pairs:
        if left != right:
            break
        count += 1
    return count


def _named_changes(path: str, names: _Names, old: Mapping[str, Placed], new: Mapping[str, Placed]) -> Iterator[Change]:
    if not names.renamed:
        for name in names.removed:
            yield TensorRemoved(path=path, name=name, dtype=old[name].tensor.dtype, shape=_shape(old[name]))
        for name in names.added:
            yield TensorAdded(path=path, name=name, dtype=new[name].tensor.dtype, shape=_shape(new[name]))
    for name in names.reshaped:
        yield TensorReshaped(path=path, name=name, before=_shape(old[name]), after=_shape(new[name]))


def _shape(placed: Placed) -> str:
    return " x ".join(str(length) for length in placed.tensor.shape) or "scalar"


def _moved_changes(
    path: str, old: Mapping[str, Placed], new: Mapping[str, Placed], moved: Mapping[str, Statistics]
) -> Iterator[Change]:
    for name, figures in moved.items():
        if figures.difference_square > 0:
            yield TensorUpdated(
                path=path,
                name=name,
                dtype=new[name].tensor.dtype,
                shape=_shape(new[name]),
                relative_change=figures.relative_change,
                cosine=figures.cosine,
                largest=figures.largest,
                changed_share=figures.changed_share,
            )
        if is_corrupted(old[name], figures):
            for how, count in (("NaN", figures.new_nan), ("infinite", figures.new_infinite)):
                if count:
                    yield TensorCorrupted(path=path, name=name, how="NaN" if how == "NaN" else "infinite", count=count)
            if not figures.new_nan and not figures.new_infinite:
                yield TensorCorrupted(path=path, name=name, how="zero", count=figures.count)


def _metadata(pair: Pair, before: Checkpoint, after: Checkpoint) -> Iterator[Change]:
    old, new = metadata_of(pair.old, before.paths), metadata_of(pair.new, after.paths)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield WeightsMetadataChanged(path=after.anchor, key=key, before=old.get(key), after=new.get(key))


def _by_names(names: _Names, old: Mapping[str, Placed], new: Mapping[str, Placed]) -> What | None:
    """The kind that names and shapes decide; None where they leave it to the values."""
    if names.renamed:
        return "renamed"
    resized = all(
        _EMBEDDINGS.search(name) and old[name].tensor.shape[1:] == new[name].tensor.shape[1:] for name in names.reshaped
    )
    if names.reshaped and not names.removed and resized:
        return "vocab-appended" if all(_rows_kept(old[name], new[name]) for name in names.reshaped) else "vocab-moved"
    if names.removed and not names.reshaped and _layers(old) != _layers(new):
        return "depth-changed"
    if (
        names.added
        and not names.removed
        and not names.reshaped
        and max(_layers(new), default=0) > max(_layers(old), default=0)
    ):
        return "depth-changed"
    return "reshaped" if names.removed or names.reshaped else None


def _layers(tensors: Mapping[str, Placed]) -> set[int]:
    return {int(match[1]) for name in tensors if (match := _LAYER.search(name))}


def _rows_kept(old: Placed, new: Placed) -> bool:
    """Whether the old rows stand at the beginning of the new matrix, trained further or not."""
    return _grown(old, new) and rows_moved(old, new) == 0


def _grown(old: Placed, new: Placed) -> bool:
    """Whether an embedding has more rows of the same width."""
    before, after = old.tensor.shape, new.tensor.shape
    return bool(before) and before[1:] == after[1:] and before[0] <= after[0]


def _by_layout(before: Checkpoint, after: Checkpoint, old: Mapping[str, Placed], new: Mapping[str, Placed]) -> What:
    """What happened where every tensor is the same."""
    if before.paths != after.paths:
        return "resharded"
    common = old.keys() & new.keys()
    places = [sorted(common, key=lambda name: (side[name].file.path, side[name].tensor.start)) for side in (old, new)]
    return "reserialised" if places[0] == places[1] else "reordered"


def _whole(  # noqa: PLR0913, PLR0917 - the record has as many sources
    pair: Pair,
    after: Checkpoint,
    names: _Names,
    what: What,
    moved: Mapping[str, Statistics],
    decision: Decision | None = None,
) -> WeightsChanged:
    tensors = tensors_of(pair.new, after.paths)
    compared = decision is not None and bool(moved)
    return WeightsChanged(
        path=after.anchor,
        what=what,
        confidence=0.0 if what == "unknown" else decision.confidence if decision and what == decision.what else 1.0,
        parameters=sum(tensors[name].tensor.count for name in names.common),
        tensors=len(names.common),
        moved=sum(bool(figures.changed) for figures in moved.values()),
        relative_change=decision.relative_change if decision and compared else None,
        cosine=decision.cosine if decision and compared else None,
        embedding=is_embedding_model(pair.new),
        known_from="metadata" if what == "unknown" else "exact",
    )
