"""One checkpoint in both revisions: its tensors by name, shape, type and, where a doubt is left, by their values."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.weights import (
    TensorAdded,
    TensorCorrupted,
    TensorDtypeChanged,
    TensorRemoved,
    TensorReshaped,
    TensorUpdated,
    WeightsChanged,
    WeightsMetadataChanged,
    What,
)
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import is_embedding_model
from semverlint.compare.weights.checkpoint import Checkpoint, loaded, metadata_of, tensors_of
from semverlint.compare.weights.kinds import Decision, damage, decide, is_coded
from semverlint.compare.weights.names import in_words, renamed, summary
from semverlint.compare.weights.placed import Placed
from semverlint.compare.weights.statistics import Statistics
from semverlint.compare.weights.structure import Sides, by_headers, by_rows, is_buffer, is_grown, is_padding, is_resized
from semverlint.compare.weights.values import Task, compare_all
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json_object
from semverlint.roles import role
from semverlint.snapshot import Snapshot
from semverlint.text import plural, size

_GRAVER: frozenset[What] = frozenset({"corrupted", "quantised", "retrained", "continued", "partial", "fine-tuned"})
"""Kinds that say more of a release than that rows were appended."""
_GRAVE: frozenset[What] = frozenset({"corrupted", "quantised", "retrained"})
"""Kinds that say more of a release than that tensors have other names."""
_FORMATS = frozenset({"pt", "tf", "flax", "mlx"})
"""Values of the metadata's key `format` that transformers loads; it refuses any other (`modeling_utils.py`)."""
_UNSURE = 0.75
"""Confidence below which the report calls a kind a close call."""


@dataclass
class Budget:
    """Bytes that may still be downloaded for values."""

    left: int


@dataclass
class _Found:
    """What the values of two checkpoints showed."""

    moved: dict[str, Statistics] = field(default_factory=dict)
    decision: Decision | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    padding: bool = False


def compare_tensors(pair: Pair, before: Checkpoint, after: Checkpoint, budget: Budget) -> Iterator[Change]:
    """What happened to one checkpoint: the change as a whole, and the tensors it is about.

    Raises:
        FileError: If a header or a value cannot be read.
    """
    paths = loaded(pair.old, before), loaded(pair.new, after)
    layers = _layers(pair.old, before), _layers(pair.new, after)
    sides = Sides(tensors_of(pair.old, paths[0]), tensors_of(pair.new, paths[1]), layers)
    yield from _metadata(pair, after, paths)
    cost = _cost(pair, sides)
    if cost > budget.left and not pair.options.exact:
        yield from _named_changes(after.anchor, sides)
        yield _from_headers(pair, after, sides, cost)
        return
    budget.left -= cost
    found = _Found(mapping=renamed(sides.removed, sides.added, sides.old, sides.new))
    if found.mapping:
        under_new_names = {found.mapping.get(name, name): placed for name, placed in sides.old.items()}
        trial = Sides(under_new_names, sides.new, layers)
        found.moved, found.decision = _measured(pair, trial)
        if found.decision is not None and found.decision.what == "retrained":
            found.mapping = {}  # names that fit by chance, over unrelated values
        else:
            sides = trial
    if not found.mapping:
        found.moved, found.decision = _measured(pair, sides)
    what = _what(sides, found)
    if what is None:
        what = found.decision.what if found.decision else _by_layout(*paths, sides)
    if what == "vocab-appended":
        found.padding = is_padding(sides, same_tokens=_has_same_tokens(pair))
    yield from _named_changes(after.anchor, sides)
    yield from _moved_changes(after.anchor, sides, found, what)
    if what == "unknown":
        pair.doubt(
            after.anchor,
            "its large matrices are packed integers, whose distance says nothing",
            "compare the originals they were quantised from, or evaluations of both revisions",
        )
    yield _whole(pair, after, sides, what, found, _detail(what, sides, found, paths))


def _measured(pair: Pair, sides: Sides) -> tuple[dict[str, Statistics], Decision | None]:
    """The figures of every tensor whose type or bytes differ, and what they say together; None if nothing differs."""
    tasks: dict[str, Task] = {}
    for name in sides.common:
        old, new = sides.old[name], sides.new[name]
        if _doubtful(pair, old, new):
            tasks[name] = Task(old, new)
    for name in sides.reshaped:
        old, new = sides.old[name], sides.new[name]
        if is_grown(old, new):
            tasks[name] = Task(old, new, old.tensor.count)
    grown = set(sides.reshaped)
    moved = {
        name: figures
        for name, figures in compare_all(tasks).items()
        if (figures.changed if name in grown else not figures.same)
    }
    return moved, decide(sides.large, sides.old, sides.new, moved) if moved else None


