"""Changes of what happens to images, sound and video before a model sees them."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change

Part = Literal["image", "audio", "video", "processor"]
"""Whose settings they are: one of the preprocessors, or the processor that joins them with the tokenizer."""

Role = Literal[
    "size",  # how large an input becomes: size, crop, padding, splitting into tiles
    "resample",  # how pixels between pixels are found
    "pixels",  # what a pixel's value becomes: scaling, mean, deviation, colours
    "budget",  # how many pixels an image may have
    "tokens",  # how many tokens an image or a sound becomes, and which stand for it
    "sound",  # sampling rate, windows, filters
    "frames",  # which frames of a video are seen
    "inputs",  # names of what is handed to the model
    "prompt",  # a chat template kept in the processor
    "neutral",  # nothing at inference reads it
    "unknown",
]


@change
class ProcessingSettingChanged(Change):
    """A setting has another value, class defaults filled in.

    Attributes:
        part: Whose setting it is.
        key: Its name.
        role: What it is for.
        remote_code: Whether the preprocessor is the repository's own code, which may read any key.
        before: The old value, or the class's default where none was written.
        after: The new one.
    """

    part: Part
    key: str
    role: Role
    remote_code: bool
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class ProcessorClassChanged(Change):
    """Another class does the work; names that mean the same class are equal.

    Attributes:
        part: Whose class it is.
        before: The class as it was written; None where none was named.
        after: The class as it is written now.
    """

    part: Part
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.part


@change
class ProcessorBackendChanged(Change):
    """The same class by another hand: `CLIPImageProcessor` and `CLIPImageProcessorFast`."""

    part: Part
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.part


@change
class ProcessingCodeChanged(Change):
    """`auto_map` of a processor names other remote code, or none."""

    part: Part
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return "auto_map"


@change
class ProcessingPartAdded(Change):
    """A preprocessor that the old revision did not configure."""

    part: Part

    @property
    def subject(self) -> str:
        return self.part


@change
class ProcessingPartRemoved(Change):
    """A preprocessor whose configuration is gone."""

    part: Part

    @property
    def subject(self) -> str:
        return self.part


@change
class ProcessingReformatted(Change):
    """The same settings in other bytes or under an older name; every reader understands both."""


@change
class ProcessorsDisagree(Incoherence):
    """A preprocessor is configured in its own file and inside `processor_config.json`, differently.

    Attributes:
        part: Whose settings they are.
        keys: The settings that differ.
        other: The file that older readers take.
    """

    part: Part
    keys: str
    other: str

    @property
    def subject(self) -> str:
        return self.part


@change
class ImageSizeDisagrees(Incoherence):
    """The images that preprocessing makes are not of the size the model's configuration names."""

    prepared: int
    expected: int

    @property
    def subject(self) -> str:
        return "image_size"
