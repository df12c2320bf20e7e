"""The vocabulary: every kind of change, one frozen record each, one file an area.

Importing this package imports every area, so that `KINDS` is whole.
"""

from importlib import import_module
from pkgutil import iter_modules

from semverlint.changes.base import KINDS, Change, Evidence, Incoherence, Undecided, Value, change, fields_of

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["KINDS", "Change", "Evidence", "Incoherence", "Undecided", "Value", "change", "fields_of"]
