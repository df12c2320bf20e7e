"""One folder's preprocessing as a reader would see it: every preprocessor's settings, wherever they were written.

From transformers 4.56 on a preprocessor is also read from inside `processor_config.json`, and 5.0 writes it there;
before, each had its own file (huggingface/transformers#38142 and #41474).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from semverlint.changes.processing import Part
from semverlint.compare.class_defaults import DIFFERS, class_defaults
from semverlint.compare.processing.keys import CLASS_KEYS, PIXEL_BUDGET, SOUND, VISION_EXTRACTORS
from semverlint.formats.processing import ProcessingFacts, read_processing
from semverlint.formats.text_files import Json
from semverlint.snapshot import Snapshot

Settings = Mapping[str, Json]

JOINT = "processor_config.json"
OWN_FILES: tuple[tuple[str, Part], ...] = (
    ("video_preprocessor_config.json", "video"),
    ("image_processor_config.json", "image"),
    ("feature_extractor_config.json", "audio"),
)


@dataclass(frozen=True)
class Written:
    """The settings of one preprocessor in one place.

    Attributes:
        path: The file.
        nested: Whether it stands inside the processor's file.
        settings: What is written there.
    """

    path: str
    nested: bool
    settings: Settings

    @property
    def written_class(self) -> str | None:
        """The class as it is named there."""
        names = (self.settings.get(key) for key in CLASS_KEYS)
        return next((name for name in names if isinstance(name, str)), None)

    @property
    def name(self) -> str | None:
        """The class by its canonical name."""
        return None if self.written_class is None else canonical_class(self.written_class)


def canonical_class(name: str) -> str:
    """One name for the names of one class: fast and slow, feature extractor and image processor."""
    model = name.removesuffix("FeatureExtractor")
    if model != name and model in VISION_EXTRACTORS:
        return f"{model}ImageProcessor"
    for suffix in ("Fast", "Pil"):
        if name.endswith((f"ImageProcessor{suffix}", f"VideoProcessor{suffix}")):
            return name.removesuffix(suffix)
    return name


def written(snapshot: Snapshot, folder: str) -> dict[Part, list[Written]]:
    """Everything a folder says of each preprocessor, what new readers prefer first.

    Raises:
        FileError: If one of the files cannot be read.
    """
    start = f"{folder}/" if folder else ""
    found: dict[Part, list[Written]] = {}

    def take(part: Part, place: Written) -> None:
        found.setdefault(part, []).append(place)

    joint = snapshot.facts(read_processing, start + JOINT)
    own = snapshot.facts(read_processing, f"{start}preprocessor_config.json")
    if joint is not None:
        for name, settings in joint.nested.items():
            take(name, Written(start + JOINT, nested=True, settings=settings))  # type: ignore[arg-type]  # its keys are parts
    if own is not None:
        for part, settings in _split(own).items():
            take(part, Written(f"{start}preprocessor_config.json", nested=False, settings=settings))
    for file, part in OWN_FILES:
        facts = snapshot.facts(read_processing, start + file)
        if facts is not None:
            take(part, Written(start + file, nested=False, settings=facts.values))
    if (processor := _processor(start, joint, own)) is not None:
        take("processor", processor)
    return found


def _processor(start: str, joint: ProcessingFacts | None, own: ProcessingFacts | None) -> Written | None:
    """The processor itself; before it had a file, its class stood in the preprocessor's."""
    named = own.values.get("processor_class") if own is not None else None
    if joint is None:
        if named is None:
            return None
        return Written(f"{start}preprocessor_config.json", nested=False, settings={"processor_class": named})
    settings = dict(joint.values)
    if settings.get("processor_class") is None and named is not None:
        settings["processor_class"] = named
    return Written(start + JOINT, nested=False, settings=settings) if settings else None


def _split(facts: ProcessingFacts) -> dict[Part, Settings]:
    """`preprocessor_config.json` holds images, or sound, or (models that do both) one over the other."""
    values = {key: value for key, value in facts.values.items() if key != "processor_class"}
    extractor = values.get("feature_extractor_type")
    hears = isinstance(extractor, str) and canonical_class(extractor) == extractor and "Image" not in extractor
    sees = "image_processor_type" in values or any(key.startswith(("image_", "do_res", "crop")) for key in values)
    if not hears:
        return {"audio" if not sees and "sampling_rate" in values else "image": values}
    if not sees:
        return {"audio": values}
    heard = SOUND | {"feature_extractor_type"}
    return {
        "image": {key: value for key, value in values.items() if key not in heard},
        "audio": {key: value for key, value in values.items() if key in heard},
    }


def class_of(part: Part, place: Written) -> str | None:
    """The class that reads the settings, by its canonical name; None where none is named."""
    if part != "processor":
        return place.name
    name = place.settings.get("processor_class")
    return name if isinstance(name, str) else None


def defaults(part: Part, name: str | None) -> Settings | None:
    """What the class does where nothing is said, in canonical form; None where the class is not known here."""
    if name is None or part == "video":
        return None
    known = class_defaults(part, name)
    if known is None:
        return None
    settings = {key: value for key, value in known.items() if key != "default_to_square"}
    return canonical(Written("", nested=False, settings={**settings, "image_processor_type": name}), part)


def canonical(place: Written, part: Part) -> dict[str, Json]:
    """The settings in one form: dict sizes, edges for pixel budgets, numbers where a class takes either.

    Class names and `auto_map` are left out: they are compared by themselves. A null is kept; it may differ from absent.
    """
    settings = {
        key: value for key, value in place.settings.items() if key not in (*CLASS_KEYS, "processor_class", "auto_map")
    }
    if part == "processor":
        return settings
    known = (class_defaults("image", place.name) if place.name else None) or {}
    square = known.get("default_to_square")
    if "size" in settings:
        longest = settings.get("max_size")
        settings["size"] = _size(settings["size"], square=square if isinstance(square, bool) else None, longest=longest)
    for key in ("crop_size", "pad_size"):
        if key in settings:
            settings[key] = _size(settings[key], square=True)
    for key in ("image_mean", "image_std"):
        value = settings.get(key)
        if isinstance(value, list) and value and all(item == value[0] for item in value):
            settings[key] = value[0]  # one number stands for every channel
    if place.name in PIXEL_BUDGET:
        _edges(settings, known.get("size"))
    return settings


def _edges(settings: dict[str, Json], default: Json) -> None:
    """`min_pixels` and `max_pixels`, at the top or inside `size`, as the edges they override."""
    size = settings.get("size") or (default if default != DIFFERS else None) or {}
    edges: dict[str, Json] = dict(size) if isinstance(size, dict) else {}
    for old, new in (("min_pixels", "shortest_edge"), ("max_pixels", "longest_edge")):
        inside = edges.pop(old, None)
        above = settings.pop(old, None)
        value = above if above is not None else inside
        if value is not None:
            edges[new] = value
    if edges:
        settings["size"] = edges


def _size(value: Json, *, square: bool | None, longest: Json = None) -> Json:
    """A size as a dict, as `get_size_dict` makes it; a bare number stays where the class's reading is unknown."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(edge, int) for edge in value):  # noqa: PLR2004 - height and width
        return {"height": value[0], "width": value[1]}
    if isinstance(value, bool) or not isinstance(value, int) or square is None:
        return value
    if square:
        return {"height": value, "width": value}
    return {"shortest_edge": value, "longest_edge": longest} if isinstance(longest, int) else {"shortest_edge": value}
