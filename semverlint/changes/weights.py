"""Changes of the tensors, and of the files that hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from semverlint.changes.base import Change, Evidence, change

What = Literal[
    "reserialised",  # equal tensors in other bytes
    "resharded",  # equal tensors in other files of the same checkpoint
    "reordered",  # equal tensors in another order
    "reformatted",  # equal tensors in a file of another format
    "cast-lossless",  # every value is exactly the same number in another type
    "cast-lossy",  # every value is the old one, rounded to another type
    "quantised",  # floating-point weights became small integers or 8-bit floats under the same names
    "dequantised",  # codes of a few bits became the numbers they stood for
    "tied",  # a second copy of a tensor was dropped: the output head is the embeddings
    "untied",  # a tensor that was shared is stored twice
    "fine-tuned",  # a small step away
    "low-rank",  # a step of low rank away: an adapter was merged
    "partial",  # a small step away, and only some of the large matrices moved
    "pruned",  # many values became zero, the others are the old ones
    "interpolated",  # a mixture of the old weights and those of other known revisions
    "continued",  # a large step away, still related
    "permuted",  # hidden units in another order: the same function of other matrices
    "vocab-appended",  # rows were appended to the embeddings, the old ones kept
    "vocab-moved",  # the embeddings have another number of rows, or old rows are not where they were
    "renamed",  # equal tensors under other names
    "transposed",  # equal matrices along the other axis
    "fused",  # several tensors became one: query, key and value
    "split",  # one tensor became several
    "slimmed",  # rows and columns were cut out, the others are the old ones
    "reshaped",  # tensors are gone, new, or of other shapes
    "depth-changed",  # layers were added or removed
    "retrained",  # unrelated to the old weights
    "corrupted",  # NaN, infinities or one value over and over, where there were numbers
    "unknown",  # the bytes differ, and nobody read the numbers
]

Damage = Literal["NaN", "infinite", "zero", "constant", "denormal", "out of scale"]
"""What no trained tensor holds: no numbers, one number over and over, or numbers of an absurd size."""


@change
class WeightsChanged(Change):
    """What happened to one checkpoint, as a whole.

    Attributes:
        what: The kind of change, decided on the large matrices.
        confidence: How sure that is, 0 to 1.
        parameters: Values in the tensors that both revisions have.
        tensors: Tensors that both revisions have; of sampled ones, those that were looked into.
        moved: Tensors whose values differ.
        relative_change: ‖new - old‖ / ‖old‖ over the large matrices; None where no values were compared.
        cosine: Of the angle between old and new over the large matrices; None likewise.
        embedding: Whether people store this model's vectors.
        known_from: `exact` where all values were compared, `sampled` where a part of them was, `metadata` where names,
            shapes, digests and chunks decided.
        detail: What more there is to say, with its punctuation, to stand behind a sentence: the mapping of names, what
            was frozen, the types before and after; empty where there is nothing.
        padding: Of appended rows: they are there for the hardware only, and no token stands for them.
        relative_low: Where samples leave the relative change, at a confidence of 95 %: at least here; None where
            nothing was sampled.
        relative_high: At most here.
        cosine_low: Likewise the cosine.
        cosine_high: Likewise.
        share_read: Share of the values that was read, where they were sampled.
        known_same: Tensors that are known to be the same without reading them: from digests of files, or because a
            store of chunks proves it.
        by_range: Of the tensors that moved, those whose values came by range, of files that did not all pass by: no
            digest vouches for what came.
        samples: What was read of sampled ones: `128 windows (0.0057 % of the values)`.
        unseen: Share of the weights that may hold what no sample showed, at a confidence of 95 %: `2.3%`.
        whole: What reading all of it would download: `282.2 GB`.
    """

    what: What
    confidence: float
    parameters: int
    tensors: int
    moved: int
    relative_change: float | None
    cosine: float | None
    embedding: bool
    known_from: Evidence
    detail: str = ""
    padding: bool = False
    relative_low: float | None = None
    relative_high: float | None = None
    cosine_low: float | None = None
    cosine_high: float | None = None
    share_read: float | None = None
    known_same: int = 0
    by_range: int = 0
    samples: str = ""
    unseen: str = ""
    whole: str = ""

    @property
    def subject(self) -> str:
        return self.what

    @property
    def evidence(self) -> Evidence:
        return self.known_from


@change
class TensorUpdated(Change):
    """A tensor's values are other ones; told for the report's table, not judged by itself.

    Attributes:
        relative_change: ‖new - old‖ / ‖old‖.
        cosine: Of the angle between old and new.
        largest: max |new - old|.
        changed_share: Share of the values that differ.
        mean_shift: By how many old standard deviations the mean moved.
        spread: New standard deviation over the old one.
        rank: Rank of the difference, where a sketch shows it to be low.
        zeros: Share of zeros, where many values became zero.
        known_from: `exact` where all of its values were compared, `sampled` where a part of them was.
    """

    name: str
    dtype: str
    shape: str
    relative_change: float
    cosine: float
    largest: float
    changed_share: float
    mean_shift: float = 0.0
    spread: float = 1.0
    rank: int | None = None
    zeros: float | None = None
    known_from: Evidence = "exact"

    @property
    def subject(self) -> str:
        return self.name

    @property
    def evidence(self) -> Evidence:
        return self.known_from

    @property
    def magnitude(self) -> float:
        return self.relative_change


SPREAD_STEPS = (0.0, *(10 ** (-4 + third / 3) for third in range(16)))
"""Where the bins of `WeightsMap.spread` end, but for the last, which is open: no move, up to 1e-4, up to 2.2e-4 …, 10
and beyond; in root mean squares of the old tensor."""


@dataclass(frozen=True, kw_only=True)
class WeightsMap(Change):
    """What a page draws of a checkpoint, made only where it is asked for; no rule speaks of it.

    Attributes:
        kept: Tensors that both revisions have and whose values did not move.
        spread: Of the tensors that moved furthest, how many of the values looked at moved how far.
    """

    kept: tuple[str, ...]
    spread: Mapping[str, tuple[int, ...]]


@change
class TensorCorrupted(Change):
    """A tensor holds what no trained tensor holds, and did not before."""

    name: str
    how: Damage
    count: int

    @property
    def subject(self) -> str:
        return self.name

    @property
    def magnitude(self) -> float:
        return float(self.count)


@change
class TensorAdded(Change):
    """A tensor is new.

    Attributes:
        buffer: Whether it is one that every reader computes for itself.
    """

    name: str
    dtype: str
    shape: str
    buffer: bool = False

    @property
    def subject(self) -> str:
        return self.name


@change
class TensorRemoved(Change):
    """A tensor is gone.

    Attributes:
        buffer: Whether it is one that every reader computes for itself and newer writers no longer store.
    """

    name: str
    dtype: str
    shape: str
    buffer: bool = False

    @property
    def subject(self) -> str:
        return self.name


@change
class TensorReshaped(Change):
    """A tensor has another shape."""

    name: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.name


@change
class TensorDtypeChanged(Change):
    """A tensor has another type, and that is not all that happened to the checkpoint."""

    name: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.name


@change
class WeightsFileAdded(Change):
    """A checkpoint is new.

    Attributes:
        format: The ending of its files.
        pickled: Whether loading it in the ordinary way runs what a pickle says.
        safe_before: Whether the old revision held weights, none of them pickled.
        preferred: Whether libraries that loaded the model from another file now load this one.
    """

    format: str
    pickled: bool
    safe_before: bool
    preferred: bool = False


@change
class WeightsFileRemoved(Change):
    """A checkpoint is gone.

    Attributes:
        format: The ending of its files.
        other_format: Whether the same checkpoint is there in another format.
        only_pickled: Whether that is one in which every file can run code, and this one was not.
    """

    format: str
    other_format: bool
    only_pickled: bool = False


@change
class WeightsFileRenamed(Change):
    """A checkpoint has another name; its bytes are the same."""

    after: str

    @property
    def subject(self) -> str:
        return self.after


@change
class WeightsKeyChanged(Change):
    """Code that loads a pickled checkpoint finds its tensors elsewhere in what it loads.

    Attributes:
        before: What they stood under: `the key state_dict`.
        after: What they stand under.
    """

    before: str
    after: str


@change
class WeightsMetadataChanged(Change):
    """A key of the header's metadata is another one.

    Attributes:
        refused_by: Whether `every` transformers refuses such a file, `older` ones do, or `none`.
    """

    key: str
    before: str | None
    after: str | None
    refused_by: Literal["every", "older", "none"] = "none"

    @property
    def subject(self) -> str:
        return self.key
