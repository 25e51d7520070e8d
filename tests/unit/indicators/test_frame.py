"""Frames: higher timeframes without a look ahead, warm-up, sealing, live bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tradebot import indicators as ta
from tradebot.core.errors import IndicatorError, StrategyError

HOUR = 3_600_000_000_000


@dataclass
class LiveBar:
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 1.0
    trades: int = 0
    vwap: float = float("nan")


def test_a_higher_bar_is_seen_once_it_has_closed(frame: ta.Frame) -> None:
    four = frame.higher("4h").close
    seen = []
    for bar in range(9):
        frame.seek(bar)
        seen.append(four.now)
    assert np.isnan(seen[:3]).all()
    assert seen[3:] == [13.0, 13.0, 13.0, 13.0, 17.0, 17.0]
    assert four.on_base().batch()[3:9].tolist() == seen[3:]


def test_higher_bars_hold_what_lies_within_them(frame: ta.Frame) -> None:
    four = frame.higher("4h")
    first = [getattr(four, name).batch()[0] for name in ("open", "high", "low", "close", "volume")]
    assert first == [9.5, 14.0, 9.0, 13.0, 8.0]


def test_a_higher_bar_that_is_not_over_is_left_out(frame: ta.Frame) -> None:
    assert len(frame.higher("1d").columns) == 2


def test_the_same_interval_is_the_same_frame(frame: ta.Frame) -> None:
    four = frame.higher("4h")
    assert frame.higher("60m") is frame
    assert frame.higher("240m") is four
    assert four.higher("1h") is frame


def test_an_interval_that_bars_do_not_fill_is_refused(frame: ta.Frame) -> None:
    with pytest.raises(IndicatorError, match="1h bars do not fill 90m bars"):
        frame.higher("90m")


def test_operands_of_one_higher_timeframe_stay_on_it(frame: ta.Frame) -> None:
    four = frame.higher("4h")
    assert (four.close - four.open).frame is four
    assert (four.close - frame.close).frame is frame
    assert (four.close - frame.higher("1d").close).frame is frame


def test_a_strategy_is_warm_when_each_of_its_indicators_is(frame: ta.Frame) -> None:
    average = ta.sma(frame.close, 5)
    assert frame.warm_index() == 4
    higher = ta.sma(frame.higher("4h").close, 3)
    assert frame.warm_index() == 11
    assert frame.warm_index([average]) == 4
    assert higher.on_base().warmup == 11


def test_too_few_bars_never_warm_up(frame: ta.Frame) -> None:
    average = ta.sma(frame.higher("1d").close, 10)
    assert frame.warm_index([average]) == 60


def test_a_sealed_frame_takes_no_new_indicator(frame: ta.Frame) -> None:
    close = frame.close
    frame.seal()
    assert frame.close is close
    with pytest.raises(StrategyError, match="Declare indicators in setup"):
        ta.sma(close, 5)


def test_a_column_the_data_lacks_is_named(frame: ta.Frame) -> None:
    with pytest.raises(IndicatorError, match=r"bars\.trades"):
        frame.trades.batch()


def test_arrays_of_different_lengths_are_refused() -> None:
    prices = np.ones(3)
    with pytest.raises(IndicatorError, match=r"bars\.close: 2 values for 3 bars"):
        ta.Columns.from_arrays("1h", np.arange(3) * HOUR, prices, prices, prices, prices[:2])


def test_live_values_appear_bar_by_bar() -> None:
    frame = ta.Frame.live("1h")
    average, four = ta.sma(frame.close, 2), frame.higher("4h").high
    streaming = ta.Streaming(frame)
    for number in range(8):
        streaming.update(LiveBar(number * HOUR, number, number + 1.0, number - 1.0, float(number)))
    assert (average[-1], average[-2]) == (6.5, 5.5)
    assert (four[-1], four[-2]) == (8.0, 4.0)
    assert streaming.is_warm


def test_live_values_are_nan_before_the_first_bar() -> None:
    frame = ta.Frame.live("1h")
    close = frame.close
    assert np.isnan(close[-1])


def test_a_live_frame_has_no_batch_form() -> None:
    with pytest.raises(IndicatorError, match="no past bars"):
        ta.Frame.live("1h").close.batch()


def test_streaming_needs_a_live_base_frame(frame: ta.Frame) -> None:
    live = ta.Frame.live("1h")
    for wrong in (frame, live.higher("4h")):
        with pytest.raises(IndicatorError, match="live base frame"):
            ta.Streaming(wrong)


def test_no_indicator_is_declared_once_streaming_has_begun() -> None:
    frame = ta.Frame.live("1h")
    close = frame.close
    ta.Streaming(frame, [close])
    with pytest.raises(StrategyError, match="Declare indicators in setup"):
        close + 1
