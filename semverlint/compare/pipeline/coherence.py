"""A pipeline whose index, folders and configurations do not fit each other."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.pipeline import ComponentFolderMissing, ComponentNotNamed, SchedulerDisagrees
from semverlint.compare.pair import Pair
from semverlint.errors import FileError
from semverlint.formats.pipeline import PipelineFacts, read_pipeline, read_scheduler
from semverlint.formats.text_files import read_json
from semverlint.roles import role
from semverlint.snapshot import Snapshot
from semverlint.text import clean

INDEX = "model_index.json"


def contradictions(pair: Pair) -> Iterator[Change]:
    """What does not fit in the new revision, where something of the pipeline was touched."""
    moved = pair.added | pair.removed | {path for path in pair.changed if role(path) in {"pipeline", "config"}}
    for path in sorted(path for path in pair.new.files if path.rpartition("/")[2] == INDEX):
        root = path.removesuffix(INDEX)
        if not pair.options.full and not any(other.startswith(root) for other in moved):
            continue
        with pair.attempt(path):
            before = {_key(found) for found in _found(pair.old, path, root)}
            for found in _found(pair.new, path, root):
                yield found if _key(found) not in before else type(found)(**{**vars(found), "already": True})


def _key(found: Change) -> tuple[object, ...]:
    return (found.kind, *sorted((name, str(value)) for name, value in vars(found).items()))


def _found(snapshot: Snapshot, path: str, root: str) -> Iterator[Change]:
    try:
        pipeline = snapshot.facts(read_pipeline, path)
    except FileError:
        return  # the comparison has said so
    if pipeline is None:
        return
    inside = {rest.partition("/")[0] for rest in _below(snapshot, root) if "/" in rest}
    for name, component in pipeline.components.items():
        if component.class_name is None:
            continue
        if name not in inside:
            yield ComponentFolderMissing(
                path=path, component=clean(name, 60), class_name=clean(component.class_name), already=False
            )
        own = _class(snapshot, f"{root}{name}/scheduler_config.json")
        if own is not None and own != component.class_name:
            yield SchedulerDisagrees(
                path=f"{root}{name}/scheduler_config.json",
                component=clean(name, 60),
                pipeline=clean(component.class_name),
                own=clean(own),
                already=False,
            )
    yield from _unnamed(snapshot, path, root, pipeline)


def _below(snapshot: Snapshot, root: str) -> list[str]:
    return [path.removeprefix(root) for path in snapshot.files if path.startswith(root)]


def _unnamed(snapshot: Snapshot, path: str, root: str, pipeline: PipelineFacts) -> Iterator[Change]:
    """Folders with a diffusers component in them that loading the pipeline passes by."""
    for rest in sorted(_below(snapshot, root)):
        name, _, file = rest.partition("/")
        if file in {"config.json", "scheduler_config.json"} and name not in pipeline.components:
            own = _class(snapshot, root + rest)
            if own is not None:
                yield ComponentNotNamed(path=path, component=clean(name, 60), class_name=clean(own), already=False)


def _class(snapshot: Snapshot, path: str) -> str | None:
    """The class a component's own configuration names, None where it names none or cannot be read."""
    try:
        settings = snapshot.facts(read_scheduler if path.endswith("scheduler_config.json") else read_json, path)
    except FileError:
        return None  # whoever compares that file says so
    name = settings.get("_class_name") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else None
