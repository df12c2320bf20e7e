"""Changes of what turns text into ids, and ids into text."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, Value, change

Part = Literal["normalizer", "pre_tokenizer", "post_processor", "decoder", "model", "scores", "truncation", "padding"]
"""A part of `tokenizer.json`; `model` is its settings without vocabulary and merges."""


@change
class TokenMoved(Change):
    """A token has another id."""

    token: str
    before: int
    after: int
    special: bool

    @property
    def subject(self) -> str:
        return self.token


@change
class TokenRemoved(Change):
    """A token is gone."""

    token: str
    before: int
    special: bool

    @property
    def subject(self) -> str:
        return self.token


@change
class TokenAdded(Change):
    """A token is new.

    Attributes:
        appended: Whether its id lies behind all ids of the old revision, so that it takes no other token's place.
    """

    token: str
    after: int
    special: bool
    appended: bool

    @property
    def subject(self) -> str:
        return self.token


@change
class TokenFlagsChanged(Change):
    """An added token is matched in another way (`special`, `lstrip`, `rstrip`, `single_word`, `normalized`)."""

    token: str
    flag: str
    before: bool
    after: bool

    @property
    def subject(self) -> str:
        return self.token


@change
class MergesChanged(Change):
    """The merges of a BPE model are other ones, or stand in another order.

    Attributes:
        added: Merges that are new.
        removed: Merges that are gone.
    """

    added: int
    removed: int
    encodings: Literal["differ", "equal", "unknown"]


@change
class TokenizerPartChanged(Change):
    """A part of the pipeline is another one.

    Attributes:
        encodings: Whether texts, many of them drawn from the vocabulary itself, get other ids: `differ`, `equal`, or
            `unknown` where nobody could try.
    """

    part: Part
    before: Value
    after: Value
    encodings: Literal["differ", "equal", "unknown"]

    @property
    def evidence(self) -> Evidence:
        return {"differ": "exact", "equal": "sampled", "unknown": "metadata"}[self.encodings]  # type: ignore[return-value]  # the words of Evidence

    @property
    def subject(self) -> str:
        return self.part


@change
class SpecialTokenChanged(Change):
    """A role (`bos`, `eos`, `pad` …) is played by another token."""

    role: Literal["bos", "eos", "unk", "sep", "cls", "mask", "pad"]
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.role


@change
class TokenizerSettingChanged(Change):
    """A setting of `tokenizer_config.json` is another one.

    Attributes:
        key: The setting.
        effect: What it acts on: how text becomes `ids`, how a `batch` is laid out, how ids become text (`decode`),
            what the tokenizer hands to the model (`inputs`), which `code` is loaded, `nothing`, or `unknown`.
    """

    key: str
    effect: Literal["ids", "batch", "decode", "inputs", "code", "nothing", "unknown"]
    before: Value
    after: Value

    @property
    def subject(self) -> str:
        return self.key


@change
class MaxLengthChanged(Change):
    """`model_max_length` is another one; None stands for no limit."""

    before: int | None
    after: int | None
    direction: Literal["raised", "lowered"]


@change
class TokenizerClassChanged(Change):
    """Another class is to load the tokenizer."""

    before: Value
    after: Value


@change
class TokenizerFileAdded(Change):
    """A file that a tokenizer can be loaded from is new."""

    vocabulary: bool


@change
class TokenizerFileRemoved(Change):
    """A file that a tokenizer can be loaded from is gone.

    Attributes:
        vocabulary: Whether it held the vocabulary, so that some readers have nothing left to load.
    """

    vocabulary: bool


@change
class TokenizerReplaced(Change):
    """The algorithm itself is another one (BPE, Unigram, WordPiece …)."""

    before: str
    after: str


@change
class TokenizerRewritten(Change):
    """A file was written again and means the same."""
