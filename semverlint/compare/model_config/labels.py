"""The names of a classifier's classes: an interface that programs compare by text."""

import re
from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.config import ConfigChanged, HeadSizeChanged, LabelChanged
from semverlint.compare.json_values import shown
from semverlint.compare.model_config.canonical import Level, label_count, label_names
from semverlint.formats.text_files import Json

_UNNAMED = re.compile(r"LABEL_\d+")


def compare_labels(path: str, old: Level, new: Level) -> Iterator[Change]:
    """Classes whose name is another one, new or gone; and the table the other way round, where it says more."""
    if "_class_name" in new.raw:
        return
    if "id2label" not in old.raw and "id2label" not in new.raw:
        counts = label_count(old), label_count(new)
        if counts[0] != counts[1]:
            yield HeadSizeChanged(
                path=path,
                before=counts[0],
                after=counts[1],
                direction="raised" if counts[1] > counts[0] else "lowered",
            )
        return
    before, after = label_names(old), label_names(new)
    names = set(before.values())
    for index in sorted(before.keys() | after.keys()):
        one, other = before.get(index), after.get(index)
        if one != other:
            yield _changed(path, index, one, other, moved=other in names)
    if before == after:
        yield from _by_label(path, old, new)


def _changed(path: str, index: int, before: str | None, after: str | None, *, moved: bool) -> LabelChanged:
    if before is None:
        return LabelChanged(path=path, index=index, before=before, after=after, what="added")
    if after is None:
        return LabelChanged(path=path, index=index, before=before, after=after, what="removed")
    if _UNNAMED.fullmatch(after):
        return LabelChanged(path=path, index=index, before=before, after=after, what="unnamed")
    if _UNNAMED.fullmatch(before):
        return LabelChanged(path=path, index=index, before=before, after=after, what="named")
    return LabelChanged(path=path, index=index, before=before, after=after, what="moved" if moved else "renamed")


def _by_label(path: str, old: Level, new: Level) -> Iterator[ConfigChanged]:
    before, after = label_ids(old), label_ids(new)
    for label in sorted(before.keys() | after.keys()):
        one, other = before.get(label), after.get(label)
        if one != other:
            yield ConfigChanged(
                path=path,
                key=f"label2id.{label}",
                effect="head",
                before=shown(one),
                after=shown(other),
                direction="changed" if label in before and label in after else "added" if label in after else "removed",
                tiny=False,
                remote_code=False,
                known=True,
            )


def label_ids(level: Level) -> dict[str, Json]:
    """Name → class: as written, or `id2label` the other way round."""
    written = level.raw.get("label2id")
    if isinstance(written, dict):
        return {key: _index(one) for key, one in written.items() if not isinstance(one, dict | list)}
    return {name: index for index, name in label_names(level).items()}


def _index(value: Json) -> Json:
    """A class, which some write as text."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < len("1_000_000_000") else value
