"""What the graph in a weight file asks for, gives and computes: ONNX, TensorFlow Lite, the program of TorchScript."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.graphs import (
    GraphPortAdded,
    GraphPortChanged,
    GraphPortRemoved,
    GraphPortsReordered,
    GraphStepsChanged,
    GraphVersionRaised,
)
from semverlint.compare.pair import Pair
from semverlint.compare.weights.checkpoint import Checkpoint, loaded, metadata_of
from semverlint.compare.weights.sources import graph_of
from semverlint.formats.weights.base import Graph, Port
from semverlint.text import some

PROGRAM = "code"
"""The key of the metadata under which a digest of a file's program stands (`formats/weights/pytorch`)."""

_SHAPE = re.compile(r"^(?P<type>[^\[]*)\[(?P<dims>.*)\]$")


def compare_graphs(pair: Pair, before: Checkpoint, after: Checkpoint) -> Iterator[Change]:
    """Every difference of the graphs of one checkpoint.

    Raises:
        FileError: If a header cannot be read.
    """
    paths = loaded(pair.old, before), loaded(pair.new, after)
    old, new = graph_of(pair.old, paths[0]), graph_of(pair.new, paths[1])
    moved = bool(pair.touched.intersection(after.paths))
    programs = metadata_of(pair.old, paths[0]).get(PROGRAM), metadata_of(pair.new, paths[1]).get(PROGRAM)
    if None not in programs and programs[0] != programs[1]:
        yield GraphStepsChanged(path=after.anchor, detail="the program in it was changed", moved=moved)
    if old is None or new is None:
        return
    yield from _ports(after.anchor, "input", old.inputs, new.inputs)
    yield from _ports(after.anchor, "output", old.outputs, new.outputs)
    yield from _versions(after.anchor, old, new)
    if old.digest != new.digest:
        yield GraphStepsChanged(path=after.anchor, detail=_steps(old.steps, new.steps), moved=moved)


def _ports(path: str, side: Literal["input", "output"], old: Sequence[Port], new: Sequence[Port]) -> Iterator[Change]:
    before, after = ({port.name: port.type for port in ports} for ports in (old, new))
    for name in before:
        if name not in after:
            yield GraphPortRemoved(path=path, side=side, name=name, type=before[name])
        elif not _takes(before[name], after[name]) or not _takes(after[name], before[name]):
            wider = _takes(after[name], before[name])
            yield GraphPortChanged(path=path, side=side, name=name, before=before[name], after=after[name], wider=wider)
    for name in after:
        if name not in before:
            yield GraphPortAdded(path=path, side=side, name=name, type=after[name])
    common = [[name for name in ports if name in before and name in after] for ports in (before, after)]
    if common[0] != common[1]:
        yield GraphPortsReordered(path=path, side=side, before=", ".join(common[0]), after=", ".join(common[1]))


def _takes(port: str, value: str) -> bool:
    """Whether a port takes all that one of another type does: the type is the same, each length the same or free.

    A free length takes any other; what it is called (`batch`, `unk__317`) binds nobody.
    """
    ours, theirs = _SHAPE.match(port), _SHAPE.match(value)
    if not ours or not theirs or ours["type"] != theirs["type"]:
        return port == value
    lengths = ours["dims"].split(", "), theirs["dims"].split(", ")
    return len(lengths[0]) == len(lengths[1]) and all(a == b or not a.isdigit() for a, b in zip(*lengths, strict=True))


def _versions(path: str, old: Graph, new: Graph) -> Iterator[Change]:
    if old.version is not None and new.version is not None and new.version > old.version:
        yield GraphVersionRaised(path=path, of="IR", before=old.version, after=new.version)
    for domain, version in new.opsets.items():
        known = old.opsets.get(domain)
        if known is not None and version > known:
            yield GraphVersionRaised(path=path, of=domain or "ai.onnx", before=known, after=version)


def _steps(old: Mapping[str, int], new: Mapping[str, int]) -> str:
    """Which operators there are more or fewer of: `Conv 12 → 14`."""
    differing = [name for name in sorted(old.keys() | new.keys()) if old.get(name, 0) != new.get(name, 0)]
    return (
        some([f"{name} {old.get(name, 0):,} → {new.get(name, 0):,}" for name in differing], 4)
        or "the same operators, joined or set otherwise"
    )
