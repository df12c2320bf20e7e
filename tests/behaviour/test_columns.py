"""Columns of ten million samples say the same as lists of a few, whatever the order of the samples and of the parts."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semverlint.behaviour import columns

keys = st.lists(st.sampled_from([int(n * 2**60 + n) for n in range(12)]), max_size=30)
values = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=9), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a handful of samples were many."""
    monkeypatch.setattr(columns, "BLOCK", 4)
    monkeypatch.setattr(columns, "MOST_VALUES", 6)


def by_hand(old: list[int], new: list[int]) -> Iterator[tuple[int, int]]:
    """The first of a key with the first, the second with the second."""
    left = list(enumerate(new))
    for row, key in enumerate(old):
        if found := next((one for one in left if one[1] == key), None):
            left.remove(found)
            yield row, found[0]


@given(keys, keys)
def test_rows_are_paired_whatever_their_order(old: list[int], new: list[int]) -> None:
    rows = columns.paired(np.array(old, np.uint64), np.array(new, np.uint64))
    assert list(zip(*(side.tolist() for side in rows), strict=True)) == list(by_hand(old, new))


@given(keys)
def test_what_is_repeated_is_found(some: list[int]) -> None:
    found = columns.repeated(np.array(some, np.uint64)).tolist()
    assert sorted(found) == sorted(key for key in set(some) for _ in range(some.count(key) - 1))


@given(values)
def test_parts_of_a_column_become_one(parts: list[list[int]]) -> None:
    whole = columns.few(np.array(parts[0], np.uint32))
    for part in parts[1:]:
        whole = columns.both(whole, columns.few(np.array(part, np.uint32)))
    everything = [value for part in parts for value in part]
    assert columns.whole_of(whole).tolist() == everything
    assert columns.whole_of(whole, np.arange(len(everything), dtype=np.uint32)[::2]).tolist() == everything[::2]
    assert isinstance(whole, np.ndarray) == (len(set(everything)) > 6)


def test_scores_that_are_not_all_right_or_wrong_become_numbers() -> None:
    grown = columns.grown(np.array([0, 1], np.int8), np.array([0.5], np.float32))
    assert grown.dtype == np.float32
    assert grown.tolist() == [0.0, 1.0, 0.5]
