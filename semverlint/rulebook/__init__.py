"""The rulebook: every rule in force, and what it makes of changes.

The built-in rules stand in `rules/` of the checkout and ship as `semverlint/rules` in the wheel. They are loaded when
there are changes to judge; a project's own rule folders are checked before anything is read.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from semverlint.changes.base import Change, Evidence, Incoherence
from semverlint.config import Config
from semverlint.errors import ConfigError
from semverlint.findings import Finding
from semverlint.terms import Bump
from semverlint.text import clean, excerpts, suggest

if TYPE_CHECKING:
    from semverlint.config.overrides import RuleOverride
    from semverlint.rulebook.card import Rule

_SHOWN = 3
"""Examples shown of several changes that one rule matched."""
_NAMED = 100
"""Subjects named of several changes that one rule matched."""
_LONGEST_VALUE = 80
"""Characters of one value in a message; the whole of it stands in the files."""
_LONGEST_DETAIL = 240
"""Characters of a `detail`, in which a comparer has put several values together."""
_MOST_FILES = 10_000
_FACTS_HASHED = 1_000
"""Changes of one finding whose facts enter its fingerprint, beside their number."""


@dataclass(frozen=True)
class Rulebook:
    """The rules in force, by the kind of change they are about.

    Attributes:
        rules: Every rule by its id, `off` ones included.
        policy: The bump of every line of the policy table.
    """

    rules: "Mapping[str, Rule]"
    policy: Mapping[str, Bump] = field(default_factory=dict)

    @cached_property
    def _by_kind(self) -> "Mapping[str, Sequence[Rule]]":
        """The rules that speak, by the kind of change they are about."""
        found: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in self.rules.values():
            if rule.level != "off":
                found[rule.change].append(rule)
        return found

    def judge(self, changes: Iterable[Change]) -> list[Finding]:
        """What the rules make of changes: one finding a rule and file, in the order of the changes."""
        groups: defaultdict[tuple[str, str, bool], list[Change]] = defaultdict(list)
        for change in changes:
            already = isinstance(change, Incoherence) and change.already
            for rule in self._by_kind.get(change.kind, ()):
                if rule.matches(change):
                    groups[rule.id, change.path, already].append(change)
        return [_finding(self.rules[rule], matched, already) for (rule, _, already), matched in groups.items()]


def load_rulebook(config: Config | None = None, *, needed: bool = True) -> Rulebook:
    """The built-in rules and those of the project's own folders, with what the project changes of them.

    Args:
        config: What the project set.
        needed: Whether there is anything to judge. If not, and the project sets nothing about rules, none are loaded.

    Raises:
        ConfigError: Every mistake in any of them, a line each, with `file:line:column` and a suggestion.
    """
    config = config or Config()
    if not (needed or config.rule_folders or config.rules or config.policy):
        return Rulebook({})
    from semverlint.rulebook.card import same_rule_twice  # noqa: PLC0415 - a run without changes reads no rules

    everything = [*built_in_rules(), *(rule for folder in config.rule_folders for rule in _read_folder(folder))]
    if twice := same_rule_twice(everything):
        raise ConfigError("\n".join(twice))
    book = {rule.id: rule for rule in everything}
    policy = {rule.policy: rule.bump for rule in everything if rule.policy}
    _refuse_unknown("rule", config.rules, book)
    families = {line.rpartition("-")[0]: line for line in policy}
    _refuse_unknown("line of the policy", config.policy, {**policy, **families})
    policy = {
        line: config.policy.get(line, config.policy.get(line.rpartition("-")[0], bump)) for line, bump in policy.items()
    }
    return Rulebook({name: _overridden(rule, config.rules.get(name), policy) for name, rule in book.items()}, policy)


@lru_cache(maxsize=1)
def built_in_rules() -> "tuple[Rule, ...]":
    """The rules that semverlint brings along."""
    return tuple(_read_folder(rules_folder()))


def rules_folder() -> Path:
    """Where the built-in rules are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "rules"
    return installed if installed.is_dir() else package.with_name("rules")


def _read_folder(folder: Path) -> "list[Rule]":
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder of rules", "check the path")
    from semverlint.rulebook.card import read_rule  # noqa: PLC0415 - likewise

    rules: list[Rule] = []
    mistakes: list[str] = []
    paths = sorted(folder.rglob("*.yaml"))
    if len(paths) > _MOST_FILES:
        raise ConfigError(f"{folder}: {len(paths):,} files are no folder of rules", "name the right one")
    for path in paths:
        try:
            rules.append(read_rule(path))
        except ConfigError as error:
            mistakes += str(error).splitlines()
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return rules


