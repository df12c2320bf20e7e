"""What a rule makes of the changes it matches: one finding a rule and file, however many changes it speaks of."""

from dataclasses import dataclass

from semverlint.changes.base import Evidence
from semverlint.terms import Bump, Consumer, Level


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause, told once.

    Attributes:
        rule: The rule's id.
        title: The rule's title.
        bump: How big a release it calls for.
        level: How loud it is.
        consumers: Whom it breaks or helps.
        path: The file it is in.
        line: The line in that file, counted from 1, where it is known.
        subject: What inside the file, where it is one thing (a key, a tensor); empty for several.
        subjects: The worst of everything inside the file that it speaks of, at most a hundred.
        message: One cleaned line: what changed.
        examples: The worst few of several, a cleaned line each; empty where `count` is 1.
        count: How many changes it speaks of.
        evidence: How we know.
        fingerprint: The same for the same finding in every run; independent of the wording.
        incoherence: Whether it is about the new revision by itself.
        already: Of an incoherence: the old revision had it too, so it calls for no bump.
        policy: The line of the policy that set the bump; empty where the rule itself did.
        outranked_for: Consumers for whom evaluations outrank it.
        called_for: The bump it called for before it was outranked; None where it was not.
        why: Whom it hurts and how, in a sentence or two.
        fix: What to do about it.
    """

    rule: str
    title: str
    bump: Bump
    level: Level
    consumers: tuple[Consumer, ...]
    path: str
    line: int | None = None
    subject: str = ""
    subjects: tuple[str, ...] = ()
    message: str
    examples: tuple[str, ...] = ()
    count: int = 1
    evidence: Evidence = "exact"
    fingerprint: str
    incoherence: bool = False
    already: bool = False
    policy: str = ""
    outranked_for: tuple[Consumer, ...] = ()
    called_for: Bump | None = None
    why: str = ""
    fix: str = ""
