"""The answers for programs."""

import json
from collections.abc import Sequence

from semverlint.fleet.questions import Answer

SCHEMA = "semverlint/audit-report/1"
"""The version of this format: a field is renamed or removed only with the next number."""


def answers_json(answers: Sequence[Answer]) -> str:
    """Every answer with its columns and rows."""
    found = {
        answer.question.name: {
            "title": answer.question.title,
            "note": answer.question.note,
            "rows": [dict(zip(answer.columns, row, strict=True)) for row in answer.rows],
        }
        for answer in answers
    }
    return json.dumps({"schema": SCHEMA, "answers": found}, indent=2, default=str) + "\n"
