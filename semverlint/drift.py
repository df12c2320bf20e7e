"""What many small steps add up to: a release held against the first of its own major and of its own minor line."""

from collections.abc import Iterator

from semverlint.changes.versions import Drifted
from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.rulebook import Rulebook
from semverlint.run import Run
from semverlint.sources import Repository
from semverlint.terms import Bump
from semverlint.verdict import required_by
from semverlint.versions.releases import Release, anchors, version_tags


def drift(  # noqa: PLR0913, PLR0917 - what the story knows at that point
    repository: Repository, old: Release, new: Release, rulebook: Rulebook, run: Run, so_far: Bump
) -> Iterator[Drifted]:
    """Lines that a release has left although no single step did, and what the way from their first release needs.

    Args:
        repository: Where the earlier releases are.
        old: The release it follows; a line that begins there is not held against it twice.
        new: The release under test.
        rulebook: The rules in force.
        run: What holds for the run.
        so_far: What the step from `old` needs; a line that needs no more is no news.
    """
    for line, tag in anchors(new, version_tags(repository), old):
        pair = Pair(repository.snapshot(tag.name), new.snapshot, run.options)
        findings = rulebook.judge(list(compare(pair)))
        needed = required_by(findings, run.config)
        allowed = Bump.MINOR if line == "major" else Bump.PATCH
        if needed > max(allowed, so_far):
            path = next(finding.path for finding in findings if finding.bump == needed)
            yield Drifted(
                path=path,
                line=line,
                first=tag.name,
                allowed=str(allowed),
                needed="major" if needed is Bump.MAJOR else "minor",
            )
