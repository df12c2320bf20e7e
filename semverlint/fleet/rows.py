"""One repository as rows of the table: a row a pair of releases, or one that says why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING, TypedDict

from semverlint.changes.weights import WeightsChanged
from semverlint.check import check, check_all
from semverlint.errors import FileError, NoBaselineError, SemverlintError
from semverlint.formats.card import CardFacts, read_card
from semverlint.roles import Role, role
from semverlint.run import Run
from semverlint.snapshot import Snapshot
from semverlint.sources import Address, open_repository, parse
from semverlint.sources.address import is_path
from semverlint.text import clean
from semverlint.verdict import Report
from semverlint.versions.names import parse_name

if TYPE_CHECKING:
    from semverlint.fleet.targets import Target

CARD_FIELDS = (
    "license",
    "language",
    "library_name",
    "pipeline_tag",
    "tags",
    "datasets",
    "base_model",
    "metrics",
    "model-index",
    "version",
)
"""Fields of a card's head that count for its completeness: those the Hub's own documentation of cards describes."""

_DOCUMENTS: frozenset[Role] = frozenset({"card", "document"})
_LONGEST = 500


class _Card(TypedDict, total=False):
    card_fields: int
    card_words: int
    licence: str | None
    datasets: int
    base_models: tuple[str, ...]
    relation: str | None
    pipeline: str | None


class _Name(TypedDict):
    family: str | None
    model_size: str | None
    stage: tuple[str, ...]
    quantization: str | None
    practice: str | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: a pair of releases, or a repository without one. Every field is a column of its name.

    Attributes:
        target: The address, as it was given.
        status: The verdict's status; `no-baseline` where there is only one release, `failed` where nothing can be read.
        error: Why it failed, or why there is no pair; empty otherwise.
        old: The release before: its revision, or its address where it is another repository's.
        new: The release under test, likewise.
        old_commit: Its commit's id, where there is one.
        new_commit: Likewise.
        why: Why the one before was chosen.
        old_version: The version the one before declares.
        new_version: The version the release declares.
        place: Where it declares it: tag, README.md, config.json, name.
        scheme: The scheme of that version.
        declared: The step the two versions declare: none, patch, minor, major; null where they promise nothing.
        required: The step the changes need; a lower bound where at_most is larger.
        at_most: What they could need, with what could not be decided.
        next_version: The version that would be right.
        deciding: The first rule that asks for the required step.
        rules: Every rule that asks for a step, as `major token-moved`, the largest first.
        weights: What happened to the weights, of several checkpoints the one with most parameters; null where nothing.
        weights_confidence: How sure that is, 0 to 1.
        relative_change: How far the large matrices moved, ‖new - old‖ / ‖old‖; null where no values were compared.
        weight_files: Files with weights that were added, removed or changed.
        files: Files that were added, removed or changed.
        documented: Whether the card or another document changed too.
        size: Bytes of the release.
        renamed: Whether the release declares a version, and the one before another or none.
        card_fields: How many of ten fields the card's head has (`CARD_FIELDS`).
        card_words: Words in the card's body.
        licence: What the card names.
        datasets: How many data sets the card names.
        base_models: The models the card says it is based on.
        relation: How it is derived from them: adapter, merge, quantized, finetune.
        pipeline: The card's pipeline tag.
        family: The family segment of the name.
        model_size: The size segment.
        stage: The stage segments: instruct, dpo, merge.
        quantization: The quantisation segment.
        practice: The kinds of segments of the name in their order: {family}{size}{version}.
    """

    target: str
    status: str
    error: str = ""
    old: str | None = None
    new: str | None = None
    old_commit: str | None = None
    new_commit: str | None = None
    why: str | None = None
    old_version: str | None = None
    new_version: str | None = None
    place: str | None = None
    scheme: str | None = None
    declared: str | None = None
    required: str | None = None
    at_most: str | None = None
    next_version: str | None = None
    deciding: str | None = None
    rules: tuple[str, ...] = ()
    weights: str | None = None
    weights_confidence: float | None = None
    relative_change: float | None = None
    weight_files: int = 0
    files: int = 0
    documented: bool = False
    size: int = 0
    renamed: bool = False
    card_fields: int = 0
    card_words: int = 0
    licence: str | None = None
    datasets: int = 0
    base_models: tuple[str, ...] = ()
    relation: str | None = None
    pipeline: str | None = None
    family: str | None = None
    model_size: str | None = None
    stage: tuple[str, ...] = ()
    quantization: str | None = None
    practice: str | None = None


def rows_of(target: "Target", run: Run) -> list[Row]:
    """The rows of one repository, oldest release first; never none, and never an error of the repository's own."""
    try:
        return [_row(target, report) for report in _reports(target, run)]
    except NoBaselineError as error:
        return [_alone(target, run, str(error))]
    except SemverlintError as error:
        return [failed(target, str(error))]


def failed(target: "Target", why: str) -> Row:
    """The row of a repository that cannot be read."""
    return Row(target=target.text, status="failed", error=clean(why, _LONGEST), **_name(target.text))


