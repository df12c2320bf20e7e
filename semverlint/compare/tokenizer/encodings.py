"""Whether two tokenizers give the same texts the same ids: tried in the child process, where it can be."""

from dataclasses import dataclass

from semverlint.changes.tokenizer import EncodingChanged, Encodings
from semverlint.compare.pair import Pair
from semverlint.compare.tokenizer.pipeline import may_encode_differently
from semverlint.compare.tokenizer.view import Source
from semverlint.formats.text_files import read_text
from semverlint.formats.tokenizer import LARGEST
from semverlint.probes import Limits, ProbeFailed, ask

_LIMITS = Limits(seconds=30, memory=8_000_000_000)
"""Two tokenizers of 34 MB, the largest known, take 6 s and 2 GB to load."""
_MOST_FOCUS = 5_000


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


def _focus(before: Source, after: Source) -> list[str]:
    """Tokens that merges make which are new, gone or in another place: among all texts, these show it first."""
    old, new = before.merges or (), after.merges or ()
    if old == new:
        return []
    places = dict(zip(old, range(len(old)), strict=True))
    moved = [left + right for at, (left, right) in enumerate(new) if places.get((left, right)) != at]
    gone = [left + right for left, right in dict.fromkeys(old).keys() - set(new)]
    return [*moved[:_MOST_FOCUS], *sorted(gone)[:_MOST_FOCUS]]
