"""The story, told once: from an address to a verdict."""

import time
from collections.abc import Iterator
from dataclasses import replace

from semverlint.compare import compare
from semverlint.compare.pair import Pair
from semverlint.evidence import behaviour, weigh
from semverlint.lines import with_lines
from semverlint.rulebook import load_rulebook
from semverlint.run import Run
from semverlint.sources import Address, Repository, open_repository
from semverlint.verdict import Cost, Report, decide, required_by
from semverlint.versions.baseline import baseline
from semverlint.versions.practice import version_changes
from semverlint.versions.releases import Release, consecutive, named, relatives, release, version_tags


def check(target: Address, against: str | None, run: Run) -> Report:
    """Hold a release against the one before it, or against the one named."""
    repository = open_repository(target, run.settings)
    new = release(repository, target.revision)
    old = named(repository, against, run.settings) if against else None
    return judge(repository, old or baseline(repository, target.revision, new, run.settings), new, run)


def diff(old: Address, new: Address, run: Run) -> Report:
    """Compare any two revisions, whatever they declare."""
    before = release(open_repository(old, run.settings), old.revision, "named")
    repository = open_repository(new, run.settings)
    return judge(repository, before, release(repository, new.revision), run, lines=False)


def check_all(target: Address, run: Run) -> Iterator[Report]:
    """Hold every tagged release against the one before it, oldest first."""
    repository = open_repository(target, run.settings)
    for older, newer in consecutive(version_tags(repository)):
        old = release(repository, older.name, "the version tag before it")
        yield replace(judge(repository, old, release(repository, newer.name), run), one_of_many=True)


def judge(repository: Repository, old: Release, new: Release, run: Run, *, lines: bool = True) -> Report:
    """Compare, apply the rules, look back along the release's own lines, decide: every report comes from here."""
    started = time.monotonic()
    pair = Pair(old.snapshot, new.snapshot, run.options, relatives(repository, old, new))
    run.settings.meter.at_most = run.settings.meter.bytes_read + pair.in_doubt
    changes = list(compare(pair))
    changes += [*version_changes(old, new, version_tags(repository), changes), *behaviour(pair, run)]
    if pair.touched:
        from semverlint.versions.naming import naming_changes  # noqa: PLC0415 - only where something is released

        changes += naming_changes(repository, old, new)
    rulebook = load_rulebook(run.config, needed=bool(changes))
    findings = rulebook.judge(changes)
    if lines and pair.touched:
        from semverlint.drift import drift  # noqa: PLC0415 - only where there is something to add up

        findings += rulebook.judge(drift(repository, old, new, rulebook, run, required_by(findings, run.config)))
    meter = run.settings.meter
    cost = Cost(requests=meter.requests, bytes_read=meter.bytes_read, seconds=round(time.monotonic() - started, 3))
    findings = with_lines(weigh(findings, changes, run.config), new.snapshot)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return replace(decide(old, new, changes, findings, pair.undecided, run.config, rulebook.policy, today), cost=cost)
