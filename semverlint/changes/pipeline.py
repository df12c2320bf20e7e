"""Changes of a pipeline: which components it is made of, and how its scheduler steps (diffusers)."""

from typing import Literal

from semverlint.changes.base import Change, Incoherence, Value, change

Role = Literal[
    "class",  # which scheduler it is
    "noise",  # what the model was trained to remove: schedule of betas, prediction type
    "steps",  # which steps are taken
    "sigmas",  # how the noise levels are spread
    "solver",  # how a step is computed
    "clip",  # how far a sample may go
    "foreign",  # not a setting of this scheduler, but of another that is made from the same file
    "unknown",
]


@change
class PipelineClassChanged(Change):
    """`model_index.json` names another pipeline."""

    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return "_class_name"


@change
class ComponentAdded(Change):
    """A component that the pipeline did not have.

    Attributes:
        component: Its name, which is its folder.
        module: Where its class is from; None for an empty place.
        class_name: Its class; None for an empty place (`[null, null]`).
        optional: Whether pipelines do without it (a safety checker, an image encoder).
    """

    component: str
    module: Value
    class_name: Value
    optional: bool

    @property
    def subject(self) -> str:
        return self.component


@change
class ComponentRemoved(Change):
    """A component that is not named any more."""

    component: str
    module: Value
    class_name: Value

    @property
    def subject(self) -> str:
        return self.component


@change
class ComponentChanged(Change):
    """A component is of another class, or an empty place was filled or emptied.

    Attributes:
        component: Its name.
        before: The old class; None for an empty place.
        after: The new class; None for an empty place.
        same_class: Whether only the library it is imported from is another.
        optional: Whether pipelines do without it.
    """

    component: str
    before: Value
    after: Value
    same_class: bool
    optional: bool

    @property
    def subject(self) -> str:
        return self.component


@change
class PipelineSettingChanged(Change):
    """A setting of the pipeline itself has another value."""

    key: str
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class SchedulerSettingChanged(Change):
    """A setting of the scheduler has another value, class defaults filled in.

    Attributes:
        key: The setting.
        role: What it is for.
        before: The old value, or the default.
        after: The new value, or the default.
        scheduler: The class it belongs to, as the new revision names it.
    """

    key: str
    role: Role
    before: Value
    after: Value
    scheduler: str

    @property
    def subject(self) -> str:
        return self.key


@change
class PipelineAdded(Change):
    """`model_index.json` is new: the repository can be loaded as a pipeline."""


@change
class PipelineRemoved(Change):
    """`model_index.json` is gone."""


@change
class SchedulerAdded(Change):
    """A scheduler's configuration is new."""


@change
class SchedulerRemoved(Change):
    """A scheduler's configuration is gone."""


@change
class PipelineReformatted(Change):
    """The same settings in other bytes."""


@change
class ComponentFolderMissing(Incoherence):
    """The pipeline names a component that has no folder."""

    component: str
    class_name: str

    @property
    def subject(self) -> str:
        return self.component


@change
class ComponentNotNamed(Incoherence):
    """A folder holds a component that the pipeline does not name."""

    component: str
    class_name: str

    @property
    def subject(self) -> str:
        return self.component


@change
class SchedulerDisagrees(Incoherence):
    """The pipeline and the scheduler's own configuration name different classes."""

    component: str
    pipeline: str
    own: str

    @property
    def subject(self) -> str:
        return self.component
