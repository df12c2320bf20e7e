"""One checkpoint in both revisions: its tensors by name, shape, type and, where a doubt is left, by their values."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.weights import (
    TensorAdded,
    TensorCorrupted,
    TensorDtypeChanged,
    TensorRemoved,
    TensorReshaped,
    WeightsChanged,
    WeightsKeyChanged,
    WeightsMetadataChanged,
    What,
)
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import has_same_tokens, is_embedding_model
from semverlint.compare.weights.afar import Task
from semverlint.compare.weights.checkpoint import Checkpoint, loaded, metadata_of
from semverlint.compare.weights.closer import Closer, look_closer
from semverlint.compare.weights.doubts import Doubts
from semverlint.compare.weights.drawn import drawn
from semverlint.compare.weights.found import Found, detail, updated
from semverlint.compare.weights.graphs import PROGRAM
from semverlint.compare.weights.kinds import Decision, are_most, damage, decide, has_distance, is_readable, type_of
from semverlint.compare.weights.layout import Layout, exchanged, laid_out, transposed, turned_besides
from semverlint.compare.weights.names import renamed
from semverlint.compare.weights.placed import shape_of
from semverlint.compare.weights.quantised import dequantised
from semverlint.compare.weights.sources import by_role, known_tensors
from semverlint.compare.weights.structure import Sides, by_headers, by_rows, is_buffer, is_grown, is_padding, is_resized
from semverlint.compare.weights.unread import Budget, compare_unread, under_other_names
from semverlint.compare.weights.values import compare_all, same_bytes
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json_object
from semverlint.formats.weights import read_weights
from semverlint.snapshot import Snapshot
from semverlint.text import some

_GRAVER: frozenset[What] = frozenset({"corrupted", "quantised", "retrained", "continued", "partial", "fine-tuned"})
"""Kinds that say more of a release than that rows were appended, or a copy dropped."""
_GRAVE: frozenset[What] = frozenset({"corrupted", "quantised", "retrained", "permuted"})
"""Kinds that say more of a release than that tensors have other names or are laid out otherwise."""
_SAME_NAMES: frozenset[What] = frozenset({"depth-changed", "tied", "untied"})
"""Kinds of layout in which a name still means the tensor that has it."""
_APART: frozenset[What] = frozenset({"retrained", "continued", "partial"})
"""Kinds that tensors which only changed places look like."""
_FORMATS = frozenset({"pt", "tf", "flax", "mlx"})
"""Values of the metadata's key `format` that transformers loads; it refuses any other (`modeling_utils.py`)."""


def compare_tensors(pair: Pair, before: Checkpoint, after: Checkpoint, budget: Budget) -> Iterator[Change]:
    """What happened to one checkpoint: the change as a whole, and the tensors it is about.

    Raises:
        FileError: If a header or a value cannot be read.
    """
    paths = loaded(pair.old, before), loaded(pair.new, after)
    layers = _layers(pair.old, before), _layers(pair.new, after)
    old, new = by_role(pair, paths)
    sides = Sides(dequantised(old), dequantised(new), layers)
    yield from _metadata(pair, after, paths)
    if before.ending == after.ending and (under := _under(pair.old, paths[0])) != (now := _under(pair.new, paths[1])):
        yield WeightsKeyChanged(path=after.anchor, before=under, after=now)
    doubts = Doubts(pair).after_proof(sides)
    cost = doubts.cost(sides)
    if cost > budget.left and not pair.options.exact:
        yield from _beyond(pair, after, sides, doubts, budget)
        return
    budget.left -= cost
    found = _matched(doubts, sides)
    what = _what(found) or _by_layout(before, after, paths, found.sides)
    if what == "vocab-appended":
        found.padding = is_padding(found.sides, same_tokens=has_same_tokens(pair))
    # names that only stand for others in another layout are not told one by one
    same_names = what in _SAME_NAMES or (found.layout is not None and found.layout.what in _SAME_NAMES)
    yield from _named_changes(after.anchor, sides if same_names else found.sides)
    yield from _moved_changes(after.anchor, found, what)
    yield from drawn(pair, after.anchor, found.sides, found.moved)
    if what == "unknown":
        _doubt_codes(pair, after, found.sides)
    yield replace(_whole(pair, after, found, what, detail(what, found, paths)), known_same=doubts.known_same(sides))


