"""One rule file, checked completely: what is wrong is named with its place and what was probably meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path as FilePath
from typing import Any

from semverlint import strict_yaml
from semverlint.changes import kinds
from semverlint.changes.base import Change, fields_of
from semverlint.errors import ConfigError
from semverlint.rulebook.matcher import FieldType, Predicate, Problem, Problems, compile_when, field_type
from semverlint.strict_yaml import Document, Value
from semverlint.terms import CONSUMERS, LEVELS, Bump, Consumer, Level
from semverlint.text import clean, suggest

FIELDS = (
    "id", "title", "change", "when", "bump", "level", "consumers", "policy", "opposite", "no-opposite", "summary",
    "message", "why", "fix", "references", "examples",
)  # fmt: skip
"""The fields of a rule, in the order in which they are written."""
OPTIONAL = frozenset({"when", "policy", "opposite", "no-opposite"})
_TEXTS = ("id", "title", "change", "summary", "message", "why", "fix", "policy", "opposite", "no-opposite")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_BIGGEST = 100_000
"""Bytes; a rule is a page."""


@dataclass(frozen=True)
class Example:
    """One example of a rule: a change, and whether the rule must fire on it."""

    change: Change
    fires: bool


@dataclass(frozen=True)
class Rule:
    """A rule as it is in force. The attributes are the fields of its file; see docs/architecture.md."""

    id: str
    area: str
    title: str
    change: str
    matches: Predicate
    when: Value
    bump: Bump
    level: Level
    consumers: tuple[Consumer, ...]
    policy: str
    opposite: str
    no_opposite: str
    summary: str
    message: str
    why: str
    fix: str
    references: tuple[str, ...]
    examples: tuple[Example, ...]
    path: FilePath


def read_rule(path: FilePath) -> Rule:
    """The rule in a file.

    Raises:
        ConfigError: Every mistake in it, a line each: `file:line:column: …`.
    """
    try:
        if path.stat().st_size > _BIGGEST:
            raise ConfigError(f"{path}:1:1: larger than a rule can be", "name the right folder")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}:1:1: cannot be read ({clean(error)})", "check the file") from None
    document = strict_yaml.load(text, str(path))
    if not isinstance(document.data, dict):
        raise ConfigError(f"{path}:1:1: a rule is a mapping of fields", "see rules/README.md")
    problems = list(_mistakes(document.data, path))
    if problems:
        raise ConfigError("\n".join(_line(path, document, problem) for problem in problems))
    return _rule(document.data, path)


def _line(path: FilePath, document: Document, problem: Problem) -> str:
    """A problem as `file:line:column: message`, at the nearest place that stands in the file."""
    place = problem.path
    while place and place not in document.places:
        place = place[:-1]
    line, column = document.places.get(place, (1, 1))
    return f"{path}:{line}:{column}: {clean(problem.message, 300)}"


def _mistakes(card: dict[str, Any], path: FilePath) -> Iterator[Problem]:
    for name in card:
        if name not in FIELDS:
            yield Problem((name,), f"a rule has no field {name}{suggest(name, FIELDS)}")
    for name in FIELDS:
        if name not in OPTIONAL and name not in card:
            yield Problem((), f"the field {name} is missing")
        elif name in _TEXTS and name in card and not (isinstance(card[name], str) and card[name].strip()):
            yield Problem((name,), f"{name} is a text")
    yield from _wrong_words(card, path)
    if ("opposite" in card) == ("no-opposite" in card):
        yield Problem((), "a rule has either `opposite`, the id of its mirror, or `no-opposite`, why there is none")
    kind = kinds().get(str(card.get("change")))
    if kind is None:
        name = str(card.get("change"))
        yield Problem(("change",), f"there is no change {name}{suggest(name, tuple(kinds()))}")
        return
    if "when" in card:
        try:
            compile_when(card["when"], kind)
        except Problems as found:
            yield from found.found
    yield from _wrong_placeholders(card, kind)
    yield from _wrong_examples(card.get("examples"), kind)


def _wrong_words(card: dict[str, Any], path: FilePath) -> Iterator[Problem]:
    identifier = str(card.get("id", ""))
    if identifier and (identifier != path.stem or not _ID.fullmatch(identifier)):
        yield Problem(
            ("id",), f"the id {identifier} is not the file's name {path.stem} in lower-case words with hyphens"
        )
    bumps = [str(bump) for bump in Bump]
    for name, known in (("bump", bumps), ("level", [level for level in LEVELS if level != "off"])):
        if name in card and card[name] not in known:
            yield Problem(
                (name,), f"{name} is one of {', '.join(known)}, not {card[name]!r}{suggest(str(card[name]), known)}"
            )
    yield from _wrong_members(card, "consumers", CONSUMERS)
    yield from _wrong_members(card, "references", ())


def _wrong_members(card: dict[str, Any], name: str, known: Sequence[str]) -> Iterator[Problem]:
    listed = card.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        yield Problem((name,), f"{name} is a list of texts")
        return
    if known and not listed:
        yield Problem((name,), f"{name} names at least one of {', '.join(known)}")
    for index, one in enumerate(listed):
        if known and one not in known:
            yield Problem((name, index), f"there is no {name.removesuffix('s')} {one}{suggest(one, known)}")
        elif not known and not one.startswith("https://"):
            yield Problem((name, index), f"a reference is an https address, not {one}")


def placeholders(template: str) -> list[str]:
    """What stands between braces; a lone brace counts as an empty placeholder."""
    return [match[1] or "" for match in _PLACEHOLDER.finditer(template)]


def _wrong_placeholders(card: dict[str, Any], kind: type[Change]) -> Iterator[Problem]:
    types = {name: field_type(annotation) for name, annotation in fields_of(kind).items()}
    known = {"message": {*types, "subject"}, "summary": {"count", "path"}}
    numbers = {name for name, found in types.items() if found.kinds & {int, float}}
    known["summary"] |= {f"{name}:{end}" for name in numbers for end in ("min", "max")}
    known["message"] |= {f"{name}:," for name in numbers}
    for name, allowed in known.items():
        for placeholder in placeholders(str(card.get(name, ""))):
            if placeholder not in allowed:
                yield Problem(
                    (name,), f"{{{placeholder}}} is no placeholder of {name}{suggest(placeholder, sorted(allowed))}"
                )


def _wrong_examples(examples: object, kind: type[Change]) -> Iterator[Problem]:
    if not isinstance(examples, dict) or examples.keys() != {"fires", "silent"}:
        yield Problem(("examples",), "examples are given under `fires` and under `silent`")
        return
    for group, listed in examples.items():
        if not isinstance(listed, list) or not listed:
            yield Problem(("examples", group), f"`{group}` is a list of at least one example")
            continue
        for index, example in enumerate(listed):
            place = ("examples", group, index)
            if not isinstance(example, dict):
                yield Problem(place, "an example is a mapping of the change's fields")
            elif group == "silent" and "change" in example and str(example["change"]) not in kinds():
                yield Problem((*place, "change"), f"there is no change {example['change']}")
            else:
                yield from _wrong_fields(example, kind, place)


def _wrong_fields(example: dict[str, Any], kind: type[Change], place: strict_yaml.Path) -> Iterator[Problem]:
    kind = kinds()[str(example["change"])] if "change" in example else kind
    types: Mapping[str, FieldType] = {name: field_type(t) for name, t in fields_of(kind).items()}
    for name, value in example.items():
        if name == "change":
            continue
        if name not in types:
            yield Problem((*place, name), f"{kind.kind} has no field {name}{suggest(name, tuple(types))}")
        elif not types[name].accepts(value):
            yield Problem((*place, name), f"{name} is {types[name].described}, not {value!r}")
    optional = {field.name for field in fields(kind) if field.default is not field.default_factory}
    for name in types.keys() - example.keys() - {"path"} - optional:
        yield Problem(place, f"the field {name} of {kind.kind} is missing")


def _rule(card: dict[str, Any], path: FilePath) -> Rule:
    kind = kinds()[card["change"]]
    examples = [
        Example(_change(example, kind), fires=group == "fires")
        for group in ("fires", "silent")
        for example in card["examples"][group]
    ]
    return Rule(
        id=card["id"],
        area=path.parent.name,
        title=card["title"].strip(),
        change=card["change"],
        matches=compile_when(card.get("when"), kind),
        when=card.get("when"),
        bump=Bump.named(card["bump"]),
        level=card["level"],
        consumers=tuple(card["consumers"]),
        policy=card.get("policy", ""),
        opposite=card.get("opposite", ""),
        no_opposite=card.get("no-opposite", ""),
        summary=card["summary"].strip(),
        message=card["message"].strip(),
        why=" ".join(card["why"].split()),
        fix=" ".join(card["fix"].split()),
        references=tuple(card["references"]),
        examples=tuple(examples),
        path=path,
    )


def _change(example: dict[str, Any], kind: type[Change]) -> Change:
    values = {"path": "config.json", **example}
    return kinds()[str(values.pop("change", kind.kind))](**values)


def same_rule_twice(rules: Sequence[Rule]) -> list[str]:
    """A line for every rule whose id an earlier one has."""
    first: dict[str, Rule] = {}
    return [
        f"{rule.path}:1:1: the id {rule.id} is taken by {first[rule.id].path}; choose another, or change that rule in "
        "the configuration"
        for rule in rules
        if first.setdefault(rule.id, rule) is not rule
    ]
