"""What every format makes of an answer: cells as they are read, and answers of pairs laid out crosswise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from semverlint.fleet.questions import Answer
from semverlint.text import clean

SHARES = ("share", "probability")
"""Columns that hold a part of a whole, 0 to 1; `low` and `high` beside them are its interval."""
WIDEST = 60
"""Characters of a cell; the table itself has the whole."""
_LONGEST = 10_000


def shown(value: object, name: str) -> str:
    """A cell as people read it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{100 * value:.2f} %" if name in {*SHARES, "low", "high"} else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return shortened(clean(value, _LONGEST), WIDEST)


def shortened(text: str, limit: int) -> str:
    """A text of at most so many characters; of a path its end is kept, which tells it from others."""
    if len(text) <= limit:
        return text
    return f"…{text[1 - limit :]}" if text.startswith(("/", "./", "~", "…")) else f"{text[: limit - 1]}…"


def heads(answer: Answer) -> list[str]:
    """The names of its columns as people read them."""
    return [name.replace("_", " ") for name in answer.columns]


def is_number(answer: Answer, at: int) -> bool:
    """Whether a column holds numbers."""
    return any(isinstance(row[at], int | float) for row in answer.rows)


def measure(answer: Answer) -> int | None:
    """The column that is drawn: its share, else its first number; None where it has neither."""
    share = next((at for at, name in enumerate(answer.columns) if name in SHARES), None)
    return (
        share if share is not None else next((at for at in range(len(answer.columns)) if is_number(answer, at)), None)
    )


@dataclass(frozen=True)
class Grid:
    """An answer about pairs, crosswise.

    Attributes:
        corner: The names of what goes down and what goes across.
        down: The rows' labels, in their order.
        across: The columns' labels.
        cells: The row of the answer that stands at a place, by column.
    """

    corner: tuple[str, str]
    down: Sequence[str]
    across: Sequence[str]
    cells: Mapping[tuple[str, str], Mapping[str, Any]]

    def share(self, down: str, across: str) -> float:
        """The share at a place, 0 where the answer has no row."""
        cell = self.cells.get((down, across), {})
        return float(next((cell[name] for name in SHARES if name in cell), 0.0))


def crosswise(answer: Answer, *, turned: bool = False) -> Grid:
    """An answer whose first two columns are labels, and whose share belongs to the pair.

    Args:
        answer: The answer.
        turned: Whether the first column goes across, and the second down.
    """
    first, second = (0, 1) if not turned else (1, 0)
    cells = {(str(row[first]), str(row[second])): dict(zip(answer.columns, row, strict=True)) for row in answer.rows}
    down = list(dict.fromkeys(at for at, _ in cells))
    known = dict.fromkeys(at for _, at in cells)
    across = [*(at for at in down if at in known), *(at for at in known if at not in down)]
    names = heads(answer)
    return Grid((names[first], names[second]), down, across, cells)
