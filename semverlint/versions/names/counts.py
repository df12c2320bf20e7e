"""What numbers count beside their neighbours: releases, days, tokens of a context, points of an image, layers."""

from semverlint.versions.names.joins import Part
from semverlint.versions.names.record import FAMILY, Alternative

_IMAGE_SIZES = frozenset(
    {
        128,
        160,
        192,
        224,
        240,
        256,
        260,
        288,
        299,
        300,
        320,
        336,
        378,
        380,
        384,
        392,
        400,
        416,
        448,
        456,
        480,
        490,
        512,
        518,
        528,
        560,
        600,
    }
) | {640, 768, 800, 896, 980, 1024}
_POWERS = frozenset(2**power for power in range(9, 21))
_CONTEXTS = frozenset(
    {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 32, 40, 48, 50, 60, 64, 65, 80, 96, 100, 128, 131, 160, 180, 192, 200}
) | {250, 256, 262, 300, 400, 500, 512, 524, 1000, 1024, 1048}
"""Thousands of tokens that contexts are made of; other counts (`15k`) are of samples."""
_LONG_CONTEXTS = frozenset({1e6, 2e6, 4e6, 10e6})
_OF_TRAINING = 8
"""Times the parameters from which a second number in billions counts the tokens of the training (`llama-161M-100B`)."""
_LONGEST_COUNT = 7
"""Digits; no context or image is longer."""
_VISUAL = frozenset({"vision", "deep", "composite"})
_FIRST_YEAR, _LAST_YEAR = 19, 30
"""Two digits of the years that the date of a model in a name may have."""
_LLAMA = frozenset({"l2", "l3", "l3.1", "l3.2", "l3.3"})
"""How the names of derived models say Llama 2 and 3 (`L3-8B-Stheno`)."""
_UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


def amount(size: str) -> float:
    """The number that a size says (`7B`, `8x7B`, `7b1`, `600M`); 0 where it says none."""
    text = size.lower().replace("_", ".").lstrip("soae")
    times, x, rest = text.partition("x")
    factor, digits = (float(times), rest) if x and times.isdecimal() and times.isascii() else (1.0, text)
    number, unit = digits[:-1], digits[-1:]
    if unit.isdecimal() and "b" in digits:  # `7b1` is 7.1 billion
        number, unit = digits.replace("b", "."), "b"
    try:
        return factor * float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        return 0.0


def measure(parts: list[Part]) -> None:
    """Sizes, contexts and layers, of which some are written alike."""
    first: Part | None = None
    staged = False
    experts = any(part.kind == "family" and part.value.lower().endswith("moe") for part in parts)
    sized = any(part.kind == "size" for part in parts)
    tiny = any(part.kind == "family" and part.value.lower().startswith("tiny") for part in parts)
    for at, part in enumerate(parts):
        if part.kind == "size" and part.sort in {"", "million"}:
            _size(part, first, staged=staged, experts=experts)
            first = first or part
        elif part.kind == "count":
            fits = float(part.value[:-1]) in _CONTEXTS
            kind, other = ("context", "setting") if fits else ("setting", "context")
            part.become(kind, 0.8 if fits else 0.5, Alternative(other, part.value, 0.3))
        elif part.kind == "tokens" and not (sized or tiny) and part.sort == "trillion":
            part.become("size", 0.7, Alternative("tokens", part.value, 0.3))  # Ling-1T
        elif part.kind == "layers":
            _layers(parts, at, sized=sized)
        staged = staged or part.kind == "stage"


def _size(part: Part, first: Part | None, *, staged: bool, experts: bool) -> None:
    """`1M` is a context behind a size or a stage; a second, larger number counts what the first one saw."""
    said = amount(part.value)
    if part.sort == "million" and (staged or first) and said in _LONG_CONTEXTS:
        part.become("context", 0.85, Alternative("size", part.value, 0.2))
    elif first is not None and experts and said > amount(first.value):
        first.become("active", 0.7, Alternative("size", first.value, 0.3))  # OLMoE-1B-7B
    elif first is not None and said > _OF_TRAINING * amount(first.value) > 0:
        part.become("tokens", 0.7, Alternative("size", part.value, 0.3))


def _layers(parts: list[Part], at: int, *, sized: bool) -> None:
    """`L6` is the size of a family that has no other; `t33` and the layers of a model with a size are only layers."""
    part, before = parts[at], parts[at - 1] if at else None
    if part.value[0] not in "lL":
        return
    if part.value.lower() in _LLAMA and sized:
        part.become("base", 0.7, Alternative("layers", part.value, 0.3), value=f"llama-{part.value[1:]}")
    elif sized or "." in part.value:
        part.become("identifier", 0.5, Alternative("layers", part.value, 0.4))
    elif before is not None and (before.kind in FAMILY or before.sort == "glued"):
        part.become("size" if before.sort not in {"llm", "derived"} else "identifier", 0.8)


