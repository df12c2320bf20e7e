"""One tokenizer, whichever of its files are there: every form it is kept in, and the settings beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, TypeVar

from semverlint.files import File
from semverlint.formats.ranks import read_ranks
from semverlint.formats.sentencepiece import read_sentencepiece
from semverlint.formats.text_files import Json, compact, read_json_object
from semverlint.formats.tokenizer import (
    AddedToken,
    Merges,
    TokenizerFacts,
    read_merges,
    read_tokenizer,
    read_vocabulary,
)
from semverlint.roles import folder, role
from semverlint.snapshot import Snapshot

CONFIG, ROLES, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
_TIKTOKEN_SIGNS = 4
"""Bytes of base64 with which a tiktoken file begins (`IQ==`); a SentencePiece model begins with a line feed."""

Facts = TypeVar("Facts")
Form = Literal["tokenizer.json", "vocabulary", "pieces", "ranks"]


@dataclass(frozen=True)
class Source:
    """One form a tokenizer is kept in.

    Attributes:
        path: The file its vocabulary stands in.
        form: What kind of file that is; two forms of one tokenizer may number it differently.
        vocabulary: Token → id, added tokens included.
        special: Tokens that are special.
        added: Added tokens with their flags.
        places: Tokens that stand in another file than `path`, with that file.
        merges: The merges of a BPE model; None where they are not given.
        merges_path: The file they stand in.
        scores: Token → score, where the model has them.
        parts: Settings of the pipeline, as canonical JSON text.
        facts: What `tokenizer.json` says, where it is the form.
    """

    path: str
    form: Form
    vocabulary: Mapping[str, int]
    special: frozenset[str]
    added: Mapping[str, AddedToken] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    merges: Merges | None = None
    merges_path: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    facts: TokenizerFacts | None = None


class Tokenizer:
    """The tokenizer of one folder of one revision; its files are read when they are asked for.

    Args:
        snapshot: The revision.
        place: The folder, empty for the top.
    """

    def __init__(self, snapshot: Snapshot, place: str) -> None:
        self._snapshot = snapshot
        self._place = place
        self.paths = [path for path in snapshot.files if folder(path) == place and role(path) == "tokenizer"]

    def at(self, name: str) -> str:
        """The path of a file in this folder."""
        return f"{self._place}/{name}" if self._place else name

    def _has(self, name: str) -> bool:
        return self.at(name) in self._snapshot.files

    @property
    def config(self) -> dict[str, Json]:
        """`tokenizer_config.json`; empty where there is none."""
        return self._snapshot.facts(read_json_object, self.at(CONFIG)) or {}

    @property
    def roles(self) -> dict[str, Json]:
        """`special_tokens_map.json`; empty where there is none."""
        return self._snapshot.facts(read_json_object, self.at(ROLES)) or {}

    @property
    def decoder(self) -> Json:
        """The tokens that the configuration adds, as they are written."""
        return self.config.get("added_tokens_decoder") or {}

    @property
    def added(self) -> dict[str, int]:
        """`added_tokens.json`; empty where there is none."""
        return self._snapshot.facts(read_vocabulary, self.at(ADDED)) or {}

    def forms(self) -> dict[str, tuple[str, ...]]:
        """The file of every form, the one most readers take first, with all files that belong to it."""
        found: dict[str, tuple[str, ...]] = {}
        if self._has("tokenizer.json"):
            found[self.at("tokenizer.json")] = ("tokenizer.json", ADDED, CONFIG)
        if self._has("vocab.json"):
            found[self.at("vocab.json")] = ("vocab.json", "merges.txt", ADDED, CONFIG)
        if self._has("vocab.txt"):
            found[self.at("vocab.txt")] = ("vocab.txt", ADDED, CONFIG)
        for path in self.paths:
            if path.endswith((".spm", ".tiktoken", "tekken.json")) or ".model" in PurePosixPath(path).name:
                found[path] = (PurePosixPath(path).name, ADDED, CONFIG)
        return {path: tuple(self.at(name) for name in names if self._has(name)) for path, names in found.items()}

    def source(self, path: str, base: Source | None = None) -> Source:
        """One form of the tokenizer, with what other files add to it.

        Args:
            path: The form's file.
            base: The form by itself, where it was read already.

        Raises:
            FileError: If a file of it cannot be read.
        """
        base = base or self.base(path)
        decoder = _added_in_config(self.config)
        own = self.added if base.form != "ranks" else {}
        more = {**decoder, **{token: AddedToken(number, {}) for token, number in own.items()}}
        more |= {token: decoder[token] for token in own if token in decoder and decoder[token].id == own[token]}
        places = {**dict.fromkeys(decoder, self.at(CONFIG)), **dict.fromkeys(own, self.at(ADDED))}
        vocabulary = {**{token: one.id for token, one in more.items()}, **base.vocabulary}
        special = base.special | {token for token, one in more.items() if one.flags.get("special")}
        places = {token: place for token, place in places.items() if token not in base.vocabulary}
        return Source(
            base.path,
            base.form,
            vocabulary,
            special,
            {**more, **base.added},
            places,
            base.merges,
            base.merges_path,
            base.scores,
            base.parts,
            base.facts,
        )

    def base(self, path: str) -> Source:
        """A form by itself, without what other files add to it."""
        name = PurePosixPath(path).name
        if name == "tokenizer.json":
            facts = self._need(read_tokenizer, path)
            ids = {**facts.vocabulary, **{token: one.id for token, one in facts.added.items()}}
            special = frozenset(token for token, one in facts.added.items() if one.flags.get("special"))
            return Source(
                path, "tokenizer.json", ids, special, facts.added, {}, facts.merges, path, facts.scores, {}, facts
            )
        if name in {"vocab.json", "vocab.txt"}:
            ids = self._need(read_vocabulary, path)
            merges = self._snapshot.facts(read_merges, self.at("merges.txt")) if name == "vocab.json" else None
            return Source(path, "vocabulary", ids, frozenset(), merges=merges, merges_path=self.at("merges.txt"))
        if name == "tekken.json" or name.endswith(".tiktoken") or self._is_tiktoken(path):
            return Source(path, "ranks", self._need(read_ranks, path), frozenset())
        pieces = self._need(read_sentencepiece, path)
        parts = {"model": compact(dict(pieces.trainer)), "normalizer": compact(dict(pieces.normaliser))}
        return Source(path, "pieces", pieces.vocabulary, pieces.special, scores=pieces.scores, parts=parts)

    def _is_tiktoken(self, path: str) -> bool:
        file = self._snapshot.files[path]
        begin = file.read(0, min(file.size, 64)).split(b"\n")[0].split(b" ")
        return len(begin) == 2 and begin[1].isdigit() and len(begin[0]) >= _TIKTOKEN_SIGNS  # noqa: PLR2004 - token and rank

    def _need(self, read: Callable[[File], Facts], path: str) -> Facts:
        facts = self._snapshot.facts(read, path)
        assert facts is not None  # noqa: S101 - `path` is one of the snapshot's
        return facts


def _added_in_config(config: dict[str, Json]) -> dict[str, AddedToken]:
    """`added_tokens_decoder`: id → {content, flags}."""
    decoder = config.get("added_tokens_decoder")
    added: dict[str, AddedToken] = {}
    for number, entry in decoder.items() if isinstance(decoder, dict) else ():
        match entry:
            case {"content": str(content), **others} if number.isdecimal() and len(number) < 18:  # noqa: PLR2004 - digits
                flags = {str(name): value for name, value in others.items() if isinstance(value, bool)}
                added[content] = AddedToken(int(number), flags)
            case _:
                continue
    return added
