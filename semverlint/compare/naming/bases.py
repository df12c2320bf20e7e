"""Which language model a name says it is built on, beside `base_model` in the card."""

from semverlint.formats.card import read_card
from semverlint.snapshot import Snapshot
from semverlint.versions.names import Name, parse_name
from semverlint.versions.names.vocabulary import vocabulary

_MOST_BASES = 64
_PREFIXES = ("meta-", "meta")


def other_base(snapshot: Snapshot, name: Name, path: str) -> tuple[str, str] | None:
    """The root that the name names and the base that the card names instead; None where they may be one.

    A base that is itself built on something (`zephyr-7b-beta`) may well be of the family that the name says, so only
    bases whose own names say another root contradict it.

    Raises:
        FileError: If the card cannot be read.
    """
    said = _roots(name)
    if len({family for family, _ in said.values()}) != 1:
        return None  # nothing, or a merge of several
    card = snapshot.facts(read_card, path)
    bases = list(card.listed("base_model"))[:_MOST_BASES] if card is not None else []
    if not bases:
        return None
    wanted = set(said.values())
    for base in bases:
        roots = set(_roots(parse_name(base)).values())
        if not roots or any(_may_be_one(one, other) for one in wanted for other in roots):
            return None
    return next(iter(said)), bases[0]


def _roots(name: Name) -> dict[str, tuple[str, str]]:
    """The language models named, as written → (family, version), the version empty where none is written."""
    words = vocabulary().words
    found: dict[str, tuple[str, str]] = {}
    for at, segment in enumerate(name.segments):
        if segment.kind == "base":
            family, _, version = segment.value.lower().rpartition("-")
            if not version[:1].isdigit():
                family, version = segment.value.lower(), ""
        elif segment.kind == "family" and (word := words.get(segment.text.lower())) and word.sort == "llm":
            family, version = segment.text.lower(), ""
            after = name.segments[at + 1] if at + 1 < len(name.segments) else None
            if after is not None and after.kind in {"version", "family-version"} and after.text[0] not in "vV":
                version = after.value
        else:
            continue
        for prefix in _PREFIXES:
            family = family.removeprefix(prefix)
        found[segment.text] = (family.replace("-", "").replace("_", ""), version)
    return found


def _may_be_one(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two families may be the same: `codellama` is a Llama, and no version contradicts none."""
    if not (one[0] in other[0] or other[0] in one[0]):
        return False
    first, second = one[1].partition(".")[0], other[1].partition(".")[0]
    return not (first and second) or first == second
