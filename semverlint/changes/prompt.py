"""Changes of chat templates: how a conversation becomes the text a model reads."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, Incoherence, change


@change
class PromptChanged(Change):
    """A template renders conversations to other texts.

    Attributes:
        template: Its name; `default` where it has none.
        what: `text`, where what was said is written otherwise; `generation-prompt`, where what is put before the answer
            is another; `history`, where only conversations nobody asks an answer to differ; `refused`, where
            conversations that used to render now fail; `accepted`, the other way round; `option`, where only
            conversations differ that use a variable, field or role the old template did not know.
        cases: How many of the conversations tried.
        tried: How many were tried.
        case: The first of them.
        before: What it rendered to, around the first difference; or the error.
        after: Likewise.
    """

    template: str
    what: Literal["text", "generation-prompt", "history", "refused", "accepted", "option"]
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
    """A template was written in another way, and renders every conversation tried to the same text.

    Attributes:
        same_program: Whether it is even the same program but for comments and white space.
        unreached: How many branches that only one of the two has were reached by no conversation.
    """

    template: str
    tried: int
    same_program: bool
    unreached: int

    @property
    def subject(self) -> str:
        return self.template

    @property
    def evidence(self) -> Evidence:
        return "exact" if self.same_program else "sampled"


@change
class PromptUnread(Change):
    """A template's text differs, and it could not be rendered to see what that means."""

    template: str

    @property
    def subject(self) -> str:
        return self.template


@change
class TemplateAdded(Change):
    """A chat template is new.

    Attributes:
        beside: Whether there was another template before, so that prompts could be made already.
    """

    template: str
    beside: bool

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
class TemplateRenamed(Change):
    """A chat template has another name, and the same text."""

    before: str
    after: str

    @property
    def subject(self) -> str:
        return self.after


@change
class TemplateMoved(Change):
    """A chat template stands in another file, which every reader of the old one reads as well."""

    template: str
    before: str

    @property
    def subject(self) -> str:
        return self.template


@change
class TemplatesDisagree(Incoherence):
    """A template stands in two files with different texts.

    Attributes:
        other: The other file.
    """

    template: str
    other: str

    @property
    def subject(self) -> str:
        return self.template


@change
class TemplateTokenUnknown(Incoherence):
    """A template writes a control token that the tokenizer does not know, and cuts into pieces."""

    token: str

    @property
    def subject(self) -> str:
        return self.token
