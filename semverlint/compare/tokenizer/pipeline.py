"""The parts of `tokenizer.json` through which a text passes on its way to ids and back."""

from collections.abc import Iterator
from typing import Literal

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import Part, TokenizerPartChanged, TokenizerReplaced
from semverlint.compare.tokenizer.view import TokenizerView
from semverlint.formats.tokenizer import TokenizerFacts

_PARTS: tuple[Part, ...] = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "padding")


Encodings = Literal["differ", "equal", "unknown"]
_ENCODING = frozenset({"normalizer", "pre_tokenizer", "post_processor"})


def compare_pipeline(before: TokenizerView, after: TokenizerView, encodings: Encodings) -> Iterator[Change]:
    """Parts that differ; and merges that are written in a form that older readers refuse.

    Args:
        before: The old tokenizer.
        after: The new one.
        encodings: Whether texts get other ids, as far as it was tried.
    """
    if before.scores and after.scores:
        shared = before.scores.keys() & after.scores.keys()
        if moved := sum(before.scores[token] != after.scores[token] for token in shared):
            told = f"{moved:,} of {len(shared):,}"
            yield TokenizerPartChanged(path=after.path, part="scores", before=None, after=told, encodings=encodings)
    if before.facts and after.facts:
        yield from _facts(after.path, before.facts, after.facts, encodings)


def _facts(path: str, before: TokenizerFacts, after: TokenizerFacts, encodings: Encodings) -> Iterator[Change]:
    if before.algorithm != after.algorithm:
        yield TokenizerReplaced(path=path, before=before.algorithm, after=after.algorithm)
    for part in _PARTS:
        if before.parts[part] != after.parts[part]:
            tried = encodings if part in _ENCODING else "unknown"
            yield TokenizerPartChanged(
                path=path, part=part, before=before.parts[part], after=after.parts[part], encodings=tried
            )
    if before.settings != after.settings:
        yield TokenizerPartChanged(
            path=path, part="model", before=before.settings, after=after.settings, encodings=encodings
        )
    if before.merges_as_pairs is False and after.merges_as_pairs:
        # tokenizers 0.20.0 writes and reads pairs; 0.19.1 answers "untagged enum ModelWrapper" (open-instruct#738).
        yield ReaderFloorRaised(path=path, form="merges as pairs", reader="tokenizers", since="0.20", older="refuse")


def may_encode_differently(before: TokenizerView, after: TokenizerView) -> bool:
    """Whether the two have one vocabulary, and something else differs that decides how a text is cut."""
    if before.facts is None or after.facts is None or before.vocabulary != after.vocabulary:
        return False
    old, new = before.facts, after.facts
    return any(old.parts[part] != new.parts[part] for part in _ENCODING) or (old.merges, old.settings, old.scores) != (
        new.merges,
        new.settings,
        new.scores,
    )
