"""Whatever semverlint found, as text in each format that its command offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from semverlint.errors import UsageError
from semverlint.reports import Style, formats
from semverlint.reports import render as report_as
from semverlint.text import clean
from semverlint.verdict import Report

if TYPE_CHECKING:
    from semverlint.behaviour.comparison import Comparison
    from semverlint.fleet.badges import Score
    from semverlint.fleet.questions import Answer
    from semverlint.history.record import History
    from semverlint.versions.series import Series

Found: TypeAlias = (
    "Report | Sequence[Report] | History | Comparison | Sequence[Series] | Sequence[Answer] | Score"  # imported late
)
Formats = Mapping[str, Callable[[], str]]


def render(
    found: Found,
    format: str = "text",  # noqa: A002 - as the option is called
    *,
    width: int = 80,
    verbose: bool = False,
) -> str:
    """What was found, as text that ends with a line break.

    Args:
        found: A report or the reports of several releases; a history, a comparison of answers, series, answers of an
            audit, or a score.
        format: As `--format` of the command names it: `text`, `json`, `markdown`, `sarif` and others.
        width: Columns of the format `text`.
        verbose: Whether to say everything: why, and how to mend it, for every finding.

    Raises:
        UsageError: If there is no such format of it.
    """
    known = _formats(found, Style(width=width, verbose=verbose))
    if format not in known:
        raise UsageError(f"{clean(format)}: no such format", f"choose one of {', '.join(known)}")
    return known[format]()


def _formats(found: Any, style: Style) -> Formats:  # noqa: ANN401 - told apart here
    """What renders it, by format; what was not asked for is not imported, as far as that can be told."""
    one = found[0] if isinstance(found, Sequence) and found else found
    if isinstance(one, Report | Sequence):
        single = isinstance(found, Report)
        reports = [replace(report, one_of_many=not single) for report in ([found] if single else found)]
        return {name: partial(report_as, name, reports, style) for name in formats()}
    from semverlint.history import pages  # noqa: PLC0415 - for those who ask for histories
    from semverlint.history.record import History  # noqa: PLC0415 - likewise

    if isinstance(one, History):
        return {name: partial(pages.render, name, one, style) for name in pages.FORMATS}
    from semverlint.versions.series import Series  # noqa: PLC0415 - for those who ask for series

    if isinstance(one, Series):
        from semverlint.series_tree import series_json, series_text  # noqa: PLC0415 - likewise

        text = partial(series_text, found, everything=style.verbose)
        return {"text": text, "json": partial(series_json, found)}
    from semverlint.fleet import answers, badges  # noqa: PLC0415 - for those who audit
    from semverlint.fleet.questions import Answer  # noqa: PLC0415 - likewise

    if isinstance(one, Answer):
        return {name: partial(page, found) for name, page in answers.FORMATS.items()}
    if isinstance(one, badges.Score):
        return {name: partial(page, one) for name, page in badges.FORMATS.items()}
    from semverlint.flip_reports import Look, flip_formats, render_flips  # noqa: PLC0415 - numpy

    look = Look(style.width, verbose=style.verbose)
    return {name: partial(render_flips, name, one, look) for name in flip_formats()}
