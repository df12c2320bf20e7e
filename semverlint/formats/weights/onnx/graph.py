"""What an ONNX graph computes, told without the names that exporters number anew.

Every value has a mark: a digest of the operator that makes it, the operator's attributes, and the marks of what it is
made from; inputs count by their place, tensors by type and shape. A tensor's role is the mark of the first step that
uses it with its place there, so that the same model exported again, under other names, has the same roles. Steps that
do the same to the same (query, key and value) are told apart by their order.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from semverlint.errors import FileError
from semverlint.formats.protobuf import Span, Value, signed, single, varints
from semverlint.formats.weights.base import Port, Scale, Tensor
from semverlint.formats.weights.onnx.scales import scales_of
from semverlint.formats.weights.onnx.tensors import TYPES, Entry, Room, located, read_entry
from semverlint.text import clean

_DEEPEST = 24
"""Graphs within graphs, and functions that call functions."""
_LONGEST_ATTRIBUTE = 1 << 20
"""Bytes of an attribute that are read; longer ones count by their length."""
_SMALL = 1 << 12
"""Bytes of an attribute's tensor up to which its values count as part of what is computed."""
_INDEXES = frozenset({"I64", "BOOL"})
"""Types that operators take axes, shapes and bounds in; nothing is learned in them, and codes are never of them."""
_FEW = 64
"""Values of such a tensor: longer ones are tables."""

_NODE, _INITIAL, _SPARSE, _INPUT, _OUTPUT = 1, 5, 15, 11, 12
_NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
}  # fmt: skip
"""What people call the types."""


@dataclass(frozen=True)
class Import:
    """A set of operators, and the version of it that the graph is written for."""

    domain: str
    version: int

    @staticmethod
    def read(span: Span) -> "Import":
        """An `OperatorSetIdProto`."""
        found = dict(span.fields())
        domain = found.get(1)
        return Import(domain.text() if isinstance(domain, Span) else "", signed(found.get(2, 0)))


@dataclass
class _Step:
    """A node.

    Attributes:
        domain: Of its operator.
        operator: What it does.
        inputs: Names of what it takes; empty where an optional one is left out.
        outputs: Names of what it gives.
        attributes: Name → span of the attribute.
    """

    domain: str = ""
    operator: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Span] = field(default_factory=dict)

    @staticmethod
    def read(span: Span) -> "_Step":
        """A `NodeProto`; its name and remarks are passed by."""
        step = _Step()
        for number, value in span.fields():
            if not isinstance(value, Span):
                continue
            if number == 1:
                step.inputs.append(value.text())
            elif number == 2:  # noqa: PLR2004 - fields
                step.outputs.append(value.text())
            elif number == 4:  # noqa: PLR2004 - likewise
                step.operator = value.text()
            elif number == 7:  # noqa: PLR2004 - likewise
                step.domain = value.text()
            elif number == 5:  # noqa: PLR2004 - likewise
                name = next((each.text() for at, each in value.fields() if at == 1 and isinstance(each, Span)), "")
                step.attributes[name] = value
        step.domain = "" if step.domain == "ai.onnx" else step.domain
        return step


@dataclass
class _Scope:
    """What names mean in one graph.

    Attributes:
        marks: Name → mark of the value, outer graphs included.
        entries: Name → tensor of this graph or an outer one, with the name it is told under.
        place: Where the graph stands: empty for the model's own.
    """

    marks: dict[str, str]
    entries: dict[str, str]
    place: str = ""


