"""Reports: each is one file with a pure function of the verdict, marked `@reporter` and found by a folder walk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

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
"""Every format by the name `--format` knows; filled by `@reporter`."""


def reporter(name: str) -> Callable[[Reporter], Reporter]:
    """Make a function the report of a format. It gets one report, or with `--all-releases` one a release."""

    def register(function: Reporter) -> Reporter:
        REPORTERS[name] = function
        return function

    return register


def formats() -> list[str]:
    """The names of all formats."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return sorted(REPORTERS)


def render(name: str, reports: Sequence[Report], style: Style) -> str:
    """The reports in a format, ending with a line break.

    Raises:
        KeyError: If there is no such format.
    """
    if name not in formats():
        raise KeyError(name)
    return REPORTERS[name](reports, style)
