"""The names of a classifier's classes: an interface that programs compare by text."""

import re
from collections.abc import Iterator, Mapping

from semverlint.changes.base import Change
from semverlint.changes.config import LabelChanged

_UNNAMED = re.compile(r"LABEL_\d+")


def compare_labels(path: str, before: Mapping[int, str], after: Mapping[int, str]) -> Iterator[Change]:
    """Classes whose name is another one, new or gone."""
    for index in sorted(before.keys() | after.keys()):
        old, new = before.get(index), after.get(index)
        if old == new:
            continue
        if old is None or new is None:
            yield LabelChanged(
                path=path, index=index, before=old, after=new, what="added" if old is None else "removed"
            )
        elif new in before.values():
            yield LabelChanged(path=path, index=index, before=old, after=new, what="moved")
        else:
            named = _UNNAMED.fullmatch(old) is not None
            yield LabelChanged(path=path, index=index, before=old, after=new, what="named" if named else "renamed")
