"""What the version names themselves say, and what adds up over several releases."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, change


@change
class VersionsDisagree(Incoherence):
    """Two places of one revision declare different versions.

    Attributes:
        place: The place that counts (`tag`, `README.md`, `config.json`).
        version: What it declares.
        other_place: The other place.
        other_version: What that declares.
    """

    place: str
    version: str
    other_place: str
    other_version: str

    @property
    def subject(self) -> str:
        return self.other_place


@change
class VersionWentBack(Change):
    """The new revision declares a version that comes before the old one's."""

    before: str
    after: str


@change
class Drifted(Change):
    """Held against the first release of its own line, the release needs more than that line allows.

    Attributes:
        line: The `major` or the `minor` line.
        first: The first release of it.
        allowed: The largest bump within the line.
        needed: The bump that the way from the first release needs.
    """

    line: Literal["major", "minor"]
    first: str
    allowed: str
    needed: Literal["minor", "major"]

    @property
    def subject(self) -> str:
        return f"since {self.first}"
