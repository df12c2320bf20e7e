"""Weights: what happened to the tensors, told once a checkpoint.

Digests answer first, then headers; values are read only where names and shapes agree and bytes do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

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
from semverlint.compare.weights.tensors import Budget, compare_tensors
from semverlint.errors import FileError
from semverlint.text import clean


@comparer
def compare_weights(pair: Pair) -> Iterator[Change]:
    """What happened to every checkpoint of which a file was touched."""
    old, new = checkpoints(pair.old), checkpoints(pair.new)
    told: dict[str, What] = {}
    budget = Budget(pair.options.max_download)
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before and after:
            if pair.touched.intersection((*before.paths, *after.paths, before.index, after.index)):
                for change in _both(pair, before, after, budget):
                    if isinstance(change, WeightsChanged):
                        told[key] = change.what
                    yield change
        elif before:
            yield _gone(pair, before, new)
        elif after and not set(after.paths) & set(pair.renamed.values()):
            yield _came(pair, after, old)
    yield from contradictions(pair, old, new, told)


def _both(pair: Pair, before: Checkpoint, after: Checkpoint, budget: Budget) -> Iterator[Change]:
    if after.ending == ".safetensors":
        try:
            yield from compare_tensors(pair, before, after, budget)
        except FileError as error:
            pair.doubt(error.path, error.reason, error.remedy or "mend the file", failed=True)
            yield _unread(pair, after)
        return
    if _same_files(pair, before, after):
        what: What = "reserialised" if before.paths == after.paths else "resharded"
        yield replace(_unread(pair, after), what=what, confidence=1.0, known_from="exact")
        return
    pair.doubt(
        after.anchor,
        f"its bytes differ, and semverlint does not read the numbers in {after.ending or 'such'} files yet",
        "publish the same weights as safetensors, or compare evaluations of both revisions",
    )
    yield _unread(pair, after)


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


def _came(pair: Pair, after: Checkpoint, old: Mapping[str, Checkpoint]) -> Change:
    loaded_before = [one for one in old.values() if _are_twins(after, one) and one.stem in STANDARD]
    preferred = after.ending == ".safetensors" and after.stem in STANDARD and bool(loaded_before)
    if preferred:
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
