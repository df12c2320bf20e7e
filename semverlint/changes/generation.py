"""Changes of `generation_config.json`: what `generate` does when nobody says otherwise."""

from typing import Literal

from semverlint.changes.base import Change, Value, change

Effect = Literal[
    "forced",  # tokens that are forced, suppressed or weighted
    "stop",  # strings that end generation
    "start",  # the first tokens
    "padding",  # the token that fills
    "sampling",  # how tokens are chosen
    "speech",  # Whisper's tables
    "speed",  # caches and compilation
    "provenance",
    "unknown",
]


@change
class GenerationChanged(Change):
    """A setting is another one, defaults filled in."""

    key: str
    effect: Effect
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class GenerationLengthChanged(Change):
    """The longest answer is longer or shorter."""

    key: str
    before: int
    after: int
    direction: Literal["raised", "lowered"]

    @property
    def subject(self) -> str:
        return self.key


@change
class GenerationFileAdded(Change):
    """The file is new; its settings now override what readers took by default."""


@change
class GenerationFileRemoved(Change):
    """The file is gone.

    Attributes:
        carried_end: Whether it said at which ids generation ends, and `config.json` does not say the same.
    """

    carried_end: bool


@change
class GenerationRewritten(Change):
    """The file was written again and means the same."""
