"""What one commit did, as far as its files and their differences show: parts, categories, purpose."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from semverlint.changes.base import Change, Incoherence
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.weights import WeightsChanged, WeightsFileAdded
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.card import CardFacts, read_card
from semverlint.history.taxonomy import CATEGORIES, PARTS, Category, Part, Purpose
from semverlint.history.titles import speaks_of_conversion, speaks_of_mending, speaks_of_same_weights
from semverlint.roles import Role, role
from semverlint.snapshot import Snapshot

How = Literal["added", "removed", "changed", "renamed"]

_OF_ROLE: dict[Role, Category] = {
    "weights": "output data",
    "config": "model structure",
    "generation": "parameter tuning",
    "tokenizer": "pre-processing",
    "processing": "pre-processing",
    "adapter": "parameter tuning",
    "embedding": "model structure",
    "pipeline": "model structure",
    "code": "program code",
    "card": "external documentation",
    "licence": "project metadata",
    "evals": "validation infrastructure",
    "training": "training infrastructure",
    "repository": "sharing",
    "document": "external documentation",
}
"""What a touched file belongs to where no difference inside it says more."""

_OF_CONFIG: dict[str, Category] = {
    **dict.fromkeys(("scale", "rounding", "speculative"), "parameter tuning"),
    **dict.fromkeys(("dtype", "runtime"), "pipeline performance"),
    **dict.fromkeys(("special-token", "media"), "pre-processing"),
    **dict.fromkeys(("generation", "output-form", "training"), "parameter tuning"),
    "head": "output data",
    "code": "sharing",
    "provenance": "project metadata",
}
"""By the effect of a configuration's key; any other effect is about how the model is built."""

_OF_KIND: dict[str, Category] = {
    "label-changed": "output data",
    "head-size-changed": "model structure",
    "key-renamed": "project metadata",
    "code-entry-changed": "sharing",
    "end-tokens-changed": "parameter tuning",
    "max-length-changed": "pre-processing",
    **dict.fromkeys(("quantization-declared", "quantization-dropped", "quantization-changed"), "pipeline performance"),
    "code-reformatted": "internal documentation",
    "import-added": "dependency",
    "parameter-changed": "program code",
    "adapter-modules-changed": "model structure",
    "adapter-base-changed": "model structure",
    "adapter-revision-changed": "model structure",
    "adapter-method-changed": "model structure",
    "embedding-prompt-added": "pre-processing",
    "embedding-prompt-removed": "pre-processing",
    "embedding-prompt-changed": "pre-processing",
    "default-prompt-changed": "pre-processing",
    "max-sequence-length-changed": "pre-processing",
    "scheduler-setting-changed": "parameter tuning",
    "pipeline-setting-changed": "parameter tuning",
    "tensor-added": "model structure",
    "tensor-removed": "model structure",
    "tensor-reshaped": "model structure",
    "tensor-dtype-changed": "pipeline performance",
    "tensor-updated": "output data",
    "weights-key-changed": "sharing",
    "weights-metadata-changed": "project metadata",
    "weights-file-removed": "sharing",
    "weights-file-renamed": "sharing",
}
_OF_WEIGHTS: dict[str, Category] = {
    **dict.fromkeys(("reserialised", "resharded", "reordered", "reformatted", "renamed", "transposed"), "sharing"),
    **dict.fromkeys(
        ("cast-lossless", "cast-lossy", "quantised", "dequantised", "pruned", "slimmed"), "pipeline performance"
    ),
    **dict.fromkeys(("tied", "untied", "fused", "split", "reshaped", "depth-changed", "permuted"), "model structure"),
}
"""By what happened to a checkpoint; anything else is new values."""

_FORM = ("-rewritten", "-reformatted", "null-written", "default-written")
"""How kinds of change end that say the same in another form: a commit that does no more is about nothing."""
_ADAPTER_STRUCTURE = frozenset({"r", "rank", "rank_pattern", "use_dora", "use_rslora", "bias", "layers_to_transform"})
_DATASETS = (".csv", ".tsv", ".parquet", ".jsonl", ".arrow", ".jsonl.gz", ".txt.gz")
_DEPENDENCIES = ("requirements", "environment.y", "setup.py", "pyproject.toml", "pipfile", "conda.y", "dockerfile")
_EVALUATION = ("eval", "metric", "benchmark", "score", "result")
_TRAINING = ("train", "finetune", "fine_tune", "fine-tune", "sft", "deepspeed", "accelerate")
_RECIPES = ("mergekit", "hparam", "hyperparam", "axolotl", "args.")
_QUANTISATION = ("quant", "imatrix", "measurement.json")
_STRUCTURE = ("config.y", "config.toml", "config.ini", "params.json")
_SAMPLES = (".wav", ".mp3", ".flac", ".ogg", ".webm", ".mov")
_EVALUATED = re.compile(
    r"(?i)(^|/)(evals?|evaluations?|predictions)/|(^|/)(samples|details)_[^/]*$|(^|/)(eval|all)_results\.json$"
)
"""Of what a run leaves, the part that says how good the model is."""
_CONVERTED: frozenset[Role] = frozenset({"weights", "config", "adapter"})
_ADAPTS = frozenset(
    {"cast-lossless", "cast-lossy", "quantised", "dequantised", "reserialised", "resharded", "reformatted"}
)


