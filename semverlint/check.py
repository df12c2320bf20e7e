"""The story, told once: from an address to a verdict."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from semverlint.compare import compare
from semverlint.compare.pair import Options, Pair
from semverlint.config import Config
from semverlint.drift import drift
from semverlint.rulebook import load_rulebook
from semverlint.sources import Address, Repository, Settings, open_repository
from semverlint.verdict import Cost, Report, decide, required_by
from semverlint.versions.declared import version_changes
from semverlint.versions.releases import Release, baseline, named, release, version_tags


def check(target: Address, against: str | None, config: Config, options: Options, settings: Settings) -> Report:
    """Hold a release against the one before it, or against the one named."""
    repository = open_repository(target, settings)
    new = release(repository, target.revision)
    if against is None:
        old = baseline(repository, target.revision, new)
    else:
        old = named(repository, against, settings)
    return judge(repository, old, new, config, options, settings)


def diff(old: Address, new: Address, config: Config, options: Options, settings: Settings) -> Report:
    """Compare any two revisions, whatever they declare."""
    repository = open_repository(new, settings)
    before = release(open_repository(old, settings), old.revision, "named")
    return judge(repository, before, release(repository, new.revision), config, options, settings, lines=False)


def check_all(target: Address, config: Config, options: Options, settings: Settings) -> Iterator[Report]:
    """Hold every tagged release against the one before it, oldest first."""
    repository = open_repository(target, settings)
    for older, newer in pairwise(version_tags(repository)):
        old = release(repository, older.name, "the version tag before it")
        report = judge(repository, old, release(repository, newer.name), config, options, settings)
        yield replace(report, one_of_many=True)


def judge(
    repository: Repository,
    old: Release,
    new: Release,
    config: Config,
    options: Options,
    settings: Settings,
    *,
    lines: bool = True,
) -> Report:
    """Compare, apply the rules, decide: every report comes from here."""
    started = time.monotonic()
    rulebook = load_rulebook(config)
    pair = Pair(old.snapshot, new.snapshot, options)
    changes = [*compare(pair), *version_changes(new.declared, old.declared)]
    findings = rulebook.judge(changes)
    if lines and changes:
        drifted = list(drift(repository, old, new, rulebook, config, options, required_by(findings, config)))
        changes, findings = changes + drifted, findings + rulebook.judge(drifted)
    report = decide(old, new, changes, findings, pair.undecided, config, policy=rulebook.policy, today=dt.date.today())
    cost = Cost(settings.meter.requests, settings.meter.bytes_read, round(time.monotonic() - started, 3))
    return replace(report, cost=cost)
