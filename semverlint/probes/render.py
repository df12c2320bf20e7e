"""Chat templates rendered over a matrix of conversations, in Jinja's immutable sandbox.

The environment is the one transformers uses (`utils/chat_template_utils.py`): trimmed blocks, `tojson` without escapes,
`raise_exception`, `strftime_now`, loop controls and the `generation` tag. The clock stands still.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

NOW = dt.datetime(2024, 7, 26, 12, 0, 0, tzinfo=dt.UTC)
_MOST_CASES = 400
_LONGEST = 100_000
"""Characters of one rendering that are kept."""

_USER = {"role": "user", "content": "Hi there"}
_ANSWER = {"role": "assistant", "content": "Hello!"}
_SYSTEM = {"role": "system", "content": "Be brief."}
_THOUGHT = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nHello!", "reasoning_content": "Hm."}
_CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [
        {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": {"city": "Köln"}}}
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
            "properties": {"city": {"type": "string", "description": "Where"}},
            "required": ["city"],
        },
    },
}
_PICTURE = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}

CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    "one question": [_USER],
    "a system message": [_SYSTEM, _USER],
    "several turns": [_USER, _ANSWER, {"role": "user", "content": "  And you? "}],
    "system and several turns": [_SYSTEM, _USER, _ANSWER, _USER],
    "ends with an answer": [_USER, _ANSWER],
    "an answer with thoughts": [_USER, _THOUGHT, _USER],
    "a tool is called": [_USER, _CALL, _RESULT],
    "a tool is called and answered": [_SYSTEM, _USER, _CALL, _RESULT, _ANSWER, _USER],
    "a picture": [_PICTURE],
    "text in parts": [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]}],
    "two questions in a row": [_USER, _USER],
    "begins with an answer": [_ANSWER, _USER],
    "nothing": [],
    "only a system message": [_SYSTEM],
}
_TOKENS = {"bos_token": "<BOS>", "eos_token": "<EOS>", "pad_token": "<PAD>", "unk_token": "<UNK>"}
_GIVEN = {
    "messages",
    "tools",
    "documents",
    "add_generation_prompt",
    *_TOKENS,
    "raise_exception",
    "strftime_now",
    "range",
    "namespace",
}


def render(question: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Render two templates over the same cases.

    Args:
        question: The templates' texts, under `old` and `new`.

    Returns:
        `same_program`: whether the two are the same program but for comments and white space around tags; `cases`: a
        list of {name, prompt (whether the generation prompt was asked for), old, new}, each side {text} or {error}.
    """
    import jinja2  # noqa: PLC0415 - an extra, and only this process loads it

    environment = make_environment()
    sources = {side: question[side] for side in ("old", "new")}
    templates: dict[str, Any] = {}
    trees: dict[str, Any] = {}
    for side, source in sources.items():
        try:
            trees[side] = environment.parse(source)
            templates[side] = environment.from_string(source)
        except (jinja2.TemplateError, RecursionError) as error:
            templates[side] = str(error)
    cases = []
    for name, prompt, variables in _cases(trees):
        case: dict[str, Any] = {"name": name, "prompt": prompt}
        for side, template in templates.items():
            case[side] = {"error": template} if isinstance(template, str) else _try(template, variables)
        cases.append(case)
    same = len(trees) == 2 and trees["old"] == trees["new"]  # noqa: PLR2004 - both could be parsed
    return {"same_program": same, "cases": cases}


def make_environment() -> Any:  # noqa: ANN401 - a class of the extra
    """The sandbox in which transformers renders templates, with a clock that stands still."""
    import jinja2  # noqa: PLC0415 - likewise
    from jinja2.ext import Extension, loopcontrols  # noqa: PLC0415 - likewise
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - likewise

    class Generation(Extension):
        """`{% generation %}…{% endgeneration %}` marks what the assistant said; it renders its body."""

        tags = {"generation"}  # noqa: RUF012 - Jinja's own interface

        def parse(self, parser: Any) -> Any:  # noqa: ANN401 - likewise
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    def raise_exception(message: str) -> None:
        raise jinja2.TemplateError(message)

    def tojson(value: object, **options: Any) -> str:  # noqa: ANN401 - json's own options
        return json.dumps(value, ensure_ascii=options.pop("ensure_ascii", False), **options)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = NOW.strftime
    return environment


def _cases(trees: dict[str, Any]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Every conversation with and without the generation prompt, tools and documents; then every variable of its own.

    Variables, roles and words that a template compares with are read from the two programs, so that the branches they
    open are tried as well.
    """
    count = 0
    for name, variables in _variations(trees):
        for prompt in (False, True):
            if count == _MOST_CASES:
                return
            count += 1
            yield name, prompt, {**_TOKENS, "add_generation_prompt": prompt, **variables}


def _variations(trees: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, messages in CONVERSATIONS.items():
        yield name, {"messages": messages}
    for name in ("one question", "a system message", "a tool is called", "several turns"):
        yield f"{name}, with tools", {"messages": CONVERSATIONS[name], "tools": [_TOOL]}
    documents = [{"title": "Title", "text": "Text", "content": "Text", "doc_id": 1}]
    yield "one question, with documents", {"messages": [_USER], "documents": documents}
    own, words = _own_names(trees), _words(trees)
    for variable in own:
        for value in (True, False, "text", *[word for word in words if len(word) < 30][:8]):  # noqa: PLR2004 - names, not prose
            shown = json.dumps(value)
            yield f"one question, {variable}={shown}", {"messages": [_USER], variable: value}
            if isinstance(value, bool):
                turns = CONVERSATIONS["an answer with thoughts"]
                yield f"thoughts, {variable}={shown}", {"messages": turns, variable: value}
                system = [_SYSTEM, _USER]
                yield (
                    f"a system message and tools, {variable}={shown}",
                    {"messages": system, "tools": [_TOOL], variable: value},
                )
    for word in words:
        yield f"a message by {word}", {"messages": [_USER, {"role": word, "content": "Said."}, _USER]}
        yield f"a part of type {word}", {"messages": [{"role": "user", "content": [{"type": word, "text": "Hi"}]}]}
        yield (
            f"a question that says {word}",
            {"messages": [{"role": "user", "content": f"{word} Hi {word}"}, _ANSWER, _USER]},
        )


def _own_names(trees: dict[str, Any]) -> list[str]:
    from jinja2 import meta  # noqa: PLC0415 - an extra

    found: set[str] = set()
    for tree in trees.values():
        found |= meta.find_undeclared_variables(tree)
    return sorted(found - _GIVEN)[:12]


def _words(trees: dict[str, Any]) -> list[str]:
    """Texts that the programs compare something with."""
    from jinja2 import nodes  # noqa: PLC0415 - an extra

    found: set[str] = set()
    for tree in trees.values():
        for place in (*tree.find_all(nodes.Compare), *tree.find_all(nodes.Call)):
            found |= {
                one.value for one in place.find_all(nodes.Const) if isinstance(one.value, str) and one.value.strip()
            }
    return sorted(found)[:40]


def _try(template: Any, variables: dict[str, Any]) -> dict[str, str]:  # noqa: ANN401 - a class of the extra
    try:
        return {"text": template.render(**variables)[:_LONGEST]}
    except Exception as error:  # noqa: BLE001 - a stranger's program can fail in any way; that it fails is the answer
        return {"error": f"{type(error).__name__}: {error}"[:200]}
