"""Texts encoded with two tokenizers in the child process."""

import json
from typing import Any

import pytest

from semverlint.probes import Limits, ProbeFailed, ask
from semverlint.probes.encode import PROBES

VOCABULARY = {letter: number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz ")}


def tokenizer(merges: list[str], **parts: object) -> str:
    made = {"".join(merge.split(" ")): len(VOCABULARY) + n for n, merge in enumerate(sorted(merges))}
    model = {"type": "BPE", "vocab": VOCABULARY | made, "merges": merges}
    return json.dumps({"version": "1.0", "added_tokens": [], "model": model, **parts})


def answer(old: str, new: str, *focus: list[str], **limits: int) -> Any:  # noqa: ANN401 - JSON
    return ask("encode", {"old": old, "new": new, "focus": list(focus)}, Limits(**{"seconds": 5, **limits}))


def test_the_same_tokenizer_gives_every_text_the_same_ids() -> None:
    found = answer(tokenizer(["a b", "c d"]), tokenizer(["a b", "c d"]))
    assert found["tried"] > len(PROBES)
    assert (found["differ"], found["decoded"], found["text"]) == (0, 0, "")


def test_the_first_text_that_differs_is_shown_with_its_ids() -> None:
    plain, lower = tokenizer(["a b"]), tokenizer(["a b"], normalizer={"type": "Lowercase"})
    found = answer(plain, lower)
    assert found["differ"] > 0
    assert found["text"] in PROBES
    assert found["before"] != found["after"]
    assert set(found["before"]) <= set("0123456789 …")


def test_texts_are_drawn_from_the_tokenizers_own_vocabulary() -> None:
    old, new = tokenizer(["q x", "qx j", "k w"]), tokenizer(["q x", "x j", "k w"])
    found = answer(old, new)
    assert found["differ"] > 0
    assert "qx" in found["text"]


def test_an_order_that_only_a_text_of_two_merges_shows_is_found_where_it_is_asked_for() -> None:
    old, new = tokenizer(["q x", "x j"]), tokenizer(["x j", "q x"])
    assert answer(old, new, ["q", "x", "j"])["text"] == "qxj"


def test_a_decoder_is_tried_on_the_same_ids() -> None:
    shout = {"type": "Replace", "pattern": {"String": "h"}, "content": "H"}
    found = answer(tokenizer([]), tokenizer([], decoder=shout))
    assert found["differ"] == 0
    assert found["decoded"] > 0


def test_truncation_and_padding_are_left_out() -> None:
    cut = {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    assert answer(tokenizer([]), tokenizer([], truncation=cut))["differ"] == 0


@pytest.mark.parametrize(
    "broken", ["", "[]", "{}", '{"model": {"type": "BPE"}}', tokenizer([], normalizer={"type": "?"})]
)
def test_what_the_library_refuses_is_undecided(broken: str) -> None:
    with pytest.raises(ProbeFailed, match="crashed"):
        answer(tokenizer([]), broken)


def test_an_expression_that_runs_for_hours_is_killed() -> None:
    slow = {"type": "Replace", "pattern": {"Regex": "(" * 12 + "." + "*)*" * 6 + ")*" * 6 + "\\u0000x"}, "content": ""}
    try:
        found = answer(tokenizer([]), tokenizer([], normalizer=slow), seconds=1)
    except ProbeFailed:
        return
    assert found["tried"] > 0  # the library's engine gives up on some of these by itself