def _beyond(pair: Pair, after: Checkpoint, sides: Sides, doubts: Doubts, budget: Budget) -> Iterator[Change]:
    """What can be said of a checkpoint whose values cost more than may be spent."""
    if renamed_too := under_other_names(pair, after.anchor, sides, doubts, budget):
        yield from _named_changes(after.anchor, renamed_too[0])
        yield from renamed_too[1]
        return
    yield from _named_changes(after.anchor, sides)
    if decided := by_headers(sides):
        whole = _whole(pair, after, Found(sides), decided, detail(decided, Found(sides), ([], [])))
        yield replace(whole, known_from="metadata")
    else:
        yield from compare_unread(pair, after.anchor, sides, doubts, budget)


def _matched(doubts: Doubts, sides: Sides) -> Found:
    """Both sides measured; under other names or in another layout, where that explains what else would be gone."""
    if mapping := renamed(sides.removed, sides.added, sides.old, sides.new):
        under_new_names = {mapping.get(name, name): placed for name, placed in sides.old.items()}
        found = _measured(doubts, Found(replace(sides, old=under_new_names), mapping=mapping))
        if found.decision is None or found.decision.what != "retrained":
            return found  # else the names fit by chance, over unrelated values
    if sides.gone or sides.added or sides.reshaped:
        layout = laid_out(sides)
        if layout.what:
            return _measured(doubts, Found(layout.sides, layout=layout))
        if (turned := turned_besides(sides)) and (again := _related(doubts, turned)):
            return again
    found = _measured(doubts, Found(sides))
    retrained = found.decision is not None and found.decision.what == "retrained"
    if retrained and (turned := transposed(sides)) and (again := _related(doubts, turned)):
        return again
    if found.decision is not None and found.decision.what in _APART and (other := exchanged(sides, found.moved)):
        return _measured(doubts, Found(other.sides, layout=other))
    return found


def _related(doubts: Doubts, layout: Layout) -> Found | None:
    """Both sides measured in a layout; None where it fits by chance, over unrelated values."""
    found = _measured(doubts, Found(layout.sides, layout=layout))
    return None if found.decision is not None and found.decision.what == "retrained" else found


def _measured(doubts: Doubts, found: Found) -> Found:
    """The figures of every tensor whose type or bytes differ, and what they say together."""
    sides = found.sides
    tasks: dict[str, Task] = {}
    for name in sides.common:
        old, new = sides.old[name], sides.new[name]
        if doubts.between(old, new) and is_readable(old) and is_readable(new):
            tasks[name] = Task(old, new)
    for name in sides.reshaped:
        old, new = sides.old[name], sides.new[name]
        if is_grown(old, new) and is_readable(old) and is_readable(new):
            tasks[name] = Task(old, new, old.tensor.count)
    grown = set(sides.reshaped)
    found.moved = {
        name: figures
        for name, figures in compare_all(tasks).items()
        if (figures.changed if name in grown else not figures.same)
    }
    unread = [name for name in sides.common if name not in tasks and _differs(doubts, sides, name)]
    if are_most(set(unread), sides.large, sides.old):
        found.closer = Closer(Decision("unknown", 0.0, None, None))
    elif found.moved:
        decision = decide(sides.large, sides.old, sides.new, found.moved)
        found.closer = look_closer(sides, found.moved, decision, lambda: known_tensors(doubts.pair))
    return found


def _differs(doubts: Doubts, sides: Sides, name: str) -> bool:
    """Whether a tensor that cannot be read as numbers holds other bytes."""
    old, new = sides.old[name], sides.new[name]
    alike = old.tensor.dtype == new.tensor.dtype
    return doubts.between(old, new) and not (alike and same_bytes(old, new))


def _what(found: Found) -> What | None:
    """The kind of change; None where every tensor is the same, and only files can differ.

    Names, types and shapes decide, unless the values have something graver to say.
    """
    sides, measured = found.sides, found.decision.what if found.decision else None
    if found.layout and found.layout.what:
        small = found.layout.what in {"tied", "untied"}
        return measured if measured in (_GRAVER if small else _GRAVE) else found.layout.what
    what = by_headers(sides)
    if what is None and is_resized(sides):
        what = by_rows(sides)
        if measured in (_GRAVER if what == "vocab-appended" else _GRAVE - {"permuted"}):
            return measured
    if what is None and found.mapping:
        return measured if measured in _GRAVE else "renamed"
    return what or measured


