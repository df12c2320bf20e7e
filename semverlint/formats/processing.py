"""Preprocessor configurations of transformers: images, sound, video, and the processor that joins them."""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.errors import FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_json_object

_LARGEST = 4_000_000
"""Bytes; speaker tables and chat templates inside a processor are the largest things known."""

NESTED = {
    "image_processor": "image",
    "feature_extractor": "audio",
    "audio_processor": "audio",
    "video_processor": "video",
}
"""Keys of `processor_config.json` under which whole preprocessors stand, and whose they are."""


@dataclass(frozen=True)
class ProcessingFacts:
    """One preprocessor file.

    Attributes:
        values: Its own settings, without the preprocessors nested in it.
        nested: The nested preprocessors by whose they are (`image`, `audio`, `video`).
    """

    values: Mapping[str, Json]
    nested: Mapping[str, Mapping[str, Json]]


def read_processing(file: File) -> ProcessingFacts:
    """The settings of a preprocessor file.

    Raises:
        FileError: If it is no JSON object, or what stands where a preprocessor belongs is none, or a class has no name.
    """
    everything = read_json_object(file, _LARGEST)
    values: dict[str, Json] = {}
    nested: dict[str, Mapping[str, Json]] = {}
    for key, value in everything.items():
        if key in NESTED and value is not None:
            if not isinstance(value, dict):
                raise FileError(file.path, f"{key} is no object of settings", "save the processor again")
            nested[NESTED[key]] = value
        else:
            values[key] = value
    for settings in (values, *nested.values()):
        for key, value in settings.items():
            if key.endswith(("_processor_type", "_extractor_type", "processor_class")) and not isinstance(
                value, str | None
            ):
                raise FileError(file.path, f"{key} is no name of a class", "write the class's name")
    return ProcessingFacts(values, nested)
