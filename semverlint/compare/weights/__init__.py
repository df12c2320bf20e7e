"""Weights: what happened to the tensors, told once a checkpoint.

Digests answer first, then headers; values are read only where names and shapes agree and bytes do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from semverlint.changes.base import Change
from semverlint.changes.weights import (
    WeightsChanged,
    WeightsFileAdded,
    WeightsFileRemoved,
    WeightsFileRenamed,
    What,
)
from semverlint.compare.pair import Pair
from semverlint.compare.purpose import is_embedding_model
from semverlint.compare.registry import comparer
from semverlint.compare.weights.checkpoint import STANDARD, Checkpoint, checkpoints, is_pickled
from semverlint.compare.weights.coherence import contradictions
from semverlint.compare.weights.graphs import compare_graphs
from semverlint.compare.weights.headers import read_headers
from semverlint.compare.weights.settings import compare_settings
from semverlint.compare.weights.sources import have_same_names, left_out, why_unread
from semverlint.compare.weights.tensors import compare_tensors
from semverlint.compare.weights.unread import Budget
from semverlint.errors import FileError, SpoiltError
from semverlint.snapshot import Snapshot
from semverlint.text import clean, some


@comparer
def compare_weights(pair: Pair) -> Iterator[Change]:
    """What happened to every checkpoint of which a file was touched."""
    old, new = checkpoints(pair.old), checkpoints(pair.new)
    told: dict[str, What] = {}
    budget = Budget(pair.options.max_download)
    read_headers(pair, [*_both_sides(pair, old, new)])
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before and after:
            if _is_touched(pair, before, after):
                yield from _noting(told, key, _both(pair, before, after, budget))
        elif before:
            yield _gone(pair, before, new)
        elif after and not set(after.paths) & set(pair.renamed.values()):
            across = _across(pair, after, old, new, budget)
            yield _came(pair, after, old, same=across.same, compared=bool(across.changes))
            yield from _noting(told, key, iter(across.changes))
    yield from contradictions(pair, old, new, told)


def _both_sides(
    pair: Pair, old: Mapping[str, Checkpoint], new: Mapping[str, Checkpoint]
) -> Iterator[tuple[Snapshot, Checkpoint]]:
    """The checkpoints whose tensors will be held against each other, each with its revision."""
    for key in sorted(old.keys() & new.keys()):
        if _is_touched(pair, old[key], new[key]) and not _same_files(pair, old[key], new[key]):
            yield pair.old, old[key]
            yield pair.new, new[key]


def _is_touched(pair: Pair, before: Checkpoint, after: Checkpoint) -> bool:
    return bool(pair.touched.intersection((*before.paths, *after.paths, before.index, after.index)))


def _noting(told: dict[str, What], key: str, changes: Iterator[Change]) -> Iterator[Change]:
    """The changes of one checkpoint, of which the one about the whole is remembered."""
    for change in changes:
        if isinstance(change, WeightsChanged):
            told[key] = change.what
        yield change


def _both(pair: Pair, before: Checkpoint, after: Checkpoint, budget: Budget) -> Iterator[Change]:
    if _same_files(pair, before, after):
        what: What = "reserialised" if before.paths == after.paths else "resharded"
        yield replace(_unread(pair, after), what=what, confidence=1.0, known_from="exact")
        return
    try:
        reasons = (why_unread(pair.old, before), why_unread(pair.new, after))
        if reason := reasons[1] or reasons[0]:
            pair.doubt(after.anchor, *reason)
            yield _unread(pair, after)
        else:
            yield from _tensors(pair, before, after, budget)
            yield from compare_graphs(pair, before, after)
            yield from compare_settings(pair, before, after)
            if said := [*left_out(pair.new, after), *left_out(pair.old, before)]:
                beside = f"beside the tensors that were compared it holds {some(dict.fromkeys(said), 2)}"
                pair.doubt(after.anchor, beside, "compare evaluations of both revisions")
    except FileError as error:
        pair.doubt(error.path, error.reason, error.remedy or "mend the file", failed=True)
        yield _unread(pair, after)


def _tensors(pair: Pair, before: Checkpoint, after: Checkpoint, budget: Budget) -> list[Change]:
    """What happened to the tensors; looked at once more, from their headers on, where bytes had been spoilt.

    Raises:
        FileError: If a header or a value cannot be read.
    """
    left = budget.left
    try:
        return list(compare_tensors(pair, before, after, budget))
    except SpoiltError:
        for snapshot, checkpoint in ((pair.old, before), (pair.new, after)):
            for path in checkpoint.paths:
                snapshot.forget(path)
        budget.left = left
        return list(compare_tensors(pair, before, after, budget))


@dataclass(frozen=True)
class _Across:
    """What a new file is to one of another format, from which libraries loaded the model before.

    Attributes:
        changes: What happened to the tensors on the way; nothing where the two cannot be held against each other.
        same: Whether they are the same.
    """

    changes: tuple[Change, ...] = ()
    same: bool = False


def _across(
    pair: Pair, after: Checkpoint, old: Mapping[str, Checkpoint], new: Mapping[str, Checkpoint], budget: Budget
) -> _Across:
    """A new file against the one of another format that it takes the place of: gone now, or no longer preferred."""
    for before in old.values():
        replaced = before.key not in new or _is_preferred(after)
        if not (_are_twins(after, before) and before.stem in STANDARD and replaced):
            continue
        try:
            if why_unread(pair.old, before) is None and why_unread(pair.new, after) is None:
                alike = have_same_names(pair, before, after)
                changes = tuple(_tensors(pair, before, after, budget)) if alike else ()
                same = any(isinstance(one, WeightsChanged) and one.what == "reformatted" for one in changes)
                return _Across(changes, same)
        except FileError as error:
            if before.key not in new:
                reason = f"it takes the place of {clean(before.anchor)}, which cannot be read ({error.reason})"
                pair.doubt(after.anchor, reason, "compare evaluations of both revisions")
    return _Across()


def _same_files(pair: Pair, before: Checkpoint, after: Checkpoint) -> bool:
    """Whether the files with values are the same ones, under these names or others: only the index differs."""
    kept = {pair.renamed.get(path, path) for path in before.paths}
    return kept == set(after.paths) and not pair.changed.intersection(before.paths)


def _unread(pair: Pair, after: Checkpoint) -> WeightsChanged:
    return WeightsChanged(
        path=after.anchor,
        what="unknown",
        confidence=0.0,
        parameters=0,
        tensors=0,
        moved=0,
        relative_change=None,
        cosine=None,
        embedding=is_embedding_model(pair.new),
        known_from="metadata",
    )


def _gone(pair: Pair, before: Checkpoint, new: Mapping[str, Checkpoint]) -> Change:
    renamed = [pair.renamed[path] for path in before.paths if path in pair.renamed]
    if renamed and len(renamed) == len(before.paths):
        return WeightsFileRenamed(path=before.anchor, after=renamed[0])
    twins = [one for one in new.values() if _are_twins(before, one)]
    was_safe = not is_pickled(pair.old, before)
    return WeightsFileRemoved(
        path=before.anchor,
        format=before.ending.lstrip("."),
        other_format=bool(twins),
        only_pickled=bool(twins) and was_safe and all(is_pickled(pair.new, one) for one in twins),
    )


def _is_preferred(checkpoint: Checkpoint) -> bool:
    """Whether libraries load a file wherever they find it, whatever they loaded before."""
    return checkpoint.ending == ".safetensors" and checkpoint.stem in STANDARD


def _came(pair: Pair, after: Checkpoint, old: Mapping[str, Checkpoint], *, same: bool, compared: bool) -> Change:
    loaded_before = [one for one in old.values() if _are_twins(after, one) and one.stem in STANDARD]
    preferred = _is_preferred(after) and bool(loaded_before) and not same
    if preferred and not compared:
        pair.doubt(
            after.anchor,
            f"libraries load it instead of {clean(loaded_before[0].anchor)}, whose numbers nobody read",
            "compare evaluations of both revisions, or load both files and compare them",
        )
    return WeightsFileAdded(
        path=after.anchor,
        format=after.ending.lstrip("."),
        pickled=is_pickled(pair.new, after),
        safe_before=bool(old) and not any(is_pickled(pair.old, one) for one in old.values()),
        preferred=preferred,
    )


def _are_twins(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether two checkpoints are the same weights in two formats, as far as their names tell."""
    alike = one.folder == other.folder and one.family == other.family
    return alike and one.ending != other.ending and one.derived == other.derived
