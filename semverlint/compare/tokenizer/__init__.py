"""Tokenizers: one a folder, seen through whichever files it is loaded from, and compared by what it does to text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from semverlint.changes.base import Change
from semverlint.changes.tokenizer import (
    TokenizerFileAdded,
    TokenizerFileChanged,
    TokenizerFileRemoved,
    TokenizerRewritten,
)
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.compare.tokenizer.coherence import contradictions
from semverlint.compare.tokenizer.encodings import try_encodings
from semverlint.compare.tokenizer.pipeline import compare_pipeline
from semverlint.compare.tokenizer.settings import compare_settings, repeats
from semverlint.compare.tokenizer.view import ADDED, CONFIG, ROLES, Source, Tokenizer
from semverlint.compare.tokenizer.vocabulary import compare_vocabulary
from semverlint.roles import folder


@comparer
def compare_tokenizers(pair: Pair) -> Iterator[Change]:
    """Changes of the tokenizer in every folder in which one of its files was touched."""
    for place in pair.folders("tokenizer"):
        touched = [path for path in pair.paths("tokenizer") if folder(path) == place and not _is_template(path)]
        old, new = Tokenizer(pair.old, place), Tokenizer(pair.new, place)
        yield from _files(pair, touched, old, new)
        if touched:
            said = [*_forms(pair, old, new)]
            yield from said
            yield from _settings(pair, old, new, {one.path for one in said})
            read = {old.at(CONFIG), old.at(ROLES)}.union(*old.forms().values(), *new.forms().values())
            yield from (TokenizerFileChanged(path=path) for path in touched if path in pair.changed - read)
        if touched or pair.options.full:
            with pair.attempt(new.at(CONFIG)):
                yield from contradictions(pair, place)


def _files(pair: Pair, touched: list[str], old: Tokenizer, new: Tokenizer) -> Iterator[Change]:
    for path in touched:
        name = PurePosixPath(path).name
        vocabulary = name not in {CONFIG, ROLES, ADDED}
        with pair.attempt(path):
            if path in pair.added:
                repeated = repeats(name, new, new)
                yield TokenizerFileAdded(path=path, vocabulary=vocabulary, repeated=repeated)
            elif path in pair.removed:
                repeated = repeats(name, old, new)
                yield TokenizerFileRemoved(path=path, vocabulary=vocabulary, repeated=repeated)


def _forms(pair: Pair, old: Tokenizer, new: Tokenizer) -> Iterator[Change]:
    """Every form both revisions have, like with like; where they share none, the first of each."""
    was, now = old.forms(), new.forms()
    shared = [(path, path) for path in now if path in was]
    if not shared and was and now:
        shared = [(next(iter(was)), next(iter(now)))]
    told: set[Change] = set()
    for at, (before, after) in enumerate(shared):
        own = {path for path in (*was[before], *now[after]) if PurePosixPath(path).name != CONFIG} & pair.touched
        with pair.attempt(after):
            if before != after:
                yield from _across(old.source(before), new.source(after))
            elif own or old.decoder != new.decoder:
                base = old.base(before)  # read once where it is the same
                found = list(_form(pair, old.source(before, base), new.source(after, None if own else base)))
                # What one form says of a token, the others need not say again.
                yield from (one for one in found if not told or replace(one, path="") not in told)
                told |= {replace(one, path="") for one in found} if at + 1 < len(shared) else set()
                said = {one.path for one in found}
                yield from (TokenizerRewritten(path=path) for path in sorted(own & pair.changed) if not said)


def _form(pair: Pair, before: Source, after: Source) -> Iterator[Change]:
    trial = try_encodings(pair, before, after)
    yield from compare_vocabulary(before, after, trial.encoded)
    yield from compare_pipeline(before, after, trial.encoded, trial.decoded)
    if trial.change:
        yield trial.change


def _across(before: Source, after: Source) -> Iterator[Change]:
    """Two forms that number alike; SentencePiece models and ranks are numbered by the class that reads them."""
    if {before.form, after.form} <= {"tokenizer.json", "vocabulary"}:
        yield from compare_vocabulary(before, after, "unknown")


def _settings(pair: Pair, old: Tokenizer, new: Tokenizer, said: set[str]) -> Iterator[Change]:
    paths = [new.at(CONFIG), new.at(ROLES)]
    if not pair.touched.intersection(paths):
        return
    with pair.attempt(paths[0]):
        found = list(compare_settings(old, new, pair.touched))
        yield from found
        said |= {one.path for one in found}
        if old.config.get("chat_template") != new.config.get("chat_template"):
            said.add(paths[0])  # what that means is said of the template
        yield from (TokenizerRewritten(path=path) for path in paths if path in pair.changed and path not in said)


def _is_template(path: str) -> bool:
    return path.endswith((".jinja", "chat_template.json"))
