"""The studies' questions, asked of the table in SQL: one file a question, found by a folder walk.

A file begins with lines of remarks: its `title`, how a page may `draw` the answer (`bars`, `stacks`, `matrix`, `lines`:
see `answers/plots.py`), the `table` that must be there, and a `note` without which the figures would mislead. It may
ask:

- `rows`, every row; `pairs`, those that compare two releases; `repositories`, the newest row of each; `commits`;
- `share(k, n)`, and `low(k, n)` and `high(k, n)`, its 95 % interval by Wilson's formula (Wilson 1927, doi
  10.2307/2276774), which holds for small counts and for shares near 0 and 1.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semverlint.errors import UsageError
from semverlint.fleet.columns import columns_of
from semverlint.fleet.commits import CommitRow
from semverlint.fleet.rows import Row
from semverlint.text import clean

_FOLDER = Path(__file__).parent
_RECORDS: dict[str, type] = {"rows": Row, "commits": CommitRow}
_GROUND = """
CREATE MACRO share(k, n) AS round(k / nullif(n, 0), 4);
CREATE MACRO wilson_mid(k, n) AS (k + 1.9207) / (nullif(n, 0) + 3.8415);
CREATE MACRO wilson_half(k, n) AS 1.96 * sqrt(k * (n - k) / nullif(n, 0) + 0.9604) / (n + 3.8415);
CREATE MACRO low(k, n) AS round(CASE WHEN n > 0 THEN greatest(0, wilson_mid(k, n) - wilson_half(k, n)) END, 4);
CREATE MACRO high(k, n) AS round(CASE WHEN n > 0 THEN least(1, wilson_mid(k, n) + wilson_half(k, n)) END, 4);
CREATE VIEW pairs AS SELECT * FROM rows WHERE status NOT IN ('failed', 'no-baseline');
CREATE VIEW repositories AS SELECT * FROM rows QUALIFY row_number() OVER (PARTITION BY target ORDER BY new DESC) = 1;
"""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        name: Its id.
        title: What is asked.
        sql: How it is asked.
        draw: How a page draws the answer; empty for a table alone.
        table: The table that must be there: `rows`, or `commits`.
        note: What a reader must know to understand the figures.
    """

    name: str
    title: str
    sql: str
    draw: str = ""
    table: str = "rows"
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """What the table says: columns, and rows of cells in their order."""

    question: Question
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def questions() -> Iterator[Question]:
    """Every question, in the order of the files' names."""
    for path in sorted(_FOLDER.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        remarks = re.sub(r"\n--   +", " ", text.partition("\nSELECT")[0].partition("\nWITH")[0])
        said = dict(re.findall(r"^-- (\w+): (.+)$", remarks, re.MULTILINE))
        yield Question(path.stem.partition("-")[2], sql=text, **said)


def ask(folder: Path, sql: str | None = None) -> list[Answer]:
    """The answers of an audit's folder; the one to a question of one's own, where it is given.

    Raises:
        UsageError: If there is no table, the question is wrong, or DuckDB is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise UsageError("reports of audits need DuckDB", "pip install 'semverlint[audit]'") from None
    tables = [name for name in ("rows", "commits") if any((folder / name).glob("*.parquet"))]
    if "rows" not in tables:
        raise UsageError(f"{clean(folder)}: holds no finished part of an audit", "run `semverlint audit` first")
    asked = [Question("sql", "What you asked", sql)] if sql else [one for one in questions() if one.table in tables]
    with duckdb.connect() as connection:
        try:
            _prepare(connection, folder, tables)
            return [_answer(connection, question) for question in asked]
        except duckdb.Error as error:
            if sql is None:
                raise UsageError(f"{clean(folder)}: is damaged ({clean(error, 200)})", "run the audit again") from None
            raise UsageError(f"--sql: {clean(error, 300)}", "docs/audit.md has the columns") from None


def _prepare(connection: Any, folder: Path, tables: Sequence[str]) -> None:  # noqa: ANN401 - imported late
    """Lay the tables out; from then on nothing else of this machine can be read, and nothing be written."""
    for name in tables:
        table = connection.from_parquet(str(folder / name / "*.parquet"))
        table.create_view(name)
        if missing := sorted(columns_of(_RECORDS[name]).keys() - set(table.columns)):
            problem = f"{clean(folder)}: is from another version of semverlint ({name} without {', '.join(missing)})"
            raise UsageError(problem, "audit into another folder")
    connection.execute(_GROUND)
    connection.execute("SET allowed_directories = [$folder]", {"folder": str(folder.resolve())})
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")


def _answer(connection: Any, question: Question) -> Answer:  # noqa: ANN401 - likewise
    cursor = connection.execute(question.sql)
    return Answer(question, [column[0] for column in cursor.description or ()], cursor.fetchall())
