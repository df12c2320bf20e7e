"""`model_index.json` of diffusers, and the configurations of its schedulers."""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object

_LARGEST = 4_000_000
_PAIR = 2
_MOST_COMPONENTS = 1_000


@dataclass(frozen=True)
class Component:
    """What the pipeline says of a component; both are None for a place left empty.

    Attributes:
        module: The library its class is from (`diffusers`, `transformers`, or the repository's own module).
        class_name: The class.
    """

    module: str | None
    class_name: str | None


@dataclass(frozen=True)
class PipelineFacts:
    """A pipeline.

    Attributes:
        class_name: The pipeline's class.
        components: Its components by name.
        settings: What else it is made with.
    """

    class_name: str | None
    components: Mapping[str, Component]
    settings: Mapping[str, Json]


def read_pipeline(file: File) -> PipelineFacts:
    """The pipeline that a `model_index.json` describes.

    Raises:
        FileError: If it is no JSON object, or its class is no name.
    """
    components: dict[str, Component] = {}
    settings: dict[str, Json] = {}
    values = read_json_object(file, _LARGEST)
    if len(values) > _MOST_COMPONENTS:
        raise FileError(file.path, f"names {len(values):,} things", "check that it is the index of a pipeline")
    name = values.pop("_class_name", None)
    if isinstance(name, list):  # the repository's own pipeline: [module, class]
        name = ".".join(part for part in name if isinstance(part, str))
    if not isinstance(name, str | None):
        raise FileError(file.path, "_class_name is no name", "write the pipeline's class")
    for key, value in values.items():
        if isinstance(value, list) and len(value) == _PAIR and all(isinstance(part, str | None) for part in value):
            module, class_name = value
            components[key] = Component(_text(module), _text(class_name))
        else:
            settings[key] = value
    return PipelineFacts(name, components, settings)


def read_scheduler(file: File) -> Mapping[str, Json]:
    """The settings of a scheduler.

    Raises:
        FileError: If it is no JSON object, or its class is no name.
    """
    values = read_json_object(file, _LARGEST)
    if not isinstance(values.get("_class_name"), str | None):
        raise FileError(file.path, "_class_name is no name", "write the scheduler's class")
    return values


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
