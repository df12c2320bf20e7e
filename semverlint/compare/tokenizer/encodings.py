"""Whether two tokenizers give the same texts the same ids: tried in the child process, where it can be."""

from dataclasses import dataclass

from semverlint.changes.tokenizer import EncodingChanged, Encodings
from semverlint.compare.pair import Pair
from semverlint.compare.tokenizer.pipeline import may_encode_differently
from semverlint.compare.tokenizer.view import Source
from semverlint.formats.text_files import read_text
from semverlint.formats.tokenizer import LARGEST
from semverlint.probes import Limits, ProbeFailed, ask

_LIMITS = Limits(seconds=10, memory=3_000_000_000)
"""Two tokenizers of 8 MB take 1 s and 0.2 GB, all texts included; the largest known has 34 MB."""
_MOST_FOCUS = 2_000
_ENDS = 3
"""Merges tried at either end of another."""


@dataclass(frozen=True)
class Trial:
    """What became of texts encoded with both, and of ids decoded with both."""

    encoded: Encodings = "unknown"
    decoded: Encodings = "unknown"
    change: EncodingChanged | None = None


def try_encodings(pair: Pair, before: Source, after: Source) -> Trial:
    """Encode many texts with both, where the vocabularies are the same and something else differs."""
    if not may_encode_differently(before, after):
        return Trial()
    question: dict[str, object] = {
        "old": read_text(pair.old.files[before.path], LARGEST),
        "new": read_text(pair.new.files[after.path], LARGEST),
        "focus": _focus(before, after),
    }
    try:
        answer = ask("encode", question, _LIMITS)
    except ProbeFailed as failed:
        if not failed.missing:
            reason = f"encoding texts with both tokenizers {failed.reason}; they are judged by their structure"
            pair.doubt(after.path, reason, "encode texts of your own with both")
        return Trial()
    decoded: Encodings = "differ" if answer["decoded"] else "equal"
    if not answer["differ"]:
        return Trial("equal", decoded)
    shown = {name: answer[name] for name in ("text", "before", "after")}
    change = EncodingChanged(path=after.path, texts=answer["tried"], differ=answer["differ"], **shown)
    return Trial("differ", "unknown", change)


def _focus(before: Source, after: Source) -> list[list[str]]:
    """Runs of tokens that show a change of merges first: what a merge joins, with what other merges join to its ends.

    Which of two merges comes first only shows where they want the same piece: `a b` and `b c` in the text `abc`.
    """
    old, new = before.merges or (), after.merges or ()
    if old == new:
        return []
    ranks = {merge: rank for rank, merge in enumerate(old)}
    moved = [merge for rank, merge in enumerate(new) if ranks.get(merge) != rank]
    gone = sorted(ranks.keys() - set(new))
    begin: dict[str, list[str]] = {}
    end: dict[str, list[str]] = {}
    for left, right in {**dict.fromkeys(moved), **dict.fromkeys(gone)}:
        begin.setdefault(left, []).append(right)
        end.setdefault(right, []).append(left)
    runs: list[list[str]] = []
    for left, right in [*gone[:_MOST_FOCUS], *moved[:_MOST_FOCUS]]:
        runs.append([left, right])
        runs += [[left, right, behind] for behind in begin.get(right, [])[:_ENDS]]
        runs += [[front, left, right] for front in end.get(left, [])[:_ENDS]]
    return runs
