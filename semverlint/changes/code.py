"""Changes of the repository's own code, as far as those who load it can see."""

from typing import Literal

from semverlint.changes.base import Change, change


@change
class CodeAdded(Change):
    """A file of code is new.

    Attributes:
        loaded: Whether an `auto_map` names it, so that loading the model runs it.
    """

    loaded: bool


@change
class CodeRemoved(Change):
    """A file of code is gone.

    Attributes:
        loaded: Whether an `auto_map` of the old revision named it.
    """

    loaded: bool


@change
class CodeChanged(Change):
    """A file of code does something else, behind the same interface.

    Attributes:
        loaded: Whether an `auto_map` names it.
    """

    loaded: bool


@change
class CodeReformatted(Change):
    """A file of code is the same program: only comments, docstrings or layout differ."""


@change
class EntryPointRemoved(Change):
    """A class or function that an `auto_map` names is gone from its file."""

    name: str

    @property
    def subject(self) -> str:
        return self.name


@change
class ParameterChanged(Change):
    """An argument of an entry point is another one.

    Attributes:
        name: The class or function.
        parameter: The argument.
        what: `removed`, `required` (it has no default any more, or is new without one), `added` with a default, or
            `default`, where the default is another value.
    """

    name: str
    parameter: str
    what: Literal["removed", "required", "added", "default"]

    @property
    def subject(self) -> str:
        return f"{self.name}({self.parameter})"


@change
class ImportAdded(Change):
    """The code now needs a package that it did not need."""

    package: str

    @property
    def subject(self) -> str:
        return self.package
