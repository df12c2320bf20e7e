"""Tokenizers: one a folder, seen through whichever files it is loaded from, and compared by what it does to text."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from semverlint.changes.base import Change
from semverlint.changes.tokenizer import TokenizerFileAdded, TokenizerFileRemoved, TokenizerRewritten
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.compare.tokenizer.pipeline import Encodings, compare_pipeline, may_encode_differently
from semverlint.compare.tokenizer.settings import compare_settings
from semverlint.compare.tokenizer.view import TEMPLATES, TokenizerView, view_of
from semverlint.compare.tokenizer.vocabulary import compare_vocabulary
from semverlint.formats.text_files import read_text
from semverlint.formats.tokenizer import LARGEST
from semverlint.probes import ProbeFailed, ask
from semverlint.roles import folder, role

_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json")
_SUFFIXES = (".model", ".spm", ".tiktoken")


@comparer
def compare_tokenizers(pair: Pair) -> Iterator[Change]:
    """Changes of the tokenizer in every folder in which one of its files was touched."""
    for place in pair.folders("tokenizer"):
        touched = [path for path in pair.paths("tokenizer") if folder(path) == place and not _is_template(path)]
        if not touched:
            continue
        with pair.attempt(touched[0]):
            yield from _folder(pair, place, touched)


def _folder(pair: Pair, place: str, touched: list[str]) -> Iterator[Change]:
    found: list[Change] = list(_files(pair, touched))
    before, after = view_of(pair.old, place), view_of(pair.new, place)
    if before and after:
        encodings = _encodings(pair, before, after)
        found += compare_vocabulary(before, after, encodings)
        found += compare_pipeline(before, after, encodings)
        found += compare_settings(before, after)
    yield from found
    said = {change.path for change in found}
    for path in touched:
        if path in pair.changed and path not in said and not (said and _follows(path, before, after)):
            yield TokenizerRewritten(path=path)


def _encodings(pair: Pair, before: TokenizerView, after: TokenizerView) -> Encodings:
    """Whether texts get other ids, tried where the vocabularies are the same and something else differs."""
    if not may_encode_differently(before, after):
        return "unknown"
    texts = {
        side: read_text(snapshot.files[view.path], LARGEST)
        for side, snapshot, view in (("old", pair.old, before), ("new", pair.new, after))
    }
    try:
        answer = ask("encode", texts)
    except ProbeFailed:
        return "unknown"
    return "differ" if answer["differ"] else "equal"


def _follows(path: str, before: TokenizerView | None, after: TokenizerView | None) -> bool:
    """Whether a file only repeats what another file of the same tokenizer was already compared by."""
    return before is not None and after is not None and path not in {before.path, after.path, before.config_path}


def _files(pair: Pair, touched: list[str]) -> Iterator[Change]:
    for path in touched:
        name = PurePosixPath(path).name
        vocabulary = name in _VOCABULARIES or name.endswith(_SUFFIXES)
        if path in pair.added:
            yield TokenizerFileAdded(path=path, vocabulary=vocabulary)
        elif path in pair.removed:
            yield TokenizerFileRemoved(path=path, vocabulary=vocabulary)


def _is_template(path: str) -> bool:
    return role(path) == "tokenizer" and (PurePosixPath(path).name in TEMPLATES or path.endswith(".jinja"))
