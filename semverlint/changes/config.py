"""Changes of `config.json`: what a model is built as, and how its answers are named."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change

Effect = Literal[
    "architecture",  # which class is built
    "shape",  # shapes of tensors
    "heads",  # how tensors are split; the same shapes, another function
    "function",  # the numbers a layer computes: activations, norms, scales
    "position",  # rotary embeddings and the like
    "window",  # how far attention reaches
    "routing",  # which experts see a token
    "media",  # how pictures and sounds become features
    "tie",  # whether embeddings are shared
    "dtype",  # the type weights are loaded in
    "special-token",  # ids that begin, end, fill
    "head",  # what a classifier's numbers mean
    "code",  # code of the repository itself
    "output-form",  # what is returned beside the answer
    "generation",  # generation settings of the older form
    "training",  # used while training only
    "provenance",  # where the file came from
    "unknown",
]

Direction = Literal["raised", "lowered", "changed", "added", "removed"]


@change
class ConfigChanged(Change):
    """A key holds another value, in canonical form: defaults filled in, aliases and older layouts folded.

    Attributes:
        key: The key, with the sub-configuration it stands in (`text_config.hidden_size`).
        effect: What the key acts on.
        before: The value, None where it is absent and has no known default.
        after: Likewise.
        direction: For numbers `raised` or `lowered`; `added` and `removed` where the other side has no value.
        tiny: Whether both are numbers less than a millionth apart, relatively.
        remote_code: Whether code of the repository, which may read any key, loads the model.
    """

    key: str
    effect: Effect
    before: Value
    after: Value
    direction: Direction
    tiny: bool
    remote_code: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class ContextLengthChanged(Change):
    """`max_position_embeddings` or its like is another number.

    Attributes:
        learned: Whether positions are learned rows of a matrix, whose shape then changes.
        same_positions: Whether everything else about positions (rope base, scaling) stayed.
    """

    key: str
    before: int
    after: int
    direction: Literal["raised", "lowered"]
    learned: bool
    same_positions: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class VocabularySizeChanged(Change):
    """`vocab_size` is another number."""

    key: str
    before: int
    after: int
    direction: Literal["raised", "lowered"]

    @property
    def subject(self) -> str:
        return self.key


@change
class LabelChanged(Change):
    """A class of a classifier has another name, is new, or is gone.

    Attributes:
        index: The class.
        what: `renamed`; `moved`, where the name belonged to another class before; `named`, where it was `LABEL_n`;
            `added`; `removed`.
    """

    index: int
    before: Value
    after: Value
    what: Literal["renamed", "moved", "named", "added", "removed"]

    @property
    def subject(self) -> str:
        return str(self.index)


@change
class QuantizationChanged(Change):
    """`quantization_config` says otherwise how the weights are packed."""

    key: str
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class EndTokensChanged(Change):
    """The ids at which generation ends are other ones.

    Attributes:
        source: `config.json` or `generation_config.json`.
        what: `extended`, where all the old ones still end it; `reduced` or `replaced` otherwise.
    """

    before: Value
    after: Value
    what: Literal["extended", "reduced", "replaced"]


@change
class ConfigRewritten(Change):
    """The file was written again, and every reader sees the same model."""


@change
class ConfigFileAdded(Change):
    """A configuration is new."""


@change
class ConfigFileRemoved(Change):
    """A configuration is gone."""


@change
class EndTokensDisagree(Incoherence):
    """The files of one revision end generation at different ids."""

    config: str
    generation: str


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
    """`hidden_size` is no multiple of `num_attention_heads`, and no `head_dim` is given."""

    hidden_size: int
    heads: int


@change
class LabelCountDisagrees(Incoherence):
    """`num_labels` is not the number of labels."""

    num_labels: int
    labels: int


@change
class MaxLengthExceedsPositions(Incoherence):
    """The tokenizer lets through longer texts than the model has positions for."""

    model_max_length: int
    positions: int
