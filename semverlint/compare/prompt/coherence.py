"""Chat templates that contradict each other, or the tokenizer that reads what they write."""

import re
from collections.abc import Iterator
from dataclasses import replace

from semverlint.changes.base import Incoherence
from semverlint.changes.prompt import TemplatesDisagree, TemplateTokenUnknown
from semverlint.compare.pair import Pair
from semverlint.compare.prompt.templates import everywhere, templates_of
from semverlint.compare.reading import worth_reading
from semverlint.errors import FileError
from semverlint.formats.tokenizer import read_tokenizer
from semverlint.snapshot import Snapshot

_CONTROL = re.compile(r"<(?:\|[A-Za-z0-9_.:/-]{1,60}\||｜[^｜<>{}'\"\s]{1,60}｜)>")  # noqa: RUF001 - DeepSeek's own bars
"""Control tokens as chat models write them: `<|im_start|>`, and DeepSeek's with full-width bars."""


def contradictions(pair: Pair, place: str) -> Iterator[Incoherence]:
    """Contradictions in the new revision's folder, marked where the old one had the same."""
    try:
        before = set(_of(pair, pair.old, place))
    except FileError:
        before = set()
    for found in _of(pair, pair.new, place):
        yield replace(found, already=found in before)


def _of(pair: Pair, snapshot: Snapshot, place: str) -> Iterator[Incoherence]:
    own, *others = everywhere(snapshot, place)
    for other in others:
        for name in sorted(own.keys() & other.keys()):
            if own[name].text.strip() != other[name].text.strip():
                yield TemplatesDisagree(path=own[name].path, template=name, other=other[name].path, already=False)
    path = f"{place}/tokenizer.json" if place else "tokenizer.json"
    if path not in snapshot.files or not worth_reading(pair, snapshot.files[path]):
        return
    tokenizer = snapshot.facts(read_tokenizer, path)
    if tokenizer is None:
        return
    known = tokenizer.vocabulary.keys() | tokenizer.added.keys()
    if not any(_CONTROL.fullmatch(token) for token in tokenizer.added):
        return  # a tokenizer without control tokens spells them all, and its model was tuned on that
    for _, template in sorted(templates_of(snapshot, place).items()):
        for token in sorted(set(_CONTROL.findall(template.text)) - known):
            yield TemplateTokenUnknown(path=template.path, token=token, already=False)
