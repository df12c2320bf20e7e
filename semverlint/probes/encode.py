"""Texts encoded with two tokenizers: where do the ids differ?"""

import json
from pathlib import Path
from typing import Any

PROBES: tuple[str, ...] = tuple(json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8")))
"""Many scripts, code, digits, white space, Unicode forms, emoji, special tokens."""

_DRAWN = 2_000
"""Tokens drawn from each vocabulary, evenly over its ids, so that the probes reach what is the models' own."""


def encode(question: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Encode the probes with both tokenizers.

    Args:
        question: The two `tokenizer.json` as text, under `old` and `new`.

    Returns:
        `probes`: how many texts were tried; `differ`: how many gave other ids; `example`: the first that did.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - an extra, and only this process loads it

    old, new = (Tokenizer.from_str(question[side]) for side in ("old", "new"))
    for tokenizer in (old, new):
        tokenizer.no_padding()
        tokenizer.no_truncation()
    texts = [*PROBES, *drawn(old), *drawn(new)]
    differing = [text for text in texts if old.encode(text).ids != new.encode(text).ids]
    return {"probes": len(texts), "differ": len(differing), "example": differing[0] if differing else None}


def drawn(tokenizer: Any) -> list[str]:  # noqa: ANN401 - a class of the extra
    """Texts made of the tokenizer's own tokens, three after one another."""
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    step = max(1, len(tokens) // _DRAWN)
    words = [tokenizer.decode([number], skip_special_tokens=False) or token for token, number in tokens[::step]]
    return [" ".join(words[at : at + 3]) for at in range(0, len(words), 3)]
