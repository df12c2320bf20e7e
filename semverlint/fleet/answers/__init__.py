"""The answers shown: as text, Markdown, JSON, or one page with plots."""

from collections.abc import Callable, Sequence
from typing import Any

from semverlint.fleet.answers.json import answers_json
from semverlint.fleet.answers.markdown import answers_markdown
from semverlint.fleet.answers.page import answers_html
from semverlint.fleet.answers.text import answers_text

FORMATS: dict[str, Callable[[Sequence[Any]], str]] = {
    "text": answers_text,
    "markdown": answers_markdown,
    "json": answers_json,
    "html": answers_html,
}
