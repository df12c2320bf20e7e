"""Changes of what turns text into ids, and ids into text."""

from typing import Literal

from semverlint.changes.base import Change, Evidence, Incoherence, Value, change

Part = Literal["normalizer", "pre_tokenizer", "post_processor", "decoder", "model", "scores", "truncation", "padding"]
"""A part of `tokenizer.json`; `model` is its settings without vocabulary and merges."""
Encodings = Literal["differ", "equal", "unknown"]
"""What became of texts that were encoded with both tokenizers; `unknown` where nobody could try."""


def _how(encodings: Encodings) -> Evidence:
    if encodings == "unknown":
        return "metadata"
    return "exact" if encodings == "differ" else "sampled"


def _special_first(special: bool) -> float:  # noqa: FBT001 - one flag, one name
    """What puts special tokens before all others where only the worst few are shown: every prompt holds them."""
    return 1e12 if special else 0.0


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

    @property
    def magnitude(self) -> float:
        return _special_first(self.special) + abs(self.after - self.before)


@change
class TokenRemoved(Change):
    """A token is gone."""

    token: str
    before: int
    special: bool

    @property
    def subject(self) -> str:
        return self.token

    @property
    def magnitude(self) -> float:
        return _special_first(self.special) - self.before


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

    @property
    def magnitude(self) -> float:
        return _special_first(self.special) - self.after


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
        encodings: As of `TokenizerPartChanged`.
    """

    added: int
    removed: int
    encodings: Encodings

    @property
    def evidence(self) -> Evidence:
        return _how(self.encodings)


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
    encodings: Encodings

    @property
    def evidence(self) -> Evidence:
        return _how(self.encodings)

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
        before: The value, or what an absent one stands for.
        after: Likewise.
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
    """A file that a tokenizer can be loaded from is new.

    Attributes:
        vocabulary: Whether it holds the vocabulary, so that readers may load this one.
        repeated: Whether everything in it stands in another file of the tokenizer as well.
    """

    vocabulary: bool
    repeated: bool


@change
class TokenizerFileRemoved(Change):
    """A file that a tokenizer can be loaded from is gone.

    Attributes:
        vocabulary: Whether it held the vocabulary, so that some readers have nothing left to load.
        repeated: Whether everything in it still stands in another file of the tokenizer.
    """

    vocabulary: bool
    repeated: bool


@change
class TokenizerFileChanged(Change):
    """A file that belongs to a form of the tokenizer which is not there (merges without their vocabulary) differs."""


@change
class TokenizerReplaced(Change):
    """The algorithm itself is another one (BPE, Unigram, WordPiece …)."""

    before: str
    after: str


@change
class TokenizerRewritten(Change):
    """A file was written again and means the same."""


@change
class EncodingChanged(Change):
    """The same texts get other ids, though the vocabulary is the same.

    Attributes:
        texts: How many texts were tried, most of them drawn from the vocabulary itself.
        differ: How many of them get other ids.
        text: The first of them.
        before: Its ids.
        after: Likewise.
    """

    texts: int
    differ: int
    text: str
    before: str
    after: str


@change
class ExtraTokenListed(Change):
    """A token that was there before is now listed among the additional special tokens."""

    token: str

    @property
    def subject(self) -> str:
        return self.token


@change
class ExtraTokenUnlisted(Change):
    """A token that is still there is no longer listed among the additional special tokens."""

    token: str

    @property
    def subject(self) -> str:
        return self.token


@change
class SourcesDisagree(Incoherence):
    """Two forms of one tokenizer say different things.

    Attributes:
        other: The file of the other form.
        what: Whether `ids` of tokens, or `merges` differ.
        count: How many.
        example: The first of them.
    """

    other: str
    what: Literal["ids", "merges"]
    count: int
    example: str

    @property
    def subject(self) -> str:
        return self.other


@change
class VocabularyExceedsConfig(Incoherence):
    """The tokenizer gives ids for which the model has no row."""

    largest: int
    token: str
    vocab_size: int


@change
class SpecialTokensDisagree(Incoherence):
    """`tokenizer_config.json` and `special_tokens_map.json` give a role to different tokens."""

    role: str
    config: str
    map: str

    @property
    def subject(self) -> str:
        return self.role


@change
class SpecialTokenUnknown(Incoherence):
    """A special role is played by a token that is not in the vocabulary."""

    role: str
    token: str

    @property
    def subject(self) -> str:
        return self.role


@change
class PadIsEos(Incoherence):
    """The token that fills up batches is the one that ends texts."""

    token: str


@change
class TruncationDisagrees(Incoherence):
    """`tokenizer.json` cuts texts at another length than is declared elsewhere.

    Attributes:
        truncation: Where `tokenizer.json` cuts.
        declared: The declared length.
        other: The file that declares it.
        shorter: Whether texts that are promised to fit are cut.
    """

    truncation: int
    declared: int
    other: str
    shorter: bool
