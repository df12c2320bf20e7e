"""Names read, as they are shown: a table for people, JSON for programs."""

import json
from collections.abc import Iterable
from typing import Any

from semverlint.text import clean
from semverlint.versions.names import Name, Segment, parse_name

_KIND, _TEXT, _VALUE = 14, 28, 14
"""Widths of the columns, so that a row with its alternatives fits into 80 characters."""


def table(text: str, width: int = 80) -> str:
    """A name with a row a segment: its kind, its text, what that says where it says more, and how sure that is."""
    name = parse_name(text)
    lines = [clean(name.text, width)]
    summary = [f"{key} {value}" for key, value in (("family", name.family), ("version", name.version)) if value]
    lines.append(clean("  " + (", ".join(summary) or "nothing that names or versions anything"), width))
    lines += [_row(segment, width) for segment in name.segments]
    return "\n".join(lines) + "\n"


def _row(segment: Segment, width: int) -> str:
    text = clean(segment.text, _TEXT - 1)
    value = clean(segment.value, _VALUE - 1) if segment.value != segment.text else ""
    others = ", ".join(
        f"{other.kind} {other.value}" if other.kind != segment.kind else other.value for other in segment.alternatives
    )
    row = f"  {segment.kind:{_KIND}} {text:{_TEXT}} {value:{_VALUE}} {round(segment.confidence * 100):3} %"
    return clean(f"{row}  or {others}" if others else row, width)


def row(name: Name) -> dict[str, Any]:
    """A name as one object: the fields of a table of names, and `segments` with their places."""
    fields = name.fields()
    fields["segments"] = [
        {
            "kind": kind,
            "text": text,
            "start": start,
            "end": end,
            "value": value,
            "confidence": confidence,
            "alternatives": [other._asdict() for other in others] if others else [],
        }
        for kind, text, start, end, value, confidence, others in name.segments
    ]
    return fields


def json_lines(names: Iterable[str]) -> str:
    """An object a name and line; in ASCII, so that no character of a stranger's name acts on whatever shows it."""
    encode = json.JSONEncoder(check_circular=False, separators=(", ", ": ")).encode
    return "".join([encode(row(parse_name(name))) + "\n" for name in names])


def json_list(names: Iterable[str]) -> str:
    """All names as one list of objects."""
    return json.dumps([row(parse_name(name)) for name in names], indent=2) + "\n"
