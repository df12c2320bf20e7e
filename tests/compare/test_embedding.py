import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Content, Model, pair

from semverlint.changes import Change
from semverlint.changes.embedding import (
    DefaultPromptChanged,
    DefaultPromptMissing,
    EmbeddingModuleAdded,
    EmbeddingModuleMoved,
    EmbeddingModuleRemoved,
    EmbeddingModulesAdded,
    EmbeddingModulesRemoved,
    EmbeddingModulesReordered,
    EmbeddingPromptAdded,
    EmbeddingPromptChanged,
    EmbeddingPromptRemoved,
    EmbeddingReformatted,
    EmbeddingSettingChanged,
    MaxSequenceLengthChanged,
    ModuleFolderMissing,
    PoolingChanged,
    PoolingWidthDisagrees,
)
from semverlint.changes.floor import ReaderFloorRaised
from semverlint.compare.embedding import compare_embedding
from semverlint.compare.pair import Options, Pair
from semverlint.roles import role

HOUSE = "config_sentence_transformers.json"
OLD_HOME = "sentence_transformers.models."


def modules(*names: str, home: str = OLD_HOME) -> list[object]:
    return [
        {"idx": i, "name": str(i), "path": "" if i == 0 else f"{i}_{name}", "type": f"{home}{name}"}
        for i, name in enumerate(names)
    ]


MODEL: dict[str, Content] = {
    "modules.json": modules("Transformer", "Pooling", "Normalize"),
    "1_Pooling/config.json": {
        "word_embedding_dimension": 384,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
    },
    "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
    HOUSE: {"__version__": {"sentence_transformers": "2.0.0"}},
    "config.json": {"hidden_size": 384, "max_position_embeddings": 512},
    "tokenizer_config.json": {"model_max_length": 512},
}
NEWER: dict[str, Content] = {
    **MODEL,
    "modules.json": [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
        },
        {
            "idx": 2,
            "name": "2",
            "path": "2_Normalize",
            "type": "sentence_transformers.sentence_transformer.modules.normalize.Normalize",
        },
    ],
    "1_Pooling/config.json": {"embedding_dimension": 384, "pooling_mode": "mean", "include_prompt": True},
    "2_Normalize/config.json": {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"},
    "sentence_bert_config.json": {
        "transformer_task": "feature-extraction",
        "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
        "module_output_name": "token_embeddings",
    },
    "tokenizer_config.json": {"model_max_length": 256},
    HOUSE: {
        "model_type": "SentenceTransformer",
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    },
}
"""What sentence-transformers 5.4 makes of the same model."""


def compared(tmp_path: Path, old: Model, new: Model) -> tuple[list[Change], Pair]:
    both = pair(tmp_path, old, new)
    return list(compare_embedding(both)), both


def found(tmp_path: Path, old: Model, new: Model) -> list[Change]:
    changes, both = compared(tmp_path, old, new)
    assert both.undecided == []
    return changes


def with_(**files: Content) -> Model:
    """The model with one file another: `pooling`, `transformer`, `house` or `modules`."""
    names = {
        "pooling": "1_Pooling/config.json",
        "transformer": "sentence_bert_config.json",
        "house": HOUSE,
        "modules": "modules.json",
    }
    return {**MODEL, **{names[name]: content for name, content in files.items()}}


def test_saving_with_a_newer_release_raises_the_floor_and_moves_nothing(tmp_path: Path) -> None:
    changes = found(tmp_path, MODEL, NEWER)

    assert [(c.reader, c.since, c.older) for c in changes if isinstance(c, ReaderFloorRaised)] == [
        ("sentence-transformers", "5.4.0", "refuse"),
        ("vLLM", "with #54533", "misread"),
    ]
    assert len(changes) == 2


def test_saving_with_an_older_release_again_is_no_news(tmp_path: Path) -> None:
    assert [type(change) for change in found(tmp_path, NEWER, MODEL)] == [EmbeddingReformatted]


