"""Reports of `semverlint flips`: each format is one file, named after it, with a pure function of the comparison."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from semverlint.behaviour.comparison import Comparison

__all__ = ["FLIP_REPORTERS", "Look", "flip_formats", "flip_reporter", "render_flips"]


@dataclass(frozen=True)
class Look:
    """How a report may look where it is shown.

    Attributes:
        width: Columns to wrap at.
        unicode: Whether the reader's encoding has arrows and dashes.
        verbose: Whether to show every measure, slice and example.
    """

    width: int = 80
    unicode: bool = True
    verbose: bool = False


FlipReporter = Callable[[Comparison, Look], str]

FLIP_REPORTERS: dict[str, FlipReporter] = {}
"""Every format imported so far by its module's name; filled by `@flip_reporter`."""


def flip_reporter(function: FlipReporter) -> FlipReporter:
    """Make a function the report of the format that its file is named after; it ends with a line break."""
    FLIP_REPORTERS[function.__module__] = function
    return function


def flip_formats() -> list[str]:
    """The names of all formats: the files of this folder."""
    return sorted(module.name for module in iter_modules(__path__))


def render_flips(name: str, comparison: Comparison, look: Look) -> str:
    """The comparison in a format, ending with a line break."""
    module = import_module(f"{__name__}.{name}")
    return FLIP_REPORTERS[module.__name__](comparison, look)
