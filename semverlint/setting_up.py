"""A model's repository set up, so that it is checked without being remembered: configuration, hooks, workflow."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from semverlint import __version__
from semverlint.atomic import write_atomically
from semverlint.config.file import find_config
from semverlint.errors import ConfigError, SourceError, UsageError
from semverlint.sources import Address, Repository, Settings, open_repository
from semverlint.sources.git.places import is_bare, work_tree_of
from semverlint.sources.git.remote import origin
from semverlint.text import clean
from semverlint.versions.releases import version_tags

HOME = "https://github.com/semverlint/semverlint"
_HOOKS = "default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]\nrepos:\n"


@dataclass(frozen=True)
class SetUp:
    """What was done about one file.

    Attributes:
        path: The file.
        written: Whether it was written; what stood there already is left as it is, unless asked otherwise.
        text: What was written; of a file that was left what it lacks, empty where it lacks nothing.
    """

    path: Path
    written: bool
    text: str


@dataclass(frozen=True)
class Place:
    """Where a model is.

    Attributes:
        folder: Its folder.
        root: The root of the clone that holds it; None outside of one.
        released: What is released already, in a line.
    """

    folder: Path
    root: Path | None
    released: str


def look(folder: Path) -> Place:
    """Find out what there is.

    Raises:
        SourceError: If there is no such folder.
        UsageError: If it is a bare repository.
    """
    repository = open_repository(Address(str(folder), str(folder), None, on_hub=False), Settings())
    root = work_tree_of(folder)
    if root is not None and is_bare(root):
        raise UsageError(f"{clean(folder)} is a bare repository", "run it in a clone with a working tree")
    return Place(folder, root, _released(repository))


def set_up(place: Place, *, force: bool = False) -> Iterator[SetUp]:
    """Write what a model's repository needs, file by file; configuration, hooks and, on GitHub, a workflow.

    Args:
        place: Where the model is.
        force: Whether files are replaced (of pre-commit's configuration: appended to) that stand there already.

    Raises:
        SourceError: If a file cannot be read, or its folder not be made.
        UsageError: If one cannot be written.
        ConfigError: If nothing can be appended to pre-commit's configuration safely.
    """
    config = find_config(place.folder) or place.folder / "semverlint.toml"
    for path, text in _wanted(place, config).items():
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = f"{clean(path, 300)}: cannot be read or made ({error.strerror})"
            raise SourceError(told, "check what stands there, and its permissions") from None
        except UnicodeDecodeError:
            raise SourceError(f"{clean(path, 300)}: is not UTF-8", "save it as UTF-8, or move it away") from None
        mine = "semverlint" in before or path == config
        if before and (path.name == "pyproject.toml" or not force):
            yield SetUp(path, written=False, text="" if mine else text.removeprefix(_HOOKS))
            continue
        content = text if mine or not text.startswith(_HOOKS) else with_hooks(before, text.removeprefix(_HOOKS)) or text
        write_atomically(path, content, "check the folder and its permissions")
        yield SetUp(path, written=True, text=content)


def _wanted(place: Place, config: Path) -> dict[Path, str]:
    """What belongs into which file."""
    wanted = {config: _filled("semverlint.toml")}
    if (root := place.root) is not None:
        below = place.folder.resolve().relative_to(root.resolve()).as_posix()
        words = {"FOLDER": "." if below == "." else f"./{below}"}
        wanted[root / ".pre-commit-config.yaml"] = _HOOKS + _filled("pre-commit.yaml", words)
        if "github.com" in origin(root) or (root / ".github").is_dir():
            wanted[root / ".github" / "workflows" / "semverlint.yml"] = _filled("workflow.yml", words)
    return wanted


def with_hooks(before: str, entry: str) -> str:
    """A configuration of pre-commit that also names our hooks; empty where there is none yet.

    Raises:
        ConfigError: If it is written so that nothing can be appended.
    """
    if not before.strip():
        return ""
    indent = max(re.findall(r"^( *)- +repo:", before, re.MULTILINE), default="")
    after = before.rstrip("\n") + "\n" + "".join(f"{indent}{line}\n" for line in entry.splitlines())
    try:
        old, new = yaml.safe_load(before), yaml.safe_load(after)
        if new != {**old, "repos": [*old["repos"], *yaml.safe_load(entry)]}:
            raise ValueError  # noqa: TRY301 - one way out for all that can be wrong
    except (yaml.YAMLError, ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError(
            ".pre-commit-config.yaml: nothing can be appended to it safely", "run without --force, and add the lines"
        ) from None
    return after


def _released(repository: Repository) -> str:
    """What is released already, in a line."""
    tags = version_tags(repository)
    if not tags:
        return "nothing is released yet: tag the first version, for example `git tag v1.0.0`"
    last = tags[-1]
    return f"{len(tags)} released so far, the last is {clean(last.name, 60)} ({last.version.scheme})"


def _filled(name: str, more: Mapping[str, str] | None = None) -> str:
    """A template with its words put in."""
    text = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    words = {"HOME": HOME, "ACTION": HOME.removeprefix("https://github.com/"), "VERSION": __version__, **(more or {})}
    for word, value in words.items():
        text = text.replace(f"@{word}@", json.dumps(value)[1:-1])
    return text
