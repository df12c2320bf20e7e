"""The GitHub Action: a pull request, a tag, or any other target is judged, and every reader gets the form they use."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from semverlint.atomic import write_atomically
from semverlint.check import check, judge
from semverlint.cli import _github
from semverlint.cli._session import Common
from semverlint.config import CONFIG_NAMES
from semverlint.config.overrides import Acceptance
from semverlint.errors import SourceError, UsageError
from semverlint.files import File
from semverlint.markdown import as_code, as_text
from semverlint.merging import Merge, merge
from semverlint.reports import Style, render
from semverlint.rulebook import load_rulebook
from semverlint.run import Run
from semverlint.sources import Address, Repository, open_repository, parse
from semverlint.text import clean
from semverlint.verdict import Report
from semverlint.versions.releases import release

_ENDINGS = {"text": "txt", "markdown": "md", "github": "txt", "junit": "xml", "sarif": "sarif"}
_BIGGEST_RULE = 1_000_000
"""Bytes of a configuration or rule file that is taken from another revision."""


def run(environment: Mapping[str, str]) -> int:
    """Judge what the event is about, answer, and give the exit status."""
    given = _github.given
    event = _github.event(environment)
    address = parse(given(environment, "target") or ".")
    against = given(environment, "against") or None
    local = not address.on_hub and address.revision is None
    words = [word for word in given(environment, "consumers").replace("\n", ",").split(",") if word.strip()]
    common = Common(
        format=given(environment, "format") or "text",
        config=Path(named) if (named := given(environment, "config")) else None,
        consumers=words or None,
        fail_on=given(environment, "fail-on") or None,
        max_download=given(environment, "max-download") or "16MB",
    )
    if local and event.pull_request:
        return _pull_request(environment, address, against, common, event.pull_request, event.commit)
    settled = common.run(address)
    is_release = local and event.tag is not None
    report = _release(address, against, settled, event) if is_release else check(address, against, settled)
    lines = [f"Checked {as_code(report.new.name)} against {as_code(report.old.name)}: {as_text(clean(report.why))}."]
    _publish(environment, common, report, lines)
    return report.exit_status


def _release(address: Address, against: str | None, settled: Run, event: _github.Event) -> Report:
    """A tag against the version tag below it; one that was moved, against what it named before."""
    repository = _whole(open_repository(address, settled.settings))
    if event.tag and event.before and not against:
        try:
            old = release(repository, event.before, f"what {event.tag} named before it was moved", moved=True)
        except SourceError:
            told = "the tag was moved, from a commit that is not here: it is held against the release before it"
            _github.annotate("warning", told)
        else:
            return judge(repository, old, release(repository, event.tag), settled)
    return check(replace(address, revision=event.tag), against, settled)


def _pull_request(
    environment: Mapping[str, str],
    address: Address,
    against: str | None,
    common: Common,
    asked: _github.PullRequest,
    commit: str,
) -> int:
    with tempfile.TemporaryDirectory() as folder:
        base = asked.base
        if asked.foreign:
            place = address if common.config is None else parse(".")
            repository = _whole(open_repository(place, Run().settings))
            revision = _parent(repository, commit) or base
            common = replace(common, config=_config_of(repository, revision, common.config, Path(folder)))
        settled = common.run(address)
        repository = _whole(open_repository(address, settled.settings))
        labels, unknown = _accepted(environment, asked, settled)
        settled = replace(settled, config=replace(settled.config, accept=(*settled.config.accept, *labels)))
        merged = merge(repository, _parent(repository, commit) or base, "HEAD", against, settled)
    for label in unknown:
        _github.annotate("warning", f"the label {clean(label)!r} names no rule")
    _publish(environment, common, merged.shown, [*_told(merged), *_labels(labels, merged.shown)])
    return merged.shown.exit_status


def _whole(repository: Repository) -> Repository:
    if repository.cut_short:
        raise UsageError(
            "the checkout is shallow: earlier releases are missing", "give actions/checkout fetch-depth: 0"
        )
    return repository


def _parent(repository: Repository, commit: str) -> str | None:
    """The base as the merge commit that GitHub made has it; None where another commit was checked out."""
    head = repository.resolve("HEAD")
    if head is None or head.commit != commit:
        return None
    try:
        first, second = repository.resolve("HEAD^1"), repository.resolve("HEAD^2")
    except SourceError:
        return None
    return first.commit if first and second else None


def _config_of(repository: Repository, base: str, named: Path | None, folder: Path) -> Path:
    """The configuration of the base with its own rules, written below a folder: a stranger's own does not count.

    Args:
        repository: The model's, or where a configuration is named that of the folder the job works in.
        base: The commit that is merged into.
        named: The configuration that the workflow names.
        folder: Where it is written.
    """
    files = repository.snapshot(base).files
    wanted = CONFIG_NAMES if named is None else (PurePosixPath(os.path.relpath(named)).as_posix(),)
    for path, file in files.items():
        inside = PurePosixPath(path)
        if inside.is_absolute() or ".." in inside.parts or file.size > _BIGGEST_RULE:
            continue
        if path in wanted or inside.suffix in {".yaml", ".yml"}:
            _copy(file, folder / inside)
    if named is not None:
        if wanted[0] not in files or ".." in PurePosixPath(wanted[0]).parts:
            raise UsageError(f"{named}: the base has no such configuration", "name one of the base")
        return folder / wanted[0]
    from semverlint.config.file import find_config  # noqa: PLC0415 - pydantic, for strangers' pull requests

    if (found := find_config(folder)) is None:
        found = folder / CONFIG_NAMES[0]
        found.touch()
    return found


def _copy(file: File, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(file.read())


def _accepted(
    environment: Mapping[str, str], asked: _github.PullRequest, settled: Run
) -> tuple[list[Acceptance], list[str]]:
    """What labels accept, and labels that name no rule."""
    prefix = _github.given(environment, "accept-label")
    named = {label: label.removeprefix(prefix).strip() for label in asked.labels if prefix and label.startswith(prefix)}
    rules = load_rulebook(settled.config).rules if named else {}
    accepted = [
        Acceptance(rule, f"the label {label}, pull request {asked.number}")
        for label, rule in named.items()
        if rule in rules
    ]
    return accepted, [label for label, rule in named.items() if rule not in rules]


def _told(merged: Merge) -> Iterator[str]:
    """What the merge means, in sentences."""
    itself = merged.itself
    least = "at least " if itself.could_rise else ""
    needed = f"a {itself.required} release" if itself.required else "no release"
    yield f"By itself this merge needs **{least}{needed}**."
    if merged.whole is None:
        yield "Nothing was released yet, so nothing is promised."
        return
    whole = merged.whole
    since = as_text(clean(whole.old.revision or whole.old.name, 60))
    next_version = f", {as_text(clean(whole.next_version, 60))}" if whole.next_version else ""
    needs = f"a {whole.required} release{next_version}" if whole.required else "no release"
    new = whole.declared.new
    says = f"{as_text(clean(new.place, 60))} declares {as_text(clean(new.text, 60))}" if new else "no file declares one"
    yield f"With everything since {since}, users will need **{needs}**; {says}."
    if whole.exit_status and not merged.guilty:
        yield "The promise was broken before this merge, which makes it no worse."


def _labels(labels: Sequence[Acceptance], report: Report) -> Iterator[str]:
    used = {one.acceptance for one in report.accepted}
    for label in labels:
        did = "accepted its findings here" if label in used else "found nothing to accept"
        yield f"- {as_code(label.rule)}: {as_text(clean(label.reason))} {did}."


def _publish(environment: Mapping[str, str], common: Common, report: Report, lines: Sequence[str]) -> None:
    """Annotations and the report into the log, the summary, SARIF, and the outputs."""
    folder = _github.temporary(environment)
    sarif = folder / "semverlint.sarif"
    shown = folder / f"semverlint-report.{_ENDINGS.get(common.format, common.format)}"
    text = render(common.format, [report], Style())
    write_atomically(sarif, render("sarif", [report], Style()))
    write_atomically(shown, text)
    if common.format != "github":
        _github.print_inert(text)
    print(render("github", [report], Style()), end="")
    body = "\n\n".join(line for line in lines if not line.startswith("- "))
    items = "\n".join(line for line in lines if line.startswith("- "))
    _github.summarise(environment, f"{render('markdown', [report], Style())}\n{body}\n\n{items}\n".rstrip() + "\n")
    _github.answer(
        environment,
        {
            "required": str(report.required),
            "declared": "" if report.declared.step.bump is None else str(report.declared.step.bump),
            "status": report.status,
            "next-version": report.next_version or "",
            "sarif": str(sarif),
            "report": str(shown),
        },
    )
