"""Make the JSON Schemas of the JSON reports: of a check, and of a comparison of evaluations.

python scripts/report_schema.py
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from semverlint.flip_reports import json as flips
from semverlint.reports import json as reports

PACKAGE = Path(__file__).parents[1] / "semverlint"
PLACES = {
    PACKAGE / "reports" / "report.schema.json": (
        reports.SCHEMA, "A report of semverlint", reports.ReportDocument | reports.ReleasesDocument
    ),
    PACKAGE / "flip_reports" / "flips.schema.json": (
        flips.SCHEMA, "A comparison of two runs of evaluations", flips.FlipsDocument
    ),
}  # fmt: skip
"""File → the version of the format, its title, and what a document is."""


def schema(place: Path) -> dict[str, Any]:
    """The schema that belongs in a file."""
    version, title, documents = PLACES[place]
    made = TypeAdapter(documents).json_schema(mode="serialization")
    made.pop("title", None)  # the name of a class
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": version, "title": title, **made}


if __name__ == "__main__":
    for path in PLACES:
        path.write_text(json.dumps(schema(path), indent=2) + "\n", encoding="utf-8")
