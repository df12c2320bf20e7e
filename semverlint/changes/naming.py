"""What a model's name says that its files deny, and names that do not tell two releases apart."""

from semverlint.changes.base import Change, Incoherence, change


@change
class NameContradictsPacking(Incoherence):
    """The name promises another quantisation than the configuration has.

    Attributes:
        promised: As the name says it (`GPTQ`, `Int4`).
        found: What the configuration says (`awq`, `8 bits`).
    """

    promised: str
    found: str

    @property
    def subject(self) -> str:
        return self.promised


@change
class NameContradictsBase(Incoherence):
    """The name says that the model is built on one family, and the card names a base of another.

    Attributes:
        promised: The family as the name says it (`Llama-3.1`).
        card: The base that the card names, or the first of several.
    """

    promised: str
    card: str


@change
class NameRepeated(Change):
    """Two releases of different content and different owners have one name, version included.

    Attributes:
        name: The name of the new one.
        other: The address of the other.
    """

    name: str
    other: str


@change
class VersionAmbiguous(Incoherence):
    """The version stands only in the name, and can be read in more than one way.

    Attributes:
        name: The name.
        version: The likeliest reading.
        others: The other readings.
    """

    name: str
    version: str
    others: str


@change
class VersionNowhere(Incoherence):
    """No place of the release declares a version or a date: no tag, card, file or name."""


@change
class DateContradictsCommit(Incoherence):
    """The date by which a release is called is not when it was committed.

    Attributes:
        name: The name or the tag that holds the date.
        said: The date that it says.
        committed: The date of the commit.
        days: How many days lie between them.
    """

    name: str
    said: str
    committed: str
    days: int