def _what(sides: Sides, found: _Found) -> What | None:
    """The kind that names, types and shapes decide, unless the values have something graver to say; None otherwise."""
    measured = found.decision.what if found.decision else None
    what = by_headers(sides)
    if what is None and is_resized(sides):
        what = by_rows(sides)
        if what == "vocab-appended" and measured in _GRAVER:
            return measured
    if what is None and found.mapping:
        return measured if measured in _GRAVE else "renamed"
    return what


def _cost(pair: Pair, sides: Sides) -> int:
    """Bytes that must be downloaded to decide everything."""
    pairs = [(sides.old[name], sides.new[name]) for name in (*sides.common, *sides.reshaped)]
    asked = [side for both in pairs if _doubtful(pair, *both) for side in both]
    if sides.removed and sides.added:
        asked += [*(sides.old[name] for name in sides.removed), *(sides.new[name] for name in sides.added)]
    return sum(one.tensor.stop - one.tensor.start for one in asked if one.file.remote)


def _doubtful(pair: Pair, old: Placed, new: Placed) -> bool:
    """Whether two tensors may differ: not where they stand at one place of two equal files."""
    same_path = old.file.path == new.file.path and old.file.path not in pair.touched
    equal_files = same_path or pair.renamed.get(old.file.path) == new.file.path
    return not (
        equal_files
        and old.tensor.start == new.tensor.start
        and old.tensor.dtype == new.tensor.dtype
        and old.tensor.shape == new.tensor.shape
    )


def _from_headers(pair: Pair, after: Checkpoint, sides: Sides, cost: int) -> WeightsChanged:
    """What names, types and shapes say by themselves; `unknown`, with a doubt, where the values would have to."""
    what = by_headers(sides)
    if what is None:
        what = "unknown"
        pair.doubt(
            after.anchor,
            f"{size(cost)} of values would have to be downloaded",
            "run with --exact, or download the model",
        )
    whole = _whole(pair, after, sides, what, _Found(), _detail(what, sides, _Found(), ([], [])))
    return replace(whole, known_from="metadata")


def _layers(snapshot: Snapshot, checkpoint: Checkpoint) -> int | None:
    """The number of layers that the configuration beside a checkpoint declares."""
    path = f"{checkpoint.folder}/config.json" if checkpoint.folder else "config.json"
    try:
        config: dict[str, Json] = snapshot.facts(read_json_object, path) or {}
    except FileError:
        return None  # the comparer of configurations says so
    text = config.get("text_config")
    count = (text if isinstance(text, dict) else config).get("num_hidden_layers")
    return count if isinstance(count, int) else None


def _has_same_tokens(pair: Pair) -> bool:
    """Whether there is a tokenizer, and nobody touched it."""
    tokenizers = {path for path in pair.new.files if role(path) == "tokenizer"}
    return bool(tokenizers) and not tokenizers & pair.touched


def _named_changes(path: str, sides: Sides) -> Iterator[Change]:
    for name in sides.removed:
        old = sides.old[name]
        buffer = is_buffer(name, old)
        yield TensorRemoved(path=path, name=name, dtype=old.tensor.dtype, shape=_shape(old), buffer=buffer)
    for name in sides.added:
        new = sides.new[name]
        yield TensorAdded(path=path, name=name, dtype=new.tensor.dtype, shape=_shape(new))
    for name in sides.reshaped:
        yield TensorReshaped(path=path, name=name, before=_shape(sides.old[name]), after=_shape(sides.new[name]))


def _shape(placed: Placed) -> str:
    return " x ".join(str(length) for length in placed.tensor.shape) or "scalar"


