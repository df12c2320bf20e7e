"""Names of tensors: which new name an old one has become, told by shape and content; and names in a few words.

Names are looked at as templates, numbers left open: `model.layers.#.mlp.weight`. A model has a few dozen of them,
however many layers it has.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from semverlint.compare.weights.placed import SAMPLE, Placed, beginning, bring_beginnings
from semverlint.text import some

_NUMBER = re.compile(r"(?<![^._])\d+(?![^._])")
"""A number that is a segment of a name by itself."""

_MOST_TEMPLATES = 600
"""Templates held against each other: more than any architecture has, and the cost is their square."""

_MOST_OF_THEM = 0.9
"""Share of the parameters gone that must be found under other names for the names to count as changed."""

_DEEPEST = 12
"""Segments of a name that are looked at one by one."""

_LONGEST_NUMBER = 9
"""Digits of a number in a name that are read."""

Template = tuple[str, ...]
Numbers = tuple[int, ...]


def renamed(
    gone: Iterable[str],
    came: Iterable[str],
    old: Mapping[str, Placed],
    new: Mapping[str, Placed],
    *,
    by_content: bool = True,
) -> dict[str, str]:
    """Old name → new name, template by template: equal shapes at equal numbers, then equal content, then like names.

    Args:
        gone: Names only the old checkpoint has.
        came: Names only the new one has.
        old: The old tensors.
        new: The new ones.
        by_content: Whether to read the beginnings of every tensor that no template explains.

    Returns:
        Nothing where not nearly everything that is gone is found again.

    Raises:
        FileError: If a tensor's first bytes cannot be read.
    """
    gone, came = list(gone), list(came)
    before, after = _by_template(gone), _by_template(came)
    if not before or not after or max(len(before), len(after)) > _MOST_TEMPLATES:
        return {}
    bring_beginnings(
        side[names[min(names)]] for side, templates in ((old, before), (new, after)) for names in templates.values()
    )
    shapes = {template: _shapes(names, new) for template, names in after.items()}
    samples = {template: beginning(new[names[min(names)]]) for template, names in after.items()}
    fitting: list[tuple[tuple[bool, int, int], int, Template, Template]] = []
    for place, (one, names) in enumerate(before.items()):
        held, sample = _shapes(names, old), beginning(old[names[min(names)]])
        for other_place, other in enumerate(after):
            if held == shapes[other]:
                likeness = (sample != samples[other], -_shared_tail(one, other), -len(set(one) & set(other)))
                if likeness[:2] != (True, 0):  # something must speak for it beside the shape
                    fitting.append((likeness, abs(place - other_place), one, other))
    found: dict[str, str] = {}
    used: set[Template] = set()
    for _, _, one, other in sorted(fitting):
        if one not in used and other not in used:
            used |= {one, other}
            found.update((name, after[other][numbers]) for numbers, name in before[one].items())
    if by_content:
        found |= _by_content([one for one in gone if one not in found], set(came).difference(found.values()), old, new)
    size = sum(old[name].tensor.count for name in gone)
    return found if sum(old[name].tensor.count for name in found) >= _MOST_OF_THEM * size else {}


def cost_of_templates(names: Iterable[str]) -> int:
    """Bytes that `renamed` reads of some names, at most, where it does not go by content."""
    return SAMPLE * len(_by_template(list(names)))


def _by_content(
    gone: Iterable[str], came: Iterable[str], old: Mapping[str, Placed], new: Mapping[str, Placed]
) -> dict[str, str]:
    """What templates do not explain (`input_layernorm` → `ln_1`): the one tensor of the same bytes in the same layer.

    Raises:
        FileError: If a tensor's first bytes cannot be read.
    """
    found: dict[str, str] = {}
    marks: tuple[dict[object, list[str]], dict[object, list[str]]] = ({}, {})
    for names, side, known in ((gone, old, marks[0]), (sorted(came), new, marks[1])):
        for name in names:
            mark: object = (template_of(name)[1][:1], side[name].tensor.shape, beginning(side[name]))
            known.setdefault(mark, []).append(name)
    for one, names in marks[0].items():
        same = marks[1].get(one, [])
        if len(names) == len(same) == 1:
            found[names[0]] = same[0]
    return found


def in_words(mapping: Mapping[str, str]) -> str:
    """What a mapping of names does: `model. → transformer. (291 tensors)`, the most frequent substitutions first."""
    counted = Counter(_substitution(before, after) for before, after in mapping.items())
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return some([f"{before or 'nothing'} → {after or 'nothing'}" for (before, after), _ in most], 2)


def summary(names: Sequence[str], everything: Iterable[str]) -> str:
    """Many names in a few words: `model.embed_tokens, model.layers.{0-27}`.

    Args:
        names: The names to sum up.
        everything: All names there are: a part of the model that is meant as a whole is named as a whole.
    """
    wanted = set(names)
    broken = {part for name in everything if name not in wanted for part in _parts(name)}
    whole = dict.fromkeys(next((part for part in _parts(name) if part not in broken), name) for name in names)
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for name in whole:
        match = _NUMBER.search(name)
        key = (name[: match.start()], name[match.end() :]) if match else (name, "")
        groups[key] += [int(match[0][:_LONGEST_NUMBER])] if match else []
    told = [f"{head}{ranges(numbers)}{tail}" for (head, tail), numbers in groups.items()]
    return some(told, 3)


def _parts(name: str) -> list[str]:
    """What a tensor is part of, the largest first: `model`, `model.layers`, …, and itself."""
    segments = name.split(".")
    depth = min(len(segments), _DEEPEST)
    return [".".join(segments[:count]) for count in range(1, depth)] + [name]


def module_of(name: str) -> str:
    """The kind of module a tensor belongs to, layers left out: `q_proj` of `model.layers.3.self_attn.q_proj.weight`."""
    segments = [one for one in name.split(".") if not one.isdigit()] or [name]  # exporters call tensors `811`
    return segments[-2] if len(segments) > 1 and segments[-1] in {"weight", "bias", "kernel"} else segments[-1]


def ranges(numbers: Iterable[int]) -> str:
    """`3`, `{0-27}`, `{0-5,9}`; nothing for no numbers."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    if not spans:
        return ""
    told = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return told if told.isdigit() else f"{{{told}}}"


def template_of(name: str) -> tuple[Template, Numbers]:
    """A name with its numbers left open, and the numbers: what kind of tensor it is, and of which layer."""
    numbers = tuple(int(number[:_LONGEST_NUMBER]) for number in _NUMBER.findall(name))
    return tuple(_NUMBER.sub("#", name).split(".")), numbers


def _by_template(names: Iterable[str]) -> dict[Template, dict[Numbers, str]]:
    found: defaultdict[Template, dict[Numbers, str]] = defaultdict(dict)
    for name in names:
        template, numbers = template_of(name)
        found[template][numbers] = name
    return dict(found)


def _shapes(names: Mapping[Numbers, str], tensors: Mapping[str, Placed]) -> int:
    """The same for templates that hold tensors of equal shapes at equal numbers, and hardly ever for others."""
    return hash(frozenset((numbers, tensors[name].tensor.shape) for numbers, name in names.items()))


def _shared_tail(one: Template, other: Template) -> int:
    """How many segments two templates share at their end."""
    differing = (number for number, (a, b) in enumerate(zip(reversed(one), reversed(other), strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _substitution(before: str, after: str) -> tuple[str, str]:
    """The segments that differ between two names, numbers left open."""
    old, new = list(template_of(before)[0]), list(template_of(after)[0])
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    head, tail = old[same:], new[same:]
    return ".".join(head), ".".join(tail)
