"""The words of the history are explained where people read them."""

from pathlib import Path

from semverlint.history.taxonomy import CATEGORIES, DEFINITIONS

PAGE = Path(__file__).parents[2] / "docs" / "history.md"


def test_the_page_has_every_definition() -> None:
    assert tuple(DEFINITIONS) == CATEGORIES
    page = PAGE.read_text(encoding="utf-8")
    for category, definition in DEFINITIONS.items():
        assert f"| {category} | {definition} |" in page
