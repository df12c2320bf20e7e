"""A model's name, read as people mean it: typed segments with their text, place and confidence.

    >>> name = parse_name("Qwen/Qwen2.5-7B-Instruct-1M")
    >>> name.family, name.version
    ('Qwen', '2.5')

The grammar is described in `docs/naming.md`. Reading takes time linear in the length of the name, whatever it holds.
"""

import re

from semverlint.versions.names.context import settle
from semverlint.versions.names.counts import amount
from semverlint.versions.names.joins import Part, parts_of, with_keywords
from semverlint.versions.names.kinship import relate
from semverlint.versions.names.record import FAMILY, KINDS, Alternative, Name, Segment

__all__ = ["FAMILY", "KINDS", "Alternative", "Name", "Segment", "amount", "name_of", "parse_name"]


def parse_name(text: str, pipeline: str | None = None) -> Name:
    """Read a name: of a repository (`org/name` or `name`), a file, or anything that is written like one.

    Of a model's address (`https://huggingface.co/org/name/tree/main`, `hf://org/name`) the repository's name is read.

    Args:
        text: The name.
        pipeline: The Hub's `pipeline_tag`, where it is known; under `reinforcement-learning` the version at the end is
            that of the environment.
    """
    begin, read = _named(text)
    slash = max(read.find("/", begin), begin)
    organisation = read[begin:slash]
    segments = [Segment("organisation", organisation, begin, slash, organisation, 1.0)] if organisation else []
    parts = with_keywords(parts_of(read, slash), read)
    parts = relate(settle(parts, text, pipeline), organisation)
    segments += [_segment(text, part) for part in parts]
    return Name(text, tuple(segments))


_ADDRESS = re.compile(
    r"(?:hf://|(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/)(?:(?:datasets|spaces|models)/)?"
    r"(?P<name>[^/?#\s]*(?:/(?!(?:tree|blob|resolve|raw|commits?|discussions)/)[^/?#\s]+)?)",
    re.IGNORECASE,
)


def _named(text: str) -> tuple[int, str]:
    """Where the name in a model's address begins, and the text up to the name's end; any other text as it is."""
    match = _ADDRESS.match(text) if text[:1] in "hHwW" else None
    return (match.start("name"), text[: match.end("name")]) if match else (0, text)


def name_of(address: str) -> Name:
    """The own name of what an address points to: of a repository without its owner, of a folder the last part."""
    return parse_name(address.rstrip("/").rpartition("/")[2])


def _segment(text: str, part: Part) -> Segment:
    return Segment(
        part.kind, text[part.start : part.end], part.start, part.end, part.value, part.confidence, part.alternatives
    )
