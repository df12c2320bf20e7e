"""Changes of the model card and of the licence."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change


@change
class CardAdded(Change):
    """The card is new."""


@change
class CardRemoved(Change):
    """The card is gone."""


@change
class CardFieldChanged(Change):
    """A field of the card's head is another one.

    Attributes:
        key: The field.
        effect: What it acts on: how the Hub routes the model to readers (`routing`), what it is `derived` from, who may
            download it (`gate`), where its `successor` is, what people read (`prose`), or its `version`.
    """

    key: str
    effect: Literal["routing", "derived", "gate", "successor", "prose", "version"]
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class CardRewritten(Change):
    """Only the body, or the notation of the head, is different."""


@change
class BaseModelIsLocal(Incoherence):
    """The card says the model is based on a folder of somebody's machine."""

    base_model: str


@change
class LicenceChanged(Change):
    """The model is under other terms.

    Attributes:
        source: The card, or the licence file.
        direction: `tightened`, `loosened`, `sideways` between terms that cannot be ordered, `unknown` where one of them
            is not known; `named`, where none was named before; `withdrawn`, where none is named any more.
    """

    before: str | None
    after: str | None
    direction: Literal["tightened", "loosened", "sideways", "unknown", "named", "withdrawn"]


@change
class LicenceTextChanged(Change):
    """The licence file's text is different, and it is the same licence as far as its words tell."""


@change
class LicenceFileAdded(Change):
    """A licence file is new."""


@change
class LicenceFileRemoved(Change):
    """A licence file is gone."""


@change
class LicencesDisagree(Incoherence):
    """The card and the licence file name different licences."""

    card: str
    file: str
