"""A history for programs: versioned JSON, apart from the records inside."""

import json
from typing import Any

from semverlint.history.record import Entry, History, Stretch
from semverlint.reports import Style

SCHEMA = "semverlint/log/1"
"""The version of this format: a field is renamed or removed only with the next number."""


def history_json(history: History, style: Style) -> str:
    """The whole history as one JSON object."""
    del style
    return json.dumps(history_document(history), indent=2) + "\n"


def history_jsonl(history: History, style: Style) -> str:
    """One commit a line."""
    del style
    return "".join(json.dumps(entry_document(entry)) + "\n" for entry in history.entries)


def history_document(history: History) -> dict[str, Any]:
    """The whole history as one JSON object."""
    return {
        "schema": SCHEMA,
        "target": {"address": history.address, "revision": history.revision},
        "whole": history.whole,
        "waiting": stretch_document(history.waiting),
        "releases": [stretch_document(one) for one in history.releases],
        "commits": [entry_document(entry) for entry in history.entries],
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """One commit."""
    return {
        "commit": entry.commit.id,
        "parent": entry.parent,
        "date": entry.commit.date,
        "title": entry.commit.title,
        "commits": entry.commits,
        "bump": str(entry.bump),
        "at_most": str(entry.at_most),
        "decided_by": list(entry.decided_by),
        "purpose": entry.work.purpose,
        "basis": entry.work.basis,
        "categories": [{"category": name, "path": path} for name, path in entry.work.categories.items()],
        "parts": list(entry.work.parts),
        "files": [{"path": one.path, "how": one.how} for one in entry.touched],
        "contradictions": [{"kind": one.kind, "text": one.text} for one in entry.contradictions],
        "released": [{"version": one.version, "source": one.source} for one in entry.released],
    }


def stretch_document(stretch: Stretch) -> dict[str, Any]:
    """The way between two releases, or what is waiting."""
    return {
        "from": stretch.start,
        "to": stretch.end.version if stretch.end else None,
        "source": stretch.end.source if stretch.end else None,
        "commits": stretch.commits,
        "bumps": {str(bump): count for bump, count in stretch.bumps.items()},
        "declared": None if stretch.declared is None else str(stretch.declared),
        "required": str(stretch.required),
        "at_most": str(stretch.at_most),
        "verdict": stretch.verdict or None,
    }
