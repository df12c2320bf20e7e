"""Small things that comparers of JSON files share. No comparer itself."""

from semverlint.changes.base import Value
from semverlint.formats.text_files import Json, compact


def shown(value: Json) -> Value:
    """A value as a record holds it: lists and objects as compact JSON text."""
    return compact(value) if isinstance(value, dict | list) else value


def token_ids(value: Json) -> frozenset[int]:
    """Token ids, written as one number or as a list of them; anything else is none."""
    listed = value if isinstance(value, list) else [value]
    return frozenset(one for one in listed if isinstance(one, int) and not isinstance(one, bool))


def whole_number(value: Json) -> int:
    """A whole number, or 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def is_number(value: Json) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
