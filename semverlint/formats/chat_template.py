"""Chat templates as they are kept: in a file of their own, or under `chat_template` of a JSON file."""

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object, read_text

_LARGEST = 2_000_000
"""Bytes of a file of its own; the longest known template has 40 kB."""


def read_templates(file: File) -> dict[str, str]:
    """The templates in a file by name, `default` where there is none; empty where it holds no template.

    Raises:
        FileError: If the file cannot be read, or what stands under `chat_template` is neither a text nor named texts.
    """
    if file.path.endswith(".jinja"):
        return {"default": read_text(file, _LARGEST)}
    return _named(file, read_json_object(file).get("chat_template"))


def _named(file: File, value: Json) -> dict[str, str]:
    match value:
        case None:
            return {}
        case str():
            return {"default": value}
        case dict():
            found = {name: text for name, text in value.items() if isinstance(text, str)}
        case list():
            pairs = [entry for entry in value if isinstance(entry, dict)]
            found = {
                name: text
                for entry in pairs
                if isinstance(name := entry.get("name"), str) and isinstance(text := entry.get("template"), str)
            }
        case _:
            found = {}
    if not found and value:
        raise FileError(file.path, "its chat_template is neither a text nor a list of named ones", "mend the file")
    return found
