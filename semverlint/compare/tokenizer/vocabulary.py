"""The vocabulary: ids are what the embedding matrix is indexed by."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.tokenizer import MergesChanged, TokenAdded, TokenFlagsChanged, TokenMoved, TokenRemoved
from semverlint.compare.tokenizer.pipeline import Encodings
from semverlint.compare.tokenizer.view import TokenizerView


def compare_vocabulary(before: TokenizerView, after: TokenizerView, encodings: Encodings) -> Iterator[Change]:
    """Tokens moved, removed, added, or matched in another way; and merges that differ.

    Args:
        before: The old tokenizer.
        after: The new one.
        encodings: Whether texts get other ids, as far as it was tried.
    """
    if before.vocabulary is not None and after.vocabulary is not None:
        yield from _tokens(before, after)
    if before.merges is not None and after.merges is not None and before.merges != after.merges:
        old, new = set(before.merges), set(after.merges)
        yield MergesChanged(path=after.path, added=len(new - old), removed=len(old - new), encodings=encodings)
    for token in sorted(before.added.keys() & after.added.keys()):
        old_flags, new_flags = before.added[token].flags, after.added[token].flags
        for flag in sorted(old_flags.keys() & new_flags.keys()):
            if old_flags[flag] != new_flags[flag]:
                yield TokenFlagsChanged(
                    path=after.path, token=token, flag=flag, before=old_flags[flag], after=new_flags[flag]
                )


def _tokens(before: TokenizerView, after: TokenizerView) -> Iterator[Change]:
    old, new = before.vocabulary or {}, after.vocabulary or {}
    special = before.special | after.special
    behind = max(old.values(), default=-1)
    for token, number in old.items():
        if token not in new:
            yield TokenRemoved(path=after.path, token=token, before=number, special=token in special)
        elif new[token] != number:
            yield TokenMoved(path=after.path, token=token, before=number, after=new[token], special=token in special)
    for token, number in new.items():
        if token not in old:
            appended = number > behind
            yield TokenAdded(path=after.path, token=token, after=number, special=token in special, appended=appended)
