"""What titles claim, and where the diff does not bear it out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.history.commit import Touched
from semverlint.history.titles import claimed_parts, contradictions, speaks_of_mending, version_in
from semverlint.terms import Bump

BOTH = [("README.md", "changed"), ("config.json", "changed")]


@pytest.mark.parametrize(
    ("title", "version"),
    [
        ("v1.2", "v1.2"),
        ("Release 1.2.0", "1.2.0"),
        ("Bump version to 2.0", "2.0"),
        ("version: 1.0.0-rc.1", "1.0.0-rc.1"),
        ("New release v3.1.0", "v3.1.0"),
        ("Update to transformers 4.31.0", None),
        ("2.4835708502609366", None),
        ("Training in progress, step 5000", None),
        ("3", None),
        ("2.48", None),
        ("1.2.0", "1.2.0"),
        ("Upload model", None),
    ],
)
def test_a_title_announces_a_version(title: str, version: str | None) -> None:
    found = version_in(title)
    assert (found.text if found else None) == version


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("fix model weights", "fix"),
        ("Fixed typo", "fixed"),
        ('Revert "Update"', "revert"),
        ("prefix tuning", None),
        ("Update README.md", None),
    ],
)
def test_a_title_says_that_something_was_wrong(title: str, word: str | None) -> None:
    assert speaks_of_mending(title) == word


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Update README.md", ("card",)),
        ("update tokenizer_config.json", ("tokenizer",)),
        ("Update generation_config.json", ("generation",)),
        ("Update config.json", ("config",)),
        ("Upload adapter_config.json", ("adapter",)),
        ("update model weights", ("weights",)),
        ("Upload model", ()),
    ],
)
def test_a_title_names_parts(title: str, parts: tuple[str, ...]) -> None:
    assert claimed_parts(title) == parts


@pytest.mark.parametrize(
    ("title", "touched", "parts", "bump", "kinds"),
    [
        ("Update README.md", [("config.json", "changed")], ["config"], Bump.MAJOR, ["not-touched"]),
        ("Update config.json", [("config.json", "changed")], ["config"], Bump.MAJOR, []),
        ("Update documentation", BOTH, ["config", "card"], Bump.MAJOR, ["not-said"]),
        ("Update documentation", BOTH, ["config", "card"], Bump.NONE, []),
        ("Delete pytorch_model.bin", [("pytorch_model.bin", "changed")], ["weights"], Bump.MAJOR, ["other-deed"]),
        ("Update pytorch_model.bin", [("pytorch_model.bin", "removed")], ["weights"], Bump.MAJOR, ["other-deed"]),
        ("update tokenizer", [("README.md", "changed")], ["card"], Bump.PATCH, ["not-touched"]),
        ("update license", [("README.md", "changed")], ["metadata", "licence"], Bump.MAJOR, []),
        ("Training in progress, step 500", [("model.safetensors", "changed")], ["weights"], Bump.MINOR, []),
        ("", [("model.safetensors", "changed")], ["weights"], Bump.MAJOR, []),
    ],
)  # fmt: skip
def test_titles_are_held_against_diffs(
    title: str, touched: list[tuple[str, str]], parts: list[str], bump: Bump, kinds: list[str]
) -> None:
    files = [Touched(path, how) for path, how in touched]  # type: ignore[arg-type]  # the table's words
    found = contradictions(title, files, parts, [], bump)  # type: ignore[arg-type]  # likewise
    assert [one.kind for one in found] == kinds


@given(st.text())
def test_any_title_is_read(title: str) -> None:
    version_in(title)
    assert set(claimed_parts(title)) <= set(claimed_parts(title.upper()) + claimed_parts(title))
    assert list(contradictions(title, [], [], [], Bump.NONE)) == []


def test_a_long_title_takes_no_long_time() -> None:
    for text in ("decrease " * 100_000, "a." * 500_000, "v1" * 500_000, "config" * 200_000):
        assert list(contradictions(text, [Touched("a", "changed")], ["other"], [], Bump.MAJOR)) is not None
        assert version_in(text) is None
