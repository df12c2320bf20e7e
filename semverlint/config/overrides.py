"""What a project sets otherwise than the rules have it, and what it stands by."""

import datetime as dt
from dataclasses import dataclass

from semverlint.terms import Bump, Consumer, Level


@dataclass(frozen=True)
class RuleOverride:
    """What the configuration changes of one rule; None leaves it as its card has it."""

    bump: Bump | None = None
    level: Level | None = None
    consumers: tuple[Consumer, ...] | None = None


@dataclass(frozen=True)
class Acceptance:
    """A finding that the maintainer stands by.

    Attributes:
        rule: The rule's id.
        reason: Why it is accepted; shown in every report.
        path: A pattern for the finding's file (`*` and `?`).
        subject: A pattern for what inside the file.
        expires: The last day it holds; None for good.
    """

    rule: str
    reason: str
    path: str = "*"
    subject: str = "*"
    expires: dt.date | None = None
