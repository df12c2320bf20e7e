"""Changes of an embedding model (sentence-transformers): what becomes of its token vectors, and of the text before."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change

Role = Literal[
    "vectors",  # moves every vector, or makes it longer or shorter
    "length",  # how much of a long text is read
    "text",  # what becomes of the text before it is encoded
    "score",  # how two vectors are compared
    "class",  # which kind of model it is
    "neutral",
    "unknown",
]


@change
class EmbeddingModuleAdded(Change):
    """A module works on the vectors that did not before.

    Attributes:
        module: Its class (`Normalize`, `Dense`, `Pooling`).
        position: Where it stands, counted from 0.
        remote_code: Whether the class comes from elsewhere than sentence-transformers.
    """

    module: str
    position: int
    remote_code: bool

    @property
    def subject(self) -> str:
        return self.module


@change
class EmbeddingModuleRemoved(Change):
    """A module is gone."""

    module: str
    position: int
    remote_code: bool

    @property
    def subject(self) -> str:
        return self.module


@change
class EmbeddingModulesReordered(Change):
    """The same modules work in another order."""

    before: str
    after: str


@change
class EmbeddingModuleMoved(Change):
    """The same module's files lie in another folder."""

    module: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.module


@change
class PoolingChanged(Change):
    """Token vectors become one vector in another way; several modes are joined by `+`."""

    before: str
    after: str

    @property
    def subject(self) -> str:
        return "pooling_mode"


@change
class EmbeddingSettingChanged(Change):
    """A setting of a module, or of the model, has another value, defaults filled in.

    Attributes:
        module: The module's class; `model` for the model's own settings.
        key: The setting.
        role: What it is for.
        before: The old value, or the default.
        after: The new value, or the default.
    """

    module: str
    key: str
    role: Role
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class MaxSequenceLengthChanged(Change):
    """Longer texts are cut elsewhere."""

    before: Value
    after: Value
    direction: Literal["raised", "lowered", "unknown"]

    @property
    def subject(self) -> str:
        return "max_seq_length"


@change
class EmbeddingPromptAdded(Change):
    """A prompt can be asked for by a name that was not there.

    Attributes:
        name: Its name.
        automatic: Whether it has text and `encode_query` or `encode_document` take it without being asked.
    """

    name: str
    automatic: bool

    @property
    def subject(self) -> str:
        return self.name


@change
class EmbeddingPromptRemoved(Change):
    """A prompt that could be asked for by name is gone."""

    name: str

    @property
    def subject(self) -> str:
        return self.name


@change
class EmbeddingPromptChanged(Change):
    """A prompt of the same name has another text."""

    name: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.name


@change
class DefaultPromptChanged(Change):
    """Another prompt, or none, is put before texts for which none is asked."""

    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return "default_prompt_name"


@change
class EmbeddingModulesAdded(Change):
    """`modules.json` is new: the folder can be loaded as an embedding model as it was meant."""


@change
class EmbeddingModulesRemoved(Change):
    """`modules.json` is gone: readers make up a pooling of their own."""


@change
class EmbeddingReformatted(Change):
    """The same modules and settings in other bytes."""


@change
class PoolingWidthDisagrees(Incoherence):
    """A module expects vectors of another width than the one before it makes."""

    module: str
    expected: int
    given: int

    @property
    def subject(self) -> str:
        return self.module


@change
class ModuleFolderMissing(Incoherence):
    """`modules.json` names a folder that is not there."""

    module: str
    folder: str

    @property
    def subject(self) -> str:
        return self.module


@change
class DefaultPromptMissing(Incoherence):
    """The default prompt's name is not among the prompts."""

    name: str

    @property
    def subject(self) -> str:
        return "default_prompt_name"
