"""One preprocessor's settings against those of the other revision, key by key, class defaults filled in."""

from collections.abc import Iterator, Mapping

from semverlint.changes.processing import Part, ProcessingSettingChanged
from semverlint.compare.class_defaults import DIFFERS
from semverlint.compare.json_values import same_value, shown
from semverlint.compare.pair import Pair
from semverlint.compare.processing.keys import role_of
from semverlint.compare.processing.view import Written, canonical, class_of, defaults
from semverlint.formats.text_files import Json, read_text
from semverlint.snapshot import Snapshot
from semverlint.text import some

Both = tuple[Json, Json]


def settings_changed(pair: Pair, part: Part, old: Written, new: Written) -> Iterator[ProcessingSettingChanged]:
    """Every setting with another meaning; what hangs on an unknown class's default becomes one doubt."""
    before, after = canonical(old, part), canonical(new, part)
    same_class = class_of(part, old) == class_of(part, new)
    known = defaults(part, class_of(part, new)) if same_class else None
    questions: list[str] = []
    for key in sorted(before.keys() | after.keys()):
        role = role_of(key)
        written_twice = key in before and key in after
        if role == "neutral" or (not written_twice and not same_class):
            continue  # what another class does where nothing is said comes with the class
        if role == "prompt" and key not in after and _kept(pair.new, new.path, before[key]):
            continue
        values = (before[key], after[key]) if written_twice else _filled(key, before, after, known)
        if values is None or (key == "size" and _readings(*values)):
            if role != "unknown":
                questions.append(key)
                continue
            values = (before.get(key), after.get(key))
        if not same_value(*values):
            yield ProcessingSettingChanged(
                path=new.path,
                part=part,
                key=key,
                role=role,
                remote_code="auto_map" in old.settings or "auto_map" in new.settings,
                before=shown(old.settings.get(key, values[0])),
                after=shown(new.settings.get(key, values[1])),
            )
    if questions:
        name = class_of(part, new) or f"the {part} preprocessor"
        pair.doubt(
            new.path,
            f"{some(questions)}: what {name} makes of it where it is unwritten or a bare number is not known",
            "write the settings out in both revisions, as one version of transformers saves them",
        )


def _filled(
    key: str, before: Mapping[str, Json], after: Mapping[str, Json], known: Mapping[str, Json] | None
) -> Both | None:
    """The two values of a key written once, the other taken from the class; None where that cannot be said."""
    written = before.get(key, after.get(key))
    default = DIFFERS if known is None else known.get(key)
    if written is None and default in (None, DIFFERS):
        return None, None  # a null written out
    if default == DIFFERS:
        return None
    return before.get(key, default), after.get(key, default)


def _readings(before: Json, after: Json) -> bool:
    """Whether a bare number and a dict may be the same size, if the class reads the number so."""
    for number, size in ((before, after), (after, before)):
        if isinstance(number, int) and isinstance(size, dict):
            return all(edge == number for edge in size.values())
    return False


def _kept(snapshot: Snapshot, path: str, template: Json) -> bool:
    """Whether a template that left the processor's file stands in the file of its own."""
    file = f"{path.rpartition('/')[0]}/chat_template.jinja".lstrip("/")
    return template is not None and snapshot.facts(read_text, file) == template
