"""Rules explained: one as text, one as a page, all as an index; and the schema by which editors check rule files."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from semverlint.changes import kinds
from semverlint.changes.base import fields_of
from semverlint.rulebook import Rulebook
from semverlint.rulebook.card import FIELDS, OPTIONAL, Example, Rule
from semverlint.rulebook.matcher import GROUPS, OPERATORS
from semverlint.strict_yaml import Value
from semverlint.terms import CONSUMERS, LEVELS, Bump
from semverlint.text import clean


def rule_list(book: Rulebook) -> str:
    """Every rule in a line, area by area."""
    lines: list[str] = []
    width = max((len(name) for name in book.rules), default=0)
    for area in _areas(book):
        lines += ["", area] if lines else [area]
        lines += [
            f"  {rule.id:{width}}  {rule.bump!s:5}  {rule.level:7}  {rule.title}"
            for rule in sorted(book.rules.values(), key=lambda rule: rule.id)
            if rule.area == area
        ]
    lines += ["", f"{len(book.rules)} rules; `semverlint rule ID` explains one."]
    return "\n".join(lines) + "\n"


def rule_text(rule: Rule, width: int = 80) -> str:
    """One rule for the terminal."""

    def wrapped(text: str, indent: int = 0) -> str:
        gap = " " * indent
        return textwrap.fill(
            text, width, initial_indent=gap, subsequent_indent=gap, break_long_words=False, break_on_hyphens=False
        )

    parts = [
        f"{rule.id}: {rule.title}",
        f"{rule.bump}, {rule.level}, for {', '.join(rule.consumers)}"
        + (f" (policy: {rule.policy})" if rule.policy else ""),
        "",
        wrapped(rule.why),
        "",
        wrapped(f"What to do: {rule.fix}"),
        "",
        f"It fires on the change {rule.change}" + (":" if rule.when else ", whatever it holds."),
    ]
    parts += [f"  {line}" for line in _when(rule.when)]
    for title, fires in (("For example it fires on", True), ("and stays silent on", False)):
        parts += ["", f"{title}:"]
        parts += [wrapped(f"- {_shown(rule, example)}", 2) for example in rule.examples if example.fires is fires]
    if rule.opposite or rule.no_opposite:
        parts += ["", wrapped(f"Opposite: {rule.opposite or rule.no_opposite}")]
    if rule.references:
        parts += ["", "See also:", *(f"  {reference}" for reference in rule.references)]
    return "\n".join(parts) + "\n"


def rule_markdown(rule: Rule) -> str:
    """One rule as a page of the documentation."""
    whom = ", ".join(f"`{consumer}`" for consumer in rule.consumers)
    opposite = f"[{rule.opposite}]({rule.opposite}.md)" if rule.opposite else f"none. {rule.no_opposite}"
    lines = [
        "<!-- made by `semverlint rules --write` from the rule's file; do not edit -->",
        f"# {rule.id}",
        "",
        f"**{rule.title}.** It needs a **{rule.bump}** release, is {_article(rule.level)}, and matters for {whom}.",
        "",
        rule.why,
        "",
        "## What to do",
        "",
        rule.fix,
        "",
        "## When it fires",
        "",
        f"On the change `{rule.change}`" + (", when" if rule.when else ", whatever it holds."),
        *(["", "```yaml", *_when(rule.when), "```"] if rule.when else []),
        "",
        f"It says: “{rule.message}”, and of several: “{rule.summary}”.",
        *(["", f"Its bump is the line `{rule.policy}` of the policy, which a project may set."] if rule.policy else []),
        "",
        "| example | |",
        "|---|---|",
        *(f"| {_cell(_shown(rule, one))} | {'fires' if one.fires else 'silent'} |" for one in rule.examples),
        "",
        f"Opposite: {opposite}",
    ]
    if rule.references:
        lines += ["", "## References", "", *(f"- <{reference}>" for reference in rule.references)]
    return "\n".join(lines) + "\n"


def rule_index(book: Rulebook) -> str:
    """The table of all rules, for the folder they stand in."""
    lines = [
        "<!-- made by `semverlint rules --write` from the rules' files; do not edit -->",
        "# The rules",
        "",
        f"{len(book.rules)} rules in {len(_areas(book))} areas. A rule is one file here, with its examples inside.",
        "How to write one is in [WRITING.md](WRITING.md).",
    ]
    return "\n".join((*lines, *_tables(book, "[{id}](../docs/rules/{id}.md)"))) + "\n"


def rule_tables(book: Rulebook) -> str:
    """The same tables for any page, without links."""
    count = f"{len(book.rules)} rules in {len(_areas(book))} areas."
    return "\n".join(("# The rules", "", count, *_tables(book, "{id}"))) + "\n"


def _tables(book: Rulebook, link: str) -> Iterator[str]:
    for area in _areas(book):
        yield from ("", f"## {area}", "", "| rule | bump | level | for | what it means |", "|---|---|---|---|---|")
        for rule in sorted(book.rules.values(), key=lambda rule: rule.id):
            if rule.area == area:
                shown, whom = link.format(id=rule.id), ", ".join(rule.consumers)
                yield f"| {shown} | {rule.bump} | {rule.level} | {whom} | {rule.title} |"


def rule_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors. Loading checks more: what fits the fields of the change."""
    names = sorted({name for kind in kinds().values() for name in fields_of(kind)})
    condition: dict[str, Any] = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            **{name: {"$ref": "#/$defs/operators"} for name in names},
            "all": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
            "any": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
            "not": {"$ref": "#/$defs/condition"},
        },
        "additionalProperties": False,
    }
    text = {"type": "string", "minLength": 1}
    examples = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    properties: dict[str, Any] = {
        **dict.fromkeys(FIELDS, text),
        "id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "change": {"enum": sorted(kinds())},
        "when": {"$ref": "#/$defs/condition"},
        "bump": {"enum": [str(bump) for bump in Bump]},
        "level": {"enum": [level for level in LEVELS if level != "off"]},
        "consumers": {"type": "array", "minItems": 1, "items": {"enum": list(CONSUMERS)}},
        "references": {"type": "array", "items": {"type": "string", "pattern": "^https://"}},
        "examples": {
            "type": "object",
            "properties": {"fires": examples, "silent": examples},
            "required": ["fires", "silent"],
            "additionalProperties": False,
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule of semverlint",
        "type": "object",
        "properties": properties,
        "required": [name for name in FIELDS if name not in OPTIONAL],
        "oneOf": [{"required": ["opposite"]}, {"required": ["no-opposite"]}],
        "additionalProperties": False,
        "$defs": {
            "condition": condition,
            "operators": {
                "type": "object",
                "minProperties": 1,
                "properties": {name: {} for name in OPERATORS},
                "additionalProperties": False,
            },
        },
    }


def pages(book: Rulebook) -> dict[str, str]:
    """Every generated file of the rules by its path in the project."""
    schema = json.dumps(rule_schema(), indent=2) + "\n"
    return {
        "rules/README.md": rule_index(book),
        "rules/rule.schema.json": schema,
        **{f"docs/rules/{rule.id}.md": rule_markdown(rule) for rule in book.rules.values()},
    }


def write_pages(book: Rulebook, root: Path) -> Iterator[Path]:
    """Write every generated file below a folder, and remove pages of rules that are gone; yields what was written."""
    texts = pages(book)
    folder = root / "docs" / "rules"
    for stale in sorted(folder.glob("*.md")) if folder.is_dir() else ():
        if f"docs/rules/{stale.name}" not in texts:
            stale.unlink()
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path


def _areas(book: Rulebook) -> list[str]:
    return sorted({rule.area for rule in book.rules.values()})


def _when(when: Value, indent: int = 0) -> list[str]:
    """A condition as its author would write it."""
    if not isinstance(when, dict):
        return []
    lines: list[str] = []
    for name, inner in when.items():
        gap = "  " * indent
        if name in GROUPS and isinstance(inner, list):
            lines.append(f"{gap}{name}:")
            for one in inner:
                first, *rest = _when(one, indent + 1)
                lines += [f"{gap}- {first.strip()}", *rest]
        elif name in GROUPS:
            lines += [f"{gap}{name}:", *_when(inner, indent + 1)]
        else:
            lines.append(f"{gap}{name}: {json.dumps(inner, ensure_ascii=False)}")
    return lines


def _shown(rule: Rule, example: Example) -> str:
    """An example as its fields, with its kind where it is not the rule's own."""
    facts = ", ".join(
        f"{name}: {clean(json.dumps(value, ensure_ascii=False), 80)}" for name, value in vars(example.change).items()
    )
    return facts if example.change.kind == rule.change else f"{example.change.kind}: {facts}"


def _cell(text: str) -> str:
    """Text that is one cell of a Markdown table, as code."""
    return "`` " + text.replace("|", "\\|").replace("`", "'") + " ``"


def _article(level: str) -> str:
    return f"an {level}" if level == "error" else f"a {level}"
