"""The parts of `tokenizer.json` through which a text passes on its way to ids and back."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.tokenizer import Part, TokenizerPartChanged, TokenizerReplaced
from semverlint.compare.tokenizer.view import TokenizerView
from semverlint.formats.tokenizer import TokenizerFacts

_PARTS: tuple[Part, ...] = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "truncation", "padding")


def compare_pipeline(before: TokenizerView, after: TokenizerView) -> Iterator[Change]:
    """Parts that differ; and merges that are written in a form that older readers refuse."""
    if before.scores and after.scores:
        shared = before.scores.keys() & after.scores.keys()
        if moved := sum(before.scores[token] != after.scores[token] for token in shared):
            yield TokenizerPartChanged(
                path=after.path, part="scores", before=None, after=f"{moved:,} of {len(shared):,}"
            )
    if before.facts and after.facts:
        yield from _facts(after.path, before.facts, after.facts)


def _facts(path: str, before: TokenizerFacts, after: TokenizerFacts) -> Iterator[Change]:
    if before.algorithm != after.algorithm:
        yield TokenizerReplaced(path=path, before=before.algorithm, after=after.algorithm)
    for part in _PARTS:
        if before.parts[part] != after.parts[part]:
            yield TokenizerPartChanged(path=path, part=part, before=before.parts[part], after=after.parts[part])
    if before.settings != after.settings:
        yield TokenizerPartChanged(path=path, part="model", before=before.settings, after=after.settings)
    if before.merges_as_pairs is False and after.merges_as_pairs:
        # tokenizers 0.20.0 writes and reads pairs; 0.19.1 answers "untagged enum ModelWrapper" (open-instruct#738).
        yield ReaderFloorRaised(path=path, form="merges as pairs", reader="tokenizers", since="0.20", older="refuse")
