"""What many small steps add up to: a release held against the first of its own major and of its own minor line."""

from collections.abc import Iterator

from semverlint.changes.versions import Drifted
from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair
from semverlint.config import Config
from semverlint.rulebook import Rulebook
from semverlint.sources import Repository
from semverlint.terms import Bump
from semverlint.verdict import required_by
from semverlint.versions.releases import Release, anchors, version_tags


def drift(
    repository: Repository,
    old: Release,
    new: Release,
    rulebook: Rulebook,
    config: Config,
    options: Options,
    so_far: Bump,
) -> Iterator[Drifted]:
    """Lines that the release has left although no single step did.

    Args:
        repository: Where the earlier releases are.
        old: The release it follows.
        new: The release under test.
        rulebook: The rules in force.
        config: What the project set.
        options: How far comparing may go.
        so_far: What the step from `old` needs; a line that needs no more is no news.
    """
    for line, tag in anchors(new, version_tags(repository), old):
        pair = Pair(repository.snapshot(tag.name), new.snapshot, options)
        findings = rulebook.judge(list(compare(pair)))
        needed = required_by(findings, config)
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