def test_normalisation_moved_once_more_in_release_six(tmp_path: Path) -> None:
    text = json.dumps(NEWER["modules.json"]).replace("sentence_transformer.modules.normalize", "base.modules.normalize")
    changes = found(tmp_path, NEWER, {**NEWER, "modules.json": text})

    assert next((c.reader, c.since) for c in changes if isinstance(c, ReaderFloorRaised)) == (
        "sentence-transformers",
        "6.0.0",
    )


def test_versions_defaults_and_order_change_nothing(tmp_path: Path) -> None:
    same = with_(
        house={"__version__": {"sentence_transformers": "3.0.0"}, "similarity_fn_name": None, "prompts": {}},
        pooling={
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_tokens": True,
            "word_embedding_dimension": 384,
            "include_prompt": True,
        },
    )

    assert [type(change) for change in found(tmp_path, MODEL, same)] == [EmbeddingReformatted]


@pytest.mark.parametrize(
    ("pooling", "mode"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_lasttoken": True, "pooling_mode_mean_tokens": False}, "lasttoken"),
        ({"pooling_mode": "CLS"}, "cls"),
        ({"pooling_mode": ["cls", "mean"]}, "cls+mean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "cls+mean"),
    ],
)
def test_pooling_is_told_by_its_modes_in_either_form(tmp_path: Path, pooling: dict[str, object], mode: str) -> None:
    other = with_(pooling={"word_embedding_dimension": 384, **pooling})
    path = "1_Pooling/config.json"

    assert PoolingChanged(path=path, before="mean", after=mode) in found(tmp_path / "there", MODEL, other)
    assert PoolingChanged(path=path, before=mode, after="mean") in found(tmp_path / "back", other, MODEL)


def test_modules_come_go_and_change_places(tmp_path: Path) -> None:
    path = "modules.json"
    bare = with_(modules=modules("Transformer", "Pooling"))
    one = EmbeddingModuleAdded(path=path, module="Normalize", position=2, remote_code=False)
    other = EmbeddingModuleRemoved(path=path, module="Normalize", position=2, remote_code=False)

    assert found(tmp_path / "there", bare, MODEL) == [one]
    assert found(tmp_path / "back", MODEL, bare) == [other]
    turned = found(
        tmp_path / "turned",
        with_(modules=modules("Transformer", "Pooling", "Normalize", "LayerNorm")),
        with_(modules=modules("Transformer", "Pooling", "LayerNorm", "Normalize")),
    )
    assert isinstance(turned[0], EmbeddingModulesReordered)


def test_a_module_of_the_repositorys_own_is_remote_code(tmp_path: Path) -> None:
    [change] = found(
        tmp_path,
        MODEL,
        with_(modules=[*modules("Transformer", "Pooling", "Normalize"), {"path": "3_Mine", "type": "mine.Head"}]),
    )

    assert change == EmbeddingModuleAdded(path="modules.json", module="mine.Head", position=3, remote_code=True)


def test_a_folder_by_another_name_holds_the_same_module(tmp_path: Path) -> None:
    moved = json.dumps(MODEL["modules.json"]).replace("1_Pooling", "01_Pooling")
    new: dict[str, Content] = {**MODEL, "modules.json": moved, "01_Pooling/config.json": MODEL["1_Pooling/config.json"]}
    del new["1_Pooling/config.json"]

    assert found(tmp_path, MODEL, new) == [
        EmbeddingModuleMoved(path="modules.json", module="Pooling", before="1_Pooling", after="01_Pooling")
    ]


def test_the_list_of_modules_comes_and_goes(tmp_path: Path) -> None:
    bare = {path: content for path, content in MODEL.items() if path != "modules.json"}

    assert found(tmp_path / "there", bare, MODEL) == [EmbeddingModulesAdded(path="modules.json")]
    assert found(tmp_path / "back", MODEL, bare) == [EmbeddingModulesRemoved(path="modules.json")]


@pytest.mark.parametrize(("length", "direction"), [(128, "lowered"), (512, "raised")])
def test_the_limit_of_a_text_has_a_direction(tmp_path: Path, length: int, direction: str) -> None:
    [change] = found(tmp_path, MODEL, with_(transformer={"max_seq_length": length, "do_lower_case": False}))

    assert isinstance(change, MaxSequenceLengthChanged)
    assert (change.before, change.after, change.direction) == (256, length, direction)


def test_a_limit_that_is_said_elsewhere_is_the_same(tmp_path: Path) -> None:
    unsaid: dict[str, Content] = {**MODEL, "sentence_bert_config.json": {"do_lower_case": False}}

    raised = found(tmp_path / "raised", MODEL, unsaid)
    same = found(tmp_path / "same", MODEL, {**unsaid, "tokenizer_config.json": {"model_max_length": 256}})
    assert [change.kind for change in raised] == ["max-sequence-length-changed"]
    assert [change.kind for change in same] == ["embedding-reformatted"]


def test_a_limit_nobody_names_is_unclear(tmp_path: Path) -> None:
    bare: Model = {"modules.json": modules("Transformer"), "sentence_bert_config.json": {"max_seq_length": 9}}
    [change] = found(tmp_path, bare, {**bare, "sentence_bert_config.json": {"do_lower_case": False}})

    assert isinstance(change, MaxSequenceLengthChanged)
    assert (change.after, change.direction) == (None, "unknown")


def test_prompts_are_an_interface_by_name(tmp_path: Path) -> None:
    old = with_(house={"prompts": {"query": "query: ", "cluster": "c: "}, "default_prompt_name": "query"})
    new = with_(house={"prompts": {"query": "Query: ", "rank": "r: "}})

    assert found(tmp_path / "there", old, new) == [
        EmbeddingPromptRemoved(path=HOUSE, name="cluster"),
        EmbeddingPromptChanged(path=HOUSE, name="query", before="query: ", after="Query: "),
        EmbeddingPromptAdded(path=HOUSE, name="rank", automatic=False),
        DefaultPromptChanged(path=HOUSE, before="query", after=None),
    ]
    assert found(tmp_path / "query", MODEL, with_(house={"prompts": {"query": "q: "}})) == [
        EmbeddingPromptAdded(path=HOUSE, name="query", automatic=True)
    ]


def test_a_default_prompt_must_be_there(tmp_path: Path) -> None:
    changes = found(tmp_path, MODEL, with_(house={"prompts": {}, "default_prompt_name": "search"}))

    assert DefaultPromptMissing(path=HOUSE, already=False, name="search") in changes


@pytest.mark.parametrize(
    ("files", "key", "role_"),
    [
        ({"house": {"similarity_fn_name": "dot"}}, "similarity_fn_name", "score"),
        ({"house": {"truncate_dim": 128}}, "truncate_dim", "vectors"),
        ({"house": {"model_type": "SparseEncoder", "similarity_fn_name": "cosine"}}, "model_type", "class"),
        ({"house": {"house_style": 1}}, "house_style", "unknown"),
        ({"transformer": {"max_seq_length": 256, "do_lower_case": True}}, "do_lower_case", "text"),
        ({"pooling": {"word_embedding_dimension": 384, "include_prompt": False}}, "include_prompt", "vectors"),
    ],
)
def test_each_setting_is_known_by_what_it_is_for(
    tmp_path: Path, files: dict[str, Content], key: str, role_: str
) -> None:
    for name, old, new in (("there", MODEL, with_(**files)), ("back", with_(**files), MODEL)):
        [change] = found(tmp_path / name, old, new)
        assert isinstance(change, EmbeddingSettingChanged)
        assert (change.key, change.role) == (key, role_)


def test_a_dense_layer_is_compared_by_what_it_computes(tmp_path: Path) -> None:
    listed = modules("Transformer", "Pooling", "Dense")
    dense: dict[str, object] = {
        "in_features": 384,
        "out_features": 128,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    old: Model = {**MODEL, "modules.json": listed, "2_Dense/config.json": dense}
    same: Model = {**old, "2_Dense/config.json": {**dense, "activation_function": "torch.nn.Tanh"}}
    other: Model = {
        **old,
        "2_Dense/config.json": {**dense, "activation_function": "torch.nn.modules.linear.Identity", "in_features": 768},
    }

    assert [change.kind for change in found(tmp_path / "same", old, same)] == ["embedding-reformatted"]
    changes = found(tmp_path / "other", old, other)
    assert [c.key for c in changes if isinstance(c, EmbeddingSettingChanged)] == ["activation_function", "in_features"]
    assert (
        PoolingWidthDisagrees(path="2_Dense/config.json", already=False, module="Dense", expected=768, given=384)
        in changes
    )


def test_several_modes_make_wider_vectors(tmp_path: Path) -> None:
    listed = modules("Transformer", "Pooling", "Dense")
    twice: dict[str, object] = {"word_embedding_dimension": 384, "pooling_mode": ["cls", "mean"]}
    model: Model = {
        **MODEL,
        "modules.json": listed,
        "1_Pooling/config.json": twice,
        "2_Dense/config.json": {"in_features": 768, "out_features": 9},
    }

    assert not any(isinstance(c, PoolingWidthDisagrees) for c in found(tmp_path, MODEL, model))


def test_a_listed_module_needs_its_folder_unless_it_keeps_nothing(tmp_path: Path) -> None:
    model = {path: content for path, content in MODEL.items() if not path.startswith("1_")}
    changes = found(tmp_path, MODEL, model)

    missing = [change for change in changes if isinstance(change, ModuleFolderMissing)]
    assert missing == [ModuleFolderMissing(path="modules.json", already=False, module="Pooling", folder="1_Pooling")]


def test_a_pooling_that_does_not_fit_the_model_was_so_before(tmp_path: Path) -> None:
    wrong: dict[str, Content] = {**MODEL, "config.json": {"hidden_size": 768}}
    both = pair(tmp_path, {**wrong, "LICENSE": "a"}, {**wrong, "LICENSE": "b"}, Options(full=True))

    assert list(compare_embedding(both)) == [
        PoolingWidthDisagrees(path="1_Pooling/config.json", already=True, module="Pooling", expected=384, given=768)
    ]
    assert list(compare_embedding(Pair(both.old, both.new))) == []


def test_the_configuration_of_a_transformer_in_a_folder_is_the_models_own() -> None:
    assert role("0_Transformer/config.json") == "config"
    assert role("0_CLIPModel/config.json") == "config"
    assert role("1_Pooling/config.json") == "embedding"
    assert role("sub/2_Dense/config.json") == "embedding"


@pytest.mark.parametrize("content", ["3", "{", '{"a": 1}', '[{"type": 3}]', "[1]", "[" * 100_000])
def test_a_hostile_list_of_modules_is_undecided_not_a_crash(tmp_path: Path, content: str) -> None:
    changes, both = compared(tmp_path, MODEL, {**MODEL, "modules.json": content})

    assert changes == []
    assert [doubt.failed for doubt in both.undecided] == [True]


@pytest.mark.parametrize("path", ["1_Pooling/config.json", "sentence_bert_config.json", HOUSE])
@pytest.mark.parametrize("content", ["[]", "3", "{", "[" * 100_000])
def test_hostile_settings_are_undecided_not_a_crash(tmp_path: Path, path: str, content: str) -> None:
    _, both = compared(tmp_path, MODEL, {**MODEL, path: content})

    assert [doubt.failed for doubt in both.undecided] == [True]


@pytest.mark.parametrize("content", ['{"prompts": 3}', '{"prompts": {"query": 3}}'])
def test_prompts_that_are_no_texts_are_undecided(tmp_path: Path, content: str) -> None:
    _, both = compared(tmp_path, MODEL, {**MODEL, HOUSE: content})

    assert [doubt.failed for doubt in both.undecided] == [True]


KEYS = st.sampled_from(["pooling_mode", "pooling_mode_cls_token", "word_embedding_dimension", "include_prompt", "x"])
VALUES = (
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=4) | st.lists(st.text(max_size=3), max_size=3)
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(KEYS, VALUES, max_size=5), other=st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_values_crash_it_and_order_is_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object], other: dict[str, object]
) -> None:
    old = with_(pooling=values)
    same, _ = compared(tmp_path_factory.mktemp("same"), old, with_(pooling=dict(reversed(values.items()))))

    assert [c for c in same if not isinstance(c, EmbeddingReformatted | PoolingWidthDisagrees)] == []
    compared(tmp_path_factory.mktemp("other"), old, with_(pooling=other, transformer=other, house=other))
