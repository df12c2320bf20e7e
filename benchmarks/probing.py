"""Real graphs against others made of them: are equal, rounded and different functions told apart?

    python benchmarks/probing.py GRAPH.onnx…

Every graph is held against itself with other names and remarks (equal); against what onnxruntime's optimiser makes of
it, steps fused and constants folded (equal, or rounded); and against itself with the largest matrix moved by a
ten-thousandth of its size, and by a half of it (choices, or different). A line a graph: the outcome, and the seconds.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = os.environ["ORT_TELEMETRY_DISABLED"] = "1"  # read when it is imported

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from semverlint.probes import Limits, ProbeFailed, ask
from semverlint.probes.outputs import OUTCOMES


def renamed(path: Path) -> onnx.ModelProto:
    """The same graph under other names of its steps and values between them, with another remark."""
    model = onnx.load(path)
    model.doc_string, model.producer_name = "made anew", "a benchmark"
    for number, node in enumerate(model.graph.node):
        node.name = f"step {number}"
    return model


def optimised(path: Path, place: Path) -> onnx.ModelProto:
    """What onnxruntime makes of it before it runs it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(place)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return onnx.load(place)


def moved(path: Path, size: float) -> onnx.ModelProto | None:
    """The graph with every number of its largest fractional tensor moved at random; None where it has none."""
    model = onnx.load(path)
    found = [one for one in tensors(model.graph) if one.data_type == onnx.TensorProto.FLOAT and len(one.dims) > 1]
    if not found:
        return None
    largest = max(found, key=lambda one: np.prod(one.dims))
    values = numpy_helper.to_array(largest)
    step = np.random.default_rng(1).normal(size=values.shape) * values.std() * size
    largest.CopyFrom(numpy_helper.from_array((values + step).astype(values.dtype), largest.name))
    return model


def tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Every tensor of a graph, constants and branches included."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            if attribute.HasField("g"):
                yield from tensors(attribute.g)


def outcome(old: Path, new: onnx.ModelProto | None, place: Path) -> str:
    """What semverlint says of the two."""
    if new is None:
        return "no matrix"
    onnx.save(new, place)
    limits = Limits(120, 3_000_000_000 + 8 * (old.stat().st_size + place.stat().st_size))
    try:
        answer = ask("graphs", {"old": str(old), "new": str(place), "rows": 0}, limits)
    except ProbeFailed as failed:
        return failed.reason
    if answer["unlike"] or not answer["draws"]:
        return answer["unlike"] or "no draw fits"
    worst = max(answer["outputs"], key=lambda one: (OUTCOMES.index(one["outcome"]), one["apart"] or 0))
    return worst["outcome"] + (f" {worst['apart']:.0e}" if worst["apart"] else "")


def main() -> None:
    """A line for every graph named."""
    print(f"{'graph':44} {'renamed':10} {'optimised':16} {'moved 1e-4':16} {'moved 0.5':16} seconds")
    for path in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "new.onnx")
            started = time.perf_counter()
            found = [
                outcome(path, renamed(path), place),
                outcome(path, optimised(path, Path(folder, "optimised.onnx")), place),
                outcome(path, moved(path, 1e-4), place),
                outcome(path, moved(path, 0.5), place),
            ]
            taken = (time.perf_counter() - started) / len(found)
        name = str(path)[-44:]
        print(f"{name:44} {found[0]:10} {found[1]:16} {found[2]:16} {found[3]:16} {taken:.1f}", flush=True)


if __name__ == "__main__":
    main()
