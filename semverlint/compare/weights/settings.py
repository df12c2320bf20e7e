"""What a weight file says beside its tensors and readers compute with: keys of GGUF, the configuration in Keras."""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from semverlint.changes.base import Change
from semverlint.changes.graphs import SettingChanged
from semverlint.compare.pair import Pair
from semverlint.compare.rendered import rendered
from semverlint.compare.weights.checkpoint import Checkpoint, loaded
from semverlint.formats.text_files import Json
from semverlint.formats.weights import read_weights
from semverlint.snapshot import Snapshot
from semverlint.text import clean

Group: TypeAlias = Literal["model", "context", "tokenizer", "template", "other"]

_GROUPS: tuple[tuple[Group, re.Pattern[str]], ...] = (
    ("template", re.compile(r"tokenizer\.chat_template")),
    ("tokenizer", re.compile(r"tokenizer\.")),
    ("context", re.compile(r".*\.context_length$")),
    ("other", re.compile(r"general\.(file_type|quantization_version|alignment|parameter_count)$|quantize\.|split\.")),
)
_TEMPLATE = "tokenizer.chat_template"
"""The key of the template, and the beginning of those of named ones (docs/gguf.md of ggml)."""
_LONGEST = 60
"""Characters of a value that are told."""


def compare_settings(pair: Pair, before: Checkpoint, after: Checkpoint) -> Iterator[Change]:
    """Every key whose value differs.

    Raises:
        FileError: If a header cannot be read.
    """
    old, new = settings_of(pair.old, before), settings_of(pair.new, after)
    for key in sorted(old.keys() | new.keys()):
        a, b = old.get(key), new.get(key)
        if key in old and key in new and a == b:
            continue
        if key.startswith(_TEMPLATE) and isinstance(a, str) and isinstance(b, str):
            yield from rendered(pair, key.removeprefix(_TEMPLATE).removeprefix(".") or "default", after.anchor, (a, b))
            continue
        yield SettingChanged(
            path=after.anchor,
            key=key,
            before=_told(a) if key in old else None,
            after=_told(b) if key in new else None,
            group=_group(key),
            fewer=isinstance(a, int) and isinstance(b, int) and b < a,
        )


def settings_of(snapshot: Snapshot, checkpoint: Checkpoint) -> dict[str, Json]:
    """The settings of a checkpoint's files.

    Raises:
        FileError: If a header cannot be read.
    """
    found: dict[str, Json] = {}
    for path in loaded(snapshot, checkpoint):
        facts = snapshot.facts(read_weights, path)
        found.update(facts.settings if facts else {})
    return found


def _group(key: str) -> Group:
    return next((group for group, pattern in _GROUPS if pattern.match(key)), "model")


def _told(value: Json) -> str:
    if isinstance(value, dict):
        return f"{value.get('length', '?')} values"
    return clean(value, _LONGEST)
