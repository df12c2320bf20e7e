"""Changes of `config.json`: what a model is built as, and how its answers are named."""

from typing import Literal

from semverlint.changes.base import Change, Value, change

Effect = Literal[
    "architecture",  # which class is built, and which way through it is taken
    "shape",  # shapes of tensors
    "bias",  # which layers carry a bias: tensors come and go
    "heads",  # how tensors are split; the same shapes, another function
    "activation",  # what stands between the layers
    "norm",  # the small constant of a normalisation
    "scale",  # factors and caps on scores and outputs
    "position",  # rotary embeddings and the like
    "window",  # how far attention reaches, and in which layers
    "routing",  # which experts see a token
    "media",  # how pictures and sounds become features
    "tie",  # whether embeddings are shared
    "dtype",  # the type weights are loaded in
    "special-token",  # ids that begin, separate, fill
    "head",  # what a classifier's numbers mean
    "code",  # code of the repository itself
    "output-form",  # what is returned beside the answer
    "generation",  # generation settings of the older form
    "rounding",  # how exactly something is computed, not what
    "speculative",  # layers that only guess ahead
    "training",  # used while training only
    "runtime",  # caches and kernels
    "part",  # a nested configuration as a whole
    "provenance",  # where the file came from
    "unknown",
]

Direction = Literal["raised", "lowered", "changed", "retyped", "added", "removed"]


@change
class ConfigChanged(Change):
    """A key holds another value, in canonical form: defaults filled in, aliases and older layouts folded.

    Attributes:
        key: The key, with the nested configuration it stands in (`text_config.hidden_size`).
        effect: What the key acts on.
        before: The value; None where it is absent and has no known default, `null` where it is null.
        after: Likewise.
        direction: For numbers `raised` or `lowered`; `added` and `removed` where the other side has no value;
            `retyped` where a text became a number, a number a list, and so on.
        tiny: Whether both are numbers less than a millionth apart, relatively.
        remote_code: Whether code of the repository, which may read any key, loads the model.
        known: Whether the defaults of the class are known, so that an absent key has a known meaning.
    """

    key: str
    effect: Effect
    before: Value
    after: Value
    direction: Direction
    tiny: bool
    remote_code: bool
    known: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class NullWritten(Change):
    """A key is null where it was absent, or absent where it was null, and nobody knows what absent means.

    Attributes:
        key: The key.
        written: Whether it is null now.
        remote_code: Whether code of the repository loads the model.
    """

    key: str
    written: bool
    remote_code: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class DefaultWritten(Change):
    """A key is written out, or left out, whose default depends on the version of the library.

    Attributes:
        key: The key.
        value: The value that is or was written.
        written: Whether it is written now.
    """

    key: str
    value: Value
    written: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class KeyRenamed(Change):
    """A value moved to another name of the same thing, in a configuration whose class nobody knows.

    Attributes:
        before: The old name.
        after: The new one.
    """

    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.before


@change
class ArchitecturesChanged(Change):
    """`architectures` names other classes.

    Attributes:
        before: The list, None where there was none.
        after: Likewise.
        what: `appended` where the old list is the beginning of the new one, `reordered` where the same names stand in
            another order, `named` or `unnamed` where one side has none, `replaced` otherwise.
    """

    before: Value
    after: Value
    what: Literal["appended", "reordered", "named", "unnamed", "replaced"]


@change
class CodeEntryChanged(Change):
    """An entry of `auto_map`, which names code of the repository, is new, gone or another one.

    Attributes:
        entry: What the code is for (`AutoModelForCausalLM`).
        before: File and class, None where the entry is new.
        after: File and class, None where the entry is gone.
        alone: Whether it is the first code the model needs, or was the last.
        outside: Whether the code now lies in another repository.
        replaceable: Whether the libraries have a class of their own for the model.
    """

    entry: str
    before: Value
    after: Value
    alone: bool
    outside: bool
    replaceable: bool

    @property
    def subject(self) -> str:
        return self.entry


@change
class ContextLengthChanged(Change):
    """`max_position_embeddings` or its like is another number.

    Attributes:
        key: The key.
        before: The old length, in tokens.
        after: The new one.
        direction: Where it went.
        learned: Whether positions are learned rows of a matrix, whose shape then changes.
        same_positions: Whether everything else about positions (rope base, scaling) stayed, and does not itself
            depend on this number.
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
        before: Its name, None where it is new.
        after: Its name, None where it is gone.
        what: `renamed`; `moved`, where the name belonged to another class before; `named`, where it was `LABEL_n`;
            `unnamed`, where it is `LABEL_n` now; `added`; `removed`.
    """

    index: int
    before: Value
    after: Value
    what: Literal["renamed", "moved", "named", "unnamed", "added", "removed"]

    @property
    def subject(self) -> str:
        return str(self.index)


@change
class HeadSizeChanged(Change):
    """A classifier whose classes have no names has another number of them."""

    before: int
    after: int
    direction: Literal["raised", "lowered"]


@change
class QuantizationDeclared(Change):
    """`quantization_config` is new: the weights are read as packed."""

    key: str
    method: str


@change
class QuantizationDropped(Change):
    """`quantization_config` is gone: the weights are read as they are."""

    key: str
    method: str


@change
class QuantizationChanged(Change):
    """`quantization_config` says otherwise how the weights are packed.

    Attributes:
        key: The setting.
        effect: The `method` itself; the `packing` of numbers; which layers are left `whole`; how they are `computed`
            with; how they were `made`; or `unknown`.
        before: The value, None where it is absent.
        after: Likewise.
    """

    key: str
    effect: Literal["method", "packing", "whole", "computed", "made", "unknown"]
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class GenerationSettingMoved(Change):
    """A generation setting is gone from `config.json`, and `generation_config.json` says the same."""

    key: str

    @property
    def subject(self) -> str:
        return self.key


@change
class EndTokensChanged(Change):
    """The ids at which generation ends are other ones.

    Attributes:
        key: The key, with the nested configuration it stands in.
        before: The ids.
        after: Likewise.
        what: `extended`, where all the old ones still end it; `reduced`, where only some of them do; `named`, where
            there were none; `unnamed`, where there are none; `replaced` otherwise.
    """

    key: str = "eos_token_id"
    before: Value
    after: Value
    what: Literal["extended", "reduced", "replaced", "named", "unnamed"]

    @property
    def subject(self) -> str:
        return "" if self.key == "eos_token_id" else self.key


@change
class ConfigRewritten(Change):
    """The file was written again, and every reader sees the same model."""


@change
class ConfigFileAdded(Change):
    """A configuration is new."""


@change
class ConfigFileRemoved(Change):
    """A configuration is gone."""
