"""A record as the columns of a table."""

from typing import Any, get_type_hints

_SQL: dict[Any, str] = {
    str: "VARCHAR",
    str | None: "VARCHAR",
    int: "BIGINT",
    float | None: "DOUBLE",
    bool: "BOOLEAN",
    tuple[str, ...]: "VARCHAR[]",
}


def columns_of(record: type) -> dict[str, str]:
    """Every field of a record with its type in SQL, in order."""
    return {name: _SQL[kind] for name, kind in get_type_hints(record).items()}
