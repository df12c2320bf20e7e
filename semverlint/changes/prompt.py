"""Changes of chat templates: how a conversation becomes the text a model reads."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, change


@change
class PromptChanged(Change):
    """A template renders conversations to other texts.

    Attributes:
        template: Its name; `default` where it has none.
        what: `generation-prompt`, where only what is put before the answer differs; `text`, where the conversation
            itself does; `refused`, where conversations that used to render now fail; `accepted`, the other way round.
        cases: How many of the cases tried.
        tried: How many were tried.
        case: The first of them.
        before: What it rendered to, around the first difference; or the error.
        after: Likewise.
    """

    template: str
    what: Literal["generation-prompt", "text", "refused", "accepted"]
    cases: int
    tried: int
    case: str
    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.template


@change
class PromptRewritten(Change):
    """A template was written in another way, and renders every case tried to the same text.

    Attributes:
        same_program: Whether it is even the same program but for comments and white space.
    """

    template: str
    tried: int
    same_program: bool

    @property
    def subject(self) -> str:
        return self.template

    @property
    def evidence(self) -> Evidence:
        return "exact" if self.same_program else "sampled"


@change
class TemplateAdded(Change):
    """A chat template is new."""

    template: str

    @property
    def subject(self) -> str:
        return self.template


@change
class TemplateRemoved(Change):
    """A chat template is gone."""

    template: str

    @property
    def subject(self) -> str:
        return self.template


@change
class PromptUnread(Change):
    """A template's text differs, and it could not be rendered to see what that means."""

    template: str

    @property
    def subject(self) -> str:
        return self.template
