"""Changes of what a weight file computes, and is computed with: graphs, and what GGUF keeps beside tensors."""

from dataclasses import dataclass
from typing import Literal

from semverlint.changes.base import Change, change


@dataclass(frozen=True, kw_only=True)
class GraphPort(Change):
    """Something about one input or output of a graph.

    Attributes:
        side: Which of the two it is.
        name: What callers call it.
    """

    side: Literal["input", "output"]
    name: str

    @property
    def subject(self) -> str:
        return self.name


@change
class GraphPortAdded(GraphPort):
    """A graph asks for one more input, or gives one more output."""

    type: str


@change
class GraphPortRemoved(GraphPort):
    """A graph no longer takes an input, or no longer gives an output."""

    type: str


@change
class GraphPortChanged(GraphPort):
    """An input or output has another type or shape.

    Attributes:
        wider: Whether everything that fitted before still fits: a fixed length became free.
    """

    before: str
    after: str
    wider: bool


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
        detail: Which operators there are more or fewer of; `the same operators, …` where not their
            number differs.
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
