"""What evaluations of both revisions show: which answers broke, whether few enough, and what could not be compared."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, change


@change
class FlipsMeasured(Change):
    """One task was answered by both revisions, sample by sample.

    Attributes:
        task: What was asked.
        metric: How it was scored.
        samples: Samples compared.
        broke: Samples that were right and are wrong now.
        mended: Samples that were wrong and are right now.
        rate: Negative flips as a share of the samples; above the seed baseline, where there is one.
        low: Its lower bound at 95 %.
        high: Its upper bound at 95 %.
        budget_patch: Share that a patch may break.
        budget_minor: Share that a minor release may break.
        needs: The bump that is shown to be needed.
        equivalent: Whether it is shown that the answers are as good as before: flips and accuracy within the budget of
            a patch, on nearly all samples of both runs.
        trusted: Whether the evaluations may speak for a smaller bump: not where the publisher of a model on the Hub
            ships them with it.
    """

    task: str
    metric: str
    samples: int
    broke: int
    mended: int
    rate: float
    low: float
    high: float
    budget_patch: float
    budget_minor: float
    needs: Literal["patch", "minor", "major"]
    equivalent: bool
    trusted: bool = True

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"

    @property
    def evidence(self) -> Evidence:
        return "sampled"

    @property
    def magnitude(self) -> float:
        return self.low


@change
class FlipsBounded(Change):
    """Of one task only the share of right answers is known: that bounds how many broke, and cannot count them.

    Attributes:
        task: What was asked.
        metric: How it was scored.
        before: Share of right answers before.
        after: Share of right answers now.
        at_least: No smaller share of all answers broke.
        at_most: No larger share did.
        over: The budget that the smallest possible share exceeds already.
    """

    task: str
    metric: str
    before: float
    after: float
    at_least: float
    at_most: float
    over: Literal["none", "patch", "minor"]

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"

    @property
    def evidence(self) -> Evidence:
        return "metadata"

    @property
    def magnitude(self) -> float:
        return self.at_least


@change
class EvaluationNotComparable(Change):
    """A task was measured differently in the two revisions, or in one of them only.

    Attributes:
        task: What was asked.
        metric: How it was scored.
        reason: Why it cannot be compared.
        only: The one revision that has it; `neither` where both have.
    """

    task: str
    metric: str
    reason: str
    only: Literal["old", "new", "neither"]

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"


@change
class EvaluationsUnused(Change):
    """The configuration names logs of evaluations, and they say nothing of this update.

    Attributes:
        reason: Why not.
    """

    reason: str

    @property
    def evidence(self) -> Evidence:
        return "metadata"
