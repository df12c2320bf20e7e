"""A configuration file read and checked: every mistake named with its place and what was probably meant."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from semverlint.behaviour.budget import OUTRANKS, BehaviourSettings, Budget
from semverlint.config import FAILS, Config
from semverlint.config.overrides import Acceptance, RuleOverride
from semverlint.errors import ConfigError
from semverlint.terms import CONSUMERS, LEVELS, STATUSES, Bump, Consumer, Level, Status
from semverlint.text import clean, suggest

_BIGGEST = 1_000_000
"""Bytes; a configuration is a page or two."""


def _hyphens(value: object) -> object:
    return value.replace("_", "-") if isinstance(value, str) else value


BumpName = Literal["none", "patch", "minor", "major"]
Share = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[Status, BeforeValidator(_hyphens)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Rule(_Strict):
    bump: BumpName | None = None
    level: Level | None = None
    consumers: list[Consumer] | None = None


class _Accept(_Strict):
    rule: str
    reason: str
    path: str = "*"
    subject: str = "*"
    expires: dt.date | None = None


class _Task(_Strict):
    patch_budget: Share | None = None
    minor_budget: Share | None = None
    margin: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class _Behaviour(_Strict):
    patch_budget: Share = 0.01
    minor_budget: Share = 0.05
    logs: str | None = None
    probe: bool = False
    seed_baseline: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    tasks: dict[str, _Task] = {}
    outranks: dict[str, list[Consumer]] = {}


class _Hub(_Strict):
    xet: bool = True


class _File(_Strict):
    consumers: list[Consumer] = list(CONSUMERS)
    fail_on: list[Words] = list(FAILS)
    zero_major: Literal["cargo", "free", "strict"] = "cargo"
    policy: dict[str, BumpName] = {}
    rules: dict[str, _Rule] = {}
    rule_folders: list[str] = []
    accept: list[_Accept] = []
    behaviour: _Behaviour = _Behaviour()
    hub: _Hub = _Hub()


def find_config(project: Path) -> Path | None:
    """The file that configures a project; a pyproject.toml counts only with a `[tool.semverlint]` table."""
    for name in ("semverlint.toml", ".semverlint.toml"):
        if (project / name).is_file():
            return project / name
    pyproject = project / "pyproject.toml"
    return pyproject if pyproject.is_file() and "semverlint" in _table(pyproject).get("tool", {}) else None


def read_config(path: Path) -> Config:
    """The configuration in a file.

    Raises:
        ConfigError: One line for each mistake.
    """
    table = _table(path)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("semverlint", {})
    try:
        file = _File.model_validate(table)
    except ValidationError as error:
        raise ConfigError("\n".join(_mistake(path, problem) for problem in error.errors())) from None
    if not all(acceptance.reason.strip() for acceptance in file.accept):
        raise ConfigError(f"{path}: accept: an acceptance needs a reason", "say why the finding is accepted")
    return Config(
        consumers=tuple(file.consumers),
        fail_on=tuple(file.fail_on),
        zero_major=file.zero_major,
        policy={name.replace("_", "-"): Bump.named(bump) for name, bump in file.policy.items()},
        rules={name: _override(rule) for name, rule in file.rules.items()},
        rule_folders=tuple(path.parent / folder for folder in file.rule_folders),
        accept=tuple(Acceptance(**acceptance.model_dump()) for acceptance in file.accept),
        behaviour=_behaviour(file.behaviour, path.parent),
        xet=file.hub.xet,
        source=path,
    )


def _behaviour(given: _Behaviour, folder: Path) -> BehaviourSettings:
    whole = Budget(given.patch_budget, given.minor_budget)
    outranks = {line.replace("_", "-"): tuple(consumers) for line, consumers in given.outranks.items()}
    return BehaviourSettings(
        budget=whole,
        tasks={
            task: Budget(
                whole.patch if own.patch_budget is None else own.patch_budget,
                whole.minor if own.minor_budget is None else own.minor_budget,
            )
            for task, own in given.tasks.items()
        },
        margins={task: own.margin for task, own in given.tasks.items() if own.margin is not None},
        outranks={**OUTRANKS, **outranks},
        logs=given.logs,
        probe=given.probe,
        seed_baseline=(folder / given.seed_baseline[0], folder / given.seed_baseline[1])
        if given.seed_baseline
        else None,
    )


def _override(rule: _Rule) -> RuleOverride:
    consumers = tuple(rule.consumers) if rule.consumers is not None else None
    return RuleOverride(Bump.named(rule.bump) if rule.bump else None, rule.level, consumers)


def read_text(path: Path) -> str:
    """What a configuration file holds, line breaks as they are; raises `ConfigError` where it cannot be read."""
    try:
        if path.stat().st_size > _BIGGEST:
            raise ConfigError(f"{path}: larger than a configuration can be", "name the right file")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", "check the path") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}", "save it as UTF-8") from None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not TOML ({clean(error)})", "mend the file") from None


_MODELS: dict[str, type[BaseModel]] = {
    "rules": _Rule,
    "accept": _Accept,
    "behaviour": _Behaviour,
    "tasks": _Task,
    "hub": _Hub,
}
_WORDS: dict[str, tuple[str, ...]] = {
    "consumers": CONSUMERS,
    "fail_on": STATUSES,
    "level": LEVELS,
    "bump": ("none", "patch", "minor", "major"),
    "policy": ("none", "patch", "minor", "major"),
    "zero_major": ("cargo", "free", "strict"),
}


def _mistake(path: Path, problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails, whose type needs its core imported
    """One line for one of pydantic's errors: `semverlint.toml: policy.fine-tuned: …; did you mean minor?`."""
    place = [str(part) for part in problem["loc"]]
    where = ".".join(clean(part) for part in place)
    if problem["type"] == "extra_forbidden":
        model = next((_MODELS[part] for part in reversed(place[:-1]) if part in _MODELS), _File)
        known = model.model_fields
        return f"{path}: {where}: unknown key{suggest(place[-1].replace('-', '_'), list(known))}"
    words = next((_WORDS[part] for part in reversed(place) if part in _WORDS), ())
    given = problem["input"]
    if words and isinstance(given, str):
        return f"{path}: {where}: {clean(given)!r} is none of {', '.join(words)}{suggest(given, words)}"
    return f"{path}: {where}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"
