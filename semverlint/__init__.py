"""semverlint: a semantic-versioning linter for machine-learning model releases.

What is named here is the public interface (docs/api.md); it changes only as docs/promises.md says. Names are imported
when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semverlint.api import Linter, explain, notes, render
    from semverlint.config import Config, load_config
    from semverlint.config.overrides import Acceptance, RuleOverride
    from semverlint.errors import (
        ConfigError,
        FileError,
        IncompleteError,
        NoBaselineError,
        SemverlintError,
        SourceError,
        UsageError,
    )
    from semverlint.findings import Finding
    from semverlint.terms import Bump
    from semverlint.verdict import Report

__all__ = [
    "Acceptance",
    "Bump",
    "Config",
    "ConfigError",
    "FileError",
    "Finding",
    "IncompleteError",
    "Linter",
    "NoBaselineError",
    "Report",
    "RuleOverride",
    "SemverlintError",
    "SourceError",
    "UsageError",
    "__version__",
    "explain",
    "load_config",
    "notes",
    "render",
    "version",
]

__version__ = "0.1.0"

version = __version__
"""The version of this package."""

_PLACES = {
    "api": ("Linter", "explain", "notes", "render"),
    "config": ("Config", "load_config"),
    "config.overrides": ("Acceptance", "RuleOverride"),
    "errors": (
        "ConfigError",
        "FileError",
        "IncompleteError",
        "NoBaselineError",
        "SemverlintError",
        "SourceError",
        "UsageError",
    ),
    "findings": ("Finding",),
    "terms": ("Bump",),
    "verdict": ("Report",),
}
"""The module each name comes from."""


def __getattr__(name: str) -> object:
    for place, names in _PLACES.items():
        if name in names:
            found: object = getattr(import_module(f"{__name__}.{place}"), name)
            return globals().setdefault(name, found)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
