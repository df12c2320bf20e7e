"""The chat templates of one folder by name, wherever they are kept."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from semverlint.formats.text_files import Json, read_json_object, read_text
from semverlint.roles import folder
from semverlint.snapshot import Snapshot


@dataclass(frozen=True)
class Template:
    """A chat template.

    Attributes:
        path: The file it was read from.
        text: Its source.
    """

    path: str
    text: str


def templates_of(snapshot: Snapshot, place: str) -> dict[str, Template]:
    """Every template of a folder; of one that stands in several files, the one transformers takes.

    A file of its own comes before `tokenizer_config.json` (transformers, `tokenization_utils_base.py`).

    Raises:
        FileError: If a file that holds one cannot be read.
    """
    found: dict[str, Template] = {}
    config_path = f"{place}/tokenizer_config.json" if place else "tokenizer_config.json"
    config = snapshot.facts(read_json_object, config_path) or {}
    found.update(_named(config_path, config.get("chat_template")))
    json_path = f"{place}/chat_template.json" if place else "chat_template.json"
    found.update(_named(json_path, (snapshot.facts(read_json_object, json_path) or {}).get("chat_template")))
    for path in snapshot.files:
        name = PurePosixPath(path)
        alone = folder(path) == place and name.name == "chat_template.jinja"
        beside = name.suffix == ".jinja" and name.parent.name == "additional_chat_templates"
        if (alone or (beside and str(name.parent.parent) == (place or "."))) and (
            text := snapshot.facts(read_text, path)
        ) is not None:
            found["default" if alone else name.stem] = Template(path, text)
    return found


def _named(path: str, value: Json) -> dict[str, Template]:
    """A template given as one text, or as a list of named ones."""
    if isinstance(value, str):
        return {"default": Template(path, value)}
    found: dict[str, Template] = {}
    for entry in value if isinstance(value, list) else []:
        match entry:
            case {"name": str(name), "template": str(text)}:
                found[name] = Template(path, text)
            case _:
                continue
    return found
