"""What the version names themselves say, and what adds up over several releases."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, change
from semverlint.changes.weights import What


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
class VersionSkipped(Change):
    """Numbers between the two versions were left out: `v1` and `v3`."""

    before: str
    after: str


@change
class TagMoved(Change):
    """The tag named another commit when it was released.

    Attributes:
        tag: Its name.
        before: The commit it named, shortened.
        after: The commit it names.
    """

    tag: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.tag


@change
class VersionTaggedTwice(Incoherence):
    """Two tags mean the same version and name different commits: `v2` and `v2.0`."""

    first: str
    second: str

    @property
    def subject(self) -> str:
        return self.second


@change
class SchemesMixed(Incoherence):
    """The tags of a repository follow several version schemes.

    Attributes:
        versions: How many tags there are; short names that move with a longer one do not count.
        schemes: How many schemes they follow.
        told: Which, how often, each with an example; the commonest.
        proposal: The versions to go on with.
    """

    versions: int
    schemes: int
    told: str
    proposal: str


@change
class WeightsChangedUnderName(Change):
    """The weights are others, and what the release is called is the same.

    Attributes:
        name: The version it still has, or for want of one the model's name.
        declared: Whether that is a version somebody wrote down, not only a name.
        what: What happened to the weights.
    """

    name: str
    declared: bool
    what: What

    @property
    def subject(self) -> str:
        return self.name


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
