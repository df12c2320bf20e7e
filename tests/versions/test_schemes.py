import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.terms import Bump
from semverlint.versions.schemes import Version, following, read_version, step

# https://semver.org/spec/v2.0.0.html, rule 11: the specification's own examples, lowest first.
PRECEDENCE = (
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
    "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1",
)  # fmt: skip

VALID = (
    "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid", "1.0.0-alpha",
    "1.0.0-alpha.beta.1", "1.0.0-alpha0.valid", "1.0.0-alpha.0valid",
    "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-rc.1+build.123",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
    "99999999999999999999.99999999999999.9999", "1.0.0-0A.is.legal",
)  # fmt: skip

NOT_SEMVER = (
    "1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "+invalid", "-invalid", "alpha", "alpha.beta",
    "1.0.0-alpha_beta", "1.0.0-alpha..", "01.1.1", "1.01.1", "1.1.01", "1.2.3.DEV", "1.2-SNAPSHOT",
    "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788", "-1.0.3-gamma+b7718", "+justmeta", "9.8.7+meta+meta",
    "9.8.7-whatever+meta+meta", "1.2.3\n", "\u0661.\u0662.\u0663",
)  # fmt: skip


def version(text: str) -> Version:
    found = read_version(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", VALID)
def test_what_the_specification_calls_valid_is_read_as_semver(text: str) -> None:
    assert version(text).scheme == "semver"


@pytest.mark.parametrize("text", NOT_SEMVER)
def test_what_the_specification_calls_invalid_is_not_read_as_semver(text: str) -> None:
    found = read_version(text)
    assert found is None or found.scheme != "semver"


def test_precedence_is_the_specifications_own() -> None:
    versions = [version(text) for text in PRECEDENCE]
    assert sorted(versions, key=lambda v: v.order) == versions


def test_build_metadata_does_not_count() -> None:
    assert version("1.0.0+a").order == version("1.0.0+b").order


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
        ("v2407", "date", (2407,)),
        ("release-1.2.0", "semver", (1, 2, 0)),
        ("Mistral-7B-v0.3", "two-part", (0, 3)),
        ("org/thing-v2.1.0", "semver", (2, 1, 0)),
    ],
)
def test_a_name_is_read_by_its_scheme(text: str, scheme: str, release: tuple[int, ...]) -> None:
    found = version(text)
    assert (found.scheme, found.release) == (scheme, release)


@pytest.mark.parametrize(
    "text", ["main", "step-1000", "checkpoint-500", "2407", "refs/pr/3", "gpt2", "", "x" * 10_000, "v" * 5_000 + "1"]
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
        ("1.0.0", Bump.NONE, None),
    ],
)
def test_the_next_version_is_written_as_the_last_one_was(old: str, bump: Bump, right: str | None) -> None:
    assert following(version(old), bump) == right


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


@given(st.lists(numbers, min_size=3, max_size=3))
def test_order_is_total(texts: list[str]) -> None:
    a, b, c = (version(text).order for text in texts)
    assert a <= b or b <= a
    assert not a <= b <= c or a <= c
