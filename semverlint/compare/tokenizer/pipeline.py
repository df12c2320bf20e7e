"""The parts of a tokenizer through which a text passes on its way to ids and back."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import Encodings, Part, TokenizerPartChanged, TokenizerReplaced
from semverlint.compare.tokenizer.view import Source
from semverlint.formats.tokenizer import TokenizerFacts

_PARTS: tuple[Part, ...] = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "padding")
_ENCODING = frozenset({"normalizer", "pre_tokenizer", "post_processor"})
_OF_PIECES: tuple[Part, ...] = ("model", "normalizer")


def compare_pipeline(before: Source, after: Source, encodings: Encodings, decoded: Encodings) -> Iterator[Change]:
    """Parts that differ; and merges that are written in a form that older readers refuse.

    Args:
        before: One form of the old tokenizer.
        after: The same form of the new one.
        encodings: Whether texts get other ids, as far as it was tried.
        decoded: Whether ids become other texts, as far as it was tried.
    """
    path = after.path
    if before.scores and after.scores:
        shared = before.scores.keys() & after.scores.keys()
        if moved := sum(before.scores[token] != after.scores[token] for token in shared):
            told = f"{moved:,} of {len(shared):,}"
            yield TokenizerPartChanged(path=path, part="scores", before=None, after=told, encodings=encodings)
    for part in _OF_PIECES:
        old, new = before.parts.get(part), after.parts.get(part)
        if old is not None and new is not None and old != new:
            yield TokenizerPartChanged(path=path, part=part, before=old, after=new, encodings=encodings)
    if before.facts and after.facts:
        yield from _facts(path, before.facts, after.facts, encodings, decoded)


def _facts(
    path: str, before: TokenizerFacts, after: TokenizerFacts, encodings: Encodings, decoded: Encodings
) -> Iterator[Change]:
    if before.algorithm != after.algorithm:
        yield TokenizerReplaced(path=path, before=before.algorithm, after=after.algorithm)
    for part in _PARTS:
        old, new = before.parts[part], after.parts[part]
        if old != new:
            tried: Encodings = encodings if part in _ENCODING else decoded if part == "decoder" else "unknown"
            yield TokenizerPartChanged(path=path, part=part, before=old, after=new, encodings=tried)
    if before.settings != after.settings:
        yield TokenizerPartChanged(
            path=path, part="model", before=before.settings, after=after.settings, encodings=encodings
        )
    if before.merges_as_pairs is False and after.merges_as_pairs:
        # tokenizers 0.20.0 writes and reads pairs; 0.19.1 answers "untagged enum ModelWrapper" (open-instruct#738).
        yield ReaderFloorRaised(path=path, form="merges as pairs", reader="tokenizers", since="0.20", older="refuse")


def may_encode_differently(before: Source, after: Source) -> bool:
    """Whether the two have one vocabulary, and something else differs that decides how a text is cut or joined.

    A model that drops merges at random cannot be tried: it never cuts the same text twice alike.
    """
    old, new = before.facts, after.facts
    if old is None or new is None or before.vocabulary != after.vocabulary:
        return False
    if '"dropout":' in old.settings + new.settings:
        return False
    tried = (*_ENCODING, "decoder")
    return any(old.parts[part] != new.parts[part] for part in tried) or (
        (old.algorithm, old.merges, old.settings, old.scores, before.added)
        != (new.algorithm, new.merges, new.settings, new.scores, after.added)
    )
