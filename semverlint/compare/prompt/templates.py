"""The chat templates of one folder by name, wherever they are kept."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from semverlint.formats.chat_template import read_templates
from semverlint.roles import folder
from semverlint.snapshot import Snapshot

BESIDE = "additional_chat_templates"
"""The folder that holds a file for every named template (transformers, `utils/hub.py`)."""


@dataclass(frozen=True)
class Template:
    """A chat template.

    Attributes:
        path: The file it was read from.
        text: Its source.
    """

    path: str
    text: str

    @property
    def alone(self) -> bool:
        """Whether it has a file of its own."""
        return self.path.endswith(".jinja")


def place_of(path: str) -> str:
    """The folder of the tokenizer that a file belongs to."""
    found = folder(path)
    return folder(found) if PurePosixPath(found).name == BESIDE else found


def everywhere(snapshot: Snapshot, place: str) -> list[dict[str, Template]]:
    """The templates of a folder, by each kind of place they stand in: own files, the configuration, the older file.

    Raises:
        FileError: If a file that holds one cannot be read.
    """
    lead = f"{place}/" if place else ""
    own: dict[str, Template] = {}
    for path in snapshot.files:
        if path == f"{lead}chat_template.jinja":
            own |= _read(snapshot, path)
        elif path.startswith(f"{lead}{BESIDE}/") and path.endswith(".jinja"):
            own |= {PurePosixPath(path).stem: one for one in _read(snapshot, path).values()}
    return [own, *(_read(snapshot, lead + name) for name in ("tokenizer_config.json", "chat_template.json"))]


def templates_of(snapshot: Snapshot, place: str) -> dict[str, Template]:
    """The templates of a folder that transformers takes.

    Where there is a file of its own, those in the configuration are not read (`tokenization_utils_base.py`, from 4.47).

    Raises:
        FileError: If a file that holds one cannot be read.
    """
    return next((found for found in everywhere(snapshot, place) if found), {})


def _read(snapshot: Snapshot, path: str) -> dict[str, Template]:
    return {name: Template(path, text) for name, text in (snapshot.facts(read_templates, path) or {}).items()}
