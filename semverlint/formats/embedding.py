"""The files of sentence-transformers: the list of modules, their configurations, and the model's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json, read_json_object

_LARGEST = 16_000_000
"""Bytes; the vocabulary of a bag-of-words module is the largest thing known."""
_MOST_MODULES = 1_000

_HOUSE = ("sentence_transformers.",)
"""Packages whose classes are known by their last name, wherever in the package they stand."""


@dataclass(frozen=True)
class Module:
    """One module of a model.

    Attributes:
        type: The class as it is written, with its package.
        path: The folder of its files, empty for the model's own.
    """

    type: str
    path: str

    @property
    def remote_code(self) -> bool:
        """Whether the class is not of sentence-transformers."""
        return not self.type.startswith(_HOUSE)

    @property
    def name(self) -> str:
        """The class by one name, wherever in sentence-transformers it was kept; others keep their package."""
        return self.type if self.remote_code else self.type.rpartition(".")[2]


def read_modules(file: File) -> tuple[Module, ...]:
    """The modules of `modules.json`, in the order in which they work.

    Raises:
        FileError: If it is no list of objects that name a type and a path.
    """
    listed = read_json(file, _LARGEST)
    if not isinstance(listed, list) or len(listed) > _MOST_MODULES:
        raise FileError(file.path, "holds no list of modules", "save the model again")
    modules = []
    for entry in listed:
        kind, path = (entry.get("type"), entry.get("path", "")) if isinstance(entry, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(path, str):
            raise FileError(file.path, "has a module without a type or a path", "save the model again")
        modules.append(Module(kind, path.strip("/").removeprefix("./")))
    return tuple(modules)


def read_module_config(file: File) -> Mapping[str, Json]:
    """The settings of one module, or of the model.

    Raises:
        FileError: If it is no JSON object.
    """
    return read_json_object(file, _LARGEST)


def read_prompts(file: File) -> Mapping[str, str]:
    """The prompts of `config_sentence_transformers.json` by name.

    Raises:
        FileError: If it is no JSON object, or the prompts are no texts by name.
    """
    prompts = read_json_object(file, _LARGEST).get("prompts")
    if prompts is None:
        return {}
    if not isinstance(prompts, dict):
        raise FileError(file.path, "prompts are no object", "write them as texts by name")
    texts = {name: text for name, text in prompts.items() if isinstance(text, str)}
    if any(not isinstance(text, str | None) for text in prompts.values()):
        raise FileError(file.path, "a prompt is no text", "write the prompts as texts by name")
    return texts
