"""The vocabulary: ids are what the embedding matrix is indexed by."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.tokenizer import (
    Encodings,
    MergesChanged,
    TokenAdded,
    TokenFlagsChanged,
    TokenMoved,
    TokenRemoved,
)
from semverlint.compare.tokenizer.view import Source


def compare_vocabulary(before: Source, after: Source, encodings: Encodings) -> Iterator[Change]:
    """Tokens moved, removed, added, or matched in another way; and merges that differ.

    Args:
        before: One form of the old tokenizer.
        after: The same form of the new one.
        encodings: Whether texts get other ids, as far as it was tried.
    """
    if before.vocabulary != after.vocabulary:
        yield from _tokens(before, after)
    if before.merges is not None and after.merges is not None and before.merges != after.merges:
        old, new = set(before.merges), set(after.merges)
        yield MergesChanged(path=after.merges_path, added=len(new - old), removed=len(old - new), encodings=encodings)
    for token in sorted(before.added.keys() & after.added.keys()):
        old_flags, new_flags = before.added[token].flags, after.added[token].flags
        for flag in sorted(old_flags.keys() & new_flags.keys()):
            if old_flags[flag] != new_flags[flag]:
                path = after.places.get(token, after.path)
                yield TokenFlagsChanged(
                    path=path, token=token, flag=flag, before=old_flags[flag], after=new_flags[flag]
                )


def _tokens(before: Source, after: Source) -> Iterator[Change]:
    old, new = before.vocabulary, after.vocabulary
    special = before.special | after.special
    behind = max(old.values(), default=-1)
    for token, number in old.items():
        path = after.places.get(token, before.places.get(token, after.path))
        if token not in new:
            yield TokenRemoved(path=path, token=token, before=number, special=token in special)
        elif new[token] != number:
            yield TokenMoved(path=path, token=token, before=number, after=new[token], special=token in special)
    for token, number in new.items():
        if token not in old:
            path, appended = after.places.get(token, after.path), number > behind
            yield TokenAdded(path=path, token=token, after=number, special=token in special, appended=appended)
