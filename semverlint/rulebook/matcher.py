"""The `when` of a rule: conditions over the typed fields of a change, checked once and compiled to a predicate.

There is no expression language. Matching is bounded: every condition looks once at one field, and `like` takes time in
proportion to the text and the pattern.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from semverlint.changes.base import Change, fields_of
from semverlint.strict_yaml import Path
from semverlint.text import clean, suggest

Predicate = Callable[[Change], bool]

_DEEPEST = 6
_LONGEST_PATTERN = 200

_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "below": lambda value, bound: value < bound,
    "at-most": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "at-least": lambda value, bound: value >= bound,
}
OPERATORS = ("is", "is-not", "one-of", *_ORDERED, "like", "known")
"""Everything a condition may ask of a field."""
GROUPS = ("all", "any", "not")
"""What joins conditions."""


@dataclass(frozen=True)
class Problem:
    """Something wrong in a rule, and where: the keys and indexes that lead there."""

    path: Path
    message: str


class Problems(Exception):  # noqa: N818 - it carries several, and is only used between these modules
    """All that is wrong with a `when`."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found)
        self.found = list(found)


@dataclass(frozen=True)
class FieldType:
    """What values a field of a change can have.

    Attributes:
        kinds: The types (`str`, `int`, `float`, `bool`, `NoneType`).
        words: The words it is limited to; empty where any text may stand.
    """

    kinds: frozenset[type]
    words: tuple[str, ...]

    @property
    def described(self) -> str:
        """For an error: `a number`, `one of a, b`."""
        if self.words:
            return f"one of {', '.join(self.words)}"
        names = {str: "a text", int: "a number", float: "a number", bool: "true or false", NoneType: "null"}
        return " or ".join(sorted({names[kind] for kind in self.kinds if kind is not NoneType}))

    def accepts(self, value: object) -> bool:
        """Whether a field of this type can have the value."""
        if self.words and isinstance(value, str):
            return value in self.words
        return type(value) in self.kinds or (
            isinstance(value, int) and not isinstance(value, bool) and float in self.kinds
        )


@cache
def field_type(annotation: object) -> FieldType:
    """The type of a field from its annotation: scalars, unions of them, and literals."""
    if get_origin(annotation) in {Union, UnionType}:
        parts = [field_type(part) for part in get_args(annotation)]
        any_text = any(str in part.kinds and not part.words for part in parts)
        words = () if any_text else tuple(word for part in parts for word in part.words)
        return FieldType(frozenset().union(*(part.kinds for part in parts)), words)
    if get_origin(annotation) is Literal:
        values = get_args(annotation)
        return FieldType(frozenset(map(type, values)), tuple(value for value in values if isinstance(value, str)))
    return FieldType(frozenset({annotation if isinstance(annotation, type) else NoneType}), ())


def types_of(kind: type[Change]) -> Mapping[str, FieldType]:
    """The fields of a kind of change with what each can hold."""
    return {name: field_type(annotation) for name, annotation in fields_of(kind).items()}


def compile_when(when: object, kind: type[Change], path: Path = ("when",)) -> Predicate:
    """The predicate of a condition over changes of one kind.

    Args:
        when: What stands under `when`; None matches everything.
        kind: The kind of change the rule is about.
        path: Where it stands in the file, for errors.

    Raises:
        Problems: Everything that is wrong with it, each with its place.
    """
    if when is None:
        return lambda _: True
    problems: list[Problem] = []
    predicate = _group(when, types_of(kind), path, problems)
    if problems:
        raise Problems(problems)
    return predicate


def _group(when: object, fields: Mapping[str, FieldType], path: Path, problems: list[Problem]) -> Predicate:
    if not isinstance(when, dict) or not when:
        problems.append(Problem(path, "a condition is a mapping of fields to operators"))
        return lambda _: False
    if len(path) > 2 * _DEEPEST:
        problems.append(Problem(path, f"conditions are nested deeper than {_DEEPEST}"))
        return lambda _: False
    parts: list[Predicate] = []
    for name, inner in when.items():
        place = (*path, name)
        if name in {"all", "any"}:
            members = inner if isinstance(inner, list) else []
            if not members:
                problems.append(Problem(place, f"{name} takes a list of conditions"))
            parts.append(_join(name, [_group(one, fields, (*place, i), problems) for i, one in enumerate(members)]))
        elif name == "not":
            parts.append(_negate(_group(inner, fields, place, problems)))
        elif name in fields:
            parts.append(_condition(name, inner, fields[name], place, problems))
        else:
            problems.append(Problem(place, f"the change has no field {name}{suggest(name, (*fields, *GROUPS))}"))
    return _join("all", parts)


