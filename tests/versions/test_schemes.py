import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440
from semver_support import INVALID, VALID

from semverlint.terms import Bump
from semverlint.versions.schemes import Version, read_version
from semverlint.versions.steps import following, step


def version(text: str) -> Version:
    found = read_version(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", VALID)
def test_what_the_specification_calls_valid_is_read_as_semver(text: str) -> None:
    assert version(text).scheme == "semver"


@pytest.mark.parametrize("text", INVALID)
def test_what_the_specification_calls_invalid_is_not_read_as_semver(text: str) -> None:
    found = read_version(text)
    assert found is None or found.scheme != "semver"


@pytest.mark.parametrize(
    ("text", "scheme", "release"),
    [
        ("v0.2", "two-part", (0, 2)),
        ("v3", "one-part", (3,)),
        ("1.2rc1", "pep440", (1, 2)),
        ("1.2.3.post1", "pep440", (1, 2, 3)),
        ("1!2.0.1", "pep440", (2, 0, 1)),
        ("2024-05-01", "date", (2024, 5, 1)),
        ("20240806", "date", (2024, 8, 6)),
        ("2024-05", "date", (2024, 5)),
        ("24.05", "date", (24, 5)),
        ("2024.13", "date", (2024, 13)),
        ("2025.1.0-rc.1", "date", (2025, 1, 0)),
        ("v2024", "date", (2024,)),
        ("20240806-1530", "date", (2024, 8, 6, 1530)),
        ("20.10.0", "semver", (20, 10, 0)),
        ("v2407", "snapshot", (24, 7)),
        ("2407", "snapshot", (24, 7)),
        ("0324", "snapshot", (3, 24)),
        ("1212", "snapshot", (12, 12)),
        ("240806", "snapshot", (24, 8, 6)),
        ("v1000", "snapshot", (1000,)),
        ("v02", "one-part", (2,)),
        ("v2-beta", "word", (2,)),
        ("v2-final", "word", (2,)),
        ("v1.5b", "word", (1, 5)),
        ("v1c", "word", (1,)),
        ("model-v2.1-fixed", "word", (2, 1)),
        ("final", "word", ()),
        ("Beta", "word", ()),
        ("v2-beta2", "pep440", (2,)),
        ("1.2.3.4", "pep440", (1, 2, 3, 4)),
        ("release-1.2.0", "semver", (1, 2, 0)),
        ("Mistral-7B-v0.3", "two-part", (0, 3)),
        ("org/thing-v2.1.0", "semver", (2, 1, 0)),
    ],
)
def test_a_name_is_read_by_its_scheme(text: str, scheme: str, release: tuple[int, ...]) -> None:
    found = version(text)
    assert (found.scheme, found.release) == (scheme, release)


@pytest.mark.parametrize(
    "text",
    [
        "main",
        "step-1000",
        "checkpoint-500",
        "checkpoint-1124",
        "refs/pr/3",
        "gpt2",
        "",
        "x" * 10_000,
        "v" * 5_000 + "1",
        "latest",
        "stable",
        "opt-2.7b",
        "Qwen-7B",
        "7b",
        "v2-chat",
        "1000",
        "\u0661",
        "v\u0663",
    ],
)
def test_a_name_without_a_version_is_read_as_none(text: str) -> None:
    assert read_version(text) is None


@pytest.mark.parametrize(
    ("old", "new", "bump", "least"),
    [
        ("1.2.3", "2.0.0", Bump.MAJOR, Bump.MAJOR),
        ("1.2.3", "1.3.0", Bump.MINOR, Bump.MINOR),
        ("1.2.3", "1.2.4", Bump.PATCH, Bump.PATCH),
        ("1.2.3", "1.2.3", Bump.NONE, Bump.NONE),
        ("v1.0", "v1.0.0", Bump.NONE, Bump.NONE),
        ("v1", "v2", Bump.MAJOR, Bump.PATCH),
        ("v1.1", "v1.2", Bump.MINOR, Bump.PATCH),
        ("0.1.0", "0.2.0", Bump.MAJOR, Bump.MAJOR),
        ("0.1.0", "0.1.1", Bump.MINOR, Bump.PATCH),
        ("0.0.1", "0.0.2", Bump.MAJOR, Bump.PATCH),
        ("v0.1", "v0.2", Bump.MAJOR, Bump.PATCH),
        ("1.0.0-rc.1", "1.0.0", None, Bump.NONE),
        ("2024-05-01", "2024-06-01", None, Bump.NONE),
        ("1.3.0", "1.2.0", None, Bump.NONE),
        ("1.2.0", "1.2.0.post1", Bump.PATCH, Bump.NONE),
        ("1.2.0", "1.2.0.1", Bump.PATCH, Bump.NONE),
        ("1.2.0.post1", "1.2.1", Bump.PATCH, Bump.PATCH),
        ("1.2.0+a", "1.2.0+b", Bump.NONE, Bump.NONE),
        ("v2", "v2.0", Bump.NONE, Bump.NONE),
        ("3.0", "1!1.0", Bump.MAJOR, Bump.NONE),
        ("1!1.0", "2.0", None, Bump.NONE),
        ("v2-beta", "v2", None, Bump.NONE),
        ("v1.5a", "v1.5b", None, Bump.NONE),
        ("v1.5b", "v2", Bump.MAJOR, Bump.PATCH),
        ("beta", "final", None, Bump.NONE),
        ("v1", "2024-05-01", None, Bump.NONE),
        ("0324", "0528", None, Bump.NONE),
    ],
)
def test_a_step_declares_what_its_scheme_says(old: str, new: str, bump: Bump | None, least: Bump) -> None:
    found = step(version(old), version(new))
    assert (found.bump, found.least) == (bump, least)


def test_zero_major_strict_reads_the_parts_as_always() -> None:
    assert step(version("0.1.0"), version("0.2.0"), "strict").bump is Bump.MINOR


def test_zero_major_free_promises_nothing() -> None:
    assert step(version("0.1.0"), version("0.2.0"), "free").bump is None


@pytest.mark.parametrize(
    ("old", "bump", "right"),
    [
        ("v1.2.3", Bump.MAJOR, "v2.0.0"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.2.3", Bump.PATCH, "1.2.4"),
        ("v1.1", Bump.PATCH, "v1.2"),
        ("v3", Bump.MINOR, "v4"),
        ("0.1.2", Bump.MAJOR, "0.2.0"),
        ("0.1.2", Bump.MINOR, "0.1.3"),
        ("1.0.0-rc.1", Bump.MAJOR, "1.0.0"),
        ("release-1.0", Bump.MAJOR, "release-2.0"),
        ("2024-05-01", Bump.MAJOR, None),
        ("final", Bump.MAJOR, None),
        ("v2-beta", Bump.MAJOR, "v2"),
        ("v1.5b", Bump.PATCH, "v1.6"),
        ("1!2.0.1", Bump.MINOR, "1!2.1.0"),
        ("1.2.3.post1", Bump.PATCH, "1.2.4"),
        ("1.0.0", Bump.NONE, None),
    ],
)
def test_the_next_version_is_written_as_the_last_one_was(old: str, bump: Bump, right: str | None) -> None:
    assert following(version(old), bump) == right


def test_the_next_version_has_as_many_numbers_as_the_one_that_was_wrong() -> None:
    assert following(version("v1"), Bump.MAJOR, like=version("v1.5.0")) == "v2.0.0"
    assert following(version("v1"), Bump.PATCH, like=version("v1.5")) == "v1.1"
    assert following(version("1.2.3"), Bump.MINOR, like=version("2")) == "1.3.0"
    assert following(version("v1"), Bump.MINOR, like=version("2024-05-01")) == "v2"


numbers = st.tuples(*[st.integers(0, 30)] * 3).map(lambda parts: ".".join(map(str, parts)))
written = st.one_of(
    numbers,
    numbers.map(lambda text: f"v{text}"),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map("v{0[0]}.{0[1]}".format),
)


@given(written, st.sampled_from([Bump.PATCH, Bump.MINOR, Bump.MAJOR]))
def test_the_next_version_always_declares_enough_and_never_too_much(text: str, bump: Bump) -> None:
    old = version(text)
    right = following(old, bump)
    assert right is not None
    declared = step(old, version(right))
    assert declared.bump is not None
    assert declared.least <= bump <= declared.bump


@given(st.text(max_size=200))
def test_any_text_is_read_or_not_but_never_raises(text: str) -> None:
    found = read_version(text)
    assert found is None or found.text == text


pep440 = st.from_regex(
    r"[01]\.[0-2](\.[0-2])?((a|b|rc)[0-2])?(\.post[0-2])?(\.dev[0-2])?(\+[a1](\.[b2])?)?|1![0-2]\.0", fullmatch=True
)


# Three numbers with something behind a plus are SemVer's build metadata, which does not count.
local_or_none = pep440.filter(lambda text: "+" not in text or version(text).scheme == "pep440")


@given(local_or_none, local_or_none)
def test_the_order_agrees_with_packaging(one: str, other: str) -> None:
    ours, theirs = (version(one).order, version(other).order), (Pep440(one), Pep440(other))
    assert (ours[0] > ours[1]) - (ours[0] < ours[1]) == (theirs[0] > theirs[1]) - (theirs[0] < theirs[1])


anything = st.one_of(
    written,
    pep440,
    st.sampled_from(
        [*VALID, "final", "beta", "v2-beta", "v1.5b", "2024-05-01", "0324", "2407", "v2024", "24.05", "v9"]
    ),
)


@given(st.tuples(anything, anything, anything))
def test_the_order_is_total_across_all_schemes(texts: tuple[str, str, str]) -> None:
    a, b, c = sorted(version(text).order for text in texts)
    assert a <= b <= c
    assert a <= c
    assert (a == b) == (b <= a)


@pytest.mark.parametrize(
    "lowest_first",
    [
        ("v1", "v1.0.1", "v1.1", "v1.10", "v2"),
        ("2-rc1", "v2", "v2-final", "v2.0.1"),
        ("v1.5", "v1.5a", "v1.5b", "v1.6"),
        ("1.0.dev1", "1.0a1", "1.0", "1.0.post1", "1!0.1"),
        ("2406", "2024-07", "2407", "20240806", "240807", "2025-01"),
        ("beta", "final", "v1", "2024-05-01"),
    ],
)
def test_what_people_write_sorts_as_they_mean_it(lowest_first: tuple[str, ...]) -> None:
    orders = [read.order for text in lowest_first if (read := read_version(text))]
    assert orders == sorted(orders)


@pytest.mark.parametrize(
    ("one", "other"), [("v2", "v2.0"), ("1.0", "1.0.0"), ("2407", "v2407"), ("1.0a1", "1.0.0-alpha.1")]
)
def test_two_names_for_one_version_are_equal(one: str, other: str) -> None:
    assert version(one).order == version(other).order
