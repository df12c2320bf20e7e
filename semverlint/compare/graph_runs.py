"""Graphs of both revisions run on the same inputs, where asked for: does the function differ, or only the file?"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from semverlint.changes.base import Change, Undecided
from semverlint.changes.probed import OUTCOMES, GraphProbed, Outcome
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.weights import read_weights
from semverlint.formats.weights.base import WeightFile
from semverlint.probes import Limits, ProbeFailed, ask
from semverlint.roles import folder, role
from semverlint.snapshot import Snapshot
from semverlint.terms import Bump
from semverlint.text import clean, plural, size, some

_ENDING = ".onnx"
_SECONDS = 120
_MEMORY, _COPIES = 3_000_000_000, 8
"""What the child may use: the runtime and its intermediate values, and so many times the graphs."""
_LARGEST = 4_000_000_000
"""Bytes of both graphs together."""
_BRANCHES = frozenset({"If", "Loop", "Scan"})
_TABLE = "Gather:0:"
"""How the role of a tensor begins of which only the rows asked for count."""
_MATRIX = 2


@comparer
def compare_graph_runs(pair: Pair) -> Iterator[Change]:
    """What both graphs of each pair answer to the same inputs; nothing unless `pair.options.probe`."""
    if not pair.options.probe:
        return
    for before, after in _graphs(pair):
        with pair.attempt(after):
            yield from _probed(pair, before, after)


def _graphs(pair: Pair) -> Iterator[tuple[str, str]]:
    """The old and the new path of every graph that differs; one that alone took another's place in its folder too."""
    both = pair.old.files.keys() & pair.new.files.keys()
    values = {path for path in pair.touched if role(path) == "weights" and not _is_graph(path)}
    for path in sorted(filter(_is_graph, both)):
        with pair.attempt(path):
            if path in pair.changed or (values and values.intersection(_parts(pair.new, path))):
                yield path, path
    moved = {*pair.renamed, *pair.renamed.values()}
    gone, came = ([path for path in sorted(paths - moved) if _is_graph(path)] for paths in (pair.removed, pair.added))
    for place in sorted({folder(path) for path in gone}):
        before, after = ([path for path in paths if folder(path) == place] for paths in (gone, came))
        if len(before) == len(after) == 1:
            yield before[0], after[0]


def _is_graph(path: str) -> bool:
    return path.lower().endswith(_ENDING)


def _parts(snapshot: Snapshot, path: str) -> list[str]:
    """A graph and the files beside it that hold its values.

    Raises:
        FileError: If it is no graph, or names files outside its folder.
    """
    facts = snapshot.facts(read_weights, path)
    beside = {one.beside for one in facts.tensors.values() if one.beside} if facts else set()
    return [path, *(str(PurePosixPath(folder(path), one)) for one in sorted(beside))]


def _probed(pair: Pair, before: str, after: str) -> Iterator[Change]:
    """One graph of both revisions.

    Raises:
        FileError: If a file cannot be read.
    """
    graphs_of = (pair.old, before), (pair.new, after)
    sides = [[_file(one, path) for path in _parts(one, graph)] for one, graph in graphs_of]
    files = [file for side in sides for file in side]
    whole = sum(file.size for file in files)
    if why := _too_large(pair, files, whole):
        _doubt(pair, after, *why)
        return
    facts = [side.facts(read_weights, path) for side, path in graphs_of]
    with tempfile.TemporaryDirectory() as place:
        graphs = [_copied(side, Path(place, name)) for name, side in zip(("old", "new"), sides, strict=True)]
        question = {"old": str(graphs[0]), "new": str(graphs[1]), "rows": _rows(facts)}
        try:
            answer = ask("graphs", question, Limits(_SECONDS, _MEMORY + _COPIES * whole))
        except ProbeFailed as failed:
            remedy = "install semverlint[probe]" if failed.missing else "compare evaluations of both revisions"
            _doubt(pair, after, f"running both graphs on the same inputs {failed.reason}", remedy)
            return
    if answer["unlike"]:
        _doubt(pair, after, f"it was not run beside the old one: it {answer['unlike']}", "compare evaluations")
    elif not answer["draws"] and not answer["refused"]:
        _doubt(pair, after, "it takes none of the inputs that were drawn for it", "compare evaluations")
    else:
        yield _change(after, answer, unreached=_unreached(facts, answer["still"]))


