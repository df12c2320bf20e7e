"""What every report says in the same words: the headline, what to do next, and how the verdict came about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from semverlint.findings import Finding
from semverlint.sources.address import is_path
from semverlint.terms import CONSUMERS
from semverlint.text import clean, plural, size, some
from semverlint.verdict import Report

OLDER = {
    "refuse": "older ones refuse it",
    "misread": "older ones silently misread it",
    "nothing": "older ones lose nothing",
}
"""What readers that are too old make of a new form."""

_FEW, _SHOWN = 2, 5
"""Files of which the same can be said one by one, and those named where there are more."""

_TREES = {":worktree": "the working tree", ":staged": "what is staged"}


def headline(report: Report) -> str:
    """From → to, what is declared, what is needed, and whether they fit; one line."""
    way = f"{name(report, old=True)} → {name(report, old=False)}"
    needs = str(report.required) if report.required else "no release"
    if report.could_rise:
        needs = f"at least {needs}" if report.required else "perhaps more than nothing"
    bump = report.declared.step.bump
    if bump is None:
        return f"{way}: needs {needs}, {'undecided' if report.status == 'undecided' else 'no step declared'}"
    return f"{way}: declared {bump}, needs {needs}: {report.status.replace('-', ' ', 0)}"


def name(report: Report, *, old: bool) -> str:
    """The shortest name for a revision that tells the two apart."""
    declaration = report.declared.old if old else report.declared.new
    snapshot = report.old if old else report.new
    if (
        declaration
        and report.declared.old
        and report.declared.new
        and report.declared.old.text != report.declared.new.text
    ):
        return clean(declaration.text, 40)
    if snapshot.revision in _TREES:
        return _TREES[snapshot.revision]
    if report.old.address == report.new.address and snapshot.revision:
        return clean(snapshot.revision[:12] if snapshot.revision == snapshot.commit else snapshot.revision, 40)
    return clean(_apart(snapshot.name, (report.new if old else report.old).name), 60)


def _apart(path: str, other: str) -> str:
    """What tells a path on this disk from another: `1.0.1` for `./model/1.0.1/onnx` beside `./model/1.0.0/onnx`."""
    if not all(is_path(one) for one in (path, other)):
        return path
    parts, others = path.split("/"), other.split("/")
    ahead = _shared(parts, others)
    behind = _shared(parts[ahead:][::-1], others[ahead:][::-1])
    return "/".join(parts[ahead : len(parts) - behind]) or path


def _shared(parts: Sequence[str], others: Sequence[str]) -> int:
    """How many parts at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(parts, others, strict=False)))


def gathered(findings: Iterable[Finding], *, verbose: bool) -> Iterator[Finding]:
    """Findings in their order; where the same is said of several files, once, with the files as its examples.

    Args:
        findings: The findings.
        verbose: Whether every file is named.
    """
    alike: dict[object, list[Finding]] = {}
    for one in findings:
        alone = (one.path, one.line, one.subject) if one.examples else None
        alike.setdefault((one.rule, one.message, one.evidence, one.already, one.policy, alone), []).append(one)
    for group in alike.values():
        if len(group) <= _FEW:
            yield from group
            continue
        paths = [clean(one.path, 100) for one in group]
        left = 0 if verbose else len(paths) - _SHOWN
        examples = (*paths[:_SHOWN], f"and {left:,} more") if left > 1 else tuple(paths)
        yield replace(group[0], path=plural(len(group), "file"), line=None, examples=examples)


def is_news(finding: Finding) -> bool:
    """Whether a finding says something by itself; notes without a bump only give the figures behind another one."""
    return bool(finding.bump) or finding.level != "note"


def promised(finding: Finding, report: Report) -> str:
    """For whom a finding counts, of those the project promises compatibility to: `load, input`, or `everyone`."""
    counted = [consumer for consumer in finding.consumers if consumer in report.config.consumers]
    return "everyone" if len(counted) == len(CONSUMERS) else ", ".join(counted) or "nobody promised"


def known_from(finding: Finding) -> str:
    """How a finding is known, to stand behind its message; empty where every byte was compared."""
    return {"exact": "", "metadata": " (by structure)", "sampled": " (sampled)"}[finding.evidence]


def how(report: Report) -> str:
    """How the verdict came about: the baseline with why, what was compared, what it took."""
    old, new = report.old.files, report.new.files
    consumers = report.config.consumers
    promised = "" if len(consumers) == len(CONSUMERS) else f" for {', '.join(consumers)}"
    read = f", {size(report.cost.bytes_read)} read" if report.cost.bytes_read else ", nothing read"
    asked = f", {plural(report.cost.requests, 'request')}" if report.cost.requests else ""
    lines = "" if not report.declared.step.why else f" No step is declared: {clean(report.declared.step.why)}."
    return (
        f"Compared{promised} with {name(report, old=True)} ({clean(report.why)}): "
        f"{plural(len(old.keys() | new.keys()), 'file')}{read}{asked}.{lines}"
    )


def next_step(report: Report) -> str:  # noqa: PLR0911 - one sentence a status
    """What to do now: the right next version and the command."""
    right = report.next_version
    match report.status:
        case "fits":
            return "nothing; the version says what the update costs."
        case "over-declared":
            return (
                f"nothing must be done; {right} would have been enough."
                if right
                else "nothing must be done; no release was needed."
            )
        case "under-declared" | "undeclared":
            return (
                f"release this as {right}: {_command(report, right)}"
                if right
                else f"release this as a new {report.required} version."
            )
        case "mutated":
            what = f"release the change as {right}" if right else "release the change under a new name"
            return f"put the tag back to what it named, and {what}."
        case "undecided":
            first = report.undecided[0]
            return f"settle {some([first.path])}: {clean(first.would_settle)}"
        case "not-declared":
            if not report.required:
                return "nothing; no release is needed."
            return (
                f"release this as {right}: {_command(report, right)}"
                if right
                else f"this step needs a {report.required} release."
            )


def _command(report: Report, version: str) -> str:
    """How that version is declared where this repository declares it."""
    new = report.declared.new
    number = version.lstrip("vV")
    if new and new.place == "README.md":
        return f"write `version: {number}` into the head of README.md"
    if new and new.place.endswith((".json", ".gguf", ".onnx")):
        return f"write the version {number} into {clean(new.place, 60)}"
    if new and new.place == "file name":
        return f"write {clean(version)} into the names of the weights' files"
    if new and new.place == "name" and new.text in report.new.address:
        before, _, behind = report.new.address.rpartition(new.text)
        return f"publish it as {clean(before + version + behind)}"
    if not is_path(report.new.address):
        return f"hf repos tag create {clean(report.new.address)} {clean(version)}"
    commit = f" {report.new.commit[:12]}" if report.new.commit else ""
    return f"git tag {clean(version)}{commit}"
