"""One tokenizer as one view, whichever of its files are there: `tokenizer.json` first, then the older forms."""

from collections.abc import Callable
from dataclasses import dataclass, field

from semverlint.formats.sentencepiece import read_sentencepiece
from semverlint.formats.text_files import Json, read_json_object
from semverlint.formats.tokenizer import (
    AddedToken,
    Merges,
    TokenizerFacts,
    read_merges,
    read_tokenizer,
    read_vocabulary,
)
from semverlint.snapshot import Snapshot

TEMPLATES = frozenset({"chat_template.jinja", "chat_template.json"})
_PIECES = ("tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "source.spm")


@dataclass(frozen=True)
class TokenizerView:
    """A tokenizer.

    Attributes:
        path: The file its vocabulary was read from, or the configuration where there is none.
        config_path: Where `tokenizer_config.json` stands, or would.
        vocabulary: Token → id, added tokens included; None where no file with a vocabulary could be read.
        special: Tokens that are special.
        added: Added tokens with their flags.
        merges: The merges of a BPE model; None where they are not given.
        facts: What `tokenizer.json` says, where it is the source.
        scores: Token → score, where the model has them.
        config: `tokenizer_config.json`; empty where there is none.
        roles: `special_tokens_map.json`; empty where there is none.
    """

    path: str
    config_path: str
    vocabulary: dict[str, int] | None
    special: frozenset[str]
    added: dict[str, AddedToken]
    merges: Merges | None
    facts: TokenizerFacts | None
    scores: dict[str, float] = field(default_factory=dict)
    config: dict[str, Json] = field(default_factory=dict)
    roles: dict[str, Json] = field(default_factory=dict)


def view_of(snapshot: Snapshot, place: str) -> TokenizerView | None:
    """The tokenizer in a folder; None where no file of one is there.

    Raises:
        FileError: If a file of it cannot be read.
    """

    def at(name: str) -> str:
        return f"{place}/{name}" if place else name

    config = snapshot.facts(read_json_object, at("tokenizer_config.json"))
    roles = snapshot.facts(read_json_object, at("special_tokens_map.json"))
    facts = snapshot.facts(read_tokenizer, at("tokenizer.json"))
    decoder = _added_in_config(config or {})
    if facts is not None:
        added = {**decoder, **facts.added}
        source = _Source(
            at("tokenizer.json"), {**facts.vocabulary, **_ids(facts.added)}, facts.scores, merges=facts.merges
        )
        special = {token for token, one in facts.added.items() if one.flags.get("special")}
        vocabulary = source.vocabulary
    else:
        source = _older_forms(snapshot, at)
        vocabulary, special = source.vocabulary, set(source.special)
        more = snapshot.facts(read_vocabulary, at("added_tokens.json")) or {}
        added = {**{token: AddedToken(number, {}) for token, number in more.items()}, **decoder}
        if vocabulary is not None:
            vocabulary = {**vocabulary, **_ids(added)}
        special |= {token for token, one in decoder.items() if one.flags.get("special")}
    if vocabulary is None and config is None and roles is None:
        return None
    return TokenizerView(
        source.path or at("tokenizer_config.json"),
        at("tokenizer_config.json"),
        vocabulary,
        frozenset(special),
        added,
        source.merges,
        facts,
        source.scores,
        config or {},
        roles or {},
    )


@dataclass(frozen=True)
class _Source:
    """Where a vocabulary was found, and what stood there."""

    path: str = ""
    vocabulary: dict[str, int] | None = None
    scores: dict[str, float] = field(default_factory=dict)
    special: frozenset[str] = frozenset()
    merges: Merges | None = None


def _older_forms(snapshot: Snapshot, at: Callable[[str], str]) -> _Source:
    merges = snapshot.facts(read_merges, at("merges.txt"))
    for name in ("vocab.json", "vocab.txt"):
        if (vocabulary := snapshot.facts(read_vocabulary, at(name))) is not None:
            return _Source(at(name), vocabulary, merges=merges)
    for name in _PIECES:
        if (pieces := snapshot.facts(read_sentencepiece, at(name))) is not None:
            return _Source(at(name), pieces.vocabulary, pieces.scores, pieces.special)
    return _Source(merges=merges)


def _ids(added: dict[str, AddedToken]) -> dict[str, int]:
    return {token: one.id for token, one in added.items()}


def _added_in_config(config: dict[str, Json]) -> dict[str, AddedToken]:
    """`added_tokens_decoder`: id → {content, flags}."""
    decoder = config.get("added_tokens_decoder")
    added: dict[str, AddedToken] = {}
    for number, entry in decoder.items() if isinstance(decoder, dict) else ():
        match entry:
            case {"content": str(content), **others} if number.isdecimal():
                flags = {str(name): value for name, value in others.items() if isinstance(value, bool)}
                added[content] = AddedToken(int(number), flags)
            case _:
                continue
    return added
