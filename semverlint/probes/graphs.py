"""Two graphs run on the same inputs: do they give the same outputs?

This is the one place where a graph of a stranger's is computed, in the child process alone, and only where it was asked
for. ONNX is data, and the runtime's operators are all it can call: no library of operators is ever registered, only the
processor computes, on one thread, with the graph's own steps in their own order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime

from semverlint.probes import Beyond
from semverlint.probes.draws import Dimension, Input, draw, nudged, parts
from semverlint.probes.outputs import Apart, few, held, steady

_DRAWS = 8
"""Draws that both graphs answer."""
_ATTEMPTS = 240
"""Draws that are tried; most refusals cost nothing."""
_SEED = 1


def run(question: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Run both graphs on inputs drawn from what they declare.

    Args:
        question: `old` and `new`: paths of the graphs; `rows`: rows of the table that ids look up, or 0.

    Returns:
        `unlike`, why the two cannot be held together; empty where they can. `draws`: how many were answered by both;
        `refused`: how many the new one refused that the old one answered; `outputs`: one entry an output with its
        `name` and the fields of `Apart`; `still`: outputs that were one and the same value all the time.

    Raises:
        Beyond: If a graph cannot be loaded, or gives no two equal answers itself.
    """
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(4)
    onnxruntime.set_seed(_SEED)
    old, new = (_session(question[side], side) for side in ("old", "new"))
    matched = _matched(old, new)
    if isinstance(matched, str):
        return {"unlike": matched, "draws": 0, "refused": 0, "outputs": [], "still": []}
    again = _session(question["old"], "old", optimised=True)
    found = _Found(matched)
    for number in range(_ATTEMPTS):
        found.take(old, new, again, draw(matched.inputs, number, question["rows"]))
        if found.draws == _DRAWS:
            break
    if found.unsteady and not found.draws:
        raise Beyond("decides nothing: rounding alone moves its outputs far")
    named = [name for name, _ in matched.outputs]
    worst = [{"name": name, **vars(apart)} for name, apart in zip(named, found.outputs, strict=True)]
    still = [name for name, seen in zip(named, found.seen, strict=True) if len(seen) < 2]  # noqa: PLR2004 - one value
    return {"unlike": "", "draws": found.draws, "refused": found.refused, "outputs": worst, "still": still}


@dataclass(frozen=True)
class _Matched:
    """What of one graph is what of the other.

    Attributes:
        inputs: What to draw; names are the old ones.
        names: The new graph's names of these inputs.
        outputs: The old and the new name of every output that is held together.
    """

    inputs: tuple[Input, ...]
    names: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]


