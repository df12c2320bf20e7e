"""Semantic Versioning by the letter, held against the specification's own lists and an independent library."""

from itertools import pairwise

import pytest
import semver as library
from hypothesis import given
from hypothesis import strategies as st
from semver_support import INVALID, PRECEDENCE, VALID

from semverlint.versions.semver import SemVer, parse_semver

TRAPS = ("1.2.3\n", "v1.2.3", " 1.2.3", "1.2.3 ", "\u0661.\u0662.\u0663", "1.2.3-\u00e9", "", "1.0.0-" + "a" * 300)


def parsed(text: str) -> SemVer:
    found = parse_semver(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", [*VALID, *PRECEDENCE])
def test_what_the_specification_calls_valid_is_read_and_written_alike(text: str) -> None:
    assert str(parsed(text)) == text


@pytest.mark.parametrize("text", [*INVALID, *TRAPS])
def test_what_the_specification_calls_invalid_is_none(text: str) -> None:
    assert parse_semver(text) is None


def test_precedence_is_the_specifications_own() -> None:
    versions = [parsed(text) for text in PRECEDENCE]
    for lower, higher in pairwise(versions):
        assert lower.precedence < higher.precedence


def test_build_metadata_does_not_count() -> None:
    assert parsed("1.0.0+a").precedence == parsed("1.0.0+b").precedence == parsed("1.0.0").precedence


number = st.integers(0, 2000).map(str)
word = st.from_regex(r"[0-9]{0,3}[A-Za-z-][0-9A-Za-z-]{0,5}", fullmatch=True)
identifier = st.one_of(number, word, st.sampled_from(["alpha", "beta", "rc", "1", "2", "10", "-", "0a"]))
pre = st.lists(identifier, max_size=4).map(".".join)
build = st.lists(st.from_regex(r"[0-9A-Za-z-]{1,6}", fullmatch=True), max_size=3).map(".".join)
small = st.integers(0, 2).map(str)
core = st.one_of(st.tuples(small, small, small), st.tuples(number, number, number)).map(".".join)
versions = st.tuples(core, pre, build).map(lambda t: t[0] + (t[1] and f"-{t[1]}") + (t[2] and f"+{t[2]}"))
nearly = st.one_of(versions, st.text("0123456789.-+aZ", max_size=16), st.text(max_size=12))


@given(versions, versions)
def test_precedence_agrees_with_an_independent_library(one: str, other: str) -> None:
    ours, theirs = (parsed(one).precedence, parsed(other).precedence), library.Version.parse(one).compare(other)
    assert (ours[0] > ours[1]) - (ours[0] < ours[1]) == theirs


@given(nearly)
def test_what_is_a_version_agrees_with_an_independent_library(text: str) -> None:
    assert (parse_semver(text) is not None) == (text.isascii() and library.Version.is_valid(text))


@given(st.tuples(versions, versions, versions))
def test_order_is_total(texts: tuple[str, str, str]) -> None:
    a, b, c = sorted(parsed(text).precedence for text in texts)
    assert a <= b <= c
    assert a <= c
    assert (a == b) == (a >= b)
