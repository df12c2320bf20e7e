"""Tokenizers that contradict themselves, or the model they belong to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from semverlint.changes.base import Incoherence
from semverlint.changes.tokenizer import (
    PadIsEos,
    SourcesDisagree,
    SpecialTokensDisagree,
    SpecialTokenUnknown,
    TruncationDisagrees,
    VocabularyExceedsConfig,
)
from semverlint.compare.pair import Pair
from semverlint.compare.reading import worth_reading
from semverlint.compare.tokenizer.settings import ROLE_NAMES, token_of
from semverlint.compare.tokenizer.view import CONFIG, ROLES, Source, Tokenizer
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json_object
from semverlint.snapshot import Snapshot

_UNLIMITED = 10**12
_WHOLE = ("tokenizer.json", "vocabulary")
"""Forms that hold every token; to the others the class that reads them adds its own."""


def contradictions(pair: Pair, place: str) -> Iterator[Incoherence]:
    """Contradictions in the new revision's folder, marked where the old one had the same."""
    found = list(_of(pair, pair.new, place))
    try:
        before = set(_of(pair, pair.old, place)) if found else set()
    except FileError:
        before = set()
    for one in found:
        yield replace(one, already=one in before)


def _of(pair: Pair, snapshot: Snapshot, place: str) -> Iterator[Incoherence]:
    tokenizer = Tokenizer(snapshot, place)
    forms = [tokenizer.source(path) for path in tokenizer.forms() if worth_reading(pair, snapshot.files[path])]
    for first in forms[:1]:
        for other in forms[1:]:
            yield from _sources(first, other)
        yield from _rows(snapshot, tokenizer, first)
        yield from _truncation(snapshot, tokenizer, first)
    yield from _roles(tokenizer, forms[0] if forms else None)


def _sources(one: Source, other: Source) -> Iterator[Incoherence]:
    """Tokens to which two forms give different ids, and merges that differ."""
    usual, shifts = _shifts(one, other)
    wrong = [token for token, shift in shifts.items() if shift != usual]
    if wrong:
        yield SourcesDisagree(
            path=one.path, other=other.path, what="ids", count=len(wrong), example=min(wrong), already=False
        )
    if one.merges and other.merges and one.merges != other.merges:
        differing = [new for new, old in zip(other.merges, one.merges, strict=False) if new != old]
        count = len(differing) + abs(len(one.merges) - len(other.merges))
        example = " ".join(differing[0]) if differing else ""
        yield SourcesDisagree(
            path=one.path, other=other.merges_path, what="merges", count=count, example=example, already=False
        )


def _shifts(one: Source, other: Source) -> tuple[int, dict[str, int]]:
    """By how much the ids of ordinary tokens are shifted between two forms, usually and each; empty where nobody knows.

    The class that reads a SentencePiece model may count its own tokens before the pieces, so that all are shifted
    alike; or it may number them by a vocabulary of its own, so that the ids in the model mean nothing.
    """
    if other.form == "ranks" or (other.form == "pieces" and one.form != "tokenizer.json"):
        return 0, {}
    special = one.special | other.special
    shared = (one.vocabulary.keys() & other.vocabulary.keys()) - special
    shifts = {token: one.vocabulary[token] - other.vocabulary[token] for token in shared}
    if other.form != "pieces" or not shifts:
        return 0, shifts
    ((usual, count),) = Counter(shifts.values()).most_common(1)
    return usual, shifts if 2 * count > len(shifts) else {}


def _rows(snapshot: Snapshot, tokenizer: Tokenizer, source: Source) -> Iterator[Incoherence]:
    config = _object(snapshot, tokenizer.at("config.json"))
    text = config.get("text_config")
    size = config.get("vocab_size", text.get("vocab_size") if isinstance(text, dict) else None)
    if type(size) is not int or not source.vocabulary or source.form != "tokenizer.json":
        return
    token, largest = max(source.vocabulary.items(), key=lambda item: item[1])
    if largest >= size:
        yield VocabularyExceedsConfig(path=source.path, largest=largest, token=token, vocab_size=size, already=False)


def _truncation(snapshot: Snapshot, tokenizer: Tokenizer, source: Source) -> Iterator[Incoherence]:
    truncation = source.facts.truncation if source.facts else None
    if truncation is None:
        return
    declared = (
        (tokenizer.at("sentence_bert_config.json"), "max_seq_length", True),
        (tokenizer.at(CONFIG), "model_max_length", False),
    )
    for other, key, exactly in declared:
        length = _object(snapshot, other).get(key)
        if type(length) is not int or length > _UNLIMITED:
            continue
        if truncation != length and (exactly or truncation < length):
            yield TruncationDisagrees(
                path=source.path,
                truncation=truncation,
                declared=length,
                other=other,
                shorter=truncation < length,
                already=False,
            )
        return


def _roles(tokenizer: Tokenizer, source: Source | None) -> Iterator[Incoherence]:
    config, roles = tokenizer.config, tokenizer.roles
    path = tokenizer.at(CONFIG if config else ROLES)
    for role in ROLE_NAMES:
        token, other = token_of(config, role), token_of(roles, role)
        if token is not None and other is not None and token != other:
            yield SpecialTokensDisagree(path=path, role=role, config=token, map=other, already=False)
        playing = token if token is not None else other
        if playing and source is not None and source.form in _WHOLE and playing not in source.vocabulary:
            yield SpecialTokenUnknown(path=path, role=role, token=playing, already=False)
    pad, eos = (token_of(config, role) or token_of(roles, role) for role in ("pad", "eos"))
    if pad and pad == eos:
        yield PadIsEos(path=path, token=pad, already=False)


def _object(snapshot: Snapshot, path: str) -> Mapping[str, Json]:
    """A settings file beside the tokenizer; whoever compares it says where it is broken."""
    try:
        return snapshot.facts(read_json_object, path) or {}
    except FileError:
        return {}
