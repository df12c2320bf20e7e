"""What holds for one run: what the project set, how far comparing may go, and what every repository needs to know."""

from dataclasses import dataclass, field
from pathlib import Path

from semverlint.compare.pair import Options
from semverlint.config import Config
from semverlint.sources import Settings


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        config: What the project set, with what the command line changed of it.
        options: How far comparing may go.
        settings: What holds for every repository.
        evals: Evaluations of the old and of the new revision, on this machine.
    """

    config: Config = field(default_factory=Config)
    options: Options = field(default_factory=Options)
    settings: Settings = field(default_factory=Settings)
    evals: tuple[Path, Path] | None = None
