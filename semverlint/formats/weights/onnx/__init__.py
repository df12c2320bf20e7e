"""ONNX: the tensors of a graph, and what the graph computes; by range, whatever the tensors weigh.

The package `onnx` reads whole files into memory; here large values are passed by. Field numbers are those of
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.protobuf import Span, message, signed
from semverlint.formats.weights.base import Graph, WeightFile, weights_reader
from semverlint.formats.weights.onnx.graph import GraphReader, Import

_IR, _PRODUCER, _PRODUCER_VERSION, _DOMAIN, _VERSION, _REMARK, _GRAPH, _OPSET, _PROPERTY, _FUNCTION = (
    1, 2, 3, 4, 5, 6, 7, 8, 14, 25,
)  # fmt: skip
_REMARKS = {_PRODUCER: "producer_name", _PRODUCER_VERSION: "producer_version", _DOMAIN: "domain", _REMARK: "doc_string"}
_LONGEST = 10_000
"""Characters of a remark that are kept."""


@weights_reader(".onnx")
def read_onnx(file: File) -> WeightFile:  # noqa: C901 - a field a line
    """The tensors and the graph of an ONNX model.

    Raises:
        FileError: If it is none, or its values do not fit what it says of them.
    """
    metadata: dict[str, str] = {}
    opsets: dict[str, int] = {}
    version: int | None = None
    graphs: list[Span] = []
    functions: list[Span] = []
    for number, value in message(file).fields():
        if number == _IR:
            version = signed(value)
        elif number == _VERSION:
            metadata["model_version"] = str(signed(value))
        elif not isinstance(value, Span):
            continue
        elif number in _REMARKS:
            metadata[_REMARKS[number]] = value.text()[:_LONGEST]
        elif number == _GRAPH:
            graphs.append(value)
        elif number == _OPSET:
            one = Import.read(value)
            opsets[one.domain] = one.version
        elif number == _PROPERTY:
            key, text = _property(value)
            metadata[f"props.{key}"] = text
        elif number == _FUNCTION:
            functions.append(value)
    if len(graphs) != 1 or version is None:
        raise FileError(file.path, "is no ONNX model: it has no graph", "export the model again")
    reader = GraphReader(file.path, functions)
    inputs, outputs = reader.read(graphs[0])
    steps, constants = dict(sorted(reader.steps.items())), frozenset(reader.constants)
    graph = Graph(inputs, outputs, opsets, version, steps, reader.digest, reader.roles, constants)
    left_out = tuple(reader.left_out)
    return WeightFile(reader.tensors, metadata, graph=graph, scales=reader.scales, left_out=left_out)


def _property(span: Span) -> tuple[str, str]:
    texts = {number: value.text() for number, value in span.fields() if isinstance(value, Span)}
    return texts.get(1, "")[:_LONGEST], texts.get(2, "")[:_LONGEST]
