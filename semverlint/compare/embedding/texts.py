"""What becomes of a text before it is encoded: the prompts put before it, and where it is cut."""

from collections.abc import Iterator
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.embedding import (
    DefaultPromptChanged,
    EmbeddingPromptAdded,
    EmbeddingPromptChanged,
    EmbeddingPromptRemoved,
    MaxSequenceLengthChanged,
)
from semverlint.compare.embedding.view import under
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.embedding import read_module_config, read_prompts
from semverlint.formats.text_files import read_json
from semverlint.roles import folder
from semverlint.snapshot import Snapshot
from semverlint.text import clean

_UNASKED = frozenset({"query", "document", "passage", "corpus"})
"""Prompts that `encode_query` and `encode_document` take by themselves (sentence-transformers 5)."""
_ALWAYS_THERE = frozenset({"query", "document"})
"""Prompts that every model has, empty unless it says otherwise."""
_NO_LIMIT = 1_000_000
"""Tokenizers write 1e30 where they have no limit."""


def prompts_changed(pair: Pair, path: str) -> Iterator[Change]:
    """Prompts that are new, gone or different, and the one that is put before every text."""
    old, new = pair.old.facts(read_prompts, path) or {}, pair.new.facts(read_prompts, path) or {}
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if name in _ALWAYS_THERE and (before or "") == (after or ""):
            continue
        if before is None:
            automatic = name in _UNASKED and bool(after)
            yield EmbeddingPromptAdded(path=path, name=clean(name, 60), automatic=automatic)
        elif after is None:
            yield EmbeddingPromptRemoved(path=path, name=clean(name, 60))
        elif before != after:
            yield EmbeddingPromptChanged(path=path, name=clean(name, 60), before=before, after=after)
    chosen = [_default(snapshot, path) for snapshot in (pair.old, pair.new)]
    if chosen[0] != chosen[1]:
        yield DefaultPromptChanged(path=path, before=chosen[0], after=chosen[1])


def _default(snapshot: Snapshot, path: str) -> str | None:
    settings = snapshot.facts(read_module_config, path) or {}
    name = settings.get("default_prompt_name")
    return name if isinstance(name, str) else None


def length_changed(pair: Pair, before: str, after: str) -> Iterator[Change]:
    """The number of tokens of a text that are read.

    It stands in `sentence_bert_config.json`; from sentence-transformers 5.4 on, and where it is not said, it is the
    tokenizer's limit or the model's, whichever is smaller.
    """
    old, new = _length(pair.old, before), _length(pair.new, after)
    if old == new:
        return
    direction: Literal["raised", "lowered", "unknown"] = "unknown"
    if old is not None and new is not None:
        direction = "raised" if new > old else "lowered"
    path = after if after in pair.new.files else before
    yield MaxSequenceLengthChanged(path=path, before=old, after=new, direction=direction)


def _length(snapshot: Snapshot, path: str) -> int | None:
    written = (snapshot.facts(read_module_config, path) or {}).get("max_seq_length")
    if isinstance(written, int) and not isinstance(written, bool):
        return written
    limits = (
        _number(snapshot, under(folder(path), "tokenizer_config.json"), "model_max_length"),
        _number(snapshot, under(folder(path), "config.json"), "max_position_embeddings"),
    )
    return min((limit for limit in limits if limit is not None), default=None)


def _number(snapshot: Snapshot, path: str, key: str) -> int | None:
    try:
        settings = snapshot.facts(read_json, path)
    except FileError:
        return None  # whoever compares that file says so
    value = settings.get(key) if isinstance(settings, dict) else None
    return int(value) if isinstance(value, int | float) and 0 < value < _NO_LIMIT else None