def _doubt_codes(pair: Pair, after: Checkpoint, sides: Sides) -> None:
    """Say why nobody can tell, and what would help."""
    blocks = sorted({one.tensor.dtype for one in sides.new.values() if not is_readable(one)})
    if blocks:
        pair.doubt(after.anchor, f"values of {', '.join(blocks)} cannot be decoded here", "install semverlint[gguf]")
        return
    pair.doubt(
        after.anchor,
        "its large matrices are packed integers, whose distance says nothing",
        "compare the originals they were quantised from, or evaluations of both revisions",
    )


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


def _named_changes(path: str, sides: Sides) -> Iterator[Change]:
    for name in sides.removed:
        old = sides.old[name]
        buffer = is_buffer(name, old)
        yield TensorRemoved(path=path, name=name, dtype=old.tensor.dtype, shape=shape_of(old), buffer=buffer)
    for name in sides.added:
        new = sides.new[name]
        buffer = is_buffer(name, new)
        yield TensorAdded(path=path, name=name, dtype=new.tensor.dtype, shape=shape_of(new), buffer=buffer)
    for name in sides.reshaped:
        yield TensorReshaped(path=path, name=name, before=shape_of(sides.old[name]), after=shape_of(sides.new[name]))


def _moved_changes(path: str, found: Found, what: What) -> Iterator[Change]:
    sides = found.sides
    ranks, zeros = (found.closer.ranks, found.closer.zeros) if found.closer else ({}, {})
    for name, figures in found.moved.items():
        old, new = sides.old[name], sides.new[name]
        recast = old.tensor.dtype != new.tensor.dtype
        if recast and what not in {"cast-lossy", "cast-lossless", "quantised", "dequantised"}:
            yield TensorDtypeChanged(path=path, name=name, before=type_of(old), after=type_of(new))
        if figures.difference_square > 0 and has_distance(old, new):
            rank = ranks[name].rank if name in ranks else None
            yield updated(path, name, new, figures, rank=rank, zeros=zeros[name].share if name in zeros else None)
        for how, count in damage(name, old, figures):
            yield TensorCorrupted(path=path, name=name, how=how, count=count)


def _metadata(pair: Pair, after: Checkpoint, paths: tuple[list[str], list[str]]) -> Iterator[Change]:
    old, new = metadata_of(pair.old, paths[0]), metadata_of(pair.new, paths[1])
    for key in sorted((old.keys() | new.keys()) - {PROGRAM}):  # a program is what the graphs' comparer tells
        if old.get(key) != new.get(key):
            looked_at = key == "format" and after.stem == "model" and new.get(key) not in _FORMATS
            # transformers takes the format for granted where there are no metadata at all, from 4.48 on
            refused: Literal["every", "older", "none"] = "none" if not looked_at else "every" if new else "older"
            yield WeightsMetadataChanged(
                path=after.anchor, key=key, before=old.get(key), after=new.get(key), refused_by=refused
            )


def _under(snapshot: Snapshot, paths: list[str]) -> str:
    """What the tensors of a checkpoint stand under, in words."""
    every = (snapshot.facts(read_weights, path) for path in paths)
    return some(dict.fromkeys(one.under or "no key" for one in every if one))


def _by_layout(before: Checkpoint, after: Checkpoint, paths: tuple[list[str], list[str]], sides: Sides) -> What:
    """What happened where every tensor is the same."""
    if before.ending != after.ending:
        return "reformatted"
    if paths[0] != paths[1]:
        return "resharded"
    places = [
        sorted(sides.common, key=lambda name: (side[name].file.path, side[name].tensor.start))
        for side in (sides.old, sides.new)
    ]
    return "reserialised" if places[0] == places[1] else "reordered"


def _whole(pair: Pair, after: Checkpoint, found: Found, what: What, detail: str) -> WeightsChanged:
    decision, sides = found.decision, found.sides
    sure = decision.confidence if decision and what == decision.what else 1.0
    return WeightsChanged(
        path=after.anchor,
        what=what,
        confidence=0.0 if what == "unknown" else sure,
        parameters=sum(sides.new[name].tensor.count for name in sides.common),
        tensors=len({*sides.common, *found.moved}),
        moved=sum(bool(figures.changed) for figures in found.moved.values()),
        relative_change=decision.relative_change if decision else None,
        cosine=decision.cosine if decision else None,
        embedding=is_embedding_model(pair.new),
        known_from="metadata" if what == "unknown" else "exact",
        detail=detail,
        padding=found.padding,
        by_range=sum(not figures.vouched for figures in found.moved.values()),
    )
