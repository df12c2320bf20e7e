from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Model, pair

from semverlint.changes import Change
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.changes.processing import (
    ImageSizeDisagrees,
    ProcessingCodeChanged,
    ProcessingPartAdded,
    ProcessingPartRemoved,
    ProcessingReformatted,
    ProcessingSettingChanged,
    ProcessorBackendChanged,
    ProcessorClassChanged,
    ProcessorsDisagree,
)
from semverlint.compare.class_defaults import DIFFERS, class_defaults
from semverlint.compare.pair import Pair
from semverlint.compare.processing import compare_processing
from semverlint.compare.processing.keys import ROLES

FILE = "preprocessor_config.json"
CLIP: dict[str, object] = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": 224},
    "crop_size": {"height": 224, "width": 224},
    "do_center_crop": True,
    "do_rescale": True,
    "rescale_factor": 0.00392156862745098,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "resample": 3,
}
LEGACY: dict[str, object] = {
    "feature_extractor_type": "CLIPFeatureExtractor",
    "size": 224,
    "crop_size": 224,
    "do_center_crop": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "resample": 3,
}
QWEN: dict[str, object] = {"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 3136, "max_pixels": 12845056}
WHISPER: dict[str, object] = {"feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 16000}


def compared(tmp_path: Path, old: Model, new: Model) -> tuple[list[Change], Pair]:
    both = pair(tmp_path, old, new)
    return list(compare_processing(both)), both


def found(tmp_path: Path, old: Model, new: Model) -> list[Change]:
    changes, both = compared(tmp_path, old, new)
    assert both.undecided == []
    return changes


def one(settings: Mapping[str, object], file: str = FILE) -> Model:
    return {file: dict(settings)}


def keys(changes: list[Change]) -> dict[str, str]:
    return {change.key: change.role for change in changes if isinstance(change, ProcessingSettingChanged)}


def test_defaults_written_out_and_nulls_change_nothing(tmp_path: Path) -> None:
    written = {**CLIP, "do_normalize": True, "do_resize": True, "pad_size": None, "data_format": "channels_first"}

    assert found(tmp_path, one(CLIP), one(written)) == [ProcessingReformatted(path=FILE)]


@pytest.mark.parametrize("name", ["ViTImageProcessor", "SiglipImageProcessor", "DetrImageProcessor"])
def test_every_known_default_may_be_written_or_left_out(tmp_path: Path, name: str) -> None:
    bare = {"image_processor_type": name}
    known = class_defaults("image", name) or {}
    full = {**bare, **{key: value for key, value in known.items() if value != DIFFERS and key != "default_to_square"}}

    assert found(tmp_path, one(bare), one(full)) == [ProcessingReformatted(path=FILE)]


def test_the_legacy_form_of_clip_raises_the_floor_and_nothing_else(tmp_path: Path) -> None:
    assert found(tmp_path, one(LEGACY), one(CLIP)) == [
        ReaderFloorRaised(
            path=FILE,
            form="image_processor_type and size as named edges",
            reader="transformers",
            since="4.25.0",
            older="refuse",
        )
    ]


def test_the_legacy_form_written_again_lowers_the_floor(tmp_path: Path) -> None:
    assert found(tmp_path, one(CLIP), one(LEGACY)) == [ProcessingReformatted(path=FILE)]


def test_a_preprocessor_moved_into_the_processor_raises_the_floor(tmp_path: Path) -> None:
    nested: Model = {"processor_config.json": {"processor_class": "CLIPProcessor", "image_processor": CLIP}}

    assert found(tmp_path, one({**CLIP, "processor_class": "CLIPProcessor"}), nested) == [
        ReaderFloorRaised(
            path="processor_config.json",
            form="the image preprocessor inside processor_config.json",
            reader="transformers",
            since="4.56.0",
            older="refuse",
        )
    ]


def test_a_preprocessor_kept_in_both_places_raises_no_floor(tmp_path: Path) -> None:
    both: Model = {FILE: CLIP, "processor_config.json": {"image_processor": CLIP}}

    assert found(tmp_path, one(CLIP), both) == [ProcessingReformatted(path="processor_config.json")]


def test_two_places_that_differ_are_a_contradiction(tmp_path: Path) -> None:
    both: Model = {FILE: CLIP, "processor_config.json": {"image_processor": {**CLIP, "resample": 2}}}
    changes = found(tmp_path, one(CLIP), both)

    assert (
        ProcessorsDisagree(path="processor_config.json", already=False, part="image", keys="resample", other=FILE)
        in changes
    )
    assert keys(changes) == {"resample": "resample"}


def test_fast_and_slow_are_the_same_class(tmp_path: Path) -> None:
    fast = {**CLIP, "image_processor_type": "CLIPImageProcessorFast"}

    assert found(tmp_path, one(CLIP), one(fast)) == [
        ProcessorBackendChanged(path=FILE, part="image", before="CLIPImageProcessor", after="CLIPImageProcessorFast")
    ]


def test_a_deleted_class_is_another_class(tmp_path: Path) -> None:
    old = {**QWEN, "image_processor_type": "Qwen2_5_VLImageProcessor"}

    assert found(tmp_path, one(old), one(QWEN))[0] == ProcessorClassChanged(
        path=FILE, part="image", before="Qwen2_5_VLImageProcessor", after="Qwen2VLImageProcessor"
    )


def test_a_pixel_budget_as_edges_is_misread_by_older_readers(tmp_path: Path) -> None:
    edges = {"image_processor_type": "Qwen2VLImageProcessor", "size": {"shortest_edge": 3136, "longest_edge": 12845056}}

    assert [(c.older, c.since) for c in found(tmp_path, one(QWEN), one(edges)) if isinstance(c, ReaderFloorRaised)] == [
        ("misread", "4.54.0")
    ]


def test_another_pixel_budget_is_a_change_in_either_form(tmp_path: Path) -> None:
    changes = found(tmp_path, one(QWEN), one({**QWEN, "max_pixels": 1003520}))

    assert keys(changes) == {"size": "size"}


@pytest.mark.parametrize(
    ("key", "value", "role"),
    [
        ("size", {"shortest_edge": 256}, "size"),
        ("do_center_crop", False, "size"),
        ("resample", 2, "resample"),
        ("image_mean", [0.5, 0.5, 0.5], "pixels"),
        ("rescale_factor", 1.0, "pixels"),
        ("do_rescale", False, "pixels"),
        ("model_input_names", ["pixel_values", "pixel_mask"], "inputs"),
        ("house_style", 1, "unknown"),
    ],
)
def test_each_setting_is_known_by_what_it_is_for(tmp_path: Path, key: str, value: object, role: str) -> None:
    other = {**CLIP, key: value}

    assert keys(found(tmp_path / "there", one(CLIP), one(other))) == {key: role}
    assert keys(found(tmp_path / "back", one(other), one(CLIP))) == {key: role}


def test_settings_of_sound_are_compared_with_their_defaults(tmp_path: Path) -> None:
    same = {**WHISPER, "n_fft": 400, "feature_size": 80, "n_samples": 480000, "nb_max_frames": 3000}
    other = {**WHISPER, "feature_size": 128}

    assert found(tmp_path / "same", one(WHISPER), one(same)) == [ProcessingReformatted(path=FILE)]
    assert keys(found(tmp_path / "other", one(WHISPER), one(other))) == {"feature_size": "sound"}


def test_a_file_for_eyes_and_ears_is_two_preprocessors(tmp_path: Path) -> None:
    omni = {**WHISPER, **QWEN}
    split: Model = {
        "processor_config.json": {"image_processor": QWEN, "feature_extractor": WHISPER},
    }

    assert {c.form for c in found(tmp_path, one(omni), split) if isinstance(c, ReaderFloorRaised)} == {
        "the image preprocessor inside processor_config.json",
        "the audio preprocessor inside processor_config.json",
    }


def test_llava_learns_how_many_tokens_an_image_is(tmp_path: Path) -> None:
    bare = {"processor_class": "LlavaProcessor"}
    told = {**bare, "patch_size": 14, "num_additional_image_tokens": 1, "vision_feature_select_strategy": "default"}
    changes = found(tmp_path, one(bare, "processor_config.json"), one(told, "processor_config.json"))

    assert set(keys(changes).values()) == {"tokens"}
    assert [c.before for c in changes if isinstance(c, ProcessingSettingChanged)] == [0, None, None]


def test_an_unknown_class_leaves_what_it_does_without_a_setting_open(tmp_path: Path) -> None:
    old = {"image_processor_type": "HouseImageProcessor", "do_resize": True}
    changes, both = compared(tmp_path, one(old), one({**old, "resample": 2, "do_rescale": True}))

    assert changes == []
    assert len(both.undecided) == 1
    assert not both.undecided[0].failed
    assert "do_rescale, resample" in both.undecided[0].reason


def test_code_of_the_repository_is_named_added_and_removed(tmp_path: Path) -> None:
    mine = {**CLIP, "auto_map": {"AutoImageProcessor": "mine.Mine"}}
    named = '{"AutoImageProcessor":"mine.Mine"}'

    assert found(tmp_path / "there", one(CLIP), one(mine)) == [
        ProcessingCodeChanged(path=FILE, part="image", before=None, after=named)
    ]
    assert found(tmp_path / "back", one(mine), one(CLIP)) == [
        ProcessingCodeChanged(path=FILE, part="image", before=named, after=None)
    ]


def test_files_come_and_go(tmp_path: Path) -> None:
    card: Model = {"README.md": "x"}

    assert found(tmp_path / "there", card, one(CLIP)) == [ProcessingPartAdded(path=FILE, part="image")]
    assert found(tmp_path / "back", one(CLIP), card) == [ProcessingPartRemoved(path=FILE, part="image")]


def test_a_template_that_moved_into_its_own_file_is_the_same(tmp_path: Path) -> None:
    inside: Model = {"processor_config.json": {"processor_class": "LlavaProcessor", "chat_template": "{{ x }}"}}
    beside: Model = {"processor_config.json": {"processor_class": "LlavaProcessor"}, "chat_template.jinja": "{{ x }}"}

    assert found(tmp_path / "there", inside, beside) == [ProcessingReformatted(path="processor_config.json")]
    gone: Model = {"processor_config.json": {"processor_class": "LlavaProcessor"}}
    assert keys(found(tmp_path / "gone", inside, gone)) == {"chat_template": "prompt"}


def test_images_of_another_size_than_the_model_names(tmp_path: Path) -> None:
    config: dict[str, object] = {"vision_config": {"image_size": 336}}
    changes = found(tmp_path, {"config.json": config}, {"config.json": config, FILE: CLIP})

    assert ImageSizeDisagrees(path=FILE, already=False, prepared=224, expected=336) in changes


@pytest.mark.parametrize(
    "content",
    ["[]", "null", '"x"', "{", '{"image_processor": 3}', '{"image_processor_type": {}}', "[" * 100_000],
)
def test_a_hostile_file_is_undecided_not_a_crash(tmp_path: Path, content: str) -> None:
    for name in (FILE, "processor_config.json"):
        changes, both = compared(tmp_path / name, {name: "{}"}, {name: content})

        assert changes == []
        assert [doubt.failed for doubt in both.undecided] == [True]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 500)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
SETTINGS = st.dictionaries(st.sampled_from(sorted(ROLES)) | st.text(max_size=6), JSON, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=SETTINGS, other=SETTINGS, name=st.sampled_from(["CLIPImageProcessor", "Qwen2VLImageProcessor", "Mine"]))
def test_no_values_crash_it_and_order_is_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], other: dict[str, object], name: str
) -> None:
    old = {"image_processor_type": name, **values}
    turned = dict(reversed(old.items()))

    same, _ = compared(tmp_path_factory.mktemp("same"), one(old), one(turned))
    assert [c for c in same if not isinstance(c, ProcessingReformatted)] == []
    compared(tmp_path_factory.mktemp("other"), one(old), one({"image_processor_type": name, **other}))
