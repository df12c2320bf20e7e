"""`semverlint init`: everything a model's repository needs to be checked without being remembered."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semverlint import __version__
from semverlint.cli import app

if TYPE_CHECKING:
    from semverlint.sources import Repository

HOME = "https://github.com/semverlint/semverlint"
_HOOKS = "default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]\nrepos:\n"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the model.", metavar="FOLDER")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace what stands there already.")] = False,
) -> None:
    """Set a model's repository up: configuration, hooks, workflow.

    Nothing is asked: whether there is a clone, where it came from, and what is
    released is found out. A file that exists is left as it is, unless --force
    is given; what it lacks is shown.

    \b
    Example: semverlint init ./model
    """  # noqa: D301 - click's mark for lines to keep
    from semverlint.cli._session import write_atomically  # noqa: PLC0415 - --help needs none of it
    from semverlint.config.file import find_config  # noqa: PLC0415 - likewise
    from semverlint.errors import SourceError, UsageError  # noqa: PLC0415 - likewise
    from semverlint.sources import Address, Settings, open_repository  # noqa: PLC0415 - likewise
    from semverlint.sources.git.places import is_bare, work_tree_of  # noqa: PLC0415 - likewise
    from semverlint.sources.git.remote import origin  # noqa: PLC0415 - likewise
    from semverlint.text import clean  # noqa: PLC0415 - likewise

    repository = open_repository(Address(str(folder), str(folder), None, on_hub=False), Settings())
    root = work_tree_of(folder)
    if root is not None and is_bare(root):
        raise UsageError(f"{clean(folder)} is a bare repository", "run it in a clone with a working tree")
    print(_known(repository), file=sys.stderr)
    config = find_config(folder) or folder / "semverlint.toml"
    wanted: dict[Path, str] = {config: _filled("semverlint.toml")}
    if root is None:
        print("semverlint: this is no git clone, so there are no hooks to set up", file=sys.stderr)
    else:
        below = folder.resolve().relative_to(root.resolve()).as_posix()
        place = {"FOLDER": "." if below == "." else f"./{below}"}
        wanted[root / ".pre-commit-config.yaml"] = _HOOKS + _filled("pre-commit.yaml", place)
        if "github.com" in origin(root) or (root / ".github").is_dir():
            wanted[root / ".github" / "workflows" / "semverlint.yml"] = _filled("workflow.yml", place)
    for path, text in wanted.items():
        shown = path.relative_to(root) if root and path.is_absolute() else path
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.parent.mkdir(parents=True, exist_ok=True)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{shown}: cannot be read or made ({error})", "check what stands there") from None
        mine = "semverlint" in before or path == config
        if before and (path.name == "pyproject.toml" or not force):
            print(f"== {shown} exists and is left as it is{'' if mine else '; add to it:'}")
            print("" if mine else text.removeprefix(_HOOKS))
            continue
        content = text if mine or not text.startswith(_HOOKS) else with_hooks(before, text.removeprefix(_HOOKS))
        write_atomically(path, content or text, "check the folder and its permissions")
        print(f"== wrote {shown}\n{content or text}")
    print("semverlint: next: `pre-commit install`, then `semverlint check`", file=sys.stderr)


def with_hooks(before: str, entry: str) -> str:
    """A configuration of pre-commit that also names our hooks; empty where there is none yet.

    Raises:
        ConfigError: If it is written so that nothing can be appended.
    """
    import re  # noqa: PLC0415 - --help needs none of it

    import yaml  # noqa: PLC0415 - likewise

    from semverlint.errors import ConfigError  # noqa: PLC0415 - likewise

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


def _known(repository: "Repository") -> str:
    """What is released already, in a line."""
    from semverlint.text import clean  # noqa: PLC0415 - --help needs none of it
    from semverlint.versions.releases import version_tags  # noqa: PLC0415 - likewise

    tags = version_tags(repository)
    if not tags:
        return "semverlint: nothing is released yet: tag the first version, for example `git tag v1.0.0`"
    last = tags[-1]
    return f"semverlint: {len(tags)} released so far, the last is {clean(last.name, 60)} ({last.version.scheme})"


def _filled(name: str, more: Mapping[str, str] | None = None) -> str:
    """A template with its words put in."""
    text = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    words = {"HOME": HOME, "ACTION": HOME.removeprefix("https://github.com/"), "VERSION": __version__, **(more or {})}
    for word, value in words.items():
        text = text.replace(f"@{word}@", json.dumps(value)[1:-1])
    return text
