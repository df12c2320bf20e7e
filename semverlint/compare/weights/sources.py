"""Where the tensors of a pair come from: under which names they are matched, and which other revisions are known."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import Checkpoint, checkpoints, loaded, tensors_of
from semverlint.compare.weights.graph_scales import plainly_named, with_scales
from semverlint.compare.weights.names import renamed
from semverlint.compare.weights.placed import Placed
from semverlint.errors import FileError
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import Graph, Scale
from semverlint.snapshot import Snapshot

_BESIDE = re.compile(r"\.onnx[._]data|\.data-\d+-of-\d+|external_data", re.IGNORECASE)
_MOST = 0.9
"""Share of the parameters that must have the same names in both formats."""


def by_role(pair: Pair, paths: tuple[Sequence[str], Sequence[str]]) -> tuple[dict[str, Placed], dict[str, Placed]]:
    """The tensors of both sides by name; those of a graph under the old name of what is used in the same place.

    Exporters number the names of a graph's tensors anew; nobody asks for them by name, and where a tensor is used says
    which one it is.

    Raises:
        FileError: If a header cannot be read.
    """
    old, new = tensors_of(pair.old, paths[0]), tensors_of(pair.new, paths[1])
    before, after = graph_of(pair.old, paths[0]), graph_of(pair.new, paths[1])
    old, new = (with_scales(old, _scales_of(pair.old, paths[0])), with_scales(new, _scales_of(pair.new, paths[1])))
    old, new = (_learned(old, before), _learned(new, after))
    if before is None or after is None:
        return plainly_named(old), plainly_named(new)
    names = {role: name for name, role in before.roles.items() if name in old}
    mapping = {name: names[role] for name, role in after.roles.items() if name in new and role in names}
    taken = set(mapping.values())
    renamed = {mapping.get(name, name): one for name, one in new.items() if name in mapping or name not in taken}
    return plainly_named(old), plainly_named(renamed)


def graph_of(snapshot: Snapshot, paths: Iterable[str]) -> Graph | None:
    """What the first of some files that says so computes.

    Raises:
        FileError: If a header cannot be read.
    """
    for path in paths:
        facts = snapshot.facts(read_weights, path)
        if facts is not None and facts.graph is not None:
            return facts.graph
    return None


def _learned(tensors: dict[str, Placed], graph: Graph | None) -> dict[str, Placed]:
    """Tensors without those that only say how something is computed, which the comparison of graphs tells."""
    return {name: one for name, one in tensors.items() if graph is None or name not in graph.constants}


def _scales_of(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, Scale]:
    """How codes in some files become numbers, by the tensor that holds them."""
    every = [snapshot.facts(read_weights, path) for path in paths]
    return {name: scale for facts in every if facts for name, scale in facts.scales.items()}


def why_unread(snapshot: Snapshot, checkpoint: Checkpoint) -> tuple[str, str] | None:
    """Why a checkpoint's numbers cannot be read, with what would help; None where they can.

    Raises:
        FileError: If a header cannot be read.
    """
    tensors = 0
    said: list[str] = []
    for path in loaded(snapshot, checkpoint):
        facts = snapshot.facts(read_weights, path)
        if facts is None:
            if _BESIDE.search(path) and len(checkpoint.paths) > 1:
                continue  # values that another file of the checkpoint speaks of
            ending = checkpoint.ending or "such"
            reason = f"its bytes differ, and semverlint does not read the numbers in {ending} files"
            return reason, "publish the same weights as safetensors, or compare evaluations of both revisions"
        if facts.extra:
            return f"its numbers are read with the extra {facts.extra}", f"install semverlint[{facts.extra}]"
        tensors += len(facts.tensors)
        said += (*facts.left_out, *facts.aside)
    if not tensors and said:
        return f"its bytes differ, and it holds no tensor but {said[0]}", "compare evaluations of both revisions"
    return None


def left_out(snapshot: Snapshot, checkpoint: Checkpoint) -> list[str]:
    """What of a checkpoint belongs to the model and could not be read, each as half a sentence.

    Raises:
        FileError: If a header cannot be read.
    """
    every = [snapshot.facts(read_weights, path) for path in loaded(snapshot, checkpoint)]
    return [said for facts in every if facts for said in facts.left_out]


def have_same_names(pair: Pair, before: Checkpoint, after: Checkpoint) -> bool:
    """Whether files of two formats name their tensors alike, or by a mapping, so that they can be held together.

    Raises:
        FileError: If a header cannot be read.
    """
    old, new = tensors_of(pair.old, loaded(pair.old, before)), tensors_of(pair.new, loaded(pair.new, after))
    shared = sum(old[name].tensor.count for name in old.keys() & new.keys())
    if shared >= _MOST * max(1, sum(one.tensor.count for one in old.values())):
        return True
    near = not any(one.file.remote for side in (old, new) for one in side.values())
    gone, came = ([name for name in one if name not in other] for one, other in ((old, new), (new, old)))
    return near and bool(renamed(gone, came, old, new))


Known: TypeAlias = tuple[str, Mapping[str, Placed]]
"""A revision's name and its tensors."""


def known_tensors(pair: Pair) -> list[Known]:
    """Every tensor of other revisions that are known, by the revision's name; what cannot be read is left out."""
    found: list[Known] = []
    for snapshot in pair.known:
        try:
            every = checkpoints(snapshot).values()
            found.append(
                (snapshot.name, tensors_of(snapshot, [path for one in every for path in loaded(snapshot, one)]))
            )
        except FileError:
            continue  # they would only explain where the new weights come from
    return found
