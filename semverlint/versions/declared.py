"""Where a version is declared: every place, in order of precedence.

| place          | what stands there                                            |
|----------------|--------------------------------------------------------------|
| `tag`          | the tag that names the revision                              |
| `revision`     | the branch that was asked for (`v1.2`, `release/1.2.0`)      |
| `README.md`    | `version` in the card's head: the place semverlint writes to |
| `config.json`  | `model_version` or `version`                                 |
| `….gguf`       | `general.version`                                            |
| `….onnx`       | `model_version`                                              |
| `file name`    | a part of the weights' names (`model-v2.safetensors`)        |
| `name`         | a part of the repository's name (`Model-7B-v0.3`)            |
| `commit`       | the commit's title, where nothing else speaks                |
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from semverlint.errors import FileError
from semverlint.formats.text_files import read_json_object, read_text
from semverlint.roles import role
from semverlint.snapshot import Snapshot
from semverlint.sources.address import local_path
from semverlint.versions.schemes import Order, Version, read_version

# Compiled when they are first needed, by `re` itself: most runs need none of them.
_MENTIONS_VERSION_KEY = r'"(model_)?version"'
_MENTIONS_VERSION = r"(?m)^[\"']?(model_)?version[\"']?\s*:"
_CONFIG_KEYS = ("model_version", "version")
"""Keys of a config.json in which publishers write the model's own version."""
_IN_FILE_NAMES = (
    r"(?i)[-_.]v([0-9]{1,8}(?:[._][0-9]{1,8}){0,3})(?:[-_.](?:i?q[0-9]|b?f(?:p)?(?:16|32)|mxfp4)[^/]{0,40})?$"
)
"""At the end, or ahead of the type; elsewhere it may be of the family (`efficientnet-v2-s`)."""
_ENDING = r"(?i)(-[0-9]{5}-of-[0-9]{5})?\.[a-z_]+$"
_TITLE = (
    r"(?i)\s*(?:(?:release|version|publish|tag|(?:bump(?:ed)?|update[ds]?)(?: version)? to)[ :]+)?"
    r"(v[0-9][\w.+-]*|[0-9]+\.[0-9]+\.[0-9][\w.+-]*)(?=$|[\s:,;()])"
)


@dataclass(frozen=True)
class Declaration:
    """One place that names a version.

    Attributes:
        text: The version as it stands there.
        place: Where it stands, as in the table above.
        version: What it was read as; None where it follows no known scheme.
        line: The line of that file, counted from 1, where it is certain.
    """

    text: str
    place: str
    version: Version | None
    line: int | None = None


def declarations(snapshot: Snapshot, tag: str | None, branch: str | None = None) -> list[Declaration]:
    """Every place that declares the version of a revision, the one that counts first.

    Weight files are opened where they lie on this machine, or nothing else speaks: the beginning of one of each kind.

    Args:
        snapshot: The revision.
        tag: The version tag that names it, if one does.
        branch: The branch that was asked for, if one was.
    """
    found = [Declaration(tag, "tag", read_version(tag))] if tag else []
    if branch and not tag and (version := _version_of_branch(branch)):
        found.append(Declaration(branch, "revision", version))
    found += [Declaration(text, "README.md", read_version(text), line) for text, line in _in_card(snapshot)]
    found += [
        Declaration(text, "config.json", version, line)
        for text, line in _in_config(snapshot)
        if (version := read_version(text))
    ]
    names = [*_in_file_names(snapshot), *_in_name(snapshot)]
    weights = [path for path in snapshot.files if path.endswith((".gguf", ".onnx"))]
    if weights and (not (found or names) or not any(snapshot.files[path].remote for path in weights)):
        found += _in_weights(snapshot, weights)
    return found + names


def in_title(title: str) -> list[Declaration]:
    """The version that a commit's title begins with: `v1.2.0`, `Release v2: …`, `Bump version to 1.2.0`."""
    match = re.match(_TITLE, title[:200])
    version = read_version(match[1].rstrip(".-+")) if match else None
    return [Declaration(version.text, "commit", version)] if version else []


def _version_of_branch(branch: str) -> Version | None:
    """A branch named after a version; `8.0` and `4.0bpw` are how far a model was quantised."""
    version = read_version(branch)
    return version if version and (version.prefix or version.scheme == "semver") else None


def _in_card(snapshot: Snapshot) -> list[tuple[str, int | None]]:
    try:
        text = snapshot.facts(read_text, "README.md")
        if text is None or "version" not in text or not re.search(_MENTIONS_VERSION, text):
            return []  # most cards name no version, and reading YAML takes longer than looking
        from semverlint.formats.card import read_card  # noqa: PLC0415 - likewise

        card = snapshot.facts(read_card, "README.md")
    except FileError:
        return []  # the card's own comparer reports it
    found = card.declared_version if card is not None else None
    return [(found, _line(_MENTIONS_VERSION, text))] if found else []