def _moved_changes(path: str, sides: Sides, found: _Found, what: What) -> Iterator[Change]:
    for name, figures in found.moved.items():
        old, new = sides.old[name], sides.new[name]
        recast = old.tensor.dtype != new.tensor.dtype
        if recast and what not in {"cast-lossy", "cast-lossless", "quantised"}:
            yield TensorDtypeChanged(path=path, name=name, before=old.tensor.dtype, after=new.tensor.dtype)
        if figures.difference_square > 0 and not is_coded(old, new):
            yield TensorUpdated(
                path=path,
                name=name,
                dtype=new.tensor.dtype,
                shape=_shape(new),
                relative_change=figures.relative_change,
                cosine=figures.cosine,
                largest=figures.largest,
                changed_share=figures.changed_share,
            )
        for how, count in damage(name, old, figures):
            yield TensorCorrupted(path=path, name=name, how=how, count=count)


def _metadata(pair: Pair, after: Checkpoint, paths: tuple[list[str], list[str]]) -> Iterator[Change]:
    old, new = metadata_of(pair.old, paths[0]), metadata_of(pair.new, paths[1])
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            looked_at = key == "format" and after.stem == "model" and new.get(key) not in _FORMATS
            # transformers takes the format for granted where there are no metadata at all, from 4.48 on
            refused: Literal["every", "older", "none"] = "none" if not looked_at else "every" if new else "older"
            yield WeightsMetadataChanged(
                path=after.anchor, key=key, before=old.get(key), after=new.get(key), refused_by=refused
            )


def _by_layout(before: list[str], after: list[str], sides: Sides) -> What:
    """What happened where every tensor is the same."""
    if before != after:
        return "resharded"
    places = [
        sorted(sides.common, key=lambda name: (side[name].file.path, side[name].tensor.start))
        for side in (sides.old, sides.new)
    ]
    return "reserialised" if places[0] == places[1] else "reordered"


def _detail(what: What, sides: Sides, found: _Found, paths: tuple[list[str], list[str]]) -> str:  # noqa: PLR0911 - a kind a line
    """What more is to say of a kind, to be put behind its message; empty where there is nothing."""
    match what:
        case "renamed":
            return f": {in_words(found.mapping)}"
        case "resharded":
            return f": {plural(len(paths[0]), 'file')} → {len(paths[1]):,}" if paths[0] else ""
        case "partial":
            still = [name for name in sides.common if name not in found.moved or not found.moved[name].changed]
            return f"; frozen: {summary(still, sides.old)}" if still else ""
        case "reshaped":
            return f": {summary([*sides.gone, *sides.reshaped], sides.old)}"
        case "corrupted":
            bad = [name for name, figures in found.moved.items() if damage(name, sides.old[name], figures)]
            return f": {summary(bad, sides.old)}"
        case "depth-changed":
            return f": {len(sides.numbers[0]):,} → {len(sides.numbers[1]):,}"
        case "vocab-appended" | "vocab-moved":
            old, new = (side[sides.reshaped[0]].tensor.shape[0] for side in (sides.old, sides.new))
            return f": {old:,} → {new:,}"
        case "cast-lossy" | "cast-lossless" | "quantised":
            return _types(sides)
        case "fine-tuned" | "continued" | "retrained":
            return "; a close call" if found.decision and found.decision.confidence < _UNSURE else ""
        case _:
            return ""


def _types(sides: Sides) -> str:
    """The types of the largest tensor that has another one: `: F32 → BF16`."""
    both = [(sides.old[name].tensor, sides.new[name].tensor) for name in (*sides.common, *sides.reshaped)]
    recast = [(old.count, f"{old.dtype} → {new.dtype}") for old, new in both if old.dtype != new.dtype]
    return f": {max(recast)[1]}" if recast else ""


def _whole(  # noqa: PLR0913, PLR0917 - the record has as many sources
    pair: Pair, after: Checkpoint, sides: Sides, what: What, found: _Found, detail: str
) -> WeightsChanged:
    decision = found.decision
    sure = decision.confidence if decision and what == decision.what else 1.0
    return WeightsChanged(
        path=after.anchor,
        what=what,
        confidence=0.0 if what == "unknown" else sure,
        parameters=sum(sides.new[name].tensor.count for name in sides.common),
        tensors=len(sides.common),
        moved=sum(bool(figures.changed) for figures in found.moved.values()),
        relative_change=decision.relative_change if decision else None,
        cosine=decision.cosine if decision else None,
        embedding=is_embedding_model(pair.new),
        known_from="metadata" if what == "unknown" else "exact",
        detail=detail,
        padding=found.padding,
    )
