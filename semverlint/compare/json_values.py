"""JSON values held against each other, and as rules see them."""

import math

from semverlint.changes.base import Value
from semverlint.formats.text_files import Json, compact

_NOISE = 1e-6
"""Relative; figures written from 32-bit floats differ by less."""


def same_value(before: Json, after: Json) -> bool:
    """Equality that does not mind off against unset, or the last digits of a float."""
    if isinstance(before, bool | None) or isinstance(after, bool | None):
        return before is after or (not before and not after and {type(before), type(after)} <= {bool, type(None)})
    if isinstance(before, int | float) and isinstance(after, int | float):
        return before == after or _close(before, after)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same_value, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same_value(before[key], after[key]) for key in before)
    return before == after


def _close(before: float, after: float) -> bool:
    try:
        return math.isclose(before, after, rel_tol=_NOISE) or (math.isnan(before) and math.isnan(after))
    except OverflowError:  # an integer beyond every float
        return False


def shown(value: Json) -> Value:
    """A JSON value as a rule sees it; what is unset and what is null are one here, as they are to these readers."""
    return value if value is None or isinstance(value, str | int | float | bool) else compact(value)


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
