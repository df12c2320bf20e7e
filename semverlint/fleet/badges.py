"""A score of how well a repository's versions tell what its updates cost, and the badge that shows it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from semverlint.errors import SourceError
from semverlint.fleet.rows import CARD_FIELDS, Row
from semverlint.text import clean, plural

_GOOD, _FAIR = 80, 50
"""Points from which a badge is green, and from which it is yellow."""
_COLOURS = {"brightgreen": "#2e7d32", "yellow": "#9a6700", "red": "#b3261e", "lightgrey": "#57606a"}
_WEIGHTS = {"promises kept": 50, "versions declared": 25, "one scheme": 10, "card": 15}
"""What each part of the score counts, of a hundred: the promise itself most, then that there is one."""
_KEPT = frozenset({"fits", "over-declared"})


@dataclass(frozen=True)
class Part:
    """One part of a score: its name, its share from 0 to 1, its weight in points, and what it was counted from."""

    name: str
    share: float
    weight: int
    why: str


@dataclass(frozen=True)
class Score:
    """A repository's score.

    Attributes:
        target: The repository.
        parts: What it is made of.
        pairs: How many pairs of releases it rests on; no score is given without any.
    """

    target: str
    parts: tuple[Part, ...]
    pairs: int

    @property
    def points(self) -> int | None:
        """0 to 100; None where there is nothing to judge."""
        return round(sum(part.share * part.weight for part in self.parts)) if self.pairs else None

    @property
    def message(self) -> str:
        """What the badge says."""
        return "no releases" if self.points is None else f"{self.points} of 100"

    @property
    def colour(self) -> str:
        """The badge's colour, as badge services call it."""
        if self.points is None:
            return "lightgrey"
        return "brightgreen" if self.points >= _GOOD else "yellow" if self.points >= _FAIR else "red"


def score(rows: Sequence[Row]) -> Score:
    """The score of one repository's rows.

    Raises:
        SourceError: If the repository could not be read.
    """
    if failed := next((row for row in rows if row.status == "failed"), None):
        problem, _, remedy = failed.error.partition("; ")
        raise SourceError(problem, remedy or "try again")
    pairs = [row for row in rows if row.status != "no-baseline"]
    promised = [row for row in pairs if row.declared is not None and row.status != "undecided"]
    kept = sum(row.status in _KEPT for row in promised)
    declared = sum(row.new_version is not None for row in pairs)
    schemes = {row.scheme for row in pairs if row.scheme}
    fields = max((row.card_fields for row in rows), default=0)
    count = len(pairs)
    parts = (
        _part("promises kept", kept, len(promised), f"{kept} of {plural(len(promised), 'promised step')} big enough"),
        _part("versions declared", declared, count, f"{declared} of {plural(count, 'release')} name a version"),
        _part("one scheme", min(len(schemes), 1), len(schemes), f"{plural(len(schemes), 'scheme')} of versions"),
        _part("card", fields, len(CARD_FIELDS), f"{fields} of {len(CARD_FIELDS)} fields of the card's head"),
    )
    return Score(clean(rows[0].target), parts, count)


def _part(name: str, count: int, of: int, why: str) -> Part:
    return Part(name, count / of if of else 0.0, _WEIGHTS[name], why)


def score_text(score: Score) -> str:
    """The score with its parts, explained."""
    lines = [f"{score.target}: {score.message}"]
    lines += [f"  {part.share * part.weight:4.0f} of {part.weight:2}  {part.name}: {part.why}" for part in score.parts]
    return "\n".join(lines) + "\n"


def score_json(score: Score) -> str:
    """The endpoint badge services ask (https://shields.io/badges/endpoint-badge), with the parts beside it."""
    document = {
        "schemaVersion": 1,
        "label": "semver",
        "message": score.message,
        "color": score.colour,
        "parts": [vars(part) for part in score.parts],
        "pairs": score.pairs,
    }
    return json.dumps(document, indent=2) + "\n"


def score_svg(score: Score) -> str:
    """The badge as a picture that needs nothing from elsewhere."""
    message = escape(score.message)
    left, right = 56, 8 * len(score.message) + 14
    width = left + right
    title = escape("; ".join(f"{part.name}: {part.why}" for part in score.parts))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="semver: {message}">'
        f"<title>{title}</title>"
        f'<rect width="{width}" height="20" rx="3" fill="#444c56"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" '
        f'fill="{_COLOURS[score.colour]}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2}" y="14">semver</text><text x="{left + right / 2}" y="14">{message}</text></g></svg>\n'
    )


FORMATS: dict[str, Callable[[Score], str]] = {"text": score_text, "svg": score_svg, "json": score_json}