def number(parts: list[Part]) -> None:
    """Bare numbers: versions behind a family, dates, sizes of images, lengths of contexts."""
    visual = any(part.kind == "patch" or (part.kind == "family" and part.sort in _VISUAL) for part in parts)
    explicit = any(part.kind == "version" and part.sort == "explicit" for part in parts)
    for at, part in enumerate(parts):
        if part.kind == "number":
            before = parts[at - 1] if at else None
            if before is not None and before.sort == "deep":
                part.become("size", 0.9)
            elif part.sort == "joined" or "." in part.value:
                _dotted(part, before, explicit=explicit)
            elif part.sort or len(part.value) <= 2:  # noqa: PLR2004 - counts of releases, of layers
                _small(part, before, last=at + 1 == len(parts), explicit=explicit)
            else:
                _large(part, before, visual=visual)


def _dotted(part: Part, before: Part | None, *, explicit: bool) -> None:
    """`1.5`, and `2-1` for `2.1`."""
    behind_family = before is not None and before.kind in FAMILY
    counted = before is not None and before.kind in {"setting", "step", "epoch", "quantisation"}
    if behind_family or not (counted or explicit or part.sort == "joined"):
        part.become("version", 0.9 if behind_family else 0.8)
    else:
        part.become("setting", 0.5, Alternative("version", part.value, 0.3))


def _small(part: Part, before: Part | None, *, last: bool, explicit: bool) -> None:
    """One or two digits, a digit and a letter (`3n`), or more of them behind a `v`."""
    kind = before.kind if before is not None else ""
    if part.sort == "explicit":
        if not _dated(part):
            part.become("version", 0.6)
    elif part.sort == "lettered":
        part.become("version" if kind == "family" else "identifier", 0.7, Alternative("identifier", part.value, 0.3))
    elif kind in FAMILY and len(part.value) == 1:
        part.become("version", 0.9 if kind == "family" else 0.75)
    elif kind in FAMILY:
        part.become("identifier", 0.5, Alternative("version", part.value, 0.4))
    elif last and not explicit and len(part.value) == 1 and (kind == "stage" or _measured(before)):
        part.become("version", 0.45, Alternative("setting", part.value, 0.4))
    else:
        part.become("setting" if kind else "identifier", 0.5)


def _measured(part: Part | None) -> bool:
    """Whether a part is a size in numbers (`sqlcoder-7b-2`; but `switch-base-8`)."""
    return part is not None and part.kind == "size" and amount(part.value) > 0


def _large(part: Part, before: Part | None, *, visual: bool) -> None:
    """Three digits and more."""
    size = int(part.value) if len(part.value) <= _LONGEST_COUNT else 0
    if visual and size in _IMAGE_SIZES:
        part.become("image", 0.9)
    elif size in _POWERS:
        part.become("context", 0.75, *_dates(part.value))
    elif not _dated(part):
        attached = before is not None and before.kind in FAMILY
        part.become("identifier" if attached else "setting", 0.5)


def _dated(part: Part) -> bool:
    """Take four or six digits for a date where they can be one."""
    readings = _dates(part.value)
    if readings:
        first, *others = readings
        part.become("date", first.confidence, *others, value=first.value)
    return bool(readings)


def _dates(digits: str) -> list[Alternative]:
    """The dates that digits may say, the likeliest first.

    `2407` is a year and a month, `0324` a month and a day, `1124` either of month and day or month and year.
    """
    if len(digits) == len("10072025"):
        return _ending_in_a_year(digits)
    if len(digits) not in {4, 6}:
        return []
    first, second, *third = (int(digits[at : at + 2]) for at in range(0, len(digits), 2))
    if third:
        whole = _year(first) and _month(second) and _day(third[0])
        return [Alternative("date", f"20{digits[:2]}-{digits[2:4]}-{digits[4:]}", 0.85)] if whole else []
    found = [
        Alternative("date", value, confidence)
        for fits, value, confidence in (
            (_year(first) and _month(second), f"20{digits[:2]}-{digits[2:]}", 0.9),
            (_month(first) and _day(second), f"{digits[:2]}-{digits[2:]}", 0.85),
            (_month(first) and _year(second), f"20{digits[2:]}-{digits[:2]}", 0.5),
            (first == 20 and second <= _LAST_YEAR, digits, 0.6),  # noqa: PLR2004 - the century
        )
        if fits
    ]
    return sorted(found, key=lambda one: -one.confidence)


def _ending_in_a_year(digits: str) -> list[Alternative]:
    """Month or day first: `10072025`."""
    first, second, year = int(digits[:2]), int(digits[2:4]), digits[4:]
    days = [
        f"{year}-{month:02}-{day:02}"
        for month, day in dict.fromkeys(((first, second), (second, first)))
        if _month(month) and _day(day)
    ]
    known = year.startswith("20") and _year(int(year[2:]))
    return [Alternative("date", day, 0.6 - 0.1 * at) for at, day in enumerate(days)] if known else []


def _year(number: int) -> bool:
    return _FIRST_YEAR <= number <= _LAST_YEAR


def _month(number: int) -> bool:
    return 1 <= number <= 12  # noqa: PLR2004 - months


def _day(number: int) -> bool:
    return 1 <= number <= 31  # noqa: PLR2004 - days
