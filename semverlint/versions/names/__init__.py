"""A model's name, read as people mean it: typed segments with their text, place and confidence.

    >>> name = parse_name("Qwen/Qwen2.5-7B-Instruct-1M")
    >>> name.family, name.version
    ('Qwen', '2.5')

The grammar is described in `docs/naming.md`. Reading takes time linear in the length of the name, whatever it holds.
"""

from semverlint.versions.names.context import settle
from semverlint.versions.names.counts import amount
from semverlint.versions.names.joins import Part, parts_of, with_keywords
from semverlint.versions.names.kinship import relate
from semverlint.versions.names.record import FAMILY, KINDS, Alternative, Name, Segment

__all__ = ["FAMILY", "KINDS", "Alternative", "Name", "Segment", "amount", "name_of", "parse_name"]


def parse_name(text: str, pipeline: str | None = None) -> Name:
    """Read a name: of a repository (`org/name` or `name`), a file, or anything that is written like one.

    Args:
        text: The name.
        pipeline: The Hub's `pipeline_tag`, where it is known; under `reinforcement-learning` the version at the end is
            that of the environment.
    """
    slash = max(text.find("/"), 0)
    organisation = text[:slash]
    segments = [Segment("organisation", organisation, 0, slash, organisation, 1.0)] if organisation else []
    parts = with_keywords(parts_of(text, slash), text)
    parts = relate(settle(parts, text, pipeline), organisation)
    segments += [_segment(text, part) for part in parts]
    return Name(text, tuple(segments))


def name_of(address: str) -> Name:
    """The own name of what an address points to: of a repository without its owner, of a folder the last part."""
    return parse_name(address.rstrip("/").rpartition("/")[2])


def _segment(text: str, part: Part) -> Segment:
    return Segment(
        part.kind, text[part.start : part.end], part.start, part.end, part.value, part.confidence, part.alternatives
    )
