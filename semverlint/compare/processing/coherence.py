"""Preprocessing that contradicts itself, or the model behind it."""

from collections.abc import Iterator, Mapping

from semverlint.changes.base import Change
from semverlint.changes.processing import ImageSizeDisagrees, Part, ProcessorsDisagree
from semverlint.compare.pair import Pair
from semverlint.compare.processing.keys import role_of
from semverlint.compare.processing.view import Written, canonical
from semverlint.errors import FileError
from semverlint.formats.text_files import Json, read_json
from semverlint.snapshot import Snapshot
from semverlint.text import some

Places = Mapping[Part, list[Written]]


def contradictions(pair: Pair, folder: str, old: Places, new: Places) -> Iterator[Change]:
    """What the new revision says twice and differently, and whether the old one did."""
    for part, places in new.items():
        keys = _differing(part, places)
        if keys:
            yield ProcessorsDisagree(
                path=places[0].path,
                part=part,
                keys=some(keys),
                other=places[1].path,
                already=keys == _differing(part, old.get(part, [])),
            )
    config = f"{folder}/config.json" if folder else "config.json"
    sizes = _sizes(pair.new, config, new)
    if sizes is not None and sizes[0] != sizes[1]:
        already = sizes == _sizes(pair.old, config, old)
        yield ImageSizeDisagrees(path=new["image"][0].path, prepared=sizes[0], expected=sizes[1], already=already)


def _differing(part: Part, places: list[Written]) -> list[str]:
    """Settings written in both places with different values; what one of them leaves out is left to defaults."""
    if len(places) < 2:  # noqa: PLR2004 - it takes two to disagree
        return []
    first, second = canonical(places[0], part), canonical(places[1], part)
    return [
        key for key in sorted(first.keys() & second.keys()) if first[key] != second[key] and role_of(key) != "neutral"
    ]


def _sizes(snapshot: Snapshot, config: str, places: Places) -> tuple[int, int] | None:
    """The square edge that preprocessing makes, and the one the model was built for; None where either is open."""
    if "image" not in places:
        return None
    settings = canonical(places["image"][0], "image")
    key = "crop_size" if settings.get("do_center_crop") is True else "size"
    prepared = _edge(settings.get(key))
    if prepared is None or settings.get("do_resize") is False:
        return None
    try:
        model = snapshot.facts(read_json, config)
    except FileError:
        return None  # whoever compares the configuration says so
    if not isinstance(model, dict):
        return None
    vision = model.get("vision_config")
    expected = vision.get("image_size") if isinstance(vision, dict) else model.get("image_size")
    return (prepared, expected) if isinstance(expected, int) else None


def _edge(size: Json) -> int | None:
    if isinstance(size, dict) and size.keys() == {"height", "width"} and size["height"] == size["width"]:
        edge = size["height"]
        return edge if isinstance(edge, int) else None
    return None
