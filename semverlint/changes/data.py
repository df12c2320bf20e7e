"""Changes of data files that no comparer knows more about (JSON and YAML of the model's own)."""

from semverlint.changes.base import Change, change


@change
class DataReformatted(Change):
    """The same values in other bytes: order, white space, notation."""


@change
class DataKeyRemoved(Change):
    """A key at the top of the file is gone."""

    key: str

    @property
    def subject(self) -> str:
        return self.key


@change
class DataKeyAdded(Change):
    """A key at the top of the file is new."""

    key: str

    @property
    def subject(self) -> str:
        return self.key


@change
class DataValueChanged(Change):
    """What stands under a key is different; for a file that is one list or value, the key is empty.

    Attributes:
        provenance: Whether all that differs are texts under names that say where the file came from (a version, a
            date, a path), which no model computes with.
    """

    key: str
    provenance: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class DataShapeChanged(Change):
    """The file as a whole was an object and is a list, or the like."""

    before: str
    after: str
