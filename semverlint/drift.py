"""What many small steps add up to: a release held against the first of its own major and of its own minor line."""

from collections.abc import Iterator
from dataclasses import replace

from semverlint.changes.versions import Drifted
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.rulebook import Rulebook
from semverlint.run import Run
from semverlint.snapshot import Snapshot
from semverlint.sources import Repository
from semverlint.terms import Bump
from semverlint.verdict import required_by
from semverlint.versions.releases import Release, anchors, version_tags


def drift(  # noqa: PLR0913, PLR0917 - what the story knows at that point
    repository: Repository, old: Release, new: Release, rulebook: Rulebook, run: Run, so_far: Bump
) -> Iterator[Drifted]:
    """Lines that a release has left although no single step did, and what the way from their first release needs.

    A line that the release before had left already is no news: whoever left it was told.

    Args:
        repository: Where the earlier releases are.
        old: The release it follows; a line that begins there is not held against it twice.
        new: The release under test.
        rulebook: The rules in force.
        run: What holds for the run.
        so_far: What the step from `old` needs; a line that needs no more is no news.
    """
    for line, tag in anchors(new, version_tags(repository), old):
        first = repository.snapshot(tag.name)
        allowed = Bump.MINOR if line == "major" else Bump.PATCH
        needed, path = _needed(first, new.snapshot, rulebook, run)
        if needed > max(allowed, so_far) and _needed(first, old.snapshot, rulebook, run)[0] <= allowed:
            yield Drifted(
                path=path,
                line=line,
                first=tag.name,
                allowed=str(allowed),
                needed="major" if needed is Bump.MAJOR else "minor",
            )


def _needed(first: Snapshot, later: Snapshot, rulebook: Rulebook, run: Run) -> tuple[Bump, str]:
    """What the way from the first release of a line needs, and the file that says so."""
    options = replace(run.options, probe=False)  # as with evaluations: drift is measured against the guess
    findings = rulebook.judge(list(compare(Pair(first, later, options))))
    needed = required_by(findings, run.config)
    return needed, next((finding.path for finding in findings if finding.bump == needed), "")
