"""Make the JSON Schema of the JSON report, `semverlint/reports/report.schema.json`.

python scripts/report_schema.py > semverlint/reports/report.schema.json
"""

import json
from typing import Any

from pydantic import TypeAdapter

from semverlint.reports.json import SCHEMA, ReleasesDocument, ReportDocument


def schema() -> dict[str, Any]:
    """The schema of one report, and of the reports of `--all-releases`."""
    made = TypeAdapter(ReportDocument | ReleasesDocument).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A report of semverlint",
        **made,
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