def _join(how: str, parts: Sequence[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]
    if how == "any":
        return lambda change: any(part(change) for part in parts)
    return lambda change: all(part(change) for part in parts)


def _negate(part: Predicate) -> Predicate:
    return lambda change: not part(change)


def _condition(name: str, operators: object, kind: FieldType, path: Path, problems: list[Problem]) -> Predicate:
    if not isinstance(operators, dict) or not operators:
        problems.append(Problem(path, f"{name} takes an operator, such as {{is: …}}"))
        return lambda _: False
    parts: list[Predicate] = []
    for operator, operand in operators.items():
        place = (*path, operator)
        if operator not in OPERATORS:
            problems.append(Problem(place, f"there is no operator {operator}{suggest(operator, OPERATORS)}"))
        elif wrong := _misfit(operator, operand, kind):
            problems.append(Problem(place, f"{name} {operator}: {wrong}"))
        else:
            parts.append(_test(name, operator, operand))
    return _join("all", parts)


def _misfit(operator: str, operand: object, kind: FieldType) -> str:
    """Why an operator or its operand does not fit a field; empty where it does."""
    is_number = isinstance(operand, int | float) and not isinstance(operand, bool)
    is_pattern = isinstance(operand, str) and len(operand) <= _LONGEST_PATTERN
    if operator == "known" and NoneType not in kind.kinds:
        wrong = "the field is always known"
    elif operator == "known":
        wrong = "" if isinstance(operand, bool) else "takes true or false"
    elif operator == "one-of":
        wrong = _misfit_of_several(operand, kind)
    elif operator in _ORDERED and not kind.kinds & {int, float}:
        wrong = f"the field is {kind.described}, which has no order"
    elif operator in _ORDERED:
        wrong = "" if is_number else "takes a number"
    elif operator == "like" and str not in kind.kinds:
        wrong = f"the field is {kind.described}, not a text"
    elif operator == "like":
        wrong = "" if is_pattern else "takes a pattern with * and ?"
    else:
        wrong = "" if kind.accepts(operand) else _not_accepted(operand, kind)
    return wrong


def _misfit_of_several(operand: object, kind: FieldType) -> str:
    if not isinstance(operand, list) or not operand:
        return "takes a list of values"
    return next((_not_accepted(one, kind) for one in operand if not kind.accepts(one)), "")


def _not_accepted(value: object, kind: FieldType) -> str:
    return f"the field is {kind.described}, never {written(value)}{suggest(str(value), kind.words)}"


def _test(name: str, operator: str, operand: Any) -> Predicate:  # noqa: ANN401 - what it may be depends on the operator
    match operator:
        case "is":
            return lambda change: _same(getattr(change, name), operand)
        case "is-not":
            return lambda change: not _same(getattr(change, name), operand)
        case "one-of":
            return lambda change: any(_same(getattr(change, name), one) for one in operand)
        case "known":
            return lambda change: (getattr(change, name) is not None) is operand
        case "like":
            matches = glob(operand).fullmatch
            return lambda change: isinstance(text := getattr(change, name), str) and matches(text) is not None
        case _:
            return _ordered(name, _ORDERED[operator], operand)


def _ordered(name: str, compare: Callable[[Any, Any], bool], bound: float) -> Predicate:
    """An order holds only for numbers: what is not there is neither above nor below."""

    def ordered(change: Change) -> bool:
        value = getattr(change, name)
        return isinstance(value, int | float) and not isinstance(value, bool) and compare(value, bound)

    return ordered


def _same(value: object, operand: object) -> bool:
    """Equality that keeps `true` apart from 1, and 1 together with 1.0."""
    return value == operand and isinstance(value, bool) == isinstance(operand, bool)


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern of `*` and `?` as an expression that never tries a star twice: `like` cannot be made to hang."""
    first, *rest = [re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern)]
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(first + middle + last, re.DOTALL)


def written(value: object) -> str:
    """A value as it stands in a rule file."""
    return clean(json.dumps(value, ensure_ascii=False), 60)
