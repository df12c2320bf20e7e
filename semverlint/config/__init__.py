"""The configuration as one frozen record; `config/file.py` reads it from TOML.

It comes from `--config`, else from the local project that is linted (`semverlint.toml`, `.semverlint.toml`,
`[tool.semverlint]` in `pyproject.toml`); never from a remote repository, since nobody accepts their own findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from semverlint.terms import CONSUMERS, Bump, Consumer, Status
from semverlint.versions.steps import ZeroMajor

if TYPE_CHECKING:
    from semverlint.behaviour.budget import BehaviourSettings  # for those who have evaluations
    from semverlint.config.overrides import Acceptance, RuleOverride  # for those who configure

FAILS: tuple[Status, ...] = ("under-declared", "undeclared", "mutated", "undecided")
"""The statuses that fail a run unless `fail_on` says otherwise."""

CONFIG_NAMES = ("semverlint.toml", ".semverlint.toml", "pyproject.toml")
"""The files of a project that may configure it; the first that does counts."""


@dataclass(frozen=True)
class Config:
    """Everything a project may set.

    Attributes:
        consumers: Whom the model promises compatibility to.
        fail_on: The statuses that fail a run.
        zero_major: What `0.y.z` promises.
        policy: The bump for a line of the policy table (`fine-tuned`, `reader-floor`).
        rules: What is changed of single rules, by id.
        rule_folders: Folders with rules of the project's own.
        accept: Findings the project accepts.
        behaviour: How many answers a release may break, and where evaluations stand; None for the defaults.
        xet: Whether the Hub may be asked which chunks its files are made of.
        source: The file it was read from; None for the defaults.
    """

    consumers: tuple[Consumer, ...] = CONSUMERS
    fail_on: tuple[Status, ...] = FAILS
    zero_major: ZeroMajor = "cargo"
    policy: Mapping[str, Bump] = field(default_factory=dict)
    rules: "Mapping[str, RuleOverride]" = field(default_factory=dict)
    rule_folders: tuple[Path, ...] = ()
    accept: "tuple[Acceptance, ...]" = ()
    behaviour: "BehaviourSettings | None" = None
    xet: bool = True
    source: Path | None = None


def load_config(explicit: Path | None, project: Path | None) -> Config:
    """The configuration that holds for a run.

    Args:
        explicit: What `--config` names.
        project: The folder of the local project that is linted; None for a remote one.

    Raises:
        ConfigError: If a file cannot be read or is wrong; it names the file, the key and what was meant.
    """
    if explicit is None and (project is None or not any((project / name).is_file() for name in CONFIG_NAMES)):
        return Config()
    from semverlint.config.file import find_config, read_config  # noqa: PLC0415 - pydantic, for those who configure

    found = explicit or (find_config(project) if project else None)
    return read_config(found) if found else Config()