def _file(snapshot: Snapshot, path: str) -> File:
    if path not in snapshot.files:
        raise FileError(path, "holds values of a graph and is not there", "publish that file too")
    return snapshot.files[path]


def _too_large(pair: Pair, files: Sequence[File], whole: int) -> tuple[str, str] | None:
    """Why the graphs cannot be brought, with what would help; None where they can."""
    if whole > _LARGEST:
        return f"running both graphs takes {size(whole)}, more than {size(_LARGEST)}", "compare evaluations"
    cost, limit = sum(file.size for file in files if file.remote), pair.options.max_download
    if cost > limit:
        reason = f"running both graphs takes {size(cost)} to download, more than {size(limit)}"
        return reason, "allow more: --max-download"
    return None


def _doubt(pair: Pair, path: str, reason: str, remedy: str) -> None:
    """What is not known: whether the outputs differ. That asks for no more than a minor release."""
    pair.undecided.append(Undecided(path=path, reason=reason, would_settle=remedy, at_most=Bump.MINOR))


def _copied(files: Sequence[File], place: Path) -> Path:
    """The graph, in a folder that holds nothing but it and the files that it names."""
    root = folder(files[0].path)
    for file in files:
        copy = place / PurePosixPath(file.path).relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with copy.open("wb") as stream:
            stream.writelines(file.blocks())
    return place / PurePosixPath(files[0].path).name


def _tables(facts: WeightFile) -> list[int]:
    """How many rows the tables have that ids look up."""
    roles = facts.graph.roles if facts.graph else {}
    shapes = [facts.tensors[name].shape for name, told in roles.items() if told.startswith(_TABLE)]
    return [shape[0] for shape in shapes if len(shape) >= _MATRIX]


def _rows(facts: Iterable[WeightFile | None]) -> int:
    """Rows of the longest table, of the side where it is shorter; 0 where there is none."""
    return min(max(_tables(one), default=0) for one in facts if one)


def _unreached(facts: Iterable[WeightFile | None], still: Sequence[str]) -> str:
    """What of the graphs a few draws may not have reached; empty where every number takes part in every draw."""
    known = [one for one in facts if one]
    said = {
        "branches": any(one.graph and _BRANCHES.intersection(one.graph.steps) for one in known),
        "tables of which only some rows were looked up": any(_tables(one) for one in known),
        f"what moves {some(still, 2)}, which never varied": bool(still),
    }
    return " and ".join(text for text, so in said.items() if so)


def _change(path: str, answer: Any, unreached: str) -> GraphProbed:  # noqa: ANN401 - JSON of the child process
    """The worst output stands for all; one that the new graph refuses to give is the worst."""
    worst = max(answer["outputs"], key=lambda one: (OUTCOMES.index(one["outcome"]), one["apart"] or 0.0))
    outcome: Outcome = "different" if answer["refused"] else worst["outcome"]
    detail = f"{plural(answer['refused'], 'draw')} refused that the old one answers" if answer["refused"] else ""
    apart = None if worst["apart"] is None else float(f"{worst['apart']:.2g}")
    return GraphProbed(
        path=path,
        outcome=outcome,
        draws=answer["draws"] + answer["refused"],
        outputs=len(answer["outputs"]),
        output="" if outcome == "equal" else clean(worst["name"], 80),
        apart=apart,
        rounding=float(f"{worst['rounding']:.2g}"),
        choices=sum(one["choices"] for one in answer["outputs"]),
        detail=detail or worst["detail"] or f"differs by up to {apart:.2g} of its largest value",
        unreached=unreached,
    )