def _reports(target: "Target", run: Run) -> Iterable[Report]:
    """Every pair of tagged releases; of a repository without such a pair, what `check` compares it with."""
    address = parse(target.address)
    if target.against or address.revision:
        return [check(address, target.against, run)]
    pairs = check_all(address, run)
    first = next(pairs, None)
    return chain([first], pairs) if first else [check(address, None, run)]


def _alone(target: "Target", run: Run, error: str) -> Row:
    address: Address = parse(target.address)
    snapshot = open_repository(address, run.settings).snapshot(address.revision)
    return Row(
        target=target.text,
        status="no-baseline",
        error=clean(error, _LONGEST),
        new=_named(snapshot, snapshot.address),
        new_commit=snapshot.commit,
        size=_size(snapshot),
        **_card(snapshot),
        **_name(target.address),
    )


def _row(target: "Target", report: Report) -> Row:
    declared, card = report.declared, _card(report.new)
    touched = _touched(report)
    weights = max(
        (change for change in report.changes if isinstance(change, WeightsChanged)),
        key=lambda change: (change.parameters, change.path),
        default=None,
    )
    asking = [f"{finding.bump} {finding.rule}" for finding in report.findings if finding.bump]
    return Row(
        target=target.text,
        status=report.status,
        error=clean("; ".join(f"{doubt.path}: {doubt.reason}" for doubt in report.undecided if doubt.failed), _LONGEST),
        old=_named(report.old, report.new.address),
        new=_named(report.new, report.new.address),
        old_commit=report.old.commit,
        new_commit=report.new.commit,
        why=clean(report.why) or None,
        old_version=clean(declared.old.text) if declared.old else None,
        new_version=clean(declared.new.text) if declared.new else None,
        place=declared.new.place if declared.new else None,
        scheme=declared.new.version.scheme if declared.new and declared.new.version else None,
        declared=None if declared.step.bump is None else str(declared.step.bump),
        required=str(report.required),
        at_most=str(max([report.required, *(doubt.at_most for doubt in report.undecided)])),
        next_version=report.next_version,
        deciding=next((f.rule for f in report.findings if report.required and f.bump == report.required), None),
        rules=tuple(dict.fromkeys(asking)),
        weights=weights.what if weights else None,
        weights_confidence=weights.confidence if weights else None,
        relative_change=weights.relative_change if weights else None,
        weight_files=sum(role(path) == "weights" for path in touched),
        files=len(touched),
        documented=any(role(path) in _DOCUMENTS for path in touched),
        size=_size(report.new),
        renamed=declared.new is not None and (declared.old is None or declared.old.text != declared.new.text),
        **card,
        **_name(report.new.address, card.get("pipeline")),
    )


def _touched(report: Report) -> list[str]:
    """Paths that differ, as far as digests tell; those without a common digest count where a change names them."""
    old, new = report.old.files, report.new.files
    named = {change.path for change in report.changes}
    return [
        path
        for path in sorted(old.keys() | new.keys())
        if path not in old or path not in new or path in named or not _known_equal(report, path)
    ]


def _known_equal(report: Report, path: str) -> bool:
    before, after = report.old.files[path], report.new.files[path]
    shared = before.digests.keys() & after.digests.keys()
    return before.size == after.size and all(before.digests[name] == after.digests[name] for name in shared)


def _named(snapshot: Snapshot, address: str) -> str:
    revision = clean(snapshot.revision or snapshot.address)
    return revision if snapshot.address == address else clean(snapshot.name)


def _size(snapshot: Snapshot) -> int:
    return sum(file.size for file in snapshot.files.values())


def _card(snapshot: Snapshot) -> _Card:
    try:
        card = snapshot.facts(read_card, "README.md")
    except FileError:
        card = None
    if card is None:
        return {}
    return {
        "card_fields": sum(card.head.get(field) not in (None, "", [], {}) for field in CARD_FIELDS),
        "card_words": len(card.body.split()),
        "licence": _first(card, "license"),
        "datasets": len(card.listed("datasets")),
        "base_models": tuple(clean(name) for name in card.listed("base_model")),
        "relation": _first(card, "base_model_relation"),
        "pipeline": _first(card, "pipeline_tag"),
    }


def _first(card: CardFacts, key: str) -> str | None:
    return next((clean(value) for value in card.listed(key)), None)


def _name(address: str, pipeline: str | None = None) -> _Name:
    """The segments of a repository's name; of a folder's, where it is a path."""
    name = parse_name(PurePath(address).name if is_path(address) else address, pipeline)
    fields = name.fields()
    kinds = (segment.kind for segment in name.segments if segment.kind != "organisation")
    return {
        "family": clean(fields["family"]) if fields["family"] else None,
        "model_size": fields["size"],
        "stage": tuple(clean(stage) for stage in fields["stage"]),
        "quantization": fields["quantization"],
        "practice": "".join(f"{{{kind}}}" for kind in kinds) or None,
    }
