"""What a merge does to the next release: the merge by itself, and everything since the last release with it."""

from dataclasses import dataclass, replace

from semverlint.check import judge
from semverlint.errors import NoBaselineError
from semverlint.run import Run
from semverlint.sources import Repository
from semverlint.verdict import Report
from semverlint.versions.baseline import baseline
from semverlint.versions.releases import Release, named, release


@dataclass(frozen=True)
class Merge:
    """A merge judged.

    Attributes:
        itself: From the commit before the merge to the merged one: what the merge changes.
        whole: From the last release to the merged commit: what users will get, and what is declared for it; None
            where nothing was released yet.
        guilty: Whether the promise is broken by this merge, and was not already so before it.
    """

    itself: Report
    whole: Report | None
    guilty: bool

    @property
    def shown(self) -> Report:
        """The verdict on the next release with the findings of the merge alone; it fails where the merge is guilty."""
        if self.whole is None:
            return self.itself
        one = self.itself
        config = self.whole.config if self.guilty else replace(self.whole.config, fail_on=())
        return replace(
            self.whole,
            findings=one.findings,
            coherence=one.coherence,
            accepted=one.accepted,
            unused=one.unused,
            undecided=one.undecided,
            floor=one.floor,
            changes=one.changes,
            config=config,
        )


def merge(repository: Repository, base: str, head: str, against: str | None, run: Run) -> Merge:
    """Judge a merge of a local clone.

    What a merge must declare is measured from the last release, not from the commit before it: a second change of the
    same size needs no second step, and a change that is taken back needs none.

    Args:
        repository: The clone.
        base: The commit before the merge.
        head: The merged commit.
        against: A release to hold the whole against, instead of the last one.
        run: What holds for the run.
    """
    new = release(repository, head)
    itself = judge(repository, release(repository, base, "the commit before the merge"), new, run, lines=False)
    try:
        old = named(repository, against, run.settings) if against else baseline(repository, head, new, run.settings)
    except NoBaselineError:
        return Merge(itself, None, guilty=itself.exit_status != 0)
    whole = judge(repository, old, new, run)
    return Merge(itself, whole, guilty=whole.exit_status != 0 and _adds(repository, base, old, itself, whole, run))


def _adds(  # noqa: PLR0913, PLR0917 - what the story knows at that point
    repository: Repository, base: str, old: Release, itself: Report, whole: Report, run: Run
) -> bool:
    """Whether a merge breaks a promise, or makes one that was broken before worse."""
    allowed = whole.declared.step.bump
    if itself.undecided or (itself.required >= whole.required and allowed is not None and itself.required > allowed):
        return True
    if not itself.required:
        return False
    before = judge(repository, old, release(repository, base), run)
    return before.exit_status == 0 or whole.required > before.required
