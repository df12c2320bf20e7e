"""Changes of an adapter's configuration (PEFT)."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change

Role = Literal[
    "rank",  # shapes of the adapter's matrices
    "scale",  # how strongly they count
    "modules",  # where they are put
    "whole",  # modules and rows of which a whole copy is shipped
    "method",  # how they are computed
    "task",  # which head and wrapper the model gets
    "training",  # read while training only
    "runtime",  # how it is run, not what comes out
    "unknown",  # no PEFT we know has such a key
]


@change
class AdapterBaseChanged(Change):
    """The adapter belongs to another base model.

    Attributes:
        before: The old base; None where none was named.
        after: The new base.
        same_name: Whether only the owner differs, as of a mirror (`org/model`, `other/model`).
        before_local: Whether the old base was a path on somebody's disk.
        after_local: Whether the new one is.
    """

    before: Value
    after: Value
    same_name: bool
    before_local: bool
    after_local: bool

    @property
    def subject(self) -> str:
        return "base_model_name_or_path"


@change
class AdapterRevisionChanged(Change):
    """The revision of the base model is pinned, moved or let go."""

    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return "revision"


@change
class AdapterMethodChanged(Change):
    """`peft_type`: another method altogether."""

    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return "peft_type"


@change
class AdapterSettingChanged(Change):
    """A setting has another value, defaults filled in.

    Attributes:
        key: Its name.
        role: What it is for.
        before: The old value, or the default.
        after: The new value, or the default.
        new_key: Whether older releases of PEFT do not know the key at all.
    """

    key: str
    role: Role
    before: Value
    after: Value
    new_key: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class AdapterModulesChanged(Change):
    """A set of names is another set: modules that are adapted, left out, or shipped whole.

    Attributes:
        key: `target_modules`, `exclude_modules` or `modules_to_save`.
        gained: Names that are new, as they are shown.
        lost: Names that are gone.
        pattern: Whether one of the two is a pattern, not a list, so that the sets cannot be compared.
    """

    key: str
    gained: str
    lost: str
    pattern: bool

    @property
    def subject(self) -> str:
        return self.key


@change
class AdapterInitChanged(Change):
    """`init_lora_weights` is another.

    Attributes:
        before: The old way.
        after: The new one.
        moves_base: Whether one of them changes the base model's weights too (PiSSA, OLoRA, LoftQ, CorDA, LoRA-GA).
    """

    before: Value
    after: Value
    moves_base: bool

    @property
    def subject(self) -> str:
        return "init_lora_weights"


@change
class AdapterAdded(Change):
    """A folder holds an adapter now."""


@change
class AdapterRemoved(Change):
    """An adapter's configuration is gone."""


@change
class AdapterReformatted(Change):
    """The same settings in other bytes."""


@change
class AdapterBaseLocal(Incoherence):
    """The base model is a path on the disk of whoever trained the adapter."""

    base: str

    @property
    def subject(self) -> str:
        return "base_model_name_or_path"


@change
class AdapterBaseDisagrees(Incoherence):
    """The adapter and the model card name different base models."""

    base: str
    card: str

    @property
    def subject(self) -> str:
        return "base_model_name_or_path"


@change
class AdapterWithoutWeights(Incoherence):
    """An adapter's configuration without an adapter's weights beside it."""
