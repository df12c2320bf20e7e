"""Which repositories an audit looks at: addresses, lists of them, or the clones in a folder."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from semverlint.errors import UsageError
from semverlint.text import clean

MOST_TARGETS = 10_000_000
_LONGEST_LINE = 4_000


@dataclass(frozen=True, order=True)
class Target:
    """One repository of an audit.

    Attributes:
        address: The address under test, as `check` takes it.
        against: What to compare it with; chosen as `check` chooses it, when None.
    """

    address: str
    against: str | None = None

    @property
    def text(self) -> str:
        """The line that names it."""
        return f"{self.address} {self.against}" if self.against else self.address


def read_targets(lines: Iterable[str], place: str) -> Iterator[Target]:
    """The targets of a list: an address a line, and behind it what to compare it with; `#` begins a remark.

    Args:
        lines: The lines.
        place: Where they are from, for messages.

    Raises:
        UsageError: If a line is no target; it names the line.
    """
    for number, line in enumerate(lines, 1):
        words = line[:_LONGEST_LINE].partition("#")[0].split()
        if len(words) > 2 or len(line) > _LONGEST_LINE:  # noqa: PLR2004 - an address, and what to compare it with
            raise UsageError(
                f"{place}:{number}: more than two words", "write an address a line, and behind it one to compare with"
            )
        if words:
            yield Target(*words)


def clones_in(folder: Path) -> Iterator[Target]:
    """Every clone in a folder, bare ones too: the folders one or two levels below it (`name`, `org/name`).

    Raises:
        UsageError: If there is none.
    """
    level = [folder]
    found = False
    for _ in range(2):
        level = sorted(place for above in level for place in above.glob("*") if place.is_dir())
        clones = [place for place in level if (place / ".git").exists() or (place / "HEAD").is_file()]
        for place in clones:
            found = True
            yield Target(str(place) if place.is_absolute() else f"./{place}")
        level = [place for place in level if place not in clones and not place.name.startswith(".")]
    if not found:
        raise UsageError(f"{clean(folder)}: holds no clones", "name the folder the clones stand in")


def unique(targets: Iterable[Target]) -> list[Target]:
    """Every target once, in the order given.

    Raises:
        UsageError: If there are more than an audit takes.
    """
    found: dict[Target, None] = {}
    for target in targets:
        found[target] = None
        if len(found) > MOST_TARGETS:
            raise UsageError(f"more than {MOST_TARGETS:,} repositories", "split the list")
    return list(found)


def shards(targets: Sequence[Target], size: int) -> list[Sequence[Target]]:
    """The targets in parts of `size`: what is written as one file."""
    return [targets[begin : begin + size] for begin in range(0, len(targets), size)]
