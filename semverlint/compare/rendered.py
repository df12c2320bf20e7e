"""Chat templates decided by what they render, for every file that carries one: tokenizers' and GGUF."""

from collections.abc import Iterator
from typing import Any

from semverlint.changes.base import Change
from semverlint.changes.prompt import PromptChanged, PromptRewritten, PromptUnread
from semverlint.compare.pair import Pair
from semverlint.probes import ProbeFailed, ask


def rendered(pair: Pair, name: str, path: str, texts: tuple[str, str]) -> Iterator[Change]:
    """What the difference of two chat templates does to prompts.

    Args:
        pair: The two revisions.
        name: The template's name.
        path: The file that holds the new one.
        texts: The old source and the new one.
    """
    try:
        answer = ask("render", {"old": texts[0], "new": texts[1]})
    except ProbeFailed as failed:
        pair.doubt(
            path,
            f"the chat template {name} differs, and rendering it {failed.reason}",
            "install semverlint[templates]" if failed.missing else "compare the rendered prompts by hand",
        )
        yield PromptUnread(path=path, template=name)
        return
    if not answer["changes"]:
        yield from _equal(pair, name, path, answer)
    for what, found in answer["changes"].items():
        yield PromptChanged(path=path, template=name, what=what, tried=answer["tried"], **found)


def _equal(pair: Pair, name: str, path: str, answer: Any) -> Iterator[Change]:  # noqa: ANN401 - JSON of the child process
    unreached = 0 if answer["same_program"] else answer["unreached"]
    if unreached:
        pair.doubt(
            path,
            f"the chat template {name} renders {answer['tried']} conversations alike, but none reached {unreached} of "
            "the branches that differ",
            "compare what stands in those branches by hand",
        )
    yield PromptRewritten(
        path=path, template=name, tried=answer["tried"], same_program=answer["same_program"], unreached=unreached
    )
