"""The conversations with which chat templates are tried: a fixed matrix, and what the templates themselves ask for.

A template's own variables, fields, roles and words are read from its program, so that the branches they open are
reached. Every case says which of these names it uses: a template that knows none of them was never asked this before.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

_MOST = 1_000
_MOST_NAMES, _MOST_WORDS, _MOST_VALUES = 12, 40, 6

_USER = {"role": "user", "content": "Hi there"}
_NEXT = {"role": "user", "content": "  And you? "}
_ANSWER = {"role": "assistant", "content": "Hello!"}
_SYSTEM = {"role": "system", "content": "Be brief."}
_THOUGHT = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nHello!"}
_REASONED = {**_ANSWER, "reasoning_content": "Hm."}
_CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [
        {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": {"city": "Köln"}}}
    ],
}
_TWO_CALLS = {
    **_CALL,
    "content": "Let me see.",
    "tool_calls": [
        {"id": f"call0000{n}", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Köln"}'}}
        for n in (1, 2)
    ],
}
_RESULT = {"role": "tool", "content": "12 °C", "name": "weather", "tool_call_id": "call00001"}
_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Where", "enum": ["Köln", "Bonn"]},
                "days": {"type": "integer", "description": "How many"},
            },
            "required": ["city"],
        },
        "return": {"type": "string", "description": "A sentence"},
    },
}
_KINDS = {
    "list": {"type": "array", "items": {"type": "number"}, "description": "Figures"},
    "map": {"type": "object", "additionalProperties": {"type": "boolean"}, "description": "Flags"},
    "either": {"type": ["string", "null"], "description": "Text or none", "default": None},
    "nested": {"type": "object", "properties": {"a": {"type": "string"}}, "description": "An object"},
}
_RICH_TOOL = {
    "type": "function",
    "function": {
        "name": "rich",
        "description": "Every kind of argument.",
        "parameters": {"type": "object", "properties": _KINDS, "required": []},
    },
}
_BARE_TOOL = {"name": "bare", "description": "No arguments.", "parameters": {"type": "object", "properties": {}}}
_DOCUMENT = {"title": "Title", "text": "Text", "content": "Text", "doc_id": 1}
_PARTS: dict[str, dict[str, Any]] = {
    "image": {"type": "image"},
    "image_url": {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    "audio": {"type": "audio"},
    "video": {"type": "video"},
}
_TOKENS = {f"{role}_token": f"<{role.upper()}>" for role in ("bos", "eos", "pad", "unk", "sep", "cls", "mask")}
_GIVEN = {"messages", "tools", "documents", "add_generation_prompt", *_TOKENS}
_ORDINARY = {"role", "content", "tool_calls", "type", "function", "name", "arguments", "id", "text", "tool_call_id"}


@dataclass(frozen=True)
class Case:
    """One conversation, with and without the generation prompt.

    Attributes:
        name: What it is, in words.
        variables: What the template is given, beside the special tokens and the generation prompt.
        uses: Names that a template must know for this case to be an ordinary one to it.
    """

    name: str
    variables: dict[str, Any]
    uses: frozenset[str] = frozenset()

    def given(self, *, prompt: bool) -> dict[str, Any]:
        """All variables, as transformers passes them: tools and documents are there, and none where none were given."""
        return {**_TOKENS, "tools": None, "documents": None, "add_generation_prompt": prompt, **self.variables}


@dataclass
class Names:
    """What a program speaks of.

    Attributes:
        variables: Variables it does not define itself.
        fields: Attributes and keys it looks up.
        words: Texts it compares with, or passes to functions.
        everything: All of these, and every name and text besides.
    """

    variables: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    everything: set[str] = field(default_factory=set)


def names_of(tree: Any) -> Names:  # noqa: ANN401 - a tree of the extra
    """What a parsed template speaks of."""
    from jinja2 import meta, nodes  # noqa: PLC0415 - an extra, and only the child process loads it

    found = Names(variables=set(meta.find_undeclared_variables(tree)))
    for place in tree.find_all((nodes.Compare, nodes.Call, nodes.Test)):
        found.words |= {one.value for one in place.find_all(nodes.Const) if isinstance(one.value, str)}
    own = {one.attr for one in tree.find_all(nodes.NSRef)}
    looked_up = [one for one in tree.find_all(nodes.Getattr) if getattr(one.node, "name", "") != "loop"]
    found.fields = {one.attr for one in looked_up if one.attr not in own}
    found.fields |= {one.arg.value for one in tree.find_all(nodes.Getitem) if _is_text(one.arg)}
    found.everything = found.variables | found.fields | found.words
    found.everything |= {one.name for one in tree.find_all(nodes.Name)}
    found.everything |= {one.value for one in tree.find_all(nodes.Const) if isinstance(one.value, str)}
    return found


def _is_text(node: Any) -> bool:  # noqa: ANN401 - a node of the extra
    return isinstance(getattr(node, "value", None), str)


def cases(known: list[Names], ready_made: set[str]) -> list[Case]:
    """Every case for templates that speak of `known`; the environment itself defines the names in `ready_made`."""
    variables = sorted(set().union(*(one.variables for one in known)) - _GIVEN - ready_made)[:_MOST_NAMES]
    words = [word for word in sorted(set().union(*(one.words for one in known))) if word.strip()][:_MOST_WORDS]
    methods = {name for kind in (str, list, dict) for name in dir(kind)}
    fields = sorted(set().union(*(one.fields for one in known)) - _ORDINARY - methods - ready_made)[:_MOST_WORDS]
    return [*_fixed(), *_of_variables(variables, words), *_of_fields(fields, words), *_of_words(words)][: _MOST // 2]


def _case(name: str, messages: list[Any], *uses: str, **variables: Any) -> Case:  # noqa: ANN401 - any value
    return Case(name, {"messages": messages, **variables}, frozenset(uses))


def _fixed() -> Iterator[Case]:
    part = {"type": "text", "text": "Hi"}
    yield _case("one question", [_USER])
    yield _case("a system message", [_SYSTEM, _USER])
    yield _case("several turns", [_USER, _ANSWER, _NEXT])
    yield _case("a system message and several turns", [_SYSTEM, _USER, _ANSWER, _USER, _ANSWER, _NEXT])
    yield _case("the end is an answer", [_USER, _ANSWER])
    yield _case("an answer with thoughts in its text", [_USER, _THOUGHT, _USER])
    yield _case("the end is an answer with thoughts in its text", [_USER, _THOUGHT])
    yield _case("an answer with thoughts beside it", [_USER, _REASONED, _USER], "reasoning_content")
    yield _case("the end is an answer with thoughts beside it", [_USER, _REASONED], "reasoning_content")
    yield _case("an empty question", [{"role": "user", "content": ""}])
    yield _case("two questions in a row", [_USER, _USER])
    yield _case("the beginning is an answer", [_ANSWER, _USER])
    yield _case("no message at all", [])
    yield _case("only a system message", [_SYSTEM])
    yield _case("a system message late", [_USER, _SYSTEM, _USER])
    yield _case("text in parts", [{"role": "user", "content": [part, {**part, "text": "there"}]}], "text")
    yield _case("a system message in parts", [{"role": "system", "content": [part]}, _USER], "text")
    for kind, one in _PARTS.items():
        yield _case(f"a part of type {kind}", [{"role": "user", "content": [one, part]}], kind)
    yield _case("one question with tools", [_USER], "tools", tools=[_TOOL])
    yield _case("a system message with tools", [_SYSTEM, _USER], "tools", tools=[_TOOL, _TOOL])
    yield _case("a tool is called", [_USER, _CALL], "tool_calls", tools=[_TOOL])
    yield _case("a tool is called and has answered", [_USER, _CALL, _RESULT], "tool_calls", "tool", tools=[_TOOL])
    yield _case("tools without their list", [_USER, _CALL, _RESULT, _ANSWER, _USER], "tool_calls", "tool")
    turns = [_SYSTEM, _USER, _TWO_CALLS, _RESULT, {**_RESULT, "tool_call_id": "call00002"}, _ANSWER, _USER]
    yield _case("two tools are called at once", turns, "tool_calls", "tool", tools=[_TOOL])
    once = {**_CALL, "content": None, "tool_calls": _TWO_CALLS["tool_calls"][:1]}
    yield _case("a tool is called and nothing said", [_USER, once, _RESULT], "tool_calls", "tool", tools=[_TOOL])
    flat = {**_CALL, "tool_calls": [{"name": "weather", "arguments": {"city": "Köln"}}]}
    yield _case("a tool is called in the short form", [_USER, flat, _RESULT], "tool_calls", "tool", tools=[_TOOL])
    nameless = {"role": "tool", "content": [part]}
    yield _case("a tool answers in parts", [_USER, _CALL, nameless], "tool_calls", "tool", tools=[_TOOL])
    yield _case("a tool answers unasked", [_USER, {"role": "tool", "content": "12 °C"}], "tool")
    yield _case("no tool is called after all", [_USER, {**_ANSWER, "tool_calls": []}, _USER], "tool_calls")
    yield _case("tools of every kind", [_USER], "tools", tools=[_RICH_TOOL, _BARE_TOOL, {"type": "function"}])
    yield _case("tools and no message", [], "tools", tools=[_TOOL])
    yield _case("text in parts with tools", [{"role": "user", "content": [part]}], "tools", "text", tools=[_TOOL])
    yield _case("no tools in the list", [_USER], "tools", tools=[])
    yield _case("one question with documents", [_USER], "documents", documents=[_DOCUMENT, _DOCUMENT])


def _of_variables(names: list[str], words: list[str]) -> Iterator[Case]:
    """Every variable with values of several kinds, in conversations that are likely to ask for it; then pairs."""
    short = [word for word in words if word.replace("-", "").replace("_", "").isalnum()][:_MOST_VALUES]
    for name in names:
        for value in (True, False, "Some text", ["text"], 1, *short):
            shown = f"{name}={json.dumps(value)}"
            yield _case(f"one question, {shown}", [_USER], name, **{name: value})
            if isinstance(value, bool):
                yield _case(f"thoughts, {shown}", [_SYSTEM, _USER, _THOUGHT, _NEXT], name, **{name: value})
                tools = [_SYSTEM, _USER, _CALL, _RESULT]
                yield _case(f"tools, {shown}", tools, name, "tools", tools=[_TOOL], **{name: value})
    for one, other in combinations(names, 2):
        for values in ((True, True), (True, False), (False, True)):
            shown = f"{one}={json.dumps(values[0])}, {other}={json.dumps(values[1])}"
            given = dict(zip((one, other), values, strict=True))
            yield _case(f"a system message, {shown}", [_SYSTEM, _USER], one, other, **given)


def _of_fields(names: list[str], words: list[str]) -> Iterator[Case]:
    """Messages that carry a field the templates look up."""
    for name in names:
        for value in (True, "Said.", *([word for word in words if word.isidentifier()][:2])):
            shown = f"{name}={json.dumps(value)}"
            marked = {**_ANSWER, name: value}
            yield _case(f"an answer with {shown}", [{**_USER, name: value}, marked, _USER], name)
            yield _case(f"the end is an answer with {shown}", [_USER, marked], name)


def _of_words(words: list[str]) -> Iterator[Case]:
    """Roles, types of parts and texts that the templates compare with."""
    for word in words:
        yield _case(f"a message by {word}", [_USER, {"role": word, "content": "Said."}, _USER], word)
        yield _case(f"the beginning is a message by {word}", [{"role": word, "content": "Said."}, _USER], word)
        yield _case(f"a part of type {word}", [{"role": "user", "content": [{"type": word, word: "Hi"}]}], word)
        said = {"role": "user", "content": f"{word} Hi {word}"}
        yield _case(f"messages that say {word}", [said, {**said, "role": "assistant"}, _USER], word)
