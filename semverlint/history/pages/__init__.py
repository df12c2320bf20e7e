"""A history shown: one file a format."""

from collections.abc import Callable

from semverlint.history.pages.html import history_html
from semverlint.history.pages.json import history_json, history_jsonl
from semverlint.history.pages.text import history_text
from semverlint.history.record import History
from semverlint.reports import Style

_RENDERERS: dict[str, Callable[[History, Style], str]] = {
    "text": history_text,
    "json": history_json,
    "jsonl": history_jsonl,
    "html": history_html,
}
FORMATS = tuple(_RENDERERS)
"""The formats a history is shown in."""


def render(name: str, history: History, style: Style) -> str:
    """The history in a format, ending with a line break."""
    return _RENDERERS[name](history, style)
