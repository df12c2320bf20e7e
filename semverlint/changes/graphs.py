"""Changes of what a weight file computes, and is computed with: graphs, and what GGUF keeps beside tensors."""

from typing import Literal

from semverlint.changes.base import Change, change


@change
class GraphPortAdded(Change):
    """A graph asks for one more input, or gives one more output."""

    side: Literal["input", "output"]
    name: str
    type: str

    @property
    def subject(self) -> str:
        return self.name


@change
class GraphPortRemoved(Change):
    """A graph no longer takes an input, or no longer gives an output."""

    side: Literal["input", "output"]
    name: str
    type: str

    @property
    def subject(self) -> str:
        return self.name


@change
class GraphPortChanged(Change):
    """An input or output has another type or shape.

    Attributes:
        wider: Whether everything that fitted before still fits: a fixed length became free.
    """

    side: Literal["input", "output"]
    name: str
    before: str
    after: str
    wider: bool

    @property
    def subject(self) -> str:
        return self.name


@change
class GraphPortsReordered(Change):
    """Inputs or outputs stand in another order, for callers that count them."""

    side: Literal["input", "output"]
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.side


@change
class GraphVersionRaised(Change):
    """Older runtimes refuse the file: the format's own version, or that of a set of operators, is higher.

    Attributes:
        of: `IR`, or the domain of the operators.
    """

    of: str
    before: int
    after: int

    @property
    def subject(self) -> str:
        return self.of


@change
class GraphStepsChanged(Change):
    """Something else is computed: other operators, attributes, or another wiring.

    Attributes:
        detail: Which operators there are more or fewer of; `the same operators` where their number is not what differs.
        moved: Whether the tensors it is computed with differ too.
    """

    detail: str
    moved: bool


@change
class SettingChanged(Change):
    """A key that readers compute with has another value, is new, or is gone.

    Attributes:
        group: What it is about: `model` (sizes and layers), `context` (how long a text may be), `tokenizer` (tokens and
            their numbers), `template` (the chat template), or `other`.
        fewer: Whether the new value is less, of a length.
    """

    key: str
    before: str | None
    after: str | None
    group: Literal["model", "context", "tokenizer", "template", "other"]
    fewer: bool = False

    @property
    def subject(self) -> str:
        return self.key