def _refuse_unknown(what: str, given: Mapping[str, object], known: Mapping[str, object]) -> None:
    wrong = [name for name in given if name not in known]
    if wrong:
        lines = [
            f"the configuration names the {what} {clean(name)}, which does not exist{suggest(name, list(known))}"
            for name in wrong
        ]
        raise ConfigError("\n".join(lines))


def _overridden(rule: "Rule", override: "RuleOverride | None", policy: Mapping[str, Bump]) -> "Rule":
    rule = replace(rule, bump=policy[rule.policy]) if rule.policy else rule
    if override is None:
        return rule
    return replace(
        rule,
        bump=rule.bump if override.bump is None else override.bump,
        level=override.level or rule.level,
        consumers=rule.consumers if override.consumers is None else override.consumers,
    )


def _finding(rule: "Rule", matched: Sequence[Change], already: bool) -> Finding:  # noqa: FBT001 - a part of the group's key
    worst = sorted(matched, key=lambda change: (-change.magnitude, _natural(change.subject)))
    first = worst[0]
    several = len(matched) > 1
    examples = tuple(_told(rule.message, _facts(change)) for change in worst[:_SHOWN]) if several else ()
    return Finding(
        rule=rule.id,
        title=rule.title,
        bump=Bump.NONE if already else rule.bump,
        level=rule.level,
        consumers=rule.consumers,
        path=first.path,
        subject="" if several else first.subject,
        subjects=tuple(filter(None, dict.fromkeys(change.subject for change in worst[:_NAMED]))),
        message=_told(rule.summary, _ranges(rule.summary, matched)) if several else _told(rule.message, _facts(first)),
        examples=examples,
        count=len(matched),
        evidence=_weakest(matched),
        fingerprint=_fingerprint(rule, matched),
        incoherence=isinstance(first, Incoherence),
        already=already,
        policy=rule.policy,
        why=rule.why,
        fix=rule.fix,
    )


def _facts(change: Change) -> dict[str, object]:
    """What a message may speak of; of two long values the part where they differ."""
    facts: dict[str, object] = {**vars(change), "subject": change.subject}
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _LONGEST_VALUE:
        facts["before"], facts["after"] = excerpts(before, after, _LONGEST_VALUE // 4, _LONGEST_VALUE // 2)
    return facts


def _ranges(summary: str, matched: Sequence[Change]) -> dict[str, object]:
    """What a summary may speak of: the count, and the least and the greatest value of numeric fields."""
    known: dict[str, object] = {"count": f"{len(matched):,}", "path": matched[0].path}
    for name, end in re.findall(r"\{(\w+):(min|max)\}", summary):
        values = [value for change in matched if isinstance(value := getattr(change, name), int | float)]
        known[f"{name}:{end}"] = (min if end == "min" else max)(values, default=None)
    return known


def _told(template: str, facts: Mapping[str, object]) -> str:
    """A template with its placeholders filled in, as one cleaned line; nothing but names is ever looked up."""
    return re.sub(r"\{([^{}]+)\}", lambda match: _filled(match[1], facts), template).strip()


def _filled(placeholder: str, facts: Mapping[str, object]) -> str:
    name = placeholder.removesuffix(":,")
    value = facts.get(name)
    return f"{value:,}" if name != placeholder and isinstance(value, int) else _shown(value, name)


def _shown(value: object, name: str) -> str:
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    longest = _LONGEST_DETAIL if name == "detail" else _LONGEST_VALUE
    return f"{value:.4g}" if isinstance(value, float) else clean(value, longest)


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts `layer.2` before `layer.10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", text)]


def _weakest(matched: Sequence[Change]) -> Evidence:
    seen = {change.evidence for change in matched}
    return "metadata" if "metadata" in seen else "sampled" if "sampled" in seen else "exact"


def _fingerprint(rule: "Rule", matched: Sequence[Change]) -> str:
    """The same for the same finding in every run and on every machine: of the facts, not of the wording."""
    import hashlib  # noqa: PLC0415 - a run without findings needs none

    facts = sorted(repr(sorted(vars(change).items())) for change in matched[:_FACTS_HASHED])
    text = "\0".join([rule.id, matched[0].path, str(len(matched)), *facts])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