class GraphReader:
    """One model's graph, with all graphs and functions in it.

    Attributes:
        tensors: Name → tensor: initialisers and constants of every graph.
        left_out: What is no tensor that can be read.
        steps: Operator → how often it occurs.
        roles: Tensor → role.
        scales: Tensor of codes → how they become numbers.
        digest: Of everything that is computed.
        constants: Tensor that says where and how, not with what (axes, shapes, bounds) → digest of its values, which
            are part of what is computed.
    """

    def __init__(self, path: str, functions: Iterable[Span]) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.left_out: list[str] = []
        self.steps: Counter[str] = Counter()
        self.roles: dict[str, str] = {}
        self.scales: dict[str, Scale] = {}
        self.digest = ""
        self.constants: dict[str, str] = {}
        self._path = path
        self._room = Room()
        self._seen: Counter[str] = Counter()
        self._bodies: dict[tuple[str, str], str] = {}
        self._functions: dict[tuple[str, str], Span] = {}
        for span in functions:
            named = {
                number: value.text() for number, value in span.fields() if number in {1, 10} and isinstance(value, Span)
            }
            self._functions[named.get(10, ""), named.get(1, "")] = span

    def read(self, span: Span) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        """Take in the model's graph; gives its inputs and outputs.

        Raises:
            FileError: If something in it is not what it says it is.
        """
        parts = _parts(span)
        scope = _Scope({}, {})
        self._take_tensors(parts, scope)
        inputs = [port for each in parts.get(_INPUT, ()) if (port := _port(each)).name not in scope.entries]
        scope.marks.update((port.name, f"input {number}") for number, port in enumerate(inputs))
        outputs = [_port(each) for each in parts.get(_OUTPUT, ())]
        self.digest = self._computed(parts.get(_NODE, ()), [port.name for port in outputs], scope, 0)
        for name in self.tensors:
            self.roles.setdefault(name, self._unique(f"unused {_label(self.tensors[name])}"))
        told = sorted(f"{self.roles[name]} {values}" for name, values in self.constants.items())
        self.digest = _digest([self.digest], told)
        return tuple(inputs), tuple(outputs)

    def _take_tensors(self, parts: Mapping[int, list[Span]], scope: _Scope) -> None:
        for span in parts.get(_INITIAL, ()):
            entry = read_entry(span)
            self._take(span, entry, entry.name, scope)
        for _ in parts.get(_SPARSE, ()):
            self.left_out.append("a sparse tensor")

    def _take(self, span: Span, entry: Entry, name: str, scope: _Scope) -> None:
        found = located(span, entry, self._room)
        scope.marks[name] = f"tensor {entry.label}"
        if isinstance(found, str):
            self.left_out.append(found)
            return
        told = f"{scope.place}{name}"
        number = 1
        while told in self.tensors:
            number += 1
            told = f"{scope.place}{name}#{number}"
        self.tensors[told] = found
        scope.entries[name] = told
        if found.dtype in _INDEXES and len(found.shape) <= 1 and found.beside is None and found.count <= _FEW:
            held = found.held if found.held is not None else span.source.window.read(found.start, found.stop)
            self.constants[told] = _hashed(held)

    def _computed(self, steps: Iterable[Span], outputs: list[str], scope: _Scope, depth: int) -> str:
        """A digest of what some steps compute."""
        if depth > _DEEPEST:
            raise FileError(self._path, f"graphs within graphs, {_DEEPEST} deep", "check who wrote it")
        everything: list[str] = []
        for span in steps:
            step = _Step.read(span)
            if step.operator == "Constant" and not step.domain and "value" in step.attributes and step.outputs:
                self._take_constant(step, scope)
                continue
            mark = self._mark(step, scope, depth)
            everything.append(mark)
            self.steps[step.operator] += 1
            self._note_roles(step, mark, scope)
            numbers = {
                name: signed(value) for name in step.attributes if (value := _number(step.attributes[name])) is not None
            }
            for codes, scale in scales_of(step.operator, step.inputs, numbers, scope.entries):
                self.scales.setdefault(codes, scale)
            scope.marks.update((name, f"{mark}.{number}") for number, name in enumerate(step.outputs) if name)
        return _digest(sorted(everything), [scope.marks.get(name, "nothing") for name in outputs])

    def _take_constant(self, step: _Step, scope: _Scope) -> None:
        span = next((each for number, each in step.attributes["value"].fields() if number == 5), None)  # noqa: PLR2004 - t
        if isinstance(span, Span):
            self._take(span, read_entry(span), step.outputs[0], scope)

    def _mark(self, step: _Step, scope: _Scope, depth: int) -> str:
        taken = [scope.marks.get(name, "nothing") for name in step.inputs]
        while taken and taken[-1] == "nothing":
            taken.pop()  # optional inputs at the end may be left out in two ways
        told = [self._attribute(name, step.attributes[name], step, scope, depth) for name in sorted(step.attributes)]
        body = self._body((step.domain, step.operator), depth)
        return _digest([step.domain, step.operator, body, str(len(step.outputs))], told, taken)

    def _attribute(self, name: str, span: Span, step: _Step, scope: _Scope, depth: int) -> str:
        """An attribute with its value: graphs by what they compute, large tensors by type and shape."""
        told: list[str] = []
        for number, value in span.fields():
            match number:
                case 1 | 13:
                    continue
                case 6 | 11 if isinstance(value, Span):
                    inner = f"{scope.place}{step.outputs[0] if step.outputs else step.operator}.{name}."
                    told.append(self._graph(value, _Scope(dict(scope.marks), dict(scope.entries), inner), depth + 1))
                case 5 | 10 if isinstance(value, Span):
                    entry = read_entry(value)
                    small = value.stop - value.start <= _SMALL
                    told.append(entry.label + (_hashed(value.content()) if small else ""))
                case _:
                    told.append(f"{number} {_plain(number, value)}")
        return _digest([name, *told])

    def _graph(self, span: Span, scope: _Scope, depth: int) -> str:
        """A digest of what a graph within a graph computes."""
        parts = _parts(span)
        self._take_tensors(parts, scope)
        scope.marks.update((_port(each).name, f"inner {number}") for number, each in enumerate(parts.get(_INPUT, ())))
        outputs = [_port(each).name for each in parts.get(_OUTPUT, ())]
        return self._computed(parts.get(_NODE, ()), outputs, scope, depth)

    def _body(self, function: tuple[str, str], depth: int) -> str:
        """A digest of what a function computes that the model brings along; empty for an operator."""
        if function not in self._functions:
            return ""
        if function not in self._bodies:
            self._bodies[function] = "itself"  # a function must not call itself; if it does, that is all there is to it
            steps: list[Span] = []
            names: dict[int, list[str]] = {4: [], 5: []}
            for number, value in self._functions[function].fields():
                if number in names and isinstance(value, Span):
                    names[number].append(value.text())
                elif number == 7 and isinstance(value, Span):  # noqa: PLR2004 - node
                    steps.append(value)
            marks = {name: f"argument {number}" for number, name in enumerate(names[4])}
            scope = _Scope(marks, {}, f"{clean(function[1], 80)}.")
            self._bodies[function] = self._computed(steps, names[5], scope, depth + 1)
        return self._bodies[function]

    def _note_roles(self, step: _Step, mark: str, scope: _Scope) -> None:
        """Of each tensor that a step takes: what it is to that step; the first one that takes it counts."""
        for number, name in enumerate(step.inputs):
            told = scope.entries.get(name)
            if told is not None and told not in self.roles:
                self.roles[told] = self._unique(f"{step.operator}:{number}:{mark}")

    def _unique(self, role: str) -> str:
        self._seen[role] += 1
        return role if self._seen[role] == 1 else f"{role}#{self._seen[role]}"


