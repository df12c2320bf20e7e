"""Chat templates rendered over many conversations, in Jinja's immutable sandbox.

The environment is the one transformers uses (`utils/chat_template_utils.py`): trimmed blocks, `tojson` without escapes,
`raise_exception`, `strftime_now`, loop controls and the `generation` tag. The clock stands still.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from semverlint.probes import Beyond
from semverlint.probes.branches import Branches
from semverlint.probes.cases import Case, Names, cases, names_of
from semverlint.text import excerpts

NOW = dt.datetime(2024, 7, 26, 12, 0, 0, tzinfo=dt.UTC)
_LONGEST = 1_000_000
"""Characters of one rendering; the longest prompt made of the cases has some thousands."""
_BEFORE, _BEHIND = 24, 56
"""Characters shown ahead of the first difference and behind it."""

What = Literal["generation-prompt", "text", "history", "refused", "accepted", "option"]
_Text = tuple[bool, str]
"""Whether it rendered, and the text; or what it failed with."""


def render(question: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Render two templates over the same cases.

    Args:
        question: The templates' texts, under `old` and `new`.

    Returns:
        `tried`: how many cases; `same_program`: whether the two are one program but for comments and white space
        around tags; `unreached`: how many branches that only one of them has were reached by no case; `changes`: by
        what is different (`What`) the number of `cases`, the first `case`, and its texts `before` and `after` around
        the first difference. What only conversations with new options show is left out where others differ too.

    Raises:
        Beyond: If a template reaches for what the sandbox refuses, or for too much.
    """
    old, new = _Side("old", question["old"]), _Side("new", question["new"])
    everything = cases([old.names, new.names], set(make_environment().globals))
    changes: dict[What, dict[str, Any]] = {}
    for case in everything:
        for what, before, after in _differences(case, old, new):
            entry = changes.setdefault(what, {"cases": 0, "case": case.name, "before": before, "after": after})
            entry["cases"] += 1
    if changes.keys() & {"text", "generation-prompt", "history", "refused"}:
        changes.pop("option", None)  # what every conversation shows, those with options show as well
    for entry in changes.values():
        entry["before"], entry["after"] = excerpts(entry["before"], entry["after"], _BEFORE, _BEHIND)
    missed_old, missed_new = old.unreached(), new.unreached()
    return {
        "tried": len(everything),
        "same_program": bool(old.program) and old.program == new.program,
        "unreached": (missed_old - missed_new).total() + (missed_new - missed_old).total(),
        "changes": changes,
    }


class _Side:
    """One of the two templates, ready to be tried; one that is no template refuses every conversation."""

    def __init__(self, name: str, source: str) -> None:
        import jinja2  # noqa: PLC0415 - an extra, and only the child process loads it

        self._name = name
        self.names = Names()
        self.program = ""
        self._error = ""
        environment = make_environment()
        try:
            tree = environment.parse(source)
            self.names, self.program = names_of(tree), repr(tree)
            self._branches = Branches(environment, tree)
            code = environment.compile(tree)
        except jinja2.TemplateError as error:
            self._error = str(error)
        except (RecursionError, SyntaxError):  # a program of Python's that is too deep for it
            raise Beyond(f"cannot be parsed: the {name} one is nested too deeply") from None
        else:
            self._template = environment.template_class.from_code(environment, code, environment.make_globals(None))

    def try_(self, case: Case, *, prompt: bool) -> _Text:
        """What the template makes of a case."""
        from jinja2.exceptions import SecurityError  # noqa: PLC0415 - as above

        if self._error:
            return False, self._error
        try:
            return True, self._joined(self._template.generate(**case.given(prompt=prompt)))
        except (SecurityError, MemoryError, RecursionError, OverflowError) as error:
            raise Beyond(f"was refused by the sandbox ({type(error).__name__} in the {self._name} template)") from None
        except Beyond:
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's program can fail in any way; that it fails is the answer
            return False, f"{type(error).__name__}: {error}"[:200]

    def _joined(self, pieces: Iterator[str]) -> str:
        joined: list[str] = []
        length = 0
        for piece in pieces:
            joined.append(piece)
            length += len(piece)
            if length > _LONGEST:
                raise Beyond(f"made more than {_LONGEST:,} characters of one conversation ({self._name} template)")
        return "".join(joined)

    def unreached(self) -> Counter[str]:
        """What stands in the branches that no case reached."""
        return Counter() if self._error else self._branches.unreached()


def _differences(case: Case, old: _Side, new: _Side) -> Iterator[tuple[What, str, str]]:
    """What is different about a case: what it is, and both texts."""
    bare = old.try_(case, prompt=False), new.try_(case, prompt=False)
    asked = old.try_(case, prompt=True), new.try_(case, prompt=True)
    known = case.uses <= old.names.everything
    for before, after in (bare, asked):
        if before[0] != after[0]:
            if after[0]:
                yield "accepted", before[1], after[1]
            else:
                yield "refused" if known else "option", before[1], after[1]
            return
    different = [before[0] and before != after for before, after in (bare, asked)]
    if not any(different):
        return
    if not known:
        before, after = bare if different[0] else asked
        yield "option", before[1], after[1]
    elif different == [True, False]:
        yield "history", bare[0][1], bare[1][1]
    else:
        if different[0]:
            yield "text", bare[0][1], bare[1][1]
        behind = [_behind(one[1], two[1]) for one, two in zip(bare, asked, strict=True)]
        if None not in behind and behind[0] != behind[1]:
            yield "generation-prompt", behind[0] or "", behind[1] or ""
        elif not different[0]:
            yield "generation-prompt", asked[0][1], asked[1][1]


def _behind(bare: str, asked: str) -> str | None:
    """What the generation prompt adds to a conversation; None where it does more than add."""
    return asked[len(bare) :] if asked.startswith(bare) else None


def make_environment() -> Any:  # noqa: ANN401 - a class of the extra
    """The sandbox in which transformers renders templates, with a clock that stands still."""
    import jinja2  # noqa: PLC0415 - an extra, and only the child process loads it
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

    def tojson(
        value: object,
        ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - as transformers declares it
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,  # noqa: FBT001, FBT002 - likewise
    ) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = NOW.strftime
    return environment
