"""What the configurations of one revision say against each other."""

from typing import Literal

from semverlint.changes.base import Incoherence, Value, change


@change
class EndTokensDisagree(Incoherence):
    """Two files of one revision end generation at different ids.

    Attributes:
        file: The file that is held against `generation_config.json` (or against `config.json`, where there is none).
        ids: The ids it names.
        other: The file it is held against.
        other_ids: The ids that one names.
        shared: Whether they have at least one id in common.
    """

    file: str
    ids: str
    other: str
    other_ids: str
    shared: bool

    @property
    def subject(self) -> str:
        return self.file


@change
class GenerationIdsDisagree(Incoherence):
    """`config.json` and `generation_config.json` name different ids for one role."""

    key: str
    config: Value
    generation: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class PadEndsGeneration(Incoherence):
    """The id that fills up batches is one that ends generation."""

    id: int


@change
class TokenIdOutsideVocabulary(Incoherence):
    """A special token's id has no row in the embedding matrix."""

    key: str
    id: int
    vocab_size: int

    @property
    def subject(self) -> str:
        return self.key


@change
class LayerCountDisagrees(Incoherence):
    """`num_hidden_layers` is not the length of `layer_types`."""

    layers: int
    types: int


@change
class HeadsDoNotDivide(Incoherence):
    """A width is no multiple of the number it is to be split into.

    Attributes:
        what: `hidden` for the hidden size and its heads, `groups` for heads and the key-value heads they share.
        whole: The width, or the number of heads.
        parts: The number of heads, or of key-value heads.
    """

    what: Literal["hidden", "groups"]
    whole: int
    parts: int

    @property
    def subject(self) -> str:
        return self.what


@change
class ExpertsDoNotSuffice(Incoherence):
    """A token is to be sent to more experts than there are."""

    chosen: int
    experts: int


@change
class LabelCountDisagrees(Incoherence):
    """`num_labels` is not the number of labels."""

    num_labels: int
    labels: int


@change
class LabelTablesDisagree(Incoherence):
    """`label2id` is not `id2label` the other way round.

    Attributes:
        label: The first label on which they differ.
        by_id: The class `id2label` gives it, None where it does not name it.
        by_label: The class `label2id` gives it, None where it does not name it.
        count: How many labels they differ on.
    """

    label: str
    by_id: int | None
    by_label: Value
    count: int


@change
class MaxLengthExceedsPositions(Incoherence):
    """The tokenizer lets through longer texts than the model has positions for.

    Attributes:
        model_max_length: The tokenizer's limit, in tokens.
        positions: The model's.
        learned: Whether positions are learned rows, so that a longer text is an error and not just worse.
    """

    model_max_length: int
    positions: int
    learned: bool


@change
class QuantizationsDisagree(Incoherence):
    """`config.json` and a file of the quantiser say different things about the packing.

    Attributes:
        other: The quantiser's file.
        key: The setting.
        config: What `config.json` says.
        value: What the other file says.
    """

    other: str
    key: str
    config: Value
    value: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class DtypesDisagree(Incoherence):
    """`dtype` and `torch_dtype` of one configuration name different types."""

    dtype: str
    torch_dtype: str
