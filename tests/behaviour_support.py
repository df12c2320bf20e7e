"""What the tests of behaviour share: runs written from a few rows, compared through their files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from semverlint.behaviour.budget import BehaviourSettings
from semverlint.behaviour.comparison import Comparison, TaskComparison, compare_runs
from semverlint.behaviour.reading import read_runs

Row = Mapping[str, object]


def jsonl(path: Path, rows: Iterable[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def compared(
    old: Path, new: Path, settings: BehaviourSettings | None = None, baseline: Sequence[Path] = ()
) -> Comparison:
    first, second, *noise = read_runs(*((side.name, [side]) for side in (old, new, *baseline)))
    pair = (noise[0], noise[1]) if noise else None
    return compare_runs(first, second, settings or BehaviourSettings(), pair)


def table(
    tmp_path: Path, old: Iterable[Row], new: Iterable[Row], settings: BehaviourSettings | None = None
) -> TaskComparison:
    """The one task of two plain runs."""
    (task,) = compared(jsonl(tmp_path / "old.jsonl", old), jsonl(tmp_path / "new.jsonl", new), settings).tasks
    return task


def cells(right: int, negative: int, positive: int, wrong: int, otherwise: int = 0) -> tuple[list[Row], list[Row]]:
    """Two runs with so many samples of each kind; `otherwise` of the wrong ones are answered differently."""
    kinds = ["AA"] * right + ["AB"] * negative + ["BA"] * positive + ["BC"] * otherwise + ["BB"] * (wrong - otherwise)
    sides: list[list[Row]] = [
        [{"id": at, "reference": "A", "prediction": kind[side]} for at, kind in enumerate(kinds)] for side in (0, 1)
    ]
    return sides[0], sides[1]