@dataclass
class _Found:
    """What was seen so far.

    Attributes:
        matched: What belongs together.
        draws: Draws that both answered.
        refused: Draws that the new graph refused and the old one answered.
        unsteady: Draws on which rounding alone moves the old graph's outputs far; they decide nothing.
        outputs: Of each output, the worst.
        seen: Of each output, up to a few of the old graph's values.
    """

    matched: _Matched
    draws: int = 0
    refused: int = 0
    unsteady: int = 0
    outputs: list[Apart] = field(default_factory=list)
    seen: list[set[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outputs = [Apart(apart=0.0) for _ in self.matched.outputs]
        self.seen = [set() for _ in self.matched.outputs]

    def take(self, old: Any, new: Any, again: Any, drawn: dict[str, Any]) -> None:  # noqa: ANN401 - sessions
        """One draw; nothing where the old graph refuses it, or gives no steady answer."""
        names = [before for before, _ in self.matched.outputs]
        before = _answer(old, names, drawn)
        if before is None:
            return
        rounded = [one for one in (_answer(again, names, drawn), _answer(old, names, nudged(drawn))) if one]
        twice = _answer(old, names, drawn)
        if twice is None or not all(held(one, other, ()).outcome == "equal" for one, other in _pairs(before, twice)):
            raise Beyond("gives other answers each time, for it draws random numbers")
        spreads = [[one for _, one in _pairs(before, each)] for each in rounded]
        flat = [one for one, _ in _pairs(before, before)]
        if not all(steady(one, [each[at] for each in spreads]) for at, one in enumerate(flat)):
            self.unsteady += 1
            return
        renamed = dict(zip(self.matched.names, drawn.values(), strict=True))
        after = _answer(new, [name for _, name in self.matched.outputs], renamed)
        if after is None:
            self.refused += 1
            return
        self.draws += 1
        for place in range(len(names)):
            several = [[*parts(one[place])] for one in rounded]
            for at, (one, other) in enumerate(_pairs(before[place : place + 1], after[place : place + 1])):
                spread = [each[at] for each in several if at < len(each)]
                self.outputs[place] = self.outputs[place].joined(held(one, other, spread))
                self.seen[place] |= few(one)


def _pairs(before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    try:
        for one, other in zip(before, after, strict=True):
            yield from zip(parts(one), parts(other), strict=True)
    except (TypeError, ValueError):
        raise Beyond("gives what is no tensor") from None


def _session(path: str, side: str, *, optimised: bool = False) -> Any:  # noqa: ANN401 - a class of the extra
    """A graph ready to be run: on the processor, on one thread, its steps as they are written unless `optimised`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_EXTENDED if optimised else levels.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - the runtime's errors have no class in common
        if "alloc" in str(error):
            raise MemoryError from None
        raise Beyond(f"fails: onnxruntime {onnxruntime.__version__} does not load the {side} graph") from None


def _answer(session: Any, names: Sequence[str], drawn: dict[str, Any]) -> list[Any] | None:  # noqa: ANN401 - a session
    """What a graph gives; None where it refuses."""
    try:
        found: list[Any] = session.run(list(names), drawn)
    except Exception:  # noqa: BLE001 - as above
        return None
    return found


def _matched(old: Any, new: Any) -> _Matched | str:  # noqa: ANN401 - sessions
    """The inputs and outputs of both that belong together: by name, else by place; or why they do not."""
    asked = _together(old.get_inputs(), new.get_inputs())
    given = _together(old.get_outputs(), new.get_outputs(), part=True)
    if asked is None:
        return "takes other inputs"
    if not given:
        return "gives other outputs"
    inputs = []
    for before, after in asked:
        if before.type != after.type or len(before.shape) != len(after.shape):
            return "takes inputs of another type or shape"
        dims = [_dimension(before, axis, after.shape[axis]) for axis in range(len(before.shape))]
        if None in dims:
            return "takes inputs of another length"
        kind = before.type.removeprefix("tensor(").removesuffix(")")
        inputs.append(Input(before.name, kind, tuple(one for one in dims if one is not None)))
    if odd := next((one.type for one in inputs if not one.known), ""):
        return f"takes inputs of type {odd}, for which none can be drawn,"
    names = tuple(after.name for _, after in asked)
    return _Matched(tuple(inputs), names, tuple((before.name, after.name) for before, after in given))


def _together(old: Sequence[Any], new: Sequence[Any], *, part: bool = False) -> list[tuple[Any, Any]] | None:
    """Pairs by name; by place where names differ and the numbers agree; with `part`, whatever has a partner."""
    named = {one.name: one for one in new}
    pairs = [(one, named[one.name]) for one in old if one.name in named]
    if len(pairs) == len(old) == len(new) or (part and pairs):
        return pairs
    return list(zip(old, new, strict=True)) if len(old) == len(new) else None


def _dimension(before: Any, axis: int, after: Any) -> Dimension | None:  # noqa: ANN401 - an input; a length or name
    """The length that both take: a fixed one where either has it, else the old one's name; None where they differ."""
    length = before.shape[axis]
    if isinstance(length, int) and isinstance(after, int) and length != after:
        return None
    if isinstance(length, int) or isinstance(after, int):
        return length if isinstance(length, int) else after
    return length or f"{before.name} {axis}"


np.seterr(all="ignore")  # what graphs make of numbers is compared, not mended
