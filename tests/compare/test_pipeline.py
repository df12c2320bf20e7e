from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Content, Model, pair

from semverlint.changes import Change, Incoherence
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.pipeline import (
    ComponentAdded,
    ComponentChanged,
    ComponentFolderMissing,
    ComponentNotNamed,
    ComponentRemoved,
    PipelineAdded,
    PipelineClassChanged,
    PipelineReformatted,
    PipelineRemoved,
    PipelineSettingChanged,
    SchedulerAdded,
    SchedulerDisagrees,
    SchedulerRemoved,
    SchedulerSettingChanged,
)
from semverlint.compare.class_defaults import class_defaults
from semverlint.compare.pair import Pair
from semverlint.compare.pipeline import compare_pipeline

INDEX = "model_index.json"
STEPS = "scheduler/scheduler_config.json"
LISTED: dict[str, object] = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.6.0",
    "feature_extractor": ["transformers", "CLIPFeatureExtractor"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "unet": ["diffusers", "UNet2DConditionModel"],
}
DDIM: dict[str, object] = {"_class_name": "DDIMScheduler", "_diffusers_version": "0.6.0", "beta_start": 0.00085}
MODEL: dict[str, Content] = {
    INDEX: LISTED,
    STEPS: DDIM,
    "unet/config.json": {"_class_name": "UNet2DConditionModel"},
    "feature_extractor/preprocessor_config.json": {},
    "safety_checker/config.json": {},
}


def compared(tmp_path: Path, old: Model, new: Model) -> tuple[list[Change], Pair]:
    both = pair(tmp_path, old, new)
    return list(compare_pipeline(both)), both


def found(tmp_path: Path, old: Model, new: Model) -> list[Change]:
    changes, both = compared(tmp_path, old, new)
    assert both.undecided == []
    return changes


def listed(**changed: object) -> Model:
    return {**MODEL, INDEX: {**LISTED, **changed}}


def steps(**changed: object) -> Model:
    return {**MODEL, STEPS: {**DDIM, **changed}}


def test_versions_order_and_defaults_change_nothing(tmp_path: Path) -> None:
    full = {**(class_defaults("scheduler", "DDIMScheduler") or {}), **DDIM, "_diffusers_version": "0.42.1"}
    new: Model = {
        **MODEL,
        INDEX: dict(reversed({**LISTED, "_diffusers_version": "0.42.1", "requires_safety_checker": True}.items())),
        STEPS: full,
    }

    assert found(tmp_path / "there", MODEL, new) == [PipelineReformatted(path=INDEX), PipelineReformatted(path=STEPS)]
    assert found(tmp_path / "back", new, MODEL) == [PipelineReformatted(path=INDEX), PipelineReformatted(path=STEPS)]


def test_the_newer_name_of_a_class_raises_the_floor(tmp_path: Path) -> None:
    newer = listed(feature_extractor=["transformers", "CLIPImageProcessor"])
    [change] = found(tmp_path / "there", MODEL, newer)

    assert isinstance(change, ReaderFloorRaised)
    [back] = found(tmp_path / "back", newer, MODEL)
    assert isinstance(back, ComponentChanged)
    assert back.same_class


def test_components_come_and_go(tmp_path: Path) -> None:
    named = listed(image_encoder=["transformers", "CLIPVisionModel"], vae=["diffusers", "AutoencoderKL"])
    more: Model = {**named, "vae/config.json": {}, "image_encoder/config.json": {}}

    assert found(tmp_path / "there", MODEL, more) == [
        ComponentAdded(
            path=INDEX, component="image_encoder", module="transformers", class_name="CLIPVisionModel", optional=True
        ),
        ComponentAdded(path=INDEX, component="vae", module="diffusers", class_name="AutoencoderKL", optional=False),
    ]
    assert found(tmp_path / "back", more, MODEL) == [
        ComponentRemoved(path=INDEX, component="image_encoder", module="transformers", class_name="CLIPVisionModel"),
        ComponentRemoved(path=INDEX, component="vae", module="diffusers", class_name="AutoencoderKL"),
    ]


def test_a_safety_checker_is_left_out_and_put_back(tmp_path: Path) -> None:
    without = listed(safety_checker=[None, None])
    name = "StableDiffusionSafetyChecker"

    [gone] = found(tmp_path / "gone", MODEL, without)
    assert gone == ComponentChanged(
        path=INDEX, component="safety_checker", before=name, after=None, same_class=False, optional=True
    )
    [back] = found(tmp_path / "back", without, MODEL)
    assert back == ComponentChanged(
        path=INDEX, component="safety_checker", before=None, after=name, same_class=False, optional=True
    )


def test_the_pipeline_and_its_settings_are_told_apart(tmp_path: Path) -> None:
    changes = found(tmp_path, MODEL, listed(_class_name="OtherPipeline", force_zeros_for_empty_prompt=False))

    assert changes == [
        PipelineClassChanged(path=INDEX, before="StableDiffusionPipeline", after="OtherPipeline"),
        PipelineSettingChanged(path=INDEX, key="force_zeros_for_empty_prompt", before=True, after=False),
    ]


