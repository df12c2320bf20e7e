"""What happens to images, sound and video before the model: the settings of its preprocessors, in canonical form.

Reference: transformers' `image_processing_base.py`, `feature_extraction_utils.py` and `processing_utils.py`.
"""

from collections.abc import Iterator
from typing import get_args

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.processing import (
    Part,
    ProcessingCodeChanged,
    ProcessingPartAdded,
    ProcessingPartRemoved,
    ProcessingReformatted,
    ProcessorBackendChanged,
    ProcessorClassChanged,
)
from semverlint.compare.json_values import shown
from semverlint.compare.pair import Pair
from semverlint.compare.processing.coherence import contradictions
from semverlint.compare.processing.keys import PIXEL_BUDGET
from semverlint.compare.processing.settings import settings_changed
from semverlint.compare.processing.view import JOINT, Written, written
from semverlint.compare.registry import comparer

_PARTS: tuple[Part, ...] = get_args(Part)


@comparer
def compare_processing(pair: Pair) -> Iterator[Change]:
    """Changes of preprocessing, folder by folder."""
    for folder in pair.folders("processing"):
        path = f"{folder}/preprocessor_config.json" if folder else "preprocessor_config.json"
        with pair.attempt(path):
            old, new = written(pair.old, folder), written(pair.new, folder)
            touched = [path for path in pair.paths("processing") if path.rpartition("/")[0] == folder]
            doubts = len(pair.undecided)
            found = [change for part in _PARTS for change in _part(pair, part, old.get(part, []), new.get(part, []))]
            yield from found
            if touched and not found and len(pair.undecided) == doubts:
                yield ProcessingReformatted(path=next((p for p in touched if p in pair.new.files), touched[0]))
            yield from contradictions(pair, folder, old, new)


def _part(pair: Pair, part: Part, old: list[Written], new: list[Written]) -> Iterator[Change]:
    """What became of one preprocessor; new readers take the first place it is written in."""
    if not old or not new:
        if old and not (part == "processor" and _only_named(old[0])):
            yield ProcessingPartRemoved(path=old[0].path, part=part)
        elif new and not (part == "processor" and _only_named(new[0])):
            yield ProcessingPartAdded(path=new[0].path, part=part)
        elif old or new:
            place = (old or new)[0]
            name = shown(place.settings.get("processor_class"))
            yield ProcessorClassChanged(
                path=place.path, part=part, before=name if old else None, after=None if old else name
            )
        return
    before, after = old[0], new[0]
    yield from _class(part, before, after)
    yield from _code(part, before, after)
    yield from settings_changed(pair, part, before, after)
    yield from _floors(part, old, new)


def _only_named(place: Written) -> bool:
    """Whether all that is known of the processor is its class, beside settings of the preprocessor."""
    return set(place.settings) == {"processor_class"}


def _class(part: Part, old: Written, new: Written) -> Iterator[Change]:
    if part == "processor":
        before, after = old.settings.get("processor_class"), new.settings.get("processor_class")
        if before != after:
            yield ProcessorClassChanged(path=new.path, part=part, before=shown(before), after=shown(after))
    elif old.name != new.name:
        yield ProcessorClassChanged(path=new.path, part=part, before=old.written_class, after=new.written_class)
    elif old.written_class != new.written_class and old.written_class and new.written_class:
        hands = {name.removeprefix(old.name or "") for name in (old.written_class, new.written_class)}
        if hands & {"Fast", "Pil"}:
            yield ProcessorBackendChanged(path=new.path, part=part, before=old.written_class, after=new.written_class)


def _code(part: Part, old: Written, new: Written) -> Iterator[Change]:
    before, after = old.settings.get("auto_map"), new.settings.get("auto_map")
    if before != after:
        yield ProcessingCodeChanged(path=new.path, part=part, before=shown(before), after=shown(after))


def _floors(part: Part, old: list[Written], new: list[Written]) -> Iterator[Change]:
    """The same settings in a form that older readers do not know."""
    if part != "processor" and all(place.nested for place in new) and not all(place.nested for place in old):
        yield ReaderFloorRaised(
            path=new[0].path,
            form=f"the {part} preprocessor inside {JOINT}",
            reader="transformers",
            since="4.56.0",
            older="refuse",
        )
    before, after = old[0], new[0]
    size = after.settings.get("size")
    if (
        after.name in PIXEL_BUDGET
        and {"min_pixels", "max_pixels"} <= before.settings.keys() - after.settings.keys()
        and isinstance(size, dict)
        and {"shortest_edge", "longest_edge"} <= size.keys()
    ):
        yield ReaderFloorRaised(
            path=after.path,
            form="the pixel budget as edges of size",
            reader="transformers",
            since="4.54.0",
            older="misread",
        )
    forms = []
    if before.name == after.name and "image_processor_type" in after.settings and _extractor(before):
        forms.append("image_processor_type")
    if isinstance(before.settings.get("size"), int | list) and isinstance(size, dict):
        forms.append("size as named edges")
    if forms:
        yield ReaderFloorRaised(
            path=after.path, form=" and ".join(forms), reader="transformers", since="4.25.0", older="refuse"
        )


def _extractor(place: Written) -> bool:
    return place.written_class is not None and place.written_class.endswith("FeatureExtractor")
