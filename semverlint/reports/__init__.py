"""Reports: each format is one file, named after it, with a pure function of the verdict marked `@reporter`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from semverlint.verdict import Report

__all__ = ["REPORTERS", "Style", "formats", "render", "reporter"]


@dataclass(frozen=True)
class Style:
    """How a report may look where it is shown.

    Attributes:
        width: Columns to wrap at.
        colour: Whether escape codes for colour are welcome.
        unicode: Whether the reader's encoding has arrows and ticks.
        verbose: Whether to say why and how to mend it for every finding.
        quiet: Whether the headline and the last line are enough.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    verbose: bool = False
    quiet: bool = False


Reporter = Callable[[Sequence[Report], Style], str]

REPORTERS: dict[str, Reporter] = {}
"""Every format imported so far by its module's name; filled by `@reporter`."""


def reporter(function: Reporter) -> Reporter:
    """Make a function the report of the format that its file is named after.

    It gets one report, or with `--all-releases` one a release, and returns text that ends with a line break.
    """
    REPORTERS[function.__module__] = function
    return function


def formats() -> list[str]:
    """The names of all formats: the files of this folder."""
    from pkgutil import iter_modules  # noqa: PLC0415 - a run without changes needs none

    return sorted(module.name for module in iter_modules(__path__))


def render(name: str, reports: Sequence[Report], style: Style) -> str:
    """The reports in a format, ending with a line break."""
    module = import_module(f"{__name__}.{name}")
    return REPORTERS[module.__name__](reports, style)
