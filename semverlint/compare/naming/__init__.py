"""Names: what the repository's name says beside the card and the configuration, and beside the other release's name."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from semverlint.changes.base import Change, Incoherence
from semverlint.changes.naming import NameContradictsBase, NameContradictsPacking, NameRepeated
from semverlint.compare.naming.bases import other_base
from semverlint.compare.naming.packing import other_packing
from semverlint.compare.pair import Pair
from semverlint.compare.registry import comparer
from semverlint.errors import FileError
from semverlint.snapshot import Snapshot
from semverlint.versions.names import Name, name_of

Check: TypeAlias = Callable[[Snapshot, Name], Incoherence | None]

_CARD, _CONFIG = "README.md", "config.json"
_SAID = ("version", "size", "stage", "quantization", "format", "date", "other")


@comparer
def compare_naming(pair: Pair) -> Iterator[Change]:
    """Contradictions that the name, or a touched file, is part of; and one name for two releases."""
    old, new = name_of(pair.old.address), name_of(pair.new.address)
    renamed = old.text != new.text or pair.options.full
    if renamed or _CONFIG in pair.touched:
        yield from _contradictions(pair, old, new, _packing)
    if renamed or _CARD in pair.touched:
        yield from _contradictions(pair, old, new, _base)
    if _repeated(pair, old, new):
        yield NameRepeated(path="name", name=new.text, other=pair.old.name)


def _contradictions(pair: Pair, old: Name, new: Name, check: Check) -> Iterator[Incoherence]:
    with pair.attempt(_CARD if check is _base else _CONFIG):
        if found := check(pair.new, new):
            yield replace(found, already=_same(pair.old, old, check, found))


def _same(snapshot: Snapshot, name: Name, check: Check, found: Incoherence) -> bool:
    """Whether the old revision had the same contradiction."""
    try:
        return check(snapshot, name) == found
    except FileError:
        return False


def _packing(snapshot: Snapshot, name: Name) -> Incoherence | None:
    promised, found = other_packing(snapshot, name, _CONFIG) or ("", "")
    return NameContradictsPacking(path=_CONFIG, already=False, promised=promised, found=found) if promised else None


def _base(snapshot: Snapshot, name: Name) -> Incoherence | None:
    promised, card = other_base(snapshot, name, _CARD) or ("", "")
    return NameContradictsBase(path=_CARD, already=False, promised=promised, card=card) if promised else None


def _repeated(pair: Pair, old: Name, new: Name) -> bool:
    """Whether two addresses with other content, neither a mere folder, read alike down to the version."""
    one, other = pair.old.address, pair.new.address
    if one == other or not pair.touched or pair.old.commit is None or pair.new.commit is None or new.version is None:
        return False
    first, second = old.fields(), new.fields()
    return old.family.lower() == new.family.lower() and all(first[key] == second[key] for key in _SAID)
