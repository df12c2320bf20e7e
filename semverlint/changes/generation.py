"""Changes of `generation_config.json`: what `generate` does when nobody says otherwise."""

from typing import Literal

from semverlint.changes.base import Change, Value, change

Effect = Literal[
    "forced",  # tokens that are forced, suppressed or weighted
    "start",  # the first tokens
    "padding",  # the token that fills
    "mode",  # whether tokens are drawn, searched for, or taken greedily
    "sampling",  # from which tokens is drawn, and how boldly
    "penalty",  # repetition and its like
    "shortest",  # how long an answer is at least
    "speech",  # Whisper's tables
    "speed",  # caches and compilation
    "form",  # what is returned beside the answer
    "provenance",
    "unknown",
]


@change
class GenerationChanged(Change):
    """A setting is another one, defaults filled in.

    Attributes:
        key: The setting.
        effect: What it acts on.
        before: The value, None where it is absent and has no default.
        after: Likewise.
    """

    key: str
    effect: Effect
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class GenerationLengthChanged(Change):
    """The longest answer is longer or shorter; None stands for no limit."""

    key: str
    before: int | None
    after: int | None
    direction: Literal["raised", "lowered"]

    @property
    def subject(self) -> str:
        return self.key


@change
class StopStringsChanged(Change):
    """The texts at which generation ends are other ones.

    Attributes:
        before: The texts.
        after: Likewise.
        what: `extended`, where all the old ones still end it; `reduced` otherwise.
    """

    before: Value
    after: Value
    what: Literal["extended", "reduced"]


@change
class GenerationFileAdded(Change):
    """The file is new; its settings now override what readers took from `config.json` or by default."""


@change
class GenerationFileRemoved(Change):
    """The file is gone.

    Attributes:
        carried: What it said that `config.json` does not: where answers `end`, which tokens are `forced` or begin an
            answer, other `defaults`, or `nothing`.
    """

    carried: Literal["end", "forced", "defaults", "nothing"]


@change
class GenerationRewritten(Change):
    """The file was written again and means the same."""
