"""Changes of the scores a model publishes about itself."""

from semverlint.changes.base import Change, change


@change
class ScoreChanged(Change):
    """A published score is another number.

    Attributes:
        task: What was measured, on which data.
        metric: How it was scored.
    """

    task: str
    metric: str
    before: float
    after: float
    lowered: bool

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"

    @property
    def magnitude(self) -> float:
        return abs(self.after - self.before)


@change
class ScoreAdded(Change):
    """A score is published that was not."""

    task: str
    metric: str

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"


@change
class ScoreRemoved(Change):
    """A score is no longer published."""

    task: str
    metric: str

    @property
    def subject(self) -> str:
        return f"{self.task} ({self.metric})"


@change
class EvaluationsRewritten(Change):
    """A file of scores was written again, and every score is the same."""
