"""The table on disk: one Parquet file a part of the audit, each written whole or not at all.

```
DIR/audit.json           what is audited, and how; an audit goes on only where these agree
DIR/targets.txt          every repository, a line each, in order
DIR/rows/part-00017.parquet
DIR/commits/part-00017.parquet
DIR/doing/00017.jsonl    repositories of a part that is not finished, a line each
```

Whatever moment a run is killed at, the next one finds finished parts whole, and of an unfinished one the repositories
whose line was written to its end. Nothing is asked for again that is there, and nothing is written twice.
"""

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from semverlint.errors import UsageError
from semverlint.fleet.targets import Target, read_targets, shards
from semverlint.text import clean

_PLAN, _TARGETS = "audit.json", "targets.txt"
SCHEMA = "semverlint/audit/1"
"""The version of the layout and of the columns."""


class Table:
    """An audit's folder.

    Args:
        folder: Where it is.
        columns: The columns of each table, with their types in SQL, by the table's name.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Mapping[str, str]]) -> None:
        self.folder = folder
        self._columns = columns
        self._parts: list[Sequence[Target]] = []

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold what only one audit of a folder may hold at a time.

        Raises:
            UsageError: If another run has it.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - only audits need it

        self.folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(self.folder / ".lock", timeout=0)
        try:
            held.acquire()
        except Timeout:
            raise UsageError(f"{clean(self.folder)}: another run works on it", "wait, or name another folder") from None
        with held:
            held.release()  # acquired twice now
            yield

    def begin(self, targets: Sequence[Target] | None, plan: Mapping[str, Any], size: int) -> None:
        """Note what is audited, or go on where an audit of the same was left.

        Args:
            targets: The repositories; those of the audit that is there, when None.
            plan: How they are audited, as JSON holds it.
            size: Repositories of one part.

        Raises:
            UsageError: If the folder holds another audit, or there is nothing to go on with.
        """
        columns = {name: list(kinds) for name, kinds in self._columns.items()}
        plan = {"schema": SCHEMA, "size": size, **plan, "columns": columns}
        known = self._read_plan()
        if known is None and targets is None:
            raise UsageError(f"{self.folder}: holds no audit to go on with", "name the repositories")
        if known is not None and {**known, "size": size} != plan:
            differing = next(key for key in plan if known.get(key) != plan[key] and key != "size")
            raise UsageError(
                f"{self.folder}: holds an audit with another {differing}", "name another folder, or the same options"
            )
        listed = [target.text for target in targets] if targets is not None else None
        path = self.folder / _TARGETS
        if known is None and listed is not None:
            write_whole(path, "".join(f"{line}\n" for line in listed).encode("utf-8", "surrogateescape"))
            write_whole(self.folder / _PLAN, json.dumps(plan, indent=2).encode())
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        if listed is not None and text.splitlines() != listed:
            raise UsageError(f"{self.folder}: holds an audit of other repositories", "name another folder")
        self._parts = shards(list(read_targets(text.splitlines(), str(path))), int((known or plan)["size"]))

    def _read_plan(self) -> dict[str, Any] | None:
        path = self.folder / _PLAN
        if not path.exists():
            return None
        try:
            plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return dict(plan)
        except (OSError, ValueError, TypeError):
            raise UsageError(f"{path}: is no plan of an audit", "name another folder") from None

    def remaining(self) -> Iterator[tuple[int, Sequence[Target]]]:
        """The parts that are not finished, each with the repositories that are still to do."""
        for number, part in enumerate(self._parts):
            if not self._file("rows", number).exists():
                done = self._done(number)
                yield number, [target for target in part if target.text not in done]

    def reopen(self, condition: str) -> None:
        """Take the repositories that have a row for which a condition in SQL holds back to what is to do."""
        import duckdb  # noqa: PLC0415 - an extra, and large

        for number in range(len(self._parts)):
            place = self._file("rows", number)
            if not place.exists():
                continue
            kept: dict[str, dict[str, Any]] = {}
            with duckdb.connect(config={"threads": 1}) as connection:
                rows = connection.from_parquet(str(place))
                wrong = {row[0] for row in rows.filter(condition).project("target").fetchall()}
                for name in self._columns if wrong else ():
                    cursor = connection.execute("FROM read_parquet(?)", [str(self._file(name, number))])
                    columns = [column[0] for column in cursor.description or ()]
                    for row in cursor.fetchall():
                        record = dict(zip(columns, row, strict=True))
                        if record["target"] not in wrong:
                            kept.setdefault(record["target"], {}).setdefault(name, []).append(record)
            if wrong:
                lines = [json.dumps({"target": target, **tables}).encode() + b"\n" for target, tables in kept.items()]
                self._doing(number).parent.mkdir(exist_ok=True)
                write_whole(self._doing(number), b"".join(lines))
                place.unlink()

    @property
    def total(self) -> int:
        """How many repositories the audit has."""
        return sum(map(len, self._parts))

    def add(self, number: int, target: Target, tables: Mapping[str, Sequence[Any]]) -> None:
        """Note the rows of one repository."""
        record = {
            "target": target.text,
            **{name: [dataclasses.asdict(row) for row in rows] for name, rows in tables.items()},
        }
        place = self._doing(number)
        place.parent.mkdir(exist_ok=True)
        with place.open("ab") as stream:
            stream.write(json.dumps(record).encode() + b"\n")

    def finish(self, number: int) -> None:
        """Write a part whose repositories are all done, in the order of the list."""
        done = self._done(number)
        for name in reversed(list(self._columns)):  # the rows last: their file says that the part is finished
            rows = [row for target in self._parts[number] for row in done[target.text].get(name, [])]
            self._write(name, number, rows)
        self._doing(number).unlink(missing_ok=True)

    def _write(self, name: str, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
        import duckdb  # noqa: PLC0415 - an extra, and large

        place = self._file(name, number)
        place.parent.mkdir(exist_ok=True)
        source, made = place.with_suffix(".jsonl"), place.with_suffix(".making")
        source.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
        types = ", ".join(f"'{column}': '{kind}'" for column, kind in self._columns[name].items())
        with duckdb.connect(config={"threads": 1}) as connection, _as_os_error(duckdb.Error):
            connection.execute(
                f"COPY (SELECT * FROM read_json(?, format='newline_delimited', columns={{{types}}}))"  # noqa: S608 - our own columns
                f" TO '{_quoted(made)}' (FORMAT parquet, COMPRESSION zstd)",
                [str(source)],
            )
        source.unlink()
        made.replace(place)

    def _done(self, number: int) -> dict[str, dict[str, Any]]:
        """The repositories of a part that are done; a line that was cut off by the end of a run is dropped."""
        place = self._doing(number)
        if not place.exists():
            return {}
        data = place.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            write_whole(place, whole)
        return {record["target"]: record for line in whole.splitlines() for record in [json.loads(line)]}

    def _file(self, name: str, number: int) -> Path:
        return self.folder / name / f"part-{number:05}.parquet"

    def _doing(self, number: int) -> Path:
        return self.folder / "doing" / f"{number:05}.jsonl"


@contextmanager
def _as_os_error(kind: type[Exception]) -> Iterator[None]:
    """Tell what goes wrong while a library writes as what goes wrong while we do."""
    try:
        yield
    except kind as error:
        raise OSError(str(error)) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    made = path.with_name(f"{path.name}.making")
    with made.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    made.replace(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
