"""Published scores: `.eval_results/*.yaml`, each a list of results with a data set, a task and a value.

The format is the Hub's (https://huggingface.co/docs/hub/eval-results).
"""

from semverlint import strict_yaml
from semverlint.errors import ConfigError, FileError
from semverlint.files import File
from semverlint.formats.text_files import Json, read_text

Scores = dict[tuple[str, str], float]
"""(task and data, metric) → value."""


def read_scores(file: File) -> Scores:
    """Every score in a file.

    Raises:
        FileError: If it is no YAML list that can be read safely.
    """
    try:
        data: Json = strict_yaml.load_lenient(read_text(file), file.path).data
    except ConfigError as error:
        _, _, problem = error.problem.partition(": ")
        raise FileError(file.path, f"cannot be read as YAML: {problem}", error.remedy) from None
    if not isinstance(data, list):
        raise FileError(file.path, "is no list of results", "write one `- dataset: …` for each")
    found: Scores = {}
    for entry in data:
        if isinstance(entry, dict) and _is_number(value := entry.get("value")):
            dataset = entry.get("dataset")
            named = dataset if isinstance(dataset, dict) else {"id": dataset}
            task = " / ".join(str(named[key]) for key in ("id", "task_id", "config", "split") if named.get(key))
            found[task or "unnamed", str(entry.get("metric", "score"))] = float(str(value))
    return found


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
