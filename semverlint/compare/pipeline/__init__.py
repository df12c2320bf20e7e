"""Which components a pipeline is made of: `model_index.json`, with the scheduler's own settings (diffusers)."""

from collections.abc import Iterator

from semverlint.changes.base import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.pipeline import (
    ComponentAdded,
    ComponentChanged,
    ComponentRemoved,
    PipelineAdded,
    PipelineClassChanged,
    PipelineReformatted,
    PipelineRemoved,
    PipelineSettingChanged,
    SchedulerAdded,
    SchedulerRemoved,
)
from semverlint.compare.json_values import same_value, shown
from semverlint.compare.pair import Pair
from semverlint.compare.pipeline.coherence import INDEX, contradictions
from semverlint.compare.pipeline.scheduler import scheduler_changed
from semverlint.compare.registry import comparer
from semverlint.formats.pipeline import Component, PipelineFacts, read_pipeline, read_scheduler
from semverlint.formats.text_files import Json

_OPTIONAL = frozenset(
    {"safety_checker", "feature_extractor", "image_encoder", "watermarker", "prompt_enhancer", "motion_adapter"}
)
"""Components that the pipelines of diffusers list as optional and whose absence leaves the rest as it is."""
_DEFAULTS: dict[str, Json] = {"requires_safety_checker": True, "force_zeros_for_empty_prompt": True}
"""What the pipelines that have these settings do without them."""
_RENAMED = {"CLIPFeatureExtractor": "CLIPImageProcessor"}
"""transformers 5 has only the new name; diffusers reads the old one as the new one."""


@comparer
def compare_pipeline(pair: Pair) -> Iterator[Change]:
    """Changes of every pipeline and every scheduler, and what contradicts itself in the new ones."""
    for path in pair.paths("pipeline"):
        with pair.attempt(path):
            if path.rpartition("/")[2] == INDEX:
                yield from _index(pair, path)
            else:
                yield from _scheduler(pair, path)
    yield from contradictions(pair)


def _index(pair: Pair, path: str) -> Iterator[Change]:
    old, new = pair.facts(read_pipeline, path)
    if old is None:
        yield PipelineAdded(path=path)
    elif new is None:
        yield PipelineRemoved(path=path)
    else:
        found = [*_components(path, old, new), *_settings(path, old, new)]
        if old.class_name != new.class_name:
            found.insert(0, PipelineClassChanged(path=path, before=old.class_name, after=new.class_name))
        yield from found or [PipelineReformatted(path=path)]


def _scheduler(pair: Pair, path: str) -> Iterator[Change]:
    old, new = pair.facts(read_scheduler, path)
    if old is None:
        yield SchedulerAdded(path=path)
    elif new is None:
        yield SchedulerRemoved(path=path)
    else:
        doubts = len(pair.undecided)
        found = list(scheduler_changed(pair, path, old, new))
        yield from found
        if not found and len(pair.undecided) == doubts:
            yield PipelineReformatted(path=path)


def _components(path: str, old: PipelineFacts, new: PipelineFacts) -> Iterator[Change]:
    for name in sorted(old.components.keys() | new.components.keys()):
        before, after = old.components.get(name), new.components.get(name)
        optional = name in _OPTIONAL
        if after is None and before is not None:
            yield ComponentRemoved(path=path, component=name, module=before.module, class_name=before.class_name)
        elif before is None and after is not None:
            yield ComponentAdded(
                path=path, component=name, module=after.module, class_name=after.class_name, optional=optional
            )
        elif before is not None and after is not None and before != after:
            yield _component(path, name, before, after)


def _component(path: str, name: str, before: Component, after: Component) -> Change:
    if before.class_name and after.class_name and _RENAMED.get(before.class_name) == after.class_name:
        return ReaderFloorRaised(
            path=path, form=f"{name} as {after.class_name}", reader="transformers", since="4.25.0", older="refuse"
        )
    return ComponentChanged(
        path=path,
        component=name,
        before=before.class_name,
        after=after.class_name,
        same_class=_canonical(before) == _canonical(after),
        optional=name in _OPTIONAL,
    )


def _canonical(component: Component) -> str | None:
    return _RENAMED.get(component.class_name or "", component.class_name)


def _settings(path: str, old: PipelineFacts, new: PipelineFacts) -> Iterator[Change]:
    for key in sorted(old.settings.keys() | new.settings.keys()):
        left, right = (facts.settings.get(key, _DEFAULTS.get(key)) for facts in (old, new))
        if not key.startswith("_") and not same_value(left, right):
            yield PipelineSettingChanged(path=path, key=key, before=shown(left), after=shown(right))
