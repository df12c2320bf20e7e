"""Texts encoded and decoded with two tokenizers: where do the ids, or the texts made of them, differ?"""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

PROBES: tuple[str, ...] = tuple(json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8")))
"""Many scripts, code, digits, white space, Unicode forms, emoji, special tokens."""

_DRAWN = 6_000
"""Tokens drawn from each vocabulary, evenly over its ids, so that the probes reach what is the models' own."""
_BLOCK = 1_000
_SHOWN = 12
"""Ids shown of the example."""


def encode(question: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Encode many texts with both tokenizers, and decode what they become.

    Truncation and padding are left out: they are compared as they are written.

    Args:
        question: The two `tokenizer.json` as text, under `old` and `new`; and under `focus`, runs of tokens that must
            be among the texts.

    Returns:
        `tried`: how many texts; `differ`: how many got other ids; `decoded`: how many of the others decode to another
        text; `text`, `before` and `after`: of the first that differs in either way, the text and what became of it.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - an extra, and only this process loads it

    focus = question.get("focus", [])
    old, new = (Tokenizer.from_str(question[side]) for side in ("old", "new"))
    for tokenizer in (old, new):
        tokenizer.no_padding()
        tokenizer.no_truncation()
    texts = list(dict.fromkeys([*PROBES, *_drawn(old, focus), *_drawn(new, focus)]))
    answer: dict[str, Any] = {"tried": len(texts), "differ": 0, "decoded": 0, "text": "", "before": "", "after": ""}
    first: dict[str, tuple[str, str, str]] = {}
    for at in range(0, len(texts), _BLOCK):
        block = texts[at : at + _BLOCK]
        sides = [[one.ids for one in tokenizer.encode_batch(block)] for tokenizer in (old, new)]
        said = [
            tokenizer.decode_batch(ids, skip_special_tokens=False)
            for tokenizer, ids in zip((old, new), sides, strict=True)
        ]
        for text, before, after, was, now in zip(block, *sides, *said, strict=True):
            if before != after:
                answer["differ"] += 1
                first.setdefault("differ", (text, _shown(before), _shown(after)))
            elif was != now:
                answer["decoded"] += 1
                first.setdefault("decoded", (text, was, now))
    if shown := first.get("differ", first.get("decoded")):
        answer["text"], answer["before"], answer["after"] = (one[:200] for one in shown)
    return answer


def _shown(ids: list[int]) -> str:
    return " ".join(map(str, ids[:_SHOWN])) + (" …" if len(ids) > _SHOWN else "")


def _drawn(tokenizer: Any, focus: list[list[str]]) -> Iterator[str]:  # noqa: ANN401 - a class of the extra
    """Texts made of the tokenizer's own tokens: each alone, each glued to the next one drawn, and three in a row."""
    vocabulary = tokenizer.get_vocab()
    drawn = sorted(vocabulary, key=vocabulary.__getitem__)[:: max(1, len(vocabulary) // _DRAWN)]
    words = _texts(tokenizer, vocabulary, [[token] for token in drawn])
    yield from _texts(tokenizer, vocabulary, focus)
    yield from words
    yield from (one + other for one, other in pairwise(words))
    yield from (" ".join(words[at : at + 3]) for at in range(0, len(words), 3))


def _texts(tokenizer: Any, vocabulary: dict[str, int], runs: list[list[str]]) -> list[str]:  # noqa: ANN401 - as above
    """What runs of tokens stand for; a tokenizer without a decoder puts spaces between them that no text had."""
    known = [run for run in runs if all(token in vocabulary for token in run)]
    if tokenizer.decoder is None:
        return ["".join(run) for run in known]
    numbers = [[vocabulary[token] for token in run] for run in known]
    said: list[str] = tokenizer.decode_batch(numbers, skip_special_tokens=False)
    return said
