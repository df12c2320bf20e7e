import pytest

from semverlint.compare.class_defaults import class_defaults
from semverlint.compare.json_values import same_value, shown
from semverlint.formats.text_files import Json


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, False),
        (1, 1.0),
        (0.48145466, 0.4814546585),
        (float("nan"), float("nan")),
        ({"a": [1, None]}, {"a": [1.0, None]}),
        (10**400, 10**400),
    ],
)
def test_values_that_mean_the_same_to_every_reader(before: Json, after: Json) -> None:
    assert same_value(before, after)
    assert same_value(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, 0),
        (False, 0),
        (True, 1),
        (1, "1"),
        ([1], 1),
        ({"a": 1}, {"b": 1}),
        (10**400, 1.5),
        (0.1, 0.11),
        (None, ""),
    ],
)
def test_values_that_do_not(before: Json, after: Json) -> None:
    assert not same_value(before, after)
    assert not same_value(after, before)


def test_a_rule_sees_words_and_figures_as_they_are_and_the_rest_as_one_line() -> None:
    values: list[Json] = [None, True, 1.5, "x", {"b": [1], "a": None}]

    assert [shown(value) for value in values] == [None, True, 1.5, "x", '{"a":null,"b":[1]}']


def test_defaults_are_known_by_class_and_otherwise_not() -> None:
    assert (class_defaults("image", "CLIPImageProcessor") or {})["size"] == {"shortest_edge": 224}
    assert (class_defaults("adapter", "LORA") or {})["r"] == 8
    assert (class_defaults("scheduler", "DDIMScheduler") or {})["set_alpha_to_one"] is True
    assert class_defaults("scheduler", "MineScheduler") is None