def _in_config(snapshot: Snapshot) -> list[tuple[str, int | None]]:
    try:
        text = snapshot.facts(read_text, "config.json")
        if text is None or "version" not in text or not re.search(_MENTIONS_VERSION_KEY, text):
            return []  # likewise
        config = snapshot.facts(read_json_object, "config.json") or {}
    except FileError:
        return []
    line = _line(_MENTIONS_VERSION_KEY, text)
    return [(value, line) for key in _CONFIG_KEYS if isinstance(value := config.get(key), str)][:1]


def _line(pattern: str, text: str) -> int | None:
    """The line of the one place that matches."""
    places = [match.start() for match in islice(re.finditer(pattern, text), 2)]
    return text.count("\n", 0, places[0]) + 1 if len(places) == 1 else None


def _in_weights(snapshot: Snapshot, paths: Iterable[str]) -> Iterator[Declaration]:
    """What the first file of each kind says of its version; the files of one model say the same."""
    first = {path.rpartition(".")[2]: path for path in sorted(paths, reverse=True)}
    for ending, path in sorted(first.items()):
        try:
            text = _general_version(snapshot, path) if ending == "gguf" else _model_version(snapshot, path)
        except FileError:
            continue  # the comparer of weights reports it
        if text and (version := read_version(text)):
            yield Declaration(text, path, version)


def _general_version(snapshot: Snapshot, path: str) -> str | None:
    from semverlint.formats.weights.gguf.remarks import read_remarks  # noqa: PLC0415 - few repositories hold one

    value = (snapshot.facts(read_remarks, path) or {}).get("general.version")
    return value if isinstance(value, str) else None


def _model_version(snapshot: Snapshot, path: str) -> str | None:
    from semverlint.formats.weights.onnx.version import read_model_version  # noqa: PLC0415 - likewise

    return snapshot.facts(read_model_version, path)


def _in_file_names(snapshot: Snapshot) -> list[Declaration]:
    """The version that every weight file at the top has in its name, if they all have one and the same."""
    top = [path for path in snapshot.files if "/" not in path and not path.endswith(".json")]
    if not any(character.isdecimal() for path in top for character in path):
        return []  # likewise: few names say a version, and what role a file has takes longer to tell
    found: dict[Order, Declaration] = {}
    for path in top:
        if role(path) != "weights":
            continue
        match = re.search(_IN_FILE_NAMES, re.sub(_ENDING, "", path))
        version = read_version("v" + match[1].replace("_", ".")) if match else None
        if version is None:
            return []
        found.setdefault(version.order, Declaration(version.text, "file name", version))
    return list(found.values()) if len(found) == 1 else []


def _in_name(snapshot: Snapshot) -> list[Declaration]:
    name = snapshot.address.rstrip("/")
    if not name.strip("./~") and snapshot.revision is None and snapshot.commit is None:
        name = str(local_path(name).resolve())  # the folder one stands in has a name too
    if not any(character.isdecimal() for character in name.rpartition("/")[2]):
        return []
    from semverlint.versions.own import own_version  # noqa: PLC0415 - the grammar of names has tables to load

    own = own_version(name if name.count("/") == 1 else name.rpartition("/")[2])
    version = own.version or own.date
    return [Declaration(version.text, "name", version)] if version else []


def spoken(
    declared: Sequence[Declaration], before: Sequence[Declaration], *, same_repository: bool
) -> tuple[Declaration | None, Declaration | None]:
    """The two declarations that a step is taken from: of the new revision and of the one before.

    Where the one speaks through a tag or a card and the other through its name alone, two repositories are held against
    each other by their names; in one repository the name, which never moves, does not speak. Nor does a number that is
    part of a family's name (`gpt2`) promise anything of the revisions of one repository.
    """
    new, old = (declared[0] if declared else None), (before[0] if before else None)
    if new is None or old is None or (new.place == "name") == (old.place == "name"):
        both_generations = same_repository and _generation(new) and _generation(old)
        return (None, None) if both_generations else (new, old)
    if same_repository:
        return (None, old) if new.place == "name" else (new, None)
    names = [next((one for one in side if one.place == "name"), None) for side in (declared, before)]
    return (names[0], names[1]) if all(names) else (new, old)


def _generation(declaration: Declaration | None) -> bool:
    """Whether a name says a number without calling it a version."""
    version = declaration.version if declaration and declaration.place == "name" else None
    return version is not None and not version.prefix
