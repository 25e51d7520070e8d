"""Reading indicator values: only the past is visible, and a cross is found in one call."""

from __future__ import annotations

import numpy as np
import pytest
from tradebot_native import Series, Timeline, crossed_above, crossed_below

from tradebot.core.errors import StrategyError


def series(timeline: Timeline, *values: float) -> Series:
    made = Series(timeline)
    made.bind(np.array(values, dtype=np.float64))
    return made


def test_negative_indices_count_back_from_now() -> None:
    timeline = Timeline()
    values = series(timeline, 1.0, 2.0, 3.0, 4.0)
    timeline.seek(2)
    assert (values[-1], values[-2], values.now, values.prev, float(values)) == (3.0, 2.0, 3.0, 2.0, 3.0)


def test_what_lies_before_the_first_bar_is_nan() -> None:
    timeline = Timeline()
    values = series(timeline, 1.0, 2.0)
    assert np.isnan(values[-1])
    timeline.seek(0)
    assert values[-1] == 1.0
    assert np.isnan(values[-2])
    assert np.isnan(values.prev)


@pytest.mark.parametrize("index", [0, 1, 7])
def test_a_non_negative_index_is_refused_with_the_reason(index: int) -> None:
    with pytest.raises(StrategyError, match="Only the past is visible"):
        series(Timeline(), 1.0)[index]


def test_a_window_holds_the_last_values_oldest_first() -> None:
    timeline = Timeline()
    values = series(timeline, 1.0, 2.0, 3.0, 4.0)
    timeline.seek(2)
    assert values.window(2).tolist() == [2.0, 3.0]
    assert values.window(10)[-3:].tolist() == [1.0, 2.0, 3.0]


def test_a_live_series_grows_and_forgets_its_oldest_values_only() -> None:
    timeline = Timeline()
    values = Series(timeline)
    for number in range(140_000):
        values.push(float(number))
    timeline.seek(139_999)
    assert values.size == 140_000
    assert values[-1] == 139_999.0
    assert values[-65_000] == 75_000.0
    with pytest.raises(IndexError, match="65536 bars"):
        values[-139_999]


@pytest.mark.parametrize(
    ("before", "now", "above", "below"),
    [
        ((1.0, 2.0), (3.0, 2.0), True, False),
        ((2.0, 2.0), (3.0, 2.0), True, False),
        ((3.0, 2.0), (1.0, 2.0), False, True),
        ((2.0, 2.0), (1.0, 2.0), False, True),
        ((1.0, 2.0), (2.0, 2.0), False, False),
        ((3.0, 2.0), (4.0, 2.0), False, False),
        ((np.nan, 2.0), (3.0, 2.0), False, False),
        ((1.0, 2.0), (np.nan, 2.0), False, False),
    ],
)
def test_a_cross_is_strict_now_and_touches_before(
    before: tuple[float, float], now: tuple[float, float], above: bool, below: bool
) -> None:
    timeline = Timeline()
    first, second = series(timeline, before[0], now[0]), series(timeline, before[1], now[1])
    timeline.seek(1)
    assert crossed_above(first, second) is above
    assert crossed_below(first, second) is below


def test_there_is_no_cross_at_the_first_bar() -> None:
    timeline = Timeline()
    first, second = series(timeline, 3.0), series(timeline, 2.0)
    timeline.seek(0)
    assert not crossed_above(first, second)


def test_a_number_may_be_crossed() -> None:
    timeline = Timeline()
    rsi = series(timeline, 29.0, 31.0)
    timeline.seek(1)
    assert crossed_above(rsi, 30)
    assert not crossed_below(rsi, 30.0)


def test_series_of_different_timeframes_are_compared_on_base_bars() -> None:
    base, higher = Timeline(), Timeline(np.array([-1, 0, 0, 1, 1], dtype=np.int64))
    price, level = series(base, 5.0, 5.0, 7.0, 7.0, 7.0), series(higher, 6.0, 8.0)
    seen = []
    for bar in range(5):
        base.seek(bar)
        higher.seek(bar)
        seen.append((crossed_above(price, level), crossed_below(price, level)))
    # Above the level 6 with bar 2; below the level 8, which shows with bar 3.
    assert seen == [(False, False), (False, False), (True, False), (False, True), (False, False)]


def test_series_of_one_higher_timeframe_are_compared_on_its_own_bars() -> None:
    higher = Timeline(np.array([0, 0, 1, 1], dtype=np.int64))
    first, second = series(higher, 1.0, 3.0), series(higher, 2.0, 2.0)
    seen = []
    for bar in range(4):
        higher.seek(bar)
        seen.append(crossed_above(first, second))
    assert seen == [False, False, True, True]


def test_only_series_and_numbers_can_cross() -> None:
    values = series(Timeline(), 1.0)
    for first, second in (("rsi", values), (values, "30")):
        with pytest.raises(TypeError, match="not str"):
            crossed_above(first, second)
