"""Chat templates, wherever they are kept, decided by what they render."""

from collections.abc import Iterator
from typing import Any, Literal

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.prompt import PromptChanged, PromptRewritten, PromptUnread, TemplateAdded, TemplateRemoved
from semverlint.compare.pair import Pair
from semverlint.compare.prompt.templates import Template, templates_of
from semverlint.compare.registry import comparer
from semverlint.probes import ProbeFailed, ask

_AROUND = 40
"""Characters shown on either side of the first difference."""

What = Literal["generation-prompt", "text", "refused", "accepted"]


@comparer
def compare_prompts(pair: Pair) -> Iterator[Change]:
    """Changes of the templates in every folder in which a tokenizer's file was touched."""
    for place in pair.folders("tokenizer"):
        with pair.attempt(f"{place}/tokenizer_config.json" if place else "tokenizer_config.json"):
            old, new = templates_of(pair.old, place), templates_of(pair.new, place)
            if not pair.touched.intersection(one.path for side in (old, new) for one in side.values()):
                continue
            for name in sorted(old.keys() | new.keys()):
                yield from _template(pair, name, old.get(name), new.get(name))


def _template(pair: Pair, name: str, old: Template | None, new: Template | None) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            yield TemplateAdded(path=new.path, template=name)
        if old is not None:
            yield TemplateRemoved(path=old.path, template=name)
        return
    if old.path.endswith("tokenizer_config.json") and not new.path.endswith("tokenizer_config.json"):
        # transformers reads it from 4.47 on (transformers#33957); TGI#3247 and swift-transformers#204 did not.
        yield ReaderFloorRaised(
            path=new.path,
            form="chat template in a file of its own",
            reader="transformers",
            since="4.47",
            older="refuse",
        )
    if old.text == new.text:
        return
    try:
        answer = ask("render", {"old": old.text, "new": new.text})
    except ProbeFailed as reason:
        pair.doubt(
            new.path,
            f"the chat template differs, and rendering it {reason}",
            "install semverlint[templates], or compare the rendered prompts by hand",
        )
        yield PromptUnread(path=new.path, template=name)
        return
    yield from _told(new.path, name, answer)


def _told(path: str, name: str, answer: Any) -> Iterator[Change]:  # noqa: ANN401 - JSON of the child process
    cases = answer["cases"]
    groups: dict[What, list[Any]] = {}
    without_prompt = {case["name"]: case for case in cases if not case["prompt"]}
    for case in cases:
        if what := _difference(case, without_prompt):
            groups.setdefault(what, []).append(case)
    if not groups:
        yield PromptRewritten(path=path, template=name, tried=len(cases), same_program=answer["same_program"])
    for what, found in groups.items():
        before, after = _excerpts(
            *(found[0][side].get("text", found[0][side].get("error", "")) for side in ("old", "new"))
        )
        yield PromptChanged(
            path=path,
            template=name,
            what=what,
            cases=len(found),
            tried=len(cases),
            case=found[0]["name"],
            before=before,
            after=after,
        )


def _difference(case: Any, without_prompt: dict[str, Any]) -> What | None:  # noqa: ANN401 - JSON of the child process
    old, new = case["old"], case["new"]
    if "error" in old or "error" in new:
        if "error" in old and "error" in new:
            return None
        return "accepted" if "error" in old else "refused"
    if old["text"] == new["text"]:
        return None
    bare = without_prompt[case["name"]]
    conversation_is_the_same = "text" in bare["old"] and bare["old"] == bare["new"]
    return "generation-prompt" if case["prompt"] and conversation_is_the_same else "text"


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Both texts around the first place where they differ."""
    same = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - _AROUND)
    lead = "…" if start else ""
    return lead + before[start : same + _AROUND], lead + after[start : same + _AROUND]
