"""semverlint: a semantic-versioning linter for machine-learning model releases.

What is named here is the public interface (docs/api.md); it changes only as docs/promises.md says. Names are imported
when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semverlint.api import Linter, accept, answers, explain, notes, set_up, write_version
    from semverlint.behaviour.comparison import Comparison
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
    from semverlint.fleet.badges import Score
    from semverlint.fleet.questions import Answer
    from semverlint.history.record import History
    from semverlint.rendering import render
    from semverlint.setting_up import SetUp
    from semverlint.terms import Bump
    from semverlint.verdict import Report
    from semverlint.versions.names import Name, parse_name
    from semverlint.versions.series import Series

__all__ = [
    "Acceptance",
    "Answer",
    "Bump",
    "Comparison",
    "Config",
    "ConfigError",
    "FileError",
    "Finding",
    "History",
    "IncompleteError",
    "Linter",
    "Name",
    "NoBaselineError",
    "Report",
    "RuleOverride",
    "Score",
    "SemverlintError",
    "Series",
    "SetUp",
    "SourceError",
    "UsageError",
    "__version__",
    "accept",
    "answers",
    "explain",
    "load_config",
    "notes",
    "parse_name",
    "render",
    "set_up",
    "version",
    "write_version",
]

__version__ = "0.1.0"

version = __version__
"""The version of this package."""

_PLACES = {
    "api": ("Linter", "accept", "answers", "explain", "notes", "set_up", "write_version"),
    "behaviour.comparison": ("Comparison",),
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
    "fleet.badges": ("Score",),
    "fleet.questions": ("Answer",),
    "history.record": ("History",),
    "rendering": ("render",),
    "setting_up": ("SetUp",),
    "terms": ("Bump",),
    "verdict": ("Report",),
    "versions.names": ("Name", "parse_name"),
    "versions.series": ("Series",),
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
