"""Texts for people: what fits into so many columns, and what is said of it."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.text import clean, columns, wrapped


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("语言模型", 8), ("<\uff5cUser\uff5c>", 10), ("e\u0301", 1), ("👍🏽 ok", 7), ("ﾊﾝ", 2), ("", 0)],
)
def test_a_terminal_gives_wide_characters_two_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_text_without_spaces_breaks_between_its_characters_and_nothing_else_does() -> None:
    assert wrapped("模型 的 词表大小已经改变 path/to/a/long/file.json", 12) == [
        "模型 的 词表",
        "大小已经改变",
        "path/to/a/long/file.json",
    ]
    assert wrapped("<\uff5cbegin▁of▁sentence\uff5c>: 100000 → 0", 10) == [
        "<\uff5cbegin▁of▁sentence\uff5c>:",
        "100000 → 0",
    ]


@given(st.text(st.sampled_from("ab 语言\uff5cé→-"), max_size=120), st.integers(4, 40), st.integers(0, 3))
def test_no_line_is_wider_and_no_character_is_lost(text: str, width: int, indent: int) -> None:
    lines = wrapped(text, width, indent)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        alone = len(line.split()) == 1
        assert columns(line) <= width or alone
        assert line == line.rstrip()


@given(st.text(st.sampled_from("ab/. -"), max_size=120), st.integers(8, 40), st.integers(0, 3))
def test_plain_words_wrap_as_in_any_program(text: str, width: int, indent: int) -> None:
    words = " ".join(text.split())
    first, others = " " * indent, " " * (indent + 2 if indent else 0)
    same = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    assert wrapped(words, width, indent) == same.wrap(words)


def test_a_value_of_several_lines_is_one() -> None:
    assert wrapped(clean("a\n\u202eb"), 80) == ["a\\n\\u202eb"]