def _parts(span: Span) -> dict[int, list[Span]]:
    """The spans of a graph's parts, by field."""
    found: dict[int, list[Span]] = {}
    for number, value in span.fields():
        if isinstance(value, Span):
            found.setdefault(number, []).append(value)
    return found


def _port(span: Span) -> Port:
    """A `ValueInfoProto`."""
    name, told = "", "unknown"
    for number, value in span.fields():
        if isinstance(value, Span) and number == 1:
            name = value.text()
        elif isinstance(value, Span) and number == 2:  # noqa: PLR2004 - type
            told = _type(value)
    return Port(name, told)


def _type(span: Span) -> str:
    kinds = {4: "sequence", 5: "map", 7: "opaque", 8: "sparse tensor", 9: "optional"}
    for number, value in span.fields():
        if number in kinds:
            return kinds[number]
        if number == 1 and isinstance(value, Span):
            fields = dict(value.fields())
            kind, shape = signed(fields.get(1, 0)), fields.get(2)
            lengths = (
                [_length(each) for _, each in shape.fields() if isinstance(each, Span)]
                if isinstance(shape, Span)
                else None
            )
            told = _NAMES.get(kind, TYPES.get(kind, "unknown"))
            return told if lengths is None else f"{told}[{', '.join(lengths)}]"
    return "unknown"


def _length(span: Span) -> str:
    """A dimension: its length, its name, or nothing known."""
    for number, value in span.fields():
        if number == 1:
            return str(signed(value))
        if number == 2 and isinstance(value, Span):  # noqa: PLR2004 - dim_param
            return clean(value.text(), 40).replace(",", " ") or "?"
    return "?"


def _number(span: Span) -> int | None:
    """The whole number that an attribute holds, as it is written; None where it holds another thing."""
    return next((value for number, value in span.fields() if number == 3 and not isinstance(value, Span)), None)  # noqa: PLR2004 - i


def _plain(number: int, value: Value) -> str:
    """The value of a simple attribute as a text."""
    if not isinstance(value, Span):
        return str(signed(value))
    length = value.stop - value.start
    if length > _LONGEST_ATTRIBUTE:
        return f"{length} bytes"
    if number == 8:  # noqa: PLR2004 - ints, packed or not
        return ",".join(map(str, varints(value, _LONGEST_ATTRIBUTE)))
    return repr(single(value)) if number == 2 else _hashed(value.content(_LONGEST_ATTRIBUTE))  # noqa: PLR2004 - f


def _label(tensor: Tensor) -> str:
    return f"{tensor.dtype}{list(tensor.shape)}"


def _hashed(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _digest(*parts: Iterable[str]) -> str:
    """A digest of lists of texts that keeps them apart."""
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        for text in part:
            data = text.encode("utf-8", "surrogatepass")
            state.update(b"%d:" % len(data) + data)
        state.update(b";")
    return state.hexdigest()
