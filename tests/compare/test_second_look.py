from collections.abc import Sequence

import pytest

from semverlint.compare.weights.sampling import Window
from semverlint.compare.weights.second_look import confirmed
from semverlint.compare.weights.statistics import Statistics

WINDOWS = [Window("weight", at, at + 100) for at in range(0, 4000, 100)]


def _moved(by: float) -> Statistics:
    return Statistics(count=100, changed=100, old_square=100.0, difference_square=100.0 * by**2, same=False)


@pytest.mark.parametrize("spoilt", [_moved(1e9), _moved(0.9), Statistics(count=100, new_nan=3), _moved(float("nan"))])
def test_a_window_that_stands_out_is_believed_only_if_it_comes_again(spoilt: Statistics) -> None:
    asked: list[Window] = []

    def anew(windows: Sequence[Window]) -> list[Statistics]:
        asked.extend(windows)
        return [_moved(0.01) for _ in windows]

    each = [_moved(0.01) for _ in WINDOWS]
    each[7] = spoilt
    assert confirmed(WINDOWS, each, anew) == [_moved(0.01)] * len(WINDOWS)
    assert asked == [WINDOWS[7]] * 2


def test_what_comes_again_as_it_was_is_so() -> None:
    each = [_moved(0.01)] * 39 + [_moved(0.9)]
    assert confirmed(WINDOWS, each, lambda windows: [_moved(0.9) for _ in windows]) == each


def test_what_comes_differently_each_time_is_not_believed() -> None:
    numbers = iter(range(2, 100))
    each = [_moved(0.01)] * 39 + [_moved(1.0)]
    assert confirmed(WINDOWS, each, lambda windows: [_moved(next(numbers)) for _ in windows]) is None


def test_where_nothing_stands_out_nothing_is_fetched_again() -> None:
    each = [_moved(0.5 + 0.01 * number) for number in range(len(WINDOWS))]
    assert confirmed(WINDOWS, each, lambda _: pytest.fail("read again")) == each
