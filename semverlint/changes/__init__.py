"""The vocabulary: every kind of change, one frozen record each, one file an area."""

from collections.abc import Mapping
from importlib import import_module

from semverlint.changes.base import KINDS, Change, Evidence, Incoherence, Undecided, Value, change, fields_of

__all__ = ["Change", "Evidence", "Incoherence", "Undecided", "Value", "change", "fields_of", "kinds"]


def kinds() -> Mapping[str, type[Change]]:
    """Every kind of change by the name rules call it. Importing the areas takes a while; only rules need them all."""
    from pkgutil import iter_modules  # noqa: PLC0415 - a run without changes needs none

    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return KINDS
