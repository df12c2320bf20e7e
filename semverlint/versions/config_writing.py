"""The model's own version, written into a config.json that declares one; every other byte stays."""

import json
import re

from semverlint.errors import FileError

_PLACE = re.compile(r'"(?P<key>(?:model_)?version)"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"')
"""A key and its text as JSON writes them; one inside a nested object or a text looks the same, and is told apart."""


def with_config_version(config: bytes, version: str, path: str = "config.json") -> bytes:
    """A configuration whose declared version is `version`; unchanged where it declares none.

    Args:
        config: The file's content.
        version: The version to declare.
        path: What errors call the file.

    Raises:
        FileError: If it is no JSON object, or declares its version so that it cannot be changed safely.
    """
    try:
        text = config.decode()
        before = json.loads(text)
    except (ValueError, RecursionError):
        raise FileError(path, "not JSON", "mend the file") from None
    if not isinstance(before, dict):
        raise FileError(path, "no JSON object", "mend the file")
    wanted = {**before, **{key: version for key in ("model_version", "version") if isinstance(before.get(key), str)}}
    for match in reversed(list(_PLACE.finditer(text))):
        changed = text[: match.start("value")] + json.dumps(version)[1:-1] + text[match.end("value") :]
        if json.loads(changed) == {**json.loads(text), match["key"]: version}:
            text = changed
    if json.loads(text) != wanted:
        raise FileError(path, "its version cannot be rewritten safely", f"write {json.dumps(version)} there by hand")
    return text.encode()