@dataclass(frozen=True)
class Touched:
    """A file that a commit touched."""

    path: str
    how: How


@dataclass(frozen=True)
class Work:
    """What a commit did.

    Attributes:
        parts: The parts of the repository it touched, in the order of `PARTS`.
        categories: What it was about, in the order of `CATEGORIES`, each with the file that shows it.
        purpose: Why such a change is made; None where nothing was touched.
        basis: What the purpose rests on.
    """

    parts: tuple[Part, ...]
    categories: dict[Category, str]
    purpose: Purpose | None
    basis: str


def touched_by(pair: Pair) -> list[Touched]:
    """The files of a commit with what became of each, by path; a renamed one stands under its new name."""
    arrived = {new: old for old, new in pair.renamed.items()}
    found = [Touched(path, "renamed" if path in arrived else "added") for path in pair.added]
    found += [Touched(path, "removed") for path in pair.removed if path not in pair.renamed]
    found += [Touched(path, "changed") for path in pair.changed]
    return sorted(found, key=lambda one: one.path)


def classify(title: str, touched: Sequence[Touched], changes: Sequence[Change], pair: Pair) -> Work:
    """What a commit did.

    Args:
        title: What its author says; of use for the purpose, and for whether new weights are old ones converted.
        touched: The files it touched.
        changes: What comparing found in them.
        pair: The two snapshots, for what of a card changed.
    """
    categories: dict[Category, str] = {}
    for category, path in _shown(title, touched, changes, pair):
        categories.setdefault(category, path)
    ordered = {name: categories[name] for name in CATEGORIES if name in categories}
    purpose, basis = _purpose(title, touched, changes, pair)
    return Work(_parts(touched, changes, pair), ordered, purpose, basis)


def _shown(
    title: str, touched: Sequence[Touched], changes: Sequence[Change], pair: Pair
) -> Iterator[tuple[Category, str]]:
    """Every category with the file that shows it."""
    first, had_weights = not pair.old.files, _has_weights(pair.old) or speaks_of_same_weights(title)
    cast = any(change.kind == "config-changed" and getattr(change, "effect", "") == "dtype" for change in changes)
    said = {change.path for change in changes if not isinstance(change, Incoherence) and not _of_whole_file(change)}
    for change in changes:
        if cast and isinstance(change, WeightsChanged) and change.what == "unknown":
            continue  # another type is declared, and nobody saw other values
        yield from ((category, change.path) for category in _of_change(change))
    for one in touched:
        kind = role(one.path)
        if kind == "card":
            yield from ((category, one.path) for category in _of_card(one, changes, pair))
        elif one.how in {"removed", "renamed"} or (kind == "weights" and one.how == "added" and had_weights):
            yield "sharing", one.path
        elif one.path not in said or one.how == "added" or kind in {"data", "document", "other", "code"}:
            yield from ((category, one.path) for category in _of_file(one, kind))
        if first and kind == "weights":
            yield "sharing", one.path


def _has_weights(snapshot: Snapshot) -> bool:
    return any(role(path) == "weights" for path in snapshot.files)


def _of_whole_file(change: Change) -> bool:
    """Whether a change says no more than that a file is there, gone or another; its name says what it is about."""
    return change.kind.startswith("file-")


def _of_change(change: Change) -> Iterator[Category]:
    if isinstance(change, Incoherence | ReaderFloorRaised) or _of_whole_file(change):
        return
    kind, effect = change.kind, str(getattr(change, "effect", ""))
    if isinstance(change, WeightsChanged):
        yield _OF_WEIGHTS.get(change.what, "output data")
    elif isinstance(change, WeightsFileAdded):
        yield "sharing"
    elif kind == "config-changed":
        yield _OF_CONFIG.get(effect, "model structure")
    elif kind == "adapter-setting-changed":
        yield "model structure" if change.subject in _ADAPTER_STRUCTURE else "parameter tuning"
    elif kind == "generation-changed":
        yield {"speed": "pipeline performance", "provenance": "project metadata"}.get(effect, "parameter tuning")  # type: ignore[misc]
    elif kind in _OF_KIND:
        yield _OF_KIND[kind]
    elif kind.endswith(_FORM):
        return
    elif "-file-" not in kind and (of := role(change.path)) in _OF_ROLE and of not in {"card", "code"}:
        yield _OF_ROLE[of]


