"""JSON Lines for streams: one report a line, as in `json`."""

import json
from collections.abc import Sequence

from semverlint.reports import Style, reporter
from semverlint.reports.json import report_document
from semverlint.verdict import Report


@reporter
def report_jsonl(reports: Sequence[Report], style: Style) -> str:
    """One report a line."""
    del style
    return "".join(json.dumps(report_document(report), ensure_ascii=True) + "\n" for report in reports)