@pytest.mark.parametrize(
    ("key", "value", "role"),
    [
        ("prediction_type", "v_prediction", "noise"),
        ("beta_end", 0.5, "noise"),
        ("steps_offset", 1, "steps"),
        ("timestep_spacing", "trailing", "steps"),
        ("set_alpha_to_one", False, "steps"),
        ("rescale_betas_zero_snr", True, "noise"),
        ("clip_sample", False, "clip"),
        ("thresholding", True, "clip"),
        ("skip_prk_steps", True, "foreign"),
        ("use_karras_sigmas", True, "foreign"),
        ("house_style", 1, "unknown"),
    ],
)
def test_each_setting_is_known_by_what_it_is_for(tmp_path: Path, key: str, value: object, role: str) -> None:
    for name, old, new in (("there", MODEL, steps(**{key: value})), ("back", steps(**{key: value}), MODEL)):
        [change] = found(tmp_path / name, old, new)
        assert isinstance(change, SchedulerSettingChanged)
        assert (change.key, change.role) == (key, role)


def test_another_scheduler_brings_its_settings_with_it(tmp_path: Path) -> None:
    other = {"_class_name": "PNDMScheduler", "beta_start": 0.00085, "skip_prk_steps": True}
    changes = found(tmp_path, MODEL, {**listed(scheduler=["diffusers", "PNDMScheduler"]), STEPS: other})

    assert [change.subject for change in changes] == ["scheduler", "_class_name"]


def test_an_unknown_scheduler_leaves_its_defaults_open(tmp_path: Path) -> None:
    mine: Model = {STEPS: {"_class_name": "MineScheduler", "beta_start": 0.1}}
    changes, both = compared(tmp_path, mine, {STEPS: {"_class_name": "MineScheduler", "beta_start": 0.1, "shift": 3}})

    assert changes == []
    assert [doubt.failed for doubt in both.undecided] == [False]


def test_pipelines_and_schedulers_come_and_go(tmp_path: Path) -> None:
    empty: Model = {"LICENSE": "x"}
    whole: Model = {INDEX: {"_class_name": "A", "scheduler": ["diffusers", "DDIMScheduler"]}, STEPS: DDIM}

    assert found(tmp_path / "there", empty, whole) == [PipelineAdded(path=INDEX), SchedulerAdded(path=STEPS)]
    assert found(tmp_path / "back", whole, empty) == [PipelineRemoved(path=INDEX), SchedulerRemoved(path=STEPS)]


def test_index_folders_and_configurations_must_fit(tmp_path: Path) -> None:
    new: Model = {
        **listed(vae=["diffusers", "AutoencoderKL"], scheduler=["diffusers", "PNDMScheduler"]),
        "unet_ema/config.json": {"_class_name": "UNet2DConditionModel"},
    }
    changes = found(tmp_path, MODEL, new)

    assert changes[2:] == [
        SchedulerDisagrees(
            path=STEPS, already=False, component="scheduler", pipeline="PNDMScheduler", own="DDIMScheduler"
        ),
        ComponentFolderMissing(path=INDEX, already=False, component="vae", class_name="AutoencoderKL"),
        ComponentNotNamed(path=INDEX, already=False, component="unet_ema", class_name="UNet2DConditionModel"),
    ]


def test_what_did_not_fit_before_is_marked_so(tmp_path: Path) -> None:
    old = listed(vae=["diffusers", "AutoencoderKL"])
    changes = found(tmp_path, old, {**old, STEPS: {**DDIM, "steps_offset": 1}})

    assert changes[1:] == [
        ComponentFolderMissing(path=INDEX, already=True, component="vae", class_name="AutoencoderKL")
    ]


def test_a_pipeline_in_a_folder_is_compared_by_itself(tmp_path: Path) -> None:
    inner = {f"sub/{path}": content for path, content in MODEL.items()}

    assert found(tmp_path, inner, {**inner, f"sub/{STEPS}": {**DDIM, "_diffusers_version": "0.7.0"}}) == [
        PipelineReformatted(path=f"sub/{STEPS}")
    ]


@pytest.mark.parametrize("path", [INDEX, STEPS])
@pytest.mark.parametrize("content", ["[]", "3", "{", '{"_class_name": 3}', "[" * 100_000])
def test_a_hostile_file_is_undecided_not_a_crash(tmp_path: Path, path: str, content: str) -> None:
    changes, both = compared(tmp_path, MODEL, {**MODEL, path: content})

    assert changes == []
    assert [doubt.failed for doubt in both.undecided] == [True]


KEYS = st.sampled_from([*(class_defaults("scheduler", "DDIMScheduler") or {}), "unet", "vae", "shift"])
VALUES = (
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=4) | st.lists(st.none() | st.text(), max_size=3)
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(KEYS, VALUES, max_size=5), other=st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_values_crash_it_and_order_is_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], other: dict[str, object]
) -> None:
    old: Model = {INDEX: values, STEPS: {**DDIM, **values}}
    turned: Model = {INDEX: dict(reversed(values.items())), STEPS: dict(reversed({**DDIM, **values}.items()))}
    same, _ = compared(tmp_path_factory.mktemp("same"), old, turned)

    assert [c for c in same if not isinstance(c, PipelineReformatted | Incoherence)] == []
    compared(tmp_path_factory.mktemp("other"), old, {INDEX: other, STEPS: {**DDIM, **other}})
