"""`adapter_config.json`: what PEFT makes an adapter of."""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object

_LARGEST = 16_000_000
"""Bytes; rank patterns name every module of a model."""

NAME_SETS = ("target_modules", "exclude_modules", "modules_to_save")
"""Keys whose lists are sets of names: their order says nothing."""


@dataclass(frozen=True)
class AdapterFacts:
    """An adapter's configuration.

    Attributes:
        values: Every key as it is written.
    """

    values: Mapping[str, Json]

    def text(self, key: str) -> str | None:
        """The value of a key that holds a text; None where it is absent or null."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None


def read_adapter(file: File) -> AdapterFacts:
    """The settings of an adapter.

    Raises:
        FileError: If it is no JSON object, or a name or a list of names is something else.
    """
    values = read_json_object(file, _LARGEST)
    for key in ("peft_type", "base_model_name_or_path", "revision", "task_type"):
        if not isinstance(values.get(key), str | None):
            raise FileError(file.path, f"{key} is no text", "write its name, or null")
    for key in NAME_SETS:
        value = values.get(key)
        if isinstance(value, list):
            if not all(isinstance(name, str) for name in value):
                raise FileError(file.path, f"{key} lists something else than names", "list names of modules")
        elif not isinstance(value, str | None):
            raise FileError(file.path, f"{key} is neither a list of names nor a pattern", "list names of modules")
    return AdapterFacts(values)
