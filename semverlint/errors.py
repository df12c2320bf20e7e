"""Every error semverlint raises on purpose. Each is one line: what, where, and the way out.

    SemverlintError
    ├── UsageError              2  an address, an option or a combination of them is wrong
    │   └── ConfigError         2  a configuration or rule file is wrong: file:line:column and a suggestion
    ├── IncompleteError         3  the work could not be completed
    │   ├── SourceError         3  a repository or revision cannot be reached or read
    │   └── FileError           3  one file cannot be read, or lies about itself
    │       └── SpoiltError     3  its bytes are not those of its digest
    └── NoBaselineError         4  there is nothing to compare with

The number is the exit status of the command.
"""

from typing import ClassVar

from semverlint.text import clean


class SemverlintError(Exception):
    """The base of them all.

    Args:
        problem: What is wrong, without a full stop.
        remedy: What the reader can do about it, without a full stop.
    """

    exit_status: ClassVar[int] = 3

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}" if self.remedy else self.problem


class UsageError(SemverlintError):
    """An address, an option or a combination of them is wrong."""

    exit_status = 2


class ConfigError(UsageError):
    """A configuration or rule file is wrong; the problem begins with `file:line:column: `."""


class IncompleteError(SemverlintError):
    """The work could not be completed; what was found is still reported."""


class SourceError(IncompleteError):
    """A repository or a revision of it cannot be reached or read."""


class FileError(IncompleteError):
    """One file cannot be read, or is not what it says it is.

    Args:
        path: The file's path in its repository, as the stranger wrote it: it is cleaned here.
        problem: What is wrong with it.
        remedy: The way out.
    """

    def __init__(self, path: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{clean(path)}: {problem}", remedy)
        self.path = path
        self.reason = problem


class SpoiltError(FileError):
    """All bytes of a file passed by, and were not those of its digest; reading it again may help."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "what the server sends is not the content it listed", "check HF_ENDPOINT, try again")


class NoBaselineError(SemverlintError):
    """There is no earlier release to compare with."""

    exit_status = 4