def _of_file(one: Touched, kind: Role) -> Iterator[Category]:
    """What a file's name and place say of it."""
    name = one.path.lower()
    last = name.rpartition("/")[2]
    evaluates, trains = any(w in last for w in _EVALUATION), any(w in last for w in _TRAINING)
    if last.startswith(_DEPENDENCIES) and kind != "weights":
        yield "dependency"
    elif kind in {"config", "data", "other"} and any(word in last for word in _QUANTISATION):
        yield "pipeline performance"
    elif kind == "training":
        yield "validation infrastructure" if _EVALUATED.search(name) else "training infrastructure"
    elif name.endswith(_DATASETS) and not evaluates and "log" not in last:
        yield "input data"
    elif kind == "code" or (kind in {"data", "document", "other"} and (evaluates or trains)):
        yield "validation infrastructure" if evaluates else "training infrastructure" if trains else "program code"
    elif kind in {"data", "other"} and any(word in last for word in _RECIPES):
        yield "training infrastructure"
    elif kind == "data" and last.startswith(_STRUCTURE):
        yield "model structure"
    elif name.endswith(_SAMPLES):
        yield "external documentation"
    elif kind in _OF_ROLE:
        yield _OF_ROLE[kind]


def _of_card(one: Touched, changes: Sequence[Change], pair: Pair) -> Iterator[Category]:
    """The head is for registries, the body for people."""
    before, after = _cards(pair)
    head = [change for change in changes if role(change.path) == "card" and change.kind in _HEAD]
    for change in head:
        key = change.subject
        yield "project metadata"
        if key == "datasets":
            yield "input data"
        if key == "library_name":
            yield "dependency"
        if key in {"model-index", "metrics"}:
            yield "validation infrastructure"
    if after is not None and before is None and after.head:
        yield "project metadata"
        if "datasets" in after.head:
            yield "input data"
        if "model-index" in after.head:
            yield "validation infrastructure"
    bodies = [card.body.split() if card else [] for card in (before, after)]
    if bodies[0] != bodies[1] or one.how == "removed":
        yield "external documentation"


_HEAD = frozenset({"card-field-changed", "licence-changed"})


def _cards(pair: Pair) -> tuple[CardFacts | None, CardFacts | None]:
    try:
        return pair.facts(read_card, "README.md")
    except FileError:
        return None, None


def _parts(touched: Iterable[Touched], changes: Sequence[Change], pair: Pair) -> tuple[Part, ...]:
    found: set[Part] = set()
    for one in touched:
        kind = role(one.path)
        if kind != "card":
            found.add(kind)
            continue
        of_card = set(_of_card(one, changes, pair))
        found |= {"card"} if "external documentation" in of_card else set()
        found |= {"metadata"} if of_card - {"external documentation"} else set()
    if any(change.kind == "licence-changed" for change in changes):
        found.add("licence")
    return tuple(part for part in PARTS if part in found)


def _purpose(
    title: str, touched: Sequence[Touched], changes: Sequence[Change], pair: Pair
) -> tuple[Purpose | None, str]:
    """Corrective where the author says so; adaptive where the same thing is made to fit elsewhere; else perfective."""
    if not touched:
        return None, "nothing was touched"
    if word := speaks_of_mending(title):
        return "corrective", f"the title says {word}"
    if reason := _fits_elsewhere(touched, changes, had_weights=_has_weights(pair.old)):
        return "adaptive", reason
    word = speaks_of_conversion(title)
    if word and any(role(one.path) in _CONVERTED for one in touched):
        return "adaptive", f"the title says {word}"
    return "perfective", "no sign of a mistake mended or of another environment"


def _fits_elsewhere(touched: Sequence[Touched], changes: Sequence[Change], *, had_weights: bool) -> str | None:
    """Why a commit makes the same model fit another environment; None where nothing of it does."""
    weights = next((one.path for one in touched if role(one.path) == "weights"), None)
    for change in changes:
        if isinstance(change, ReaderFloorRaised):
            return f"{change.path} is written for newer readers"
        another = isinstance(change, WeightsFileAdded) and had_weights
        if another or (isinstance(change, WeightsChanged) and change.what in _ADAPTS):
            return f"{change.path} holds the weights in another form"
        if weights and change.kind == "config-changed" and getattr(change, "effect", "") == "dtype":
            return f"{weights} holds the weights in the type that {change.path} now declares"
        if change.kind in {"import-added", "key-renamed", "quantization-declared"}:
            return f"{change.path} was made to fit other software"
    settings = (one.path for one in touched if one.how == "added" and role(one.path) in {"config", "data"})
    quantised = next((path for path in settings if "quant" in path.rpartition("/")[2].lower()), None)
    return f"{quantised} tells loaders how the weights are quantised" if quantised else None
