"""What the tensors and weight files of one revision say against each other, and against its name."""

from typing import Literal

from semverlint.changes.base import Incoherence, change


@change
class TieContradictsTensors(Incoherence):
    """`tie_word_embeddings` says one thing, the tensors another.

    Attributes:
        tied: What the configuration says.
        head: Whether there is an output head.
        differs: Whether it holds other values than the embeddings; None where nobody read them, or it is not there.
    """

    tied: bool
    head: bool
    differs: bool | None = None


@change
class VariantLeftBehind(Incoherence):
    """A variant of the same weights was not made again when they changed.

    Attributes:
        moved: The file that changed.
        twin: Whether the two are the same weights in two formats, not in two precisions.
    """

    moved: str
    twin: bool = False

    @property
    def subject(self) -> str:
        return self.moved


@change
class VariantsApart(Incoherence):
    """Two variants of one model hold other numbers than precision explains.

    Attributes:
        other: The variant it is held against.
        percent: How many of the compared parameters are apart, in percent.
        relative_change: Root mean square of their relative distances.
    """

    other: str
    percent: int
    relative_change: float

    @property
    def subject(self) -> str:
        return self.other


@change
class IndexContradictsShards(Incoherence):
    """The index and the shards do not fit together.

    Attributes:
        shard: The shard that it is about.
        missing: The shard itself, tensors that the index looks for in it, or names of tensors that only it holds.
    """

    shard: str
    missing: Literal["shard", "tensors", "names"]

    @property
    def subject(self) -> str:
        return self.shard


@change
class IndexTotalDisagrees(Incoherence):
    """The index gives another size than the tensors have together.

    Attributes:
        said: Bytes, as the index has it.
        held: Bytes of all tensors.
    """

    said: int
    held: int


@change
class NameContradictsDtype(Incoherence):
    """A file's name promises another type than its tensors have."""

    promised: str
    dtype: str


@change
class NameContradictsSize(Incoherence):
    """The model's name promises another number of parameters than its tensors hold.

    Attributes:
        promised: As the name says it (`7B`).
        billions: Parameters of the tensors, in billions.
    """

    promised: str
    billions: float
