"""JSON, YAML and plain text from a stranger: size, depth and encoding checked."""

from typing import TypeAlias

from semverlint.errors import FileError
from semverlint.files import File

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SMALL = 16_000_000
"""Bytes: configurations, cards and templates are far smaller; the largest index of a known release is 9 MB."""

_DEEPEST = 100
"""Objects and lists inside each other; a model's configurations have fewer than ten. Walking one may recurse."""


def read_text(file: File, limit: int = SMALL) -> str:
    """The file as UTF-8 text (a byte order mark is dropped)."""
    try:
        return file.read_all(limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(file.path, f"not UTF-8 at byte {error.start}", "save it as UTF-8") from None


def read_json(file: File, limit: int = SMALL) -> Json:
    """The file as JSON; a repeated key's last value wins, as in every reader of models."""
    text = read_text(file, limit)
    if text.startswith("version https://git-lfs.github.com/spec/"):
        raise FileError(file.path, "is a Git LFS pointer, not the content", "run `git lfs pull`")
    import json  # noqa: PLC0415 - a run whose digests agree reads none

    too_deep = FileError(file.path, "JSON nested too deeply to be a model's", "check who wrote it")
    try:
        value: Json = json.loads(text)
    except RecursionError:
        raise too_deep from None
    except ValueError as error:
        raise FileError(file.path, f"not JSON ({error})", "mend the file") from None
    if _deeper(value, _DEEPEST):
        raise too_deep
    return value


def _deeper(value: Json, limit: int) -> bool:
    """Whether objects and lists stand more than `limit` deep, level by level and without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        inside = (inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer))
        level = [inner for inner in inside if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def read_json_object(file: File, limit: int = SMALL) -> dict[str, Json]:
    """The file as a JSON object; anything else is a `FileError`."""
    value = read_json(file, limit)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
        raise FileError(file.path, f"holds {kind} where a JSON object belongs", "mend the file")
    return value


def compact(value: Json) -> str:
    """One canonical line of JSON for any value, keys sorted."""
    import json  # noqa: PLC0415 - likewise

    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
