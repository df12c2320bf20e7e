"""The ids at which generation ends, wherever they are written. No comparer itself."""

from collections.abc import Iterator
from typing import Literal

from semverlint.changes.config import EndTokensChanged
from semverlint.compare.json_values import shown, token_ids
from semverlint.formats.text_files import Json


def compare_end_tokens(path: str, before: Json, after: Json, key: str = "eos_token_id") -> Iterator[EndTokensChanged]:
    """The change of the end ids, if they are other ones: one number and a list of it are the same."""
    old, new = token_ids(before), token_ids(after)
    if old == new:
        return
    what: Literal["extended", "reduced", "replaced", "named", "unnamed"] = "replaced"
    if not old or not new:
        what = "unnamed" if old else "named"
    elif old < new:
        what = "extended"
    elif new < old:
        what = "reduced"
    yield EndTokensChanged(path=path, key=key, before=shown(before), after=shown(after), what=what)
